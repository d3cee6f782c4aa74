/*
 * sdp/fixture.h - sessions and tracks for tests of negotiation.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_SDP_FIXTURE_H
#define SFU_SDP_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "sdp/fake_client.h"
#include "sdp/negotiation.h"
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

static inline int
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

static inline struct sdp_negotiation *
created(void)
{
    struct sdp_negotiation *n;

    if (create(&n) != 0) {
        printf("Bail out! cannot create\n");
        exit(1);
    }

    return n;
}

static inline struct sdp_track
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
static inline size_t
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

static inline void
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

static inline void
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
static inline void
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
static inline void
offer_gets_lost(struct sdp_negotiation *n)
{
    char *offer = NULL;

    tap_is_int(sdp_negotiation_write_offer(n, &offer), 0, "offers");
    tap_is_int(sdp_negotiation_abandon_offer(n), 0, "gives up on it");
    free(offer);
}

/* it arrives, and the answer does not */
static inline void
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

static inline bool
has_line(const char *sdp, const char *line)
{
    char text[300];

    snprintf(text, sizeof(text), "\r\n%s\r\n", line);

    return strstr(sdp, text) != NULL;
}

#endif
