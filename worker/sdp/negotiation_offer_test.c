/*
 * sdp/negotiation_offer_test.c - what a client may offer, and what it is answered.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sdp/fixture.h"

static void
publish(void)
{
    struct sdp_negotiation *n = created();
    const struct sdp_section *s;
    size_t len;
    char *text = (char *)tap_read_file("sdp-parse/chromium-publish.sdp",
                                       &len);
    char *answer;

    tap_is_str(take_offer(n, text, &answer), NULL, "Chromium publishes");
    tap_ok(has_line(answer, "a=group:BUNDLE 0 1")
           && has_line(answer, "a=ice-lite")
           && has_line(answer, "a=extmap-allow-mixed")
           && has_line(answer, "a=setup:passive")
           && has_line(answer, "a=msid-semantic: WMS *")
           && has_line(answer, "a=end-of-candidates"), "is answered");
    tap_ok(has_line(answer, "m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103 104 "
                    "107 108 109 114 115 116 117 39 40 45 46 98 99 100 101"),
           "every codec under its number, without RED and ULPFEC");
    tap_ok(has_line(answer, "a=rtcp-fb:96 transport-cc")
           && !has_line(answer, "a=rtcp-fb:96 goog-remb"),
           "REMB is not needed next to transport-cc");
    tap_is_int(sdp_negotiation_state(n), SDP_STABLE, "stable again");
    tap_is_int(sdp_negotiation_remote(n)->role, SDP_ROLE_SERVER, "passive");
    s = find(n, "0");
    tap_ok(s->alive && s->receives && !s->sends && !s->remote_receives,
           "audio is received");
    tap_is_int(s->codecs[1].id, CODEC_RED, "RED");
    tap_is_int(s->codecs[1].red_pt, 111, "of Opus");
    s = find(n, "1");
    tap_is_int(s->kind, SDP_VIDEO, "video");
    tap_is_int((long long)s->codec_count, 10, "has its codecs");
    tap_is_int(s->codecs[0].rtx_pt, 97, "RTX");
    tap_is_int(s->codecs[0].feedback, SDP_FB_NACK | SDP_FB_NACK_PLI
               | SDP_FB_CCM_FIR | SDP_FB_TRANSPORT_CC, "feedback");
    tap_is_int((long long)s->ssrc_count, 2, "SSRCs");
    tap_is_int(s->fids[0].ssrc, s->ssrcs[0].ssrc, "in a pair");
    tap_is_str(s->remote_stream, "-", "no stream");
    tap_is_int((long long)strlen(s->remote_track), 36, "a track");
    tap_is_int(s->receive_extensions >> RTP_EXT_TOFFSET & 1, 1, "toffset");
    tap_is_int(sdp_negotiation_extension(n, RTP_EXT_MID), 4,
               "extension ids are the client's");
    free(answer);
    tap_is_str(take_offer(n, text, &answer), NULL, "again, as after a loss");
    tap_ok(!sdp_negotiation_remote(n)->ice_restart, "which is no restart");
    free(answer);
    free(text);
    sdp_negotiation_destroy(n);
}

/* each of them is accepted as a first offer, and the answer is consistent */
static void
recorded_offers(void)
{
    static const struct {
        const char *file;
        size_t sections;
        size_t alive;
        size_t receives;
    } rows[] = {
        { "chromium-publish", 2, 2, 2 },
        { "chromium-balanced", 2, 2, 2 },
        { "chromium-data", 2, 1, 1 },
        { "chromium-first-stopped", 2, 1, 1 },
        { "chromium-first-recycled", 2, 2, 2 },
        { "chromium-push-third", 4, 4, 2 },
        { "chromium-recycle", 2, 2, 2 },
        { "chromium-simulcast", 1, 1, 1 },
        { "chromium-whep", 2, 2, 0 },
        { "firefox-publish", 2, 2, 2 },
        { "firefox-balanced", 2, 2, 2 },
        { "firefox-data", 2, 1, 1 },
        { "firefox-first-stopped", 2, 1, 1 },
        { "firefox-first-recycled", 3, 2, 2 },
        { "firefox-push-third", 4, 4, 2 },
        { "firefox-simulcast", 1, 1, 1 },
        { "firefox-whep", 2, 2, 0 },
        { "safari-publish", 2, 2, 2 },
        { "aiortc-publish", 2, 2, 2 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sdp_negotiation *n = created();
        size_t len, alive = 0, receives = 0;
        const struct sdp_section *s;
        char path[80], *text, *answer;
        struct sdp_limits limits = sdp_limits_default();
        struct fake_client checks = { 0 };
        struct sdp_description d = { 0 };
        const char *why;

        snprintf(path, sizeof(path), "sdp-parse/%s.sdp", rows[i].file);
        text = (char *)tap_read_file(path, &len);
        tap_is_str(take_offer(n, text, &answer), NULL, "%s", rows[i].file);
        tap_is_int((long long)sdp_negotiation_count(n),
                   (long long)rows[i].sections, "sections");

        for (size_t k = 0; k < sdp_negotiation_count(n); k++) {
            s = sdp_negotiation_at(n, k);
            alive += s->alive;
            receives += s->receives;
        }

        tap_is_int((long long)alive, (long long)rows[i].alive, "alive");
        tap_is_int((long long)receives, (long long)rows[i].receives,
                   "received");
        why = answer;
        tap_ok(answer != NULL
               && sdp_parse(&d, span_str(answer), &limits, &why) == 0,
               "the answer parses");
        tap_is_str(fake_check(&checks, &d), NULL, "and is consistent");
        sdp_description_fini(&d);
        free(answer);
        free(text);
        sdp_negotiation_destroy(n);
    }
}

static void
other_clients(void)
{
    struct sdp_negotiation *n = created();
    size_t len;
    char *text = (char *)tap_read_file("sdp-parse/aiortc-publish.sdp", &len);
    char *answer;

    take_offer(n, text, &answer);
    tap_is_str(sdp_negotiation_remote(n)->ufrag, "aGv3",
               "before it is bundled, the first section's transport counts");
    tap_ok(has_line(answer, "a=fmtp:96 minptime=10;useinbandfec=1"),
           "Opus without parameters gets some");
    tap_ok(!has_line(answer, "a=extmap-allow-mixed"),
           "what was not offered is not answered");
    tap_is_str(find(n, "1")->remote_stream,
               "5d4c1a2e-9a15-4b6a-8a0c-3a47d0f2f4aa", "msid");
    free(answer);
    free(text);
    sdp_negotiation_destroy(n);

    n = created();
    text = (char *)tap_read_file("sdp-parse/firefox-publish.sdp", &len);
    take_offer(n, text, &answer);
    tap_ok(has_line(answer, "m=video 9 UDP/TLS/RTP/SAVPF 120 124 121 125 99 "
                    "100"), "Firefox offers port 0, bundle-only");
    tap_ok(has_line(answer, "a=extmap:6/sendonly http://www.webrtc.org/"
                    "experiments/rtp-hdrext/playout-delay"),
           "the direction of an extension is reflected");
    tap_ok(has_line(answer, "a=fmtp:109 maxplaybackrate=48000;stereo=1;"
                    "useinbandfec=1;minptime=10"), "Opus keeps its own");
    free(answer);
    free(text);
    sdp_negotiation_destroy(n);
}

static void
refused_offers(void)
{
#define START "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
#define ICE "a=ice-ufrag:abcd\r\na=ice-pwd:1234567890123456789012\r\n"
#define FINGERPRINT "a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:"    \
        "AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n"
#define SHA1 "a=fingerprint:sha-1 00:11:22:33:44:55:66:77:88:99:"             \
        "AA:BB:CC:DD:EE:FF:00:11:22:33\r\n"
#define LINE "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=rtcp-mux\r\n"
    static const struct {
        const char *name;
        const char *offer;
        int error;
    } rows[] = {
        { "accepted: the least there can be",
          START ICE FINGERPRINT "a=setup:actpass\r\n" LINE, 0 },
        { "accepted: no section yet", START, 0 },
        { "no ICE credentials", START FINGERPRINT LINE, SFU_ERR_MALFORMED },
        { "no fingerprint", START ICE LINE, SFU_ERR_MALFORMED },
        { "only SHA-1", START ICE SHA1 LINE, SFU_ERR_UNSUPPORTED },
        { "accepted: SHA-1 next to SHA-256",
          START ICE SHA1 FINGERPRINT LINE, 0 },
        { "holdconn", START ICE FINGERPRINT "a=setup:holdconn\r\n" LINE,
          SFU_ERR_UNSUPPORTED },
        { "accepted: passive, we are active then",
          START ICE FINGERPRINT "a=setup:passive\r\n" LINE, 0 },
        { "two ids for sdes:mid",
          START ICE FINGERPRINT "a=group:BUNDLE 0 1\r\n"
          LINE "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
          LINE "a=extmap:2 urn:ietf:params:rtp-hdrext:sdes:mid\r\n",
          SFU_ERR_UNSUPPORTED },
        { "broken SDP", "v=0\r\nm=\r\n", SFU_ERR_MALFORMED },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sdp_negotiation *n = created();
        const char *why = NULL;

        tap_is_int(sdp_negotiation_apply_offer(n, span_str(rows[i].offer),
                                               &why),
                   rows[i].error, "%s", rows[i].name);
        tap_ok((why != NULL) == (rows[i].error != 0), "why: %s",
               why ? why : "");
        sdp_negotiation_destroy(n);
    }
}

static void
rejected_sections(void)
{
#define SECTION(rest) \
    START ICE FINGERPRINT "a=group:BUNDLE 0 1\r\n" LINE rest
    static const struct {
        const char *name;
        const char *offer;
        const char *answered;
    } rows[] = {
        { "a data channel",
          SECTION("m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"),
          "m=application 0 UDP/DTLS/SCTP webrtc-datachannel" },
        { "text", SECTION("m=text 9 RTP/SAVPF 98\r\na=rtcp-mux\r\n"),
          "m=text 0 RTP/SAVPF 0" },
        { "no codec of ours",
          SECTION("m=video 9 RTP/SAVPF 99\r\na=rtcp-mux\r\n"
                  "a=rtpmap:99 theora/90000\r\n"), "m=video 0 RTP/SAVPF 0" },
        { "only comfort noise",
          SECTION("m=audio 9 RTP/SAVPF 13\r\na=rtcp-mux\r\n"),
          "m=audio 0 RTP/SAVPF 0" },
        { "no rtcp-mux", SECTION("m=audio 9 RTP/SAVPF 0\r\n"),
          "m=audio 0 RTP/SAVPF 0" },
        { "no encryption",
          SECTION("m=audio 9 RTP/AVPF 0\r\na=rtcp-mux\r\n"),
          "m=audio 0 RTP/AVPF 0" },
        { "outside the group",
          SECTION("m=audio 9 RTP/SAVP 0\r\na=rtcp-mux\r\na=mid:x\r\n"),
          "m=audio 0 RTP/SAVP 0" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sdp_negotiation *n = created();
        char *answer;

        tap_is_str(take_offer(n, rows[i].offer, &answer), NULL,
                   "%s is no reason to refuse", rows[i].name);
        tap_ok(answer != NULL && has_line(answer, rows[i].answered)
               && has_line(answer, "a=group:BUNDLE 0"),
               "but is rejected, and not in the group");
        tap_ok(!sdp_negotiation_at(n, 1)->alive, "not alive");
        free(answer);
        sdp_negotiation_destroy(n);
    }
}

static void
red_and_rtx(void)
{
    static const char offer[] = START ICE FINGERPRINT
        "a=group:BUNDLE 0 1 2\r\n"
        "m=audio 9 RTP/SAVPF 63 64 111\r\na=rtcp-mux\r\n"
        "a=rtpmap:111 opus/48000/2\r\na=rtpmap:63 red/48000/2\r\n"
        "a=fmtp:63 111/111\r\na=rtpmap:64 red/48000/2\r\na=fmtp:64 0/0\r\n"
        "m=video 9 RTP/SAVPF 97 98 96 99\r\na=rtcp-mux\r\n"
        "a=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96"
        "\r\na=rtpmap:98 rtx/90000\r\na=fmtp:98 apt=100\r\n"
        "a=rtpmap:99 H264/90000\r\na=fmtp:99 packetization-mode=1\r\n"
        /* 96 has another meaning, 97 and 99 the same, 98 is new */
        "m=video 9 RTP/SAVPF 96 97 99 98\r\na=rtcp-mux\r\n"
        "a=rtpmap:96 VP9/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96"
        "\r\na=rtpmap:99 H264/90000\r\n"
        "a=fmtp:99 profile-level-id=42C033;packetization-mode=1\r\n"
        "a=rtpmap:98 VP8/90000\r\n";
    struct sdp_negotiation *n = created();
    const struct sdp_section *s;
    char *answer;

    tap_is_str(take_offer(n, offer, &answer), NULL, "RED, RTX, conflicts");
    s = find(n, "0");
    tap_is_int((long long)s->codec_count, 2, "RED of nothing is dropped");
    tap_is_int(s->codecs[0].pt, 63, "that of Opus is not");
    s = find(n, "1");
    tap_is_int((long long)s->codec_count, 2, "RTX of nothing is dropped");
    tap_is_int(s->codecs[0].rtx_pt, 97, "RTX may stand before its format");
    s = find(n, "2");
    tap_is_int((long long)s->codec_count, 2, "a number that changed is not");
    tap_is_int(s->codecs[0].pt, 99, "another level is not another codec");
    tap_is_int(s->codecs[1].pt, 98, "a number nobody used may be used");
    free(answer);
    sdp_negotiation_destroy(n);
}

static void
nothing_in_common(void)
{
    struct sdp_codec vp9 = { CODEC_VP9, 98, 1, 99, -1, 90000, 0, "" };
    struct sdp_track t = track(MEDIA_VIDEO, 1);
    struct sdp_negotiation *n = created();
    struct fake_client c = { .count = 0 };
    size_t i;

    t.codecs = &vp9;
    t.codec_count = 1;
    sdp_negotiation_add_sending(n, &t, &i);
    server_offers(n, &c, "a codec that is not known");
    tap_ok(find(n, "1000")->alive && !find(n, "1000")->sends,
           "is not sent, though the section was accepted");
    server_offers(n, &c, "the session goes on");
    client_offers(n, &c, "both ways");
    sdp_negotiation_destroy(n);
}

static void
roles(void)
{
    struct sdp_negotiation *n = created();
    char *answer;
    const char *why;

    tap_is_str(take_offer(n, START ICE FINGERPRINT "a=setup:passive\r\n"
                          LINE, &answer), NULL, "a client that is passive");
    tap_ok(has_line(answer, "a=setup:active"), "makes us active");
    free(answer);
    tap_is_str(take_offer(n, START ICE FINGERPRINT "a=setup:actpass\r\n"
                          LINE, &answer), NULL, "later it leaves it to us");
    tap_ok(has_line(answer, "a=setup:active"), "and the role stays");
    free(answer);
    tap_is_int(sdp_negotiation_apply_offer(
                   n, span_str(START ICE FINGERPRINT "a=setup:active\r\n"
                               LINE), &why),
               SFU_ERR_UNSUPPORTED, "it cannot change");
    sdp_negotiation_destroy(n);
}

static void
restarts(void)
{
    struct sdp_negotiation *n = created();
    struct fake_client c = { .count = 0 };
    char *offer, *answer;
    const char *why;

    fake_add(&c, SDP_VIDEO, SDP_SENDONLY);
    client_offers(n, &c, "first");
    tap_ok(!sdp_negotiation_remote(n)->ice_restart, "is no restart");
    c.ice = 1;
    offer = fake_offer(&c);
    tap_is_int(sdp_negotiation_apply_offer(n, span_str(offer), &why), 0,
               "offers with other credentials");
    free(offer);
    tap_ok(sdp_negotiation_remote(n)->ice_restart, "is one");
    tap_is_str(sdp_negotiation_remote(n)->ufrag, "uf01", "theirs are new");
    tap_is_int(sdp_negotiation_set_ice(n, "new1", "abcdefghijklmnopqrstuv"),
               0, "so are ours");
    tap_is_int(sdp_negotiation_set_ice(n, "new", "abcdefghijklmnopqrstuv"),
               SFU_ERR_MALFORMED, "if they are long enough");
    sdp_negotiation_write_answer(n, &answer);
    tap_ok(has_line(answer, "a=ice-ufrag:new1"), "and answered");
    free(answer);
    offer = fake_offer(&c);
    memcpy(strstr(offer, "sha-256 00"), "sha-256 FF", 10);
    tap_is_int(sdp_negotiation_apply_offer(n, span_str(offer), &why),
               SFU_ERR_AUTH, "another certificate is refused");
    tap_is_int(sdp_negotiation_state(n), SDP_FAILED, "for good");
    free(offer);
    sdp_negotiation_destroy(n);
}

static int
all_of_it(void)
{
    struct sdp_negotiation *n = NULL, *copy = NULL;
    struct fake_client c = { .count = 0 };
    struct sdp_track t = track(MEDIA_VIDEO, 1);
    char *offer = NULL, *answer = NULL, *ours = NULL;
    const char *why;
    size_t i;
    int rc;

    fake_add(&c, SDP_VIDEO, SDP_SENDRECV);
    offer = fake_offer(&c);
    rc = offer != NULL ? create(&n) : SFU_ERR_NOMEM;
    rc = rc ? rc : sdp_negotiation_apply_offer(n, span_str(offer), &why);
    rc = rc ? rc : sdp_negotiation_attach(n, 0, &t);
    rc = rc ? rc : sdp_negotiation_write_answer(n, &answer);
    rc = rc ? rc : sdp_negotiation_add_sending(n, &t, &i);
    rc = rc ? rc : sdp_negotiation_add_receiving(n, MEDIA_AUDIO, NULL, 0, &i);
    rc = rc ? rc : sdp_negotiation_clone(&copy, n);
    rc = rc ? rc : sdp_negotiation_write_offer(copy, &ours);
    free(answer);
    answer = rc ? NULL : fake_answer(&c, ours, &why);
    rc = rc ? rc : answer != NULL ? 0 : SFU_ERR_NOMEM;
    rc = rc ? rc
            : sdp_negotiation_apply_answer(copy, span_str(answer), &why);
    rc = rc ? rc : sdp_negotiation_set_ice(copy, "abcd",
                                           "0123456789012345678901");
    free(ours);
    free(offer);
    free(answer);
    sdp_negotiation_destroy(copy);
    sdp_negotiation_destroy(n);

    return rc;
}

int
main(void)
{
    publish();
    recorded_offers();
    other_clients();
    refused_offers();
    rejected_sections();
    red_and_rtx();
    nothing_in_common();
    roles();
    restarts();
    tap_each_allocation_fails(all_of_it);

    return tap_done();
}
