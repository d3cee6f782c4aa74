/*
 * sdp/data_test.c - m=application, in offers and answers of either side.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sdp/fixture.h"

#define FINGERPRINT                                                           \
    "AA:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"                        \
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"

#define TRANSPORT(setup)                                                      \
    "a=ice-ufrag:them\r\na=ice-pwd:0123456789012345678901\r\n"                \
    "a=fingerprint:sha-256 " FINGERPRINT "\r\na=setup:" setup "\r\n"

#define HEAD(bundle)                                                          \
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE "      \
    bundle "\r\n"

#define AUDIO(mid)                                                            \
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:" mid "\r\na=sendonly\r\n"      \
    "a=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n" TRANSPORT("actpass")

#define DATA(mid, setup, more)                                                \
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:" mid "\r\n"   \
    TRANSPORT(setup) "a=sctp-port:5001\r\n" more

#define STOPPED(mid)                                                          \
    "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:" mid "\r\n"   \
    TRANSPORT("actpass") "a=sctp-port:5001\r\n"

#define OLD(mid)                                                              \
    "m=application 9 DTLS/SCTP 5002\r\na=mid:" mid "\r\n"                     \
    TRANSPORT("actpass") "a=sctpmap:5002 webrtc-datachannel 256\r\n"

static struct sdp_negotiation *
with_data(void)
{
    static const struct sdp_candidate candidate = { "192.0.2.1", 1, false };
    struct sdp_limits limits = sdp_limits_default();
    struct sdp_local local = {
        .ufrag = "ours", .pwd = "0123456789012345678901", .cname = "cname",
        .fingerprint = FINGERPRINT, .candidates = &candidate,
        .candidate_count = 1, .message_max = 262144,
    };
    struct sdp_negotiation *n;

    limits.media = 8;
    tap_is_int(sdp_negotiation_create(&n, &local, &limits), 0, "a session");

    return n;
}

static bool
has(const char *text, const char *line)
{
    return text != NULL && strstr(text, line) != NULL;
}

static void
answered(const char *name, const char *offer, const char *line, uint16_t port,
         uint64_t max)
{
    struct sdp_negotiation *n = with_data();
    const struct sdp_section *s;
    char *answer;

    tap_is_str(take_offer(n, offer, &answer), NULL, "%s", name);
    s = sdp_negotiation_data(n);
    tap_ok(s != NULL && s->has_data, "%s: has data channels", name);

    if (s != NULL) {
        tap_is_int(s->sctp_port, port, "%s: its port", name);
        tap_is_int((long long)s->max_message_size, (long long)max,
                   "%s: what it takes", name);
    }

    tap_ok(has(answer, line) && has(answer, "a=max-message-size:262144\r\n")
               && !has(answer, "a=rtcp-mux"), "%s: the answer", name);
    free(answer);
    sdp_negotiation_destroy(n);
}

static void
test_offers(void)
{
    size_t len;
    char *text;
    char *answer;
    struct sdp_negotiation *n;

    answered("without a length",
             HEAD("d") DATA("d", "actpass", ""),
             "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n", 5001,
             65536);
    answered("of any length",
             HEAD("d") DATA("d", "actpass", "a=max-message-size:0\r\n"),
             "a=sctp-port:5000\r\n", 5001, 0);
    answered("before RFC 8841", HEAD("d") OLD("d"),
             "m=application 9 DTLS/SCTP 5000\r\n", 5002, 65536);
    answered("and its map", HEAD("d") OLD("d"),
             "a=sctpmap:5000 webrtc-datachannel 1024\r\n", 5002, 65536);

    for (int i = 0; i < 2; i++) {
        text = (char *)tap_read_file(i ? "sdp-parse/firefox-data.sdp"
                                       : "sdp-parse/chromium-data.sdp", &len);
        n = with_data();
        tap_is_str(take_offer(n, text, &answer), NULL, "an offer of %s",
                   i ? "Firefox" : "Chromium");
        tap_ok(sdp_negotiation_data(n) != NULL, "has data channels");
        tap_ok(has(answer, "m=application 9 "), "which the answer takes");
        free(answer);
        sdp_negotiation_destroy(n);
        n = created();
        take_offer(n, text, &answer);
        tap_ok(has(answer, "m=application 0 ")
                   && sdp_negotiation_data(n) == NULL,
               "where there are none to be had, it is rejected");
        free(answer);
        sdp_negotiation_destroy(n);
        free(text);
    }
}

static void
test_refused(void)
{
    static const struct {
        const char *name;
        const char *offer;
    } rows[] = {
        { "without DTLS",
          HEAD("d") "m=application 9 SCTP webrtc-datachannel\r\na=mid:d\r\n"
          TRANSPORT("actpass") "a=sctp-port:5000\r\n" },
        { "without a port",
          HEAD("d") "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
          "a=mid:d\r\n" TRANSPORT("actpass") },
        { "for something else",
          HEAD("d") "m=application 9 UDP/DTLS/SCTP bfcp\r\na=mid:d\r\n"
          TRANSPORT("actpass") "a=sctp-port:5000\r\n" },
        { "with a port that is none",
          HEAD("d") "m=application 9 DTLS/SCTP x\r\na=mid:d\r\n"
          TRANSPORT("actpass") },
        { "outside of the group",
          HEAD("0") AUDIO("0") DATA("d", "actpass", "") },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sdp_negotiation *n = with_data();
        char *answer;

        tap_is_str(take_offer(n, rows[i].offer, &answer), NULL, "%s",
                   rows[i].name);
        tap_ok(has(answer, "m=application 0 ")
                   && sdp_negotiation_data(n) == NULL, "is rejected");
        free(answer);
        sdp_negotiation_destroy(n);
    }
}

/* one section at a time; an index is used again for data channels only */
static void
test_life(void)
{
    struct sdp_negotiation *n = with_data();
    struct sdp_negotiation *copy;
    char *answer;
    size_t index;

    take_offer(n, HEAD("0 d") AUDIO("0") DATA("d", "actpass", ""), &answer);
    free(answer);
    take_offer(n, HEAD("0 d e") AUDIO("0") DATA("d", "actpass", "")
                  DATA("e", "actpass", ""), &answer);
    tap_ok(find(n, "d")->has_data && !find(n, "e")->alive,
           "a second section is rejected");
    free(answer);
    tap_is_int(sdp_negotiation_add_data(n, &index), SFU_ERR_STATE,
               "and none is offered");
    tap_is_int(sdp_negotiation_clone(&copy, n), 0, "a copy");
    tap_ok(sdp_negotiation_data(copy) != NULL
               && sdp_negotiation_data(copy)->has_data
               && sdp_negotiation_data(copy)->sctp_port == 5001,
           "knows of them");
    sdp_negotiation_destroy(copy);

    take_offer(n, HEAD("0") AUDIO("0") STOPPED("d") STOPPED("e"), &answer);
    tap_ok(sdp_negotiation_data(n) == NULL && has(answer, "m=application 0 "),
           "the client stops it");
    free(answer);
    take_offer(n, HEAD("0 f") AUDIO("0") DATA("f", "actpass", "")
                  STOPPED("e"), &answer);
    tap_ok(find(n, "f") != NULL && find(n, "f")->has_data,
           "and begins again, at the same index");
    free(answer);
    sdp_negotiation_destroy(n);
}

static void
test_ours(void)
{
    struct sdp_negotiation *n = with_data();
    char *offer, *answer;
    const char *why = "";
    size_t index;

    tap_is_int(sdp_negotiation_add_data(n, &index), 0, "we offer");
    tap_is_int(sdp_negotiation_write_offer(n, &offer), 0, "in a description");
    tap_ok(has(offer, "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n")
               && has(offer, "a=sctp-port:5000\r\n")
               && has(offer, "a=max-message-size:262144\r\n")
               && has(offer, "a=setup:actpass\r\n")
               && has(offer, "a=group:BUNDLE 1000\r\n")
               && !has(offer, "a=rtcp-mux"), "with all it needs");
    tap_ok(!sdp_negotiation_data(n)->has_data, "nothing is agreed so far");
    free(offer);
    tap_is_int(sdp_negotiation_apply_answer(
                   n, span_str(HEAD("1000") DATA("1000", "active", "")), &why),
               0, "the client takes it");
    tap_ok(sdp_negotiation_data(n)->has_data, "and it is agreed");
    take_offer(n, HEAD("1000 1") DATA("1000", "actpass", "") AUDIO("1"),
               &answer);
    tap_ok(sdp_negotiation_data(n)->has_data && has(answer, "m=audio 9 "),
           "media comes later");
    free(answer);
    sdp_negotiation_destroy(n);

    n = with_data();
    sdp_negotiation_add_data(n, &index);
    sdp_negotiation_write_offer(n, &offer);
    free(offer);
    tap_is_int(sdp_negotiation_apply_answer(
                   n, span_str(HEAD("") STOPPED("1000")), &why), 0,
               "the client does not take it");
    tap_ok(sdp_negotiation_data(n) == NULL, "and there is none");
    tap_is_int(sdp_negotiation_add_data(n, &index), 0, "we offer again");
    tap_is_int((long long)index, 0, "at the same index");
    sdp_negotiation_write_offer(n, &offer);
    tap_ok(has(offer, "a=mid:1001\r\n"), "under another mid");
    free(offer);

    /* which gets lost */
    sdp_negotiation_abandon_offer(n);
    take_offer(n, HEAD("1") AUDIO("1"), &answer);
    tap_ok(has(answer, "m=audio 9 ") && sdp_negotiation_data(n) == NULL,
           "a client that never saw that offer goes its way");
    free(answer);
    sdp_negotiation_destroy(n);
}

int
main(void)
{
    test_offers();
    test_refused();
    test_life();
    test_ours();

    return tap_done();
}
