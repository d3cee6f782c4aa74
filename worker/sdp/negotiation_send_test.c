/*
 * sdp/negotiation_send_test.c - what we offer, and which numbers it has.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sdp/fixture.h"

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

    tap_is_int(rc, SFU_ERR_LIMIT, "61 numbers are all there is");
    tap_is_int(added, 61, "and all are used");
    sdp_negotiation_destroy(n);
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

    tap_is_int(sdp_negotiation_add_receiving(n, MEDIA_VIDEO, NULL, 0, &i), 0,
               "a section to receive on");
    t = track(MEDIA_VIDEO, 31);
    tap_is_int(sdp_negotiation_attach(n, i, &t), 0, "and to send on");
    sdp_negotiation_write_offer(n, &offer);
    tap_ok(has_line(offer, "a=sendrecv"), "is sendrecv");
    free(offer);
    sdp_negotiation_destroy(n);
}

static void
server_side_publish(void)
{
    struct sdp_negotiation *n = created();
    struct fake_client c = { .count = 0 };
    const struct sdp_section *s;
    size_t i;

    tap_is_int(sdp_negotiation_add_receiving(n, MEDIA_VIDEO, NULL, 0, &i), 0,
               "video");
    tap_is_int(sdp_negotiation_add_receiving(n, MEDIA_AUDIO, NULL, 0, &i), 0,
               "audio");
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

static void
few_codecs(void)
{
    static const enum codec_id wanted[] = { CODEC_H264, CODEC_OPUS, CODEC_VP8 };
    struct sdp_negotiation *n = created();
    char *offer;
    size_t i;

    tap_is_int(sdp_negotiation_add_receiving(n, MEDIA_VIDEO, wanted, 3, &i), 0,
               "two codecs of a kind");
    sdp_negotiation_write_offer(n, &offer);
    tap_ok(has_line(offer, "m=video 9 UDP/TLS/RTP/SAVPF 109 114 96 97"),
           "are all that is offered, in their order");
    tap_ok(has_line(offer, "a=fmtp:109 level-asymmetry-allowed=1;"
                           "packetization-mode=1;profile-level-id=42e01f"),
           "of several profiles the usual one");
    free(offer);
    sdp_negotiation_destroy(n);

    n = created();
    tap_is_int(sdp_negotiation_add_receiving(n, MEDIA_VIDEO, &wanted[1], 1,
                                             &i), SFU_ERR_UNSUPPORTED,
               "none of a kind");
    sdp_negotiation_destroy(n);
}

/* a client that would send as well, and is not asked to */
static void
alone(void)
{
    struct sdp_negotiation *n = created();
    struct fake_client c = { .count = 0 };
    struct sdp_track t = track(MEDIA_VIDEO, 21);
    const char *why = "";
    char *offer, *answer;

    fake_add(&c, SDP_VIDEO, SDP_SENDRECV);
    offer = fake_offer(&c);
    tap_is_int(sdp_negotiation_apply_offer(n, span_str(offer), &why), 0,
               "a section both ways");
    t.codec_count = 1;
    t.alone = true;
    tap_is_int(sdp_negotiation_attach(n, 0, &t), 0, "for one track alone");
    sdp_negotiation_write_answer(n, &answer);
    tap_ok(has_line(answer, "a=sendonly"), "is sent on, not received");
    tap_ok(has_line(answer, "m=video 9 UDP/TLS/RTP/SAVPF 96 97"),
           "in the codec of the track alone");
    tap_is_str(fake_apply_answer(&c, answer), NULL, "the client takes it");
    tap_ok(find(n, "0")->sends && !find(n, "0")->receives, "which is agreed");
    free(answer);
    free(offer);
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
            tap_is_int((long long)add(n, MEDIA_VIDEO, 5), 2,
                       "before the tagged one its place is left alone");
        }

        sdp_negotiation_destroy(n);
    }
}

int
main(void)
{
    pull();
    numbers();
    all_numbers_taken();
    attaching();
    server_side_publish();
    few_codecs();
    alone();
    answers_to_refuse();

    return tap_done();
}
