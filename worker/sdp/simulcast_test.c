/*
 * sdp/simulcast_test.c - which encodings of an offer are taken, and how that is
 * answered.  cloudflare 32, 33
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sdp/fixture.h"
#include "sdp/simulcast.h"

#define HEAD                                                                  \
    "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"   \
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 0.0.0.0\r\n"               \
    "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n"                \
    "a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"  \
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n"                     \
    "a=setup:actpass\r\na=mid:0\r\na=sendonly\r\na=rtcp-mux\r\n"              \
    "a=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n"

#define RID_ID                                                                \
    "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"

/* rids of what is taken, with a space between */
static const char *
layers_of(const struct sdp_section *s)
{
    static char text[600];
    size_t at = 0;

    text[0] = '\0';

    for (size_t i = 0; i < s->layer_count; i++) {
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s",
                               i ? " " : "", s->layers[i].rid);
    }

    return text;
}

static void
recorded(const char *file)
{
    struct sdp_negotiation *n = created();
    char path[80], *text, *answer;
    size_t len;

    snprintf(path, sizeof(path), "sdp-parse/%s.sdp", file);
    text = (char *)tap_read_file(path, &len);
    tap_is_str(take_offer(n, text, &answer), NULL, "%s", file);
    tap_is_str(layers_of(find(n, "0")), "a b", "both encodings are taken");
    tap_ok(has_line(answer, "a=rid:a recv") && has_line(answer, "a=rid:b recv")
           && has_line(answer, "a=simulcast:recv a;b"), "and answered");
    tap_ok(strstr(answer, "sdes:rtp-stream-id") != NULL
           && strstr(answer, "sdes:repaired-rtp-stream-id") != NULL
           && strstr(answer, "sdes:mid") != NULL,
           "with the extensions that tell them apart");
    free(answer);
    free(text);
    sdp_negotiation_destroy(n);
}

static void
lists(void)
{
    static const struct {
        const char *what;
        const char *lines;
        const char *taken;
    } rows[] = {
        { "three", RID_ID "a=rid:f send\r\na=rid:h send\r\na=rid:q send\r\n"
          "a=simulcast:send f;h;q\r\n", "f h q" },
        { "what we receive stands first", RID_ID "a=rid:f send\r\n"
          "a=rid:r recv\r\na=simulcast:recv r send f\r\n", "f" },
        { "one is paused", RID_ID "a=rid:f send\r\na=rid:h send\r\n"
          "a=simulcast:send f;~h\r\n", "f h" },
        { "alternatives", RID_ID "a=rid:f send\r\na=rid:g send\r\n"
          "a=rid:h send\r\na=simulcast:send f,g;h\r\n", "f h" },
        { "one is not declared", RID_ID "a=rid:f send\r\n"
          "a=simulcast:send f;h\r\n", "f" },
        { "one twice", RID_ID "a=rid:f send\r\n"
          "a=simulcast:send f;f\r\n", "f" },
        { "more than the limit", RID_ID "a=rid:1 send\r\na=rid:2 send\r\n"
          "a=rid:3 send\r\na=rid:4 send\r\na=rid:5 send\r\n"
          "a=simulcast:send 1;2;3;4;5\r\n", "1 2 3 4" },
        { "a rid longer than any browser's", RID_ID
          "a=rid:aaaaaaaaaabbbbbbbbbbccccccccccddd send\r\na=rid:h send\r\n"
          "a=simulcast:send aaaaaaaaaabbbbbbbbbbccccccccccddd;h\r\n", "h" },
        { "rids without a list", RID_ID "a=rid:f send\r\n", "" },
        { "packets would not tell their rid", "a=rid:f send\r\n"
          "a=rid:h send\r\na=simulcast:send f;h\r\n", "" },
        { "an empty list", RID_ID "a=simulcast:send\r\n", "" },
        { "nothing but separators", RID_ID "a=simulcast:send ;;,;~\r\n", "" },
        { "a group of SSRCs, lowest first", "a=ssrc-group:SIM 1 2 3\r\n"
          "a=ssrc-group:FID 2 12\r\na=ssrc:1 cname:x\r\n", "c b a" },
        { "a group of one is no simulcast", "a=ssrc-group:SIM 1\r\n", "" },
        { "rids count more than a group", RID_ID "a=rid:f send\r\n"
          "a=simulcast:send f\r\na=ssrc-group:SIM 1 2 3\r\n", "f" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sdp_negotiation *n = created();
        char offer[4096], *answer;
        bool mirrored;

        snprintf(offer, sizeof(offer), "%s%s", HEAD, rows[i].lines);
        tap_is_str(take_offer(n, offer, &answer), NULL, "%s", rows[i].what);
        tap_is_str(layers_of(find(n, "0")), rows[i].taken, "are taken");
        mirrored = rows[i].taken[0] && find(n, "0")->layers[0].ssrc == 0;
        tap_is_int(strstr(answer, "a=simulcast:recv ") != NULL, mirrored,
                   "and answered, if they have rids");
        tap_is_int(strstr(answer, "a=x-google-flag") != NULL,
                   rows[i].taken[0] && !mirrored, "or welcome, if not");
        free(answer);
        sdp_negotiation_destroy(n);
    }
}

static void
groups(void)
{
    struct sdp_negotiation *n = created();
    const struct sdp_section *s;
    char *answer;

    take_offer(n, HEAD "a=ssrc-group:SIM 1 2\r\na=ssrc-group:FID 1 11\r\n",
               &answer);
    s = find(n, "0");
    tap_ok(s->layer_count == 2 && s->layers[0].ssrc == 1
           && s->layers[0].rtx_ssrc == 11 && s->layers[1].ssrc == 2
           && s->layers[1].rtx_ssrc == 0, "a group's SSRCs and their RTX");
    tap_ok(has_line(answer, "a=x-google-flag:conference"), "are welcome");
    free(answer);
    sdp_negotiation_destroy(n);
    n = created();
    tap_is_str(take_offer(n, HEAD "a=ssrc-group:SIM 1 x\r\n", &answer),
               "a=ssrc-group is malformed", "one that is none is refused");
    sdp_negotiation_destroy(n);
}

/* what was taken stays in our own offers: else a browser would stop it */
static void
later_offers(void)
{
    struct sdp_negotiation *n = created();
    struct sdp_negotiation *copy = NULL;
    char *text, *answer, *offer = NULL;
    size_t len;

    text = (char *)tap_read_file("sdp-parse/chromium-simulcast.sdp", &len);
    take_offer(n, text, &answer);
    tap_is_int(sdp_negotiation_clone(&copy, n), 0, "a copy");
    add(copy, MEDIA_VIDEO, 77);
    tap_is_int(sdp_negotiation_write_offer(copy, &offer), 0, "offers more");
    tap_ok(has_line(offer, "a=rid:b recv")
           && has_line(offer, "a=simulcast:recv a;b"),
           "and repeats what is received");
    free(offer);
    free(answer);
    free(text);
    sdp_negotiation_destroy(copy);
    sdp_negotiation_destroy(n);
}

int
main(void)
{
    recorded("chromium-simulcast");
    recorded("firefox-simulcast");
    lists();
    groups();
    later_offers();

    return tap_done();
}
