/*
 * load/description_test.c
 * Copyright (C) the ngx_sfu_module authors
 *
 * The generator's half against the server's own (sdp/negotiation.h): what one
 * offers the other must take.
 */

#include "load/description.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "sdp/candidate.h"
#include "sdp/negotiation.h"
#include "test/tap.h"

static const struct sdp_candidate server_candidates[] = {
    { "192.0.2.7", 10000, false }, { "192.0.2.7", 10000, true },
};

static struct ice_credentials credentials = { "abcdefgh",
                                              "0123456789abcdef01234567" };
static struct sdp_fingerprint fingerprint = { SDP_HASH_SHA256, { 1, 2, 3 },
                                              32 };

static struct load_local
local(enum sdp_setup setup)
{
    return (struct load_local){ &credentials, &fingerprint, setup, "load",
                                true, true };
}

static struct sdp_negotiation *
server(void)
{
    static const struct sdp_limits *limits;
    static struct sdp_limits defaults;
    struct sdp_local own = {
        .ufrag = "srvu", .pwd = "srvpsrvpsrvpsrvpsrvpsrvp",
        .fingerprint = "00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:"
                       "11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F",
        .cname = "srv", .origin_id = 1, .candidates = server_candidates,
        .candidate_count = 2,
    };
    struct sdp_negotiation *n = NULL;

    defaults = sdp_limits_default();
    limits = &defaults;
    tap_is_int(sdp_negotiation_create(&n, &own, limits), 0, "a server");

    return n;
}

static void
make_media(struct load_media *media)
{
    media[0] = (struct load_media){
        .kind = MEDIA_AUDIO, .codec = CODEC_OPUS, .sends = true, .mid = "0",
        .layers = 1, .ssrc = { 11 }, .rtx_ssrc = { 12 },
    };
    media[1] = (struct load_media){
        .kind = MEDIA_VIDEO, .codec = CODEC_H264, .sends = true, .mid = "1",
        .layers = 1, .ssrc = { 21 }, .rtx_ssrc = { 22 },
    };
}

static void
test_offer(void)
{
    struct load_local own = local(SDP_SETUP_ACTPASS);
    struct sdp_negotiation *n = server();
    struct load_agreement agreement = { 0 };
    struct load_media media[2];
    struct load_remote remote;
    const struct sdp_section *s;
    const char *why = "";
    char *answer = NULL;
    char *offer;

    rtp_extension_map_init(&agreement.extensions);
    make_media(media);
    offer = load_offer_write(&own, media, 2);
    tap_is_int(sdp_negotiation_apply_offer(n, span_str(offer), &why), 0,
               "the server takes our offer: %s", why);
    sdp_negotiation_write_answer(n, &answer);
    s = sdp_negotiation_at(n, 1);
    tap_ok(s->receives && s->codecs[0].id == CODEC_H264
               && s->codecs[0].rtx_pt == 103 && s->fid_count == 1
               && s->fids[0].ssrc == 21 && s->fids[0].rtx == 22,
           "as it was meant");
    tap_is_int(load_answer_read(span_str(answer), media, 2, &agreement,
                                &remote, &why), 0, "we take its answer: %s",
               why);
    tap_ok(media[0].accepted && media[1].accepted, "both sections");
    tap_is_int(media[1].pt, 102, "payload type");
    tap_is_int(media[1].rtx_pt, 103, "of retransmissions");
    tap_is_int(rtp_extension_map_id(&agreement.extensions, RTP_EXT_MID), 4,
               "an extension");
    tap_ok(agreement.transport_cc, "congestion feedback");
    tap_ok(remote.controlling && remote.active, "our roles");
    tap_is_str(remote.ufrag, "srvu", "its fragment");
    tap_is_int((long long)remote.candidate_count, 1, "the UDP candidate");
    tap_is_int(address_port(&remote.candidates[0]), 10000, "its port");
    free(offer);
    free(answer);
    sdp_negotiation_destroy(n);
}

static void
test_answer(void)
{
    static const struct sdp_codec codec = {
        .id = CODEC_VP8, .pt = 96, .channels = 1, .rtx_pt = 97, .red_pt = -1,
        .clock = 90000, .fmtp = "",
        .feedback = SDP_FB_NACK | SDP_FB_TRANSPORT_CC,
    };
    struct sdp_track track = { .kind = MEDIA_VIDEO, .codecs = &codec,
                               .codec_count = 1, .ssrc = 77, .rtx_ssrc = 78,
                               .stream = "s", .track = "t" };
    struct load_local own = local(SDP_SETUP_ACTIVE);
    struct sdp_negotiation *n = server();
    struct load_agreement agreement = { 0 };
    struct load_remote remote;
    const char *why = "";
    char *answer = NULL;
    char *offer = NULL;
    size_t index;

    rtp_extension_map_init(&agreement.extensions);
    sdp_negotiation_add_sending(n, &track, &index);
    sdp_negotiation_write_offer(n, &offer);
    tap_is_int(load_answer_write(span_str(offer), &own, NULL, 0, &agreement,
                                 &remote, &answer, &why), 0,
               "we take the server's offer: %s", why);
    tap_is_int(sdp_negotiation_apply_answer(n, span_str(answer), &why), 0,
               "the server takes our answer: %s", why);
    tap_ok(sdp_negotiation_at(n, index)->sends, "and sends");
    tap_is_int(agreement.formats[96].codec, CODEC_VP8, "the format");
    tap_ok(agreement.formats[97].rtx && agreement.formats[97].apt == 96,
           "that of retransmissions");
    tap_ok(agreement.fid_count == 1 && agreement.fids[0].rtx == 78,
           "their stream");
    tap_ok(remote.controlling, "a lite server is controlled");
    tap_ok(remote.active, "we are active");
    free(offer);
    free(answer);
    sdp_negotiation_destroy(n);
}

#define HEAD "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
#define MEDIA "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" \
              "a=rtpmap:111 opus/48000/2\r\na=mid:0\r\n" \
              "a=recvonly\r\na=rtcp-mux\r\n"
#define ICE "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n"
#define HASH "a=fingerprint:sha-256 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:" \
             "0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F\r\n" \
             "a=setup:passive\r\n"
#define CANDIDATE "a=candidate:1 1 udp 1 192.0.2.1 5000 typ host\r\n"

/* an answer that lacks something costs an error, and says which */
static const struct {
    const char *answer;
    const char *reason;
} bad[] = {
    { "nonsense", "" },
    { HEAD, "rejected all" },
    { HEAD "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n", "rejected all" },
    { HEAD MEDIA HASH CANDIDATE, "ICE credentials" },
    { HEAD MEDIA ICE CANDIDATE, "fingerprint" },
    { HEAD MEDIA ICE HASH, "no UDP candidate" },
};

static void
test_bad(void)
{
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct load_agreement agreement = { 0 };
        struct load_media media[2];
        struct load_remote remote;
        const char *why = "";

        rtp_extension_map_init(&agreement.extensions);
        make_media(media);
        tap_ok(load_answer_read(span_str(bad[i].answer), media, 2, &agreement,
                                &remote, &why) != 0
                   && strstr(why, bad[i].reason) != NULL,
               "refused: %s", why);
    }
}

static void
test_candidates(void)
{
    static const char text[] =
        "a=candidate:1 1 tcp 1 192.0.2.1 9 typ host tcptype passive\r\n"
        "a=candidate:1 2 udp 1 192.0.2.2 5002 typ host\r\n"
        "a=candidate:1 1 UDP 1 192.0.2.3 5003 typ host\r\n"
        "a=candidate:2 1 udp 1 2001:db8::1 5004 typ host\r\n"
        "a=candidate:3 1 udp 1 host.local 5005 typ host\r\n"
        "a=candidate:4 1 udp 1 192.0.2.4 70000 typ host\r\n"
        "a=candidate:5 1 udp 1 0.0.0.0 5006 typ host\r\n"
        "a=candidate:6 1 udp 1 192.0.2.3 5003 typ srflx\r\n"
        "a=candidate:7 1 udp 1\r\n"
        "a=candidate:8 1 udp 1 192.0.2.5 5007 typ host";
    static const char six[] = "a=candidate:2 1 udp 1 ::1 5004 typ host\n";
    struct address out[LOAD_CANDIDATES_MAX];

    tap_is_int((long long)sdp_candidates_read(span_str(text), out,
                                               LOAD_CANDIDATES_MAX), 2,
               "two that can be checked");
    tap_is_int(address_port(&out[1]), 5007, "also on the last line");
    tap_is_int((long long)sdp_candidates_read(span_str(text), out, 1), 1,
               "not more than there is room for");
    tap_is_int((long long)sdp_candidates_read(span_str(six), out,
                                               LOAD_CANDIDATES_MAX), 1,
               "IPv6 where there is nothing else");
}

static int
write_offer(void)
{
    struct load_local own = local(SDP_SETUP_ACTPASS);
    struct load_media media[2];
    char *offer;

    make_media(media);
    offer = load_offer_write(&own, media, 2);
    free(offer);

    return offer != NULL ? 0 : SFU_ERR_NOMEM;
}

int
main(void)
{
    test_offer();
    test_answer();
    test_bad();
    test_candidates();
    tap_each_allocation_fails(write_offer);

    return tap_done();
}
