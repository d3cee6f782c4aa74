/*
 * sdp/negotiation_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sdp/negotiation.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "sdp/fake_client.h"
#include "test/tap.h"

static const struct sdp_codec vp8_h264[] = {
    { CODEC_VP8, 96, 1, 97, -1, 90000, 0, "" },
    { CODEC_H264, 102, 1, 103, -1, 90000, 0,
      "level-asymmetry-allowed=1;packetization-mode=1;"
      "profile-level-id=42e01f" },
};

static const struct sdp_codec opus_red[] = {
    { CODEC_RED, 63, 2, -1, 111, 48000, 0, "111/111" },
    { CODEC_OPUS, 111, 2, -1, -1, 48000, SDP_FB_NACK, "useinbandfec=1" },
};

static int
create(struct sdp_negotiation **n)
{
    static const struct sdp_candidate candidates[] = {
        { "192.0.2.1", 10000, false }, { "192.0.2.1", 10000, true },
    };
    struct sdp_limits limits = sdp_limits_default();
    struct sdp_local local = {
        .ufrag = "ours", .pwd = "0123456789012345678901", .cname = "cname",
        .fingerprint = "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
                       "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF",
        .origin_id = 1, .candidates = candidates, .candidate_count = 2,
    };

    limits.media = 32;

    return sdp_negotiation_create(n, &local, &limits);
}

static struct sdp_negotiation *
created(void)
{
    struct sdp_negotiation *n;

    if (create(&n) != 0) {
        printf("Bail out! cannot create\n");
        exit(1);
    }

    return n;
}

static struct sdp_track
track(enum media_kind kind, uint32_t ssrc)
{
    return (struct sdp_track){
        .kind = kind,
        .codecs = kind == MEDIA_VIDEO ? vp8_h264 : opus_red,
        .codec_count = 2,
        .ssrc = ssrc,
        .rtx_ssrc = kind == MEDIA_VIDEO ? ssrc + 1 : 0,
        .stream = "publisher",
        .track = "track",
        .tag = ssrc,
    };
}

static const struct sdp_section *
find(const struct sdp_negotiation *n, const char *mid)
{
    return sdp_negotiation_find(n, span_str(mid));
}

/* the index of a section that sends, added */
static size_t
add(struct sdp_negotiation *n, enum media_kind kind, uint32_t ssrc)
{
    struct sdp_track t = track(kind, ssrc);
    size_t index = 0;

    tap_is_int(sdp_negotiation_add_sending(n, &t, &index), 0, "adds");

    return index;
}

/* an offer to the server, from a client or from elsewhere; NULL or why not */
static const char *
take_offer(struct sdp_negotiation *n, const char *offer, char **answer)
{
    const char *why = "out of memory";

    *answer = NULL;

    if (sdp_negotiation_apply_offer(n, span_str(offer), &why) != 0
        || sdp_negotiation_write_answer(n, answer) != 0) {
        return why;
    }

    return NULL;
}

static void
client_offers(struct sdp_negotiation *n, struct fake_client *c,
    const char *name)
{
    char *offer = fake_offer(c);
    char *answer;
    const char *why = take_offer(n, offer, &answer);

    if (why == NULL) {
        why = fake_apply_answer(c, answer);
    }

    tap_is_str(why, NULL, "client offers: %s", name);
    free(answer);
    free(offer);
}

static void
server_offers(struct sdp_negotiation *n, struct fake_client *c,
    const char *name)
{
    const char *why = "cannot write";
    char *offer, *answer = NULL;

    if (sdp_negotiation_write_offer(n, &offer) == 0) {
        answer = fake_answer(c, offer, &why);
        free(offer);
    }

    if (answer != NULL
        && sdp_negotiation_apply_answer(n, span_str(answer), &why) == 0) {
        why = NULL;
    }

    tap_is_str(why, NULL, "server offers: %s", name);
    free(answer);
}

/* the same with a client that takes whatever it is offered */
static void
server_offers_to_all(struct sdp_negotiation *n, const char *name)
{
    static const char *const swaps[][2] = {
        { "a=setup:actpass", "a=setup:active" },
        { "a=sendonly", "a=recvonly" },
        { "a=recvonly", "a=sendonly" },
        { "a=ice-lite", "a=ice-full" },
    };
    const char *why = NULL;
    struct span rest, line;
    struct text answer;
    char *offer = NULL;

    sdp_negotiation_write_offer(n, &offer);
    rest = span_str(offer);
    text_init(&answer);

    while (rest.len) {
        line = scan_until(&rest, '\r');
        scan_until(&rest, '\n');

        for (size_t i = 0; i < 4; i++) {
            if (span_eq_str(line, swaps[i][0])) {
                line = span_str(swaps[i][1]);
                break;
            }
        }

        text_append(&answer, line);
        text_printf(&answer, "\r\n");
    }

    tap_is_int(sdp_negotiation_apply_answer(
                   n, span_of(answer.data, answer.len), &why), 0,
               "server offers to all: %s %s", name, why ? why : "");
    text_fini(&answer);
    free(offer);
}

/* our offer is written and never arrives */
static void
offer_gets_lost(struct sdp_negotiation *n)
{
    char *offer = NULL;

    tap_is_int(sdp_negotiation_write_offer(n, &offer), 0, "offers");
    tap_is_int(sdp_negotiation_abandon_offer(n), 0, "gives up on it");
    free(offer);
}

/* it arrives, and the answer does not */
static void
answer_gets_lost(struct sdp_negotiation *n, struct fake_client *c)
{
    const char *why = NULL;
    char *offer = NULL;

    tap_is_int(sdp_negotiation_write_offer(n, &offer), 0, "offers");
    free(fake_answer(c, offer, &why));
    tap_is_str(why, NULL, "the client applies it");
    tap_is_int(sdp_negotiation_abandon_offer(n), 0, "gives up on it");
    free(offer);
}

static bool
has_line(const char *sdp, const char *line)
{
    char text[300];

    snprintf(text, sizeof(text), "\r\n%s\r\n", line);

    return strstr(sdp, text) != NULL;
}

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

    n = created();
    text = (char *)tap_read_file("sdp-parse/chromium-simulcast.sdp", &len);
    take_offer(n, text, &answer);
    tap_is_int((long long)find(n, "0")->rid_count, 2, "rids are kept");
    tap_ok(strstr(answer, "a=rid") == NULL
           && strstr(answer, "a=simulcast") == NULL, "and not answered");
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
        { "no section", START ICE FINGERPRINT, SFU_ERR_MALFORMED },
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
pull(void)
{
    struct sdp_negotiation *n = created();
    struct fake_client c = { .count = 0 };
    const struct sdp_section *s;
    struct sdp_codec like = vp8_h264[1];
    char *offer;
    size_t i;

    i = add(n, MEDIA_VIDEO, 1001);
    add(n, MEDIA_AUDIO, 1003);
    tap_ok(sdp_negotiation_at(n, i)->pending
           && !sdp_negotiation_at(n, i)->sends, "nothing flows yet");
    tap_is_int(sdp_negotiation_write_offer(n, &offer), 0, "offers");
    tap_ok(has_line(offer, "a=setup:actpass")
           && has_line(offer, "a=group:BUNDLE 1000 1001")
           && has_line(offer, "a=ssrc-group:FID 1001 1002")
           && has_line(offer, "a=ssrc:1002 cname:cname")
           && has_line(offer, "a=msid:publisher track")
           && has_line(offer, "a=sendonly")
           && has_line(offer, "m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103")
           && has_line(offer, "a=fmtp:63 111/111"), "with all it needs");
    free(offer);
    tap_is_int(sdp_negotiation_state(n), SDP_LOCAL_OFFER, "waits");
    tap_is_int(sdp_negotiation_abandon_offer(n), 0, "(again)");
    server_offers(n, &c, "pull");
    s = find(n, "1000");
    tap_ok(s->sends && !s->pending && !s->receives && s->remote_receives,
           "sends");
    tap_is_int((long long)s->track.tag, 1001, "what was to be sent");
    like.pt = 39;
    tap_is_int(sdp_section_codec_like(s, &like)->pt, 102,
               "the publisher's number does not matter");
    like.fmtp = "packetization-mode=0;profile-level-id=42e01f";
    tap_ok(sdp_section_codec_like(s, &like) == NULL, "its parameters do");
    fake_add(&c, SDP_VIDEO, SDP_SENDONLY);
    fake_add(&c, SDP_AUDIO, SDP_SENDRECV);
    client_offers(n, &c, "push after the pull");
    tap_ok(find(n, "1000")->sends && find(n, "0")->receives, "both flow");
    tap_is_int(find(n, "0")->codecs[0].pt, 96, "under the same numbers");
    add(n, MEDIA_VIDEO, 1005);
    server_offers(n, &c, "pull after the push");
    tap_ok(find(n, "1002")->sends, "sends, too");
    sdp_negotiation_destroy(n);
}

/* the publisher's numbers mean something else here */
static void
numbers(void)
{
    struct sdp_codec codecs[] = {
        { CODEC_OPUS, 96, 2, -1, -1, 48000, 0, "" },
        { CODEC_RED, 102, 2, -1, 96, 48000, 0, "96/96" },
    };
    struct sdp_codec high = {
        CODEC_H264, 45, 1, -1, -1, 90000, 0,
        "packetization-mode=1;profile-level-id=640c1f"
    };
    struct sdp_track t = track(MEDIA_AUDIO, 9);
    struct sdp_negotiation *n = created();
    const struct sdp_section *s;
    char *offer = NULL;
    size_t i;

    add(n, MEDIA_VIDEO, 5);
    server_offers_to_all(n, "VP8 and H.264");
    t.codecs = codecs;
    tap_is_int(sdp_negotiation_add_sending(n, &t, &i), 0, "adds");
    s = sdp_negotiation_at(n, i);
    tap_ok(s->codecs[0].pt > 96 && s->codecs[0].pt != 102,
           "96 is VP8 here, so Opus gets another");
    tap_is_int(s->codecs[1].red_pt, s->codecs[0].pt, "RED says which");

    t = track(MEDIA_VIDEO, 11);
    t.codecs = &high;
    t.codec_count = 1;
    tap_is_int(sdp_negotiation_add_sending(n, &t, &i), 0, "adds");
    s = sdp_negotiation_at(n, i);
    tap_is_int(s->codecs[0].pt, 45, "a free number is kept");
    tap_ok(s->codecs[0].rtx_pt >= 35, "its RTX gets one");
    tap_is_int((long long)s->codec_count, 1, "nothing known would carry it");
    server_offers_to_all(n, "both");
    tap_ok(find(n, "1001")->sends && find(n, "1002")->sends, "both flow");

    high.fmtp = "packetization-mode=1;profile-level-id=64001f";
    high.pt = 47;
    tap_is_int(sdp_negotiation_add_sending(n, &t, &i), 0, "adds high");
    server_offers_to_all(n, "high");
    high.fmtp = "packetization-mode=1;profile-level-id=4d001f";
    high.pt = 48;
    tap_is_int(sdp_negotiation_add_sending(n, &t, &i), 0, "adds main");
    s = sdp_negotiation_at(n, i);
    tap_is_int((long long)s->codec_count, 2, "high carries main");
    tap_is_int(s->codecs[0].pt, 48, "but comes second");
    tap_is_int(s->codecs[1].pt, 47, "under its number");

    t.codec_count = 0;
    tap_is_int(sdp_negotiation_add_sending(n, &t, &i), SFU_ERR_UNSUPPORTED,
               "no codec is no track");
    tap_is_int(sdp_negotiation_write_offer(n, &offer), 0, "offers");
    tap_is_int(sdp_negotiation_add_sending(n, &t, &i), SFU_ERR_STATE,
               "nothing can be added to an offer that is out");
    free(offer);
    sdp_negotiation_destroy(n);
}

static void
all_numbers_taken(void)
{
    struct sdp_negotiation *n = created();
    struct sdp_track t = track(MEDIA_VIDEO, 1);
    char fmtp[32];
    struct sdp_codec codec = { CODEC_VP9, 96, 1, -1, -1, 90000, 0, fmtp };
    size_t i;
    int rc = 0, added = 0;

    t.codecs = &codec;
    t.codec_count = 1;
    t.rtx_ssrc = 0;

    for (int profile = 0; rc == 0 && profile < 200; profile++) {
        struct sdp_negotiation *next;

        snprintf(fmtp, sizeof(fmtp), "profile-id=%d", profile);
        rc = sdp_negotiation_add_sending(n, &t, &i);
        added += rc == 0;

        /* sections have a limit, too: the numbers stay, they do not */
        if (rc == 0 && sdp_negotiation_count(n) == 30) {
            struct fake_client c = { .count = 0 };

            for (size_t k = 0; k < 30; k++) {
                sdp_negotiation_close(n, k);
            }

            server_offers(n, &c, "closed");
            server_offers(n, &c, "retired");
            tap_is_int(sdp_negotiation_clone(&next, n), 0, "clones");
            sdp_negotiation_destroy(n);
            n = next;
        }
    }

    /* the fake client lists formats that it was not offered under two more */
    tap_is_int(rc, SFU_ERR_LIMIT, "61 numbers are all there is");
    tap_is_int(added, 61 - 2, "and all are used");
    sdp_negotiation_destroy(n);
}

static void
recycling(void)
{
    struct sdp_negotiation *n = created();
    struct fake_client c = { .count = 0 };
    const struct sdp_section *s;
    int i;

    fake_add(&c, SDP_AUDIO, SDP_SENDONLY);
    client_offers(n, &c, "audio");

    for (int round = 0; round < 50; round++) {
        i = fake_add(&c, SDP_VIDEO, SDP_SENDONLY);
        client_offers(n, &c, "another");
        s = find(n, c.sections[i].mid);
        tap_ok(s != NULL && s->alive && s->receives && s->index == 1,
               "taken at the index of the last one");
        sdp_negotiation_close(n, s->index);
        c.sections[i].stopped = true;
        client_offers(n, &c, "stopped");
    }

    tap_is_int((long long)sdp_negotiation_count(n), 2, "nothing has grown");
    sdp_negotiation_destroy(n);

    n = created();
    c = (struct fake_client){ .count = 0 };

    for (int round = 0; round < 20; round++) {
        size_t index = add(n, MEDIA_VIDEO, 100);

        server_offers(n, &c, "pulls");
        sdp_negotiation_close(n, index);
        server_offers(n, &c, "closes");
        tap_ok(sdp_negotiation_count(n) <= 2, "and takes the index again");
    }

    sdp_negotiation_destroy(n);
}

static void
closing(void)
{
    struct sdp_negotiation *n = created();
    struct fake_client c = { .count = 0 };
    char *answer, *offer;

    for (int i = 0; i < 4; i++) {
        fake_add(&c, SDP_VIDEO, SDP_SENDONLY);
    }

    client_offers(n, &c, "four");
    c.sections[0].stopped = true;

    for (size_t i = 0; i < 3; i++) {
        sdp_negotiation_close(n, i);
        tap_ok(!sdp_negotiation_at(n, i)->receives, "closed at once");
    }

    offer = fake_offer(&c);
    tap_is_str(take_offer(n, offer, &answer), NULL, "three are closed");
    tap_is_str(fake_apply_answer(&c, answer), NULL, "one was stopped");
    tap_ok(has_line(answer, "a=group:BUNDLE 1 2 3"),
           "the first is out of the group");
    tap_ok(!find(n, "0")->alive && find(n, "1")->alive
           && !find(n, "1")->receives && !find(n, "2")->receives
           && find(n, "3")->receives, "the others are inactive, or go on");
    tap_is_str(sdp_negotiation_remote(n)->ufrag, "uf00", "same transport");
    tap_ok(!sdp_negotiation_remote(n)->ice_restart, "no restart");
    free(offer);
    free(answer);
    sdp_negotiation_reopen(n, 1);
    tap_ok(!find(n, "1")->receives, "reopened, but the client must ask");
    client_offers(n, &c, "asks");
    tap_ok(find(n, "1")->receives && !find(n, "2")->receives, "gets it");
    fake_add(&c, SDP_AUDIO, SDP_SENDONLY);
    client_offers(n, &c, "in the first one's place");
    tap_ok(find(n, "4") != NULL && find(n, "4")->index == 0
           && find(n, "0") == NULL, "is there, under its own mid");
    add(n, MEDIA_AUDIO, 5);
    server_offers(n, &c, "and one from us");
    tap_is_int(sdp_negotiation_close(n, 99), SFU_ERR_NOT_FOUND,
               "what is not there cannot be closed");
    sdp_negotiation_destroy(n);
}

static void
lost_answers(void)
{
    struct sdp_negotiation *n = created();
    struct fake_client c = { .count = 0 };
    char *offer, *answer;

    fake_add(&c, SDP_VIDEO, SDP_SENDONLY);
    offer = fake_offer(&c);
    tap_is_str(take_offer(n, offer, &answer), NULL, "an answer gets lost");
    free(offer);
    free(answer);
    fake_add(&c, SDP_AUDIO, SDP_SENDONLY);
    client_offers(n, &c, "once more, and one more");
    tap_ok(find(n, "0")->receives && find(n, "1")->receives, "both flow");
    c.sections[0].stopped = true;
    offer = fake_offer(&c);
    tap_is_str(take_offer(n, offer, &answer), NULL, "another gets lost");
    free(offer);
    free(answer);
    c.sections[0].stopped = false;
    client_offers(n, &c, "the rejected one is back");
    tap_ok(find(n, "0")->receives, "and alive");
    sdp_negotiation_destroy(n);
}

static void
lost_offers(void)
{
    struct sdp_negotiation *n = created();
    struct fake_client c = { .count = 0 };
    size_t i;

    /* nobody has seen it: as if it never had been */
    i = add(n, MEDIA_VIDEO, 100);
    offer_gets_lost(n);
    tap_ok(sdp_negotiation_at(n, i)->lost, "lost");
    fake_add(&c, SDP_AUDIO, SDP_SENDONLY);
    client_offers(n, &c, "something else");
    tap_ok(find(n, "1000") == NULL, "the lost section is gone");
    tap_is_int((long long)sdp_negotiation_count(n), 1, "and its index free");
    i = add(n, MEDIA_VIDEO, 102);
    tap_is_str(sdp_negotiation_at(n, i)->mid, "1001",
               "its mid is never used again");

    /* the client has applied it: its offer names the section */
    answer_gets_lost(n, &c);
    fake_add(&c, SDP_VIDEO, SDP_SENDONLY);
    client_offers(n, &c, "with the section of ours");
    tap_ok(find(n, "1001")->sends && !find(n, "1001")->lost
           && find(n, "1")->receives, "which is sent on");

    /* we offer next: the lost section is repeated, seen or not */
    add(n, MEDIA_AUDIO, 104);
    offer_gets_lost(n);
    add(n, MEDIA_AUDIO, 106);
    server_offers(n, &c, "both, after none was seen");
    tap_ok(find(n, "1002")->sends && find(n, "1003")->sends, "both flow");
    add(n, MEDIA_AUDIO, 108);
    answer_gets_lost(n, &c);
    add(n, MEDIA_AUDIO, 110);
    server_offers(n, &c, "both, after the first was seen");
    tap_ok(find(n, "1004")->sends && find(n, "1005")->sends, "both flow");

    /* a lost section in the place of a rejected one */
    c.sections[0].stopped = true;
    client_offers(n, &c, "stopped");
    i = add(n, MEDIA_VIDEO, 112);
    tap_is_int((long long)i, 0, "takes its index");
    offer_gets_lost(n);
    client_offers(n, &c, "the old one, which the client still has");
    tap_ok(find(n, "1006") == NULL && !find(n, "0")->alive, "is rejected");
    tap_is_int(sdp_negotiation_abandon_offer(n), SFU_ERR_STATE,
               "there is nothing to give up on");
    sdp_negotiation_destroy(n);
}

/* what was proposed in an offer that nobody saw binds nobody */
static void
lost_numbers(void)
{
    struct sdp_codec vp9 = { CODEC_VP9, 96, 1, 97, -1, 90000, 0, "" };
    struct sdp_track t = track(MEDIA_VIDEO, 1);
    struct sdp_negotiation *n = created();
    struct fake_client c = { .count = 0 };
    size_t i;

    t.codecs = &vp9;
    t.codec_count = 1;
    sdp_negotiation_add_sending(n, &t, &i);
    tap_is_int(sdp_negotiation_at(n, i)->codecs[0].pt, 96, "96 is VP9");
    tap_is_int(sdp_negotiation_extension(n, RTP_EXT_MID), 1, "sdes:mid is 1");
    offer_gets_lost(n);
    fake_add(&c, SDP_VIDEO, SDP_SENDONLY);
    client_offers(n, &c, "other numbers");
    tap_is_int(find(n, "0")->codecs[0].id, CODEC_VP8, "96 is VP8");
    tap_is_int(sdp_negotiation_extension(n, RTP_EXT_MID), 4, "sdes:mid is 4");
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
order_of_sections(void)
{
    struct sdp_negotiation *n = created(), *copy;
    struct fake_client c = { .count = 0 };
    const char *why;
    char *offer;

    fake_add(&c, SDP_VIDEO, SDP_SENDONLY);
    fake_add(&c, SDP_AUDIO, SDP_SENDONLY);
    client_offers(n, &c, "two");

    sdp_negotiation_clone(&copy, n);
    c.count = 1;
    offer = fake_offer(&c);
    tap_is_int(sdp_negotiation_apply_offer(copy, span_str(offer), &why),
               SFU_ERR_MALFORMED, "a section cannot disappear");
    free(offer);
    sdp_negotiation_destroy(copy);

    sdp_negotiation_clone(&copy, n);
    c.count = 2;
    snprintf(c.sections[0].mid, sizeof(c.sections[0].mid), "1");
    snprintf(c.sections[1].mid, sizeof(c.sections[1].mid), "0");
    offer = fake_offer(&c);
    tap_is_int(sdp_negotiation_apply_offer(copy, span_str(offer), &why),
               SFU_ERR_MALFORMED, "nor can two change places");
    free(offer);
    sdp_negotiation_destroy(copy);
    tap_ok(find(n, "0")->receives && find(n, "1")->receives,
           "the original has not changed");
    tap_is_int(sdp_negotiation_apply_answer(n, span_str("v=0\r\n"), &why),
               SFU_ERR_STATE, "an answer to nothing");
    tap_ok(find(n, "0")->receives, "does no harm");
    sdp_negotiation_destroy(n);
}

static void
answers_to_refuse(void)
{
    static const struct {
        const char *name;
        const char *from;
        const char *to;
        int error;
    } rows[] = {
        { "another mid", "a=mid:1001", "a=mid:1009", SFU_ERR_MALFORMED },
        { "another kind", "m=audio", "m=video", SFU_ERR_MALFORMED },
        { "a section less", "m=audio", "z=audio", SFU_ERR_MALFORMED },
        { "no group", "a=group:BUNDLE", "a=group:LS-LS-", SFU_ERR_UNSUPPORTED },
        { "no role", "a=setup:active", "a=setup:actpass", SFU_ERR_MALFORMED },
        { "no multiplexing", "a=rtcp-mux", "a=rtcp-mxx", SFU_ERR_UNSUPPORTED },
        { "accepted: a number we did not offer", "m=audio 9 UDP/TLS/RTP/SAVPF",
          "m=audio 9 UDP/TLS/RTP/SAVPF 77", 0 },
        { "accepted: a rejected section", "m=video 9", "m=video 0", 0 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sdp_negotiation *n = created();
        struct fake_client c = { .count = 0 };
        char *offer, *answer, *at, text[8192];
        const char *why = NULL;

        add(n, MEDIA_VIDEO, 1);
        add(n, MEDIA_AUDIO, 3);
        sdp_negotiation_write_offer(n, &offer);
        answer = fake_answer(&c, offer, &why);
        at = strstr(answer, rows[i].from);
        snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - answer), answer,
                 rows[i].to, at + strlen(rows[i].from));
        tap_is_int(sdp_negotiation_apply_answer(n, span_str(text), &why),
                   rows[i].error, "%s", rows[i].name);
        free(offer);
        free(answer);

        if (strcmp(rows[i].to, "m=video 0") == 0) {
            tap_ok(!find(n, "1000")->alive && !find(n, "1000")->sends
                   && find(n, "1001")->sends, "only the other is sent");
            tap_is_int((long long)add(n, MEDIA_VIDEO, 5), 0,
                       "and its place is free");
        }

        sdp_negotiation_destroy(n);
    }
}

static void
attaching(void)
{
    struct sdp_negotiation *n = created();
    struct fake_client c = { .count = 0 };
    struct sdp_track t = track(MEDIA_VIDEO, 21);
    struct sdp_codec vp9 = { CODEC_VP9, 96, 1, 97, -1, 90000, 0, "" };
    const char *why;
    char *offer, *answer;
    size_t i;

    fake_add(&c, SDP_VIDEO, SDP_RECVONLY);
    fake_add(&c, SDP_AUDIO, SDP_RECVONLY);
    fake_add(&c, SDP_VIDEO, SDP_SENDONLY);
    offer = fake_offer(&c);
    tap_is_int(sdp_negotiation_apply_offer(n, span_str(offer), &why), 0,
               "a pull with the client's offer");
    free(offer);
    tap_is_int(sdp_negotiation_attach(n, 0, &t), 0, "video onto video");
    tap_is_int(sdp_negotiation_attach(n, 1, &t), SFU_ERR_UNSUPPORTED,
               "not onto audio");
    tap_is_int(sdp_negotiation_attach(n, 2, &t), SFU_ERR_STATE,
               "not where the client only sends");
    tap_is_int(sdp_negotiation_attach(n, 3, &t), SFU_ERR_STATE,
               "not where there is nothing");
    sdp_negotiation_write_answer(n, &answer);
    tap_is_str(fake_apply_answer(&c, answer), NULL, "is answered");
    tap_ok(find(n, "0")->sends && !find(n, "1")->sends
           && find(n, "1")->remote_receives && find(n, "2")->receives,
           "one is sent");
    tap_ok(has_line(answer, "m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103"),
           "with the track's codecs");
    free(answer);
    t.tag = 77;
    tap_is_int(sdp_negotiation_attach(n, 0, &t), 0, "another instead");
    tap_is_int((long long)find(n, "0")->track.tag, 77, "without SDP");
    t.codecs = &vp9;
    t.codec_count = 1;
    tap_is_int(sdp_negotiation_attach(n, 0, &t), SFU_ERR_UNSUPPORTED,
               "not in a codec that is not agreed");
    tap_is_int((long long)find(n, "0")->track.tag, 77, "which changes nothing");
    client_offers(n, &c, "again");
    tap_ok(find(n, "0")->sends, "it is still sent");

    tap_is_int(sdp_negotiation_add_receiving(n, MEDIA_VIDEO, &i), 0,
               "a section to receive on");
    t = track(MEDIA_VIDEO, 31);
    tap_is_int(sdp_negotiation_attach(n, i, &t), 0, "and to send on");
    sdp_negotiation_write_offer(n, &offer);
    tap_ok(has_line(offer, "a=sendrecv"), "is sendrecv");
    free(offer);
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
server_side_publish(void)
{
    struct sdp_negotiation *n = created();
    struct fake_client c = { .count = 0 };
    const struct sdp_section *s;
    size_t i;

    tap_is_int(sdp_negotiation_add_receiving(n, MEDIA_VIDEO, &i), 0, "video");
    tap_is_int(sdp_negotiation_add_receiving(n, MEDIA_AUDIO, &i), 0, "audio");
    server_offers(n, &c, "publish");
    s = find(n, "1000");
    tap_ok(s->receives && !s->sends, "is received");
    tap_is_int(s->codecs[0].id, CODEC_VP8, "in what the client can do");
    tap_is_int(s->codecs[0].rtx_pt, 97, "with RTX");
    tap_is_int((long long)s->codec_count, 2, "and only that");
    tap_is_str(s->remote_track, "track-1000", "msid");
    tap_is_int((long long)s->ssrc_count, 1, "SSRC");
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
    rc = rc ? rc : sdp_negotiation_add_receiving(n, MEDIA_AUDIO, &i);
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
    pull();
    numbers();
    all_numbers_taken();
    recycling();
    closing();
    lost_answers();
    lost_offers();
    lost_numbers();
    restarts();
    roles();
    order_of_sections();
    answers_to_refuse();
    attaching();
    nothing_in_common();
    server_side_publish();
    tap_each_allocation_fails(all_of_it);

    return tap_done();
}
