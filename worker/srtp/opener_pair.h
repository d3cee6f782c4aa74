/*
 * srtp/opener_pair.h - an opener beside libsrtp2, for tests: whatever comes,
 * both decide alike and read the same.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A sender with a few SSRCs goes on, jumps, repeats itself and comes late;
 * on the way packets are changed and cut.
 */

#ifndef SFU_SRTP_OPENER_PAIR_H
#define SFU_SRTP_OPENER_PAIR_H

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "srtp/opener.h"
#include "srtp/session.h"

enum {
    PAIR_PACKET_MAX = 1600,
    PAIR_SSRCS = 6,
    PAIR_SSRCS_KEPT = 4,
    PAIR_WINDOW = 1024,
};

/* what happens to the next packet */
struct pair_step {
    uint8_t ssrc;
    uint8_t shape;              /* CSRCs, extension */
    uint16_t payload;           /* bytes; cut to what there is room for */
    int32_t advance;            /* from the newest packet that was opened */
    enum {
        PAIR_AS_IT_IS,
        PAIR_BIT,               /* one is turned round */
        PAIR_CUT,
        PAIR_NOISE,             /* not sealed at all */
    } fate;
    uint16_t where;             /* the bit, or what is left */
};

struct opener_pair {
    struct srtp_engine *engine;
    struct srtp_sealer *sealer;
    struct srtp_opener *ours;
    struct sfu_srtp *theirs;
    uint64_t newest[PAIR_SSRCS];

    /* so that a test knows that something was tested */
    size_t opened;
    size_t replays;
    size_t refused;
    size_t late;                /* opened, and not the newest */
    size_t wrapped;             /* opened, with a rollover counter */
};

static inline struct srtp_key_material
pair_keys(enum srtp_profile_id id)
{
    struct srtp_key_material keys = { .profile = srtp_profile_find(id) };

    for (int i = 0; i < SRTP_KEY_MAX; i++) {
        keys.key[i] = (uint8_t)(13 * i + 5);
    }

    for (int i = 0; i < SRTP_SALT_MAX; i++) {
        keys.salt[i] = (uint8_t)(31 * i + 77);
    }

    return keys;
}

/* an error like those of what it calls, and a pair that may be ended */
static inline int
pair_begin(struct opener_pair *p, enum srtp_backend_id backend,
           enum srtp_profile_id profile)
{
    struct srtp_key_material keys = pair_keys(profile);
    int error;

    *p = (struct opener_pair){ 0 };
    error = srtp_engine_create(&p->engine, backend);

    if (!error) {
        error = srtp_sealer_create(&p->sealer, p->engine, &keys);
    }

    if (!error) {
        error = srtp_opener_create(&p->ours, p->engine, &keys,
                                   PAIR_SSRCS_KEPT);
    }

    return error ? error
                 : sfu_srtp_create(&p->theirs, SRTP_RECEIVE, &keys,
                                   PAIR_SSRCS_KEPT);
}

static inline void
pair_end(struct opener_pair *p)
{
    srtp_opener_destroy(p->ours);
    srtp_sealer_destroy(p->sealer);
    srtp_engine_destroy(p->engine);
    sfu_srtp_destroy(p->theirs);
}

/* the header's length; the payload follows from index and SSRC */
static inline size_t
pair_write(uint8_t *packet, const struct pair_step *step, uint64_t index,
           size_t payload)
{
    size_t csrcs = step->shape & 0x0f;
    bool extension = step->shape & 0x10;
    size_t words = step->shape >> 5;
    size_t len = 12;

    memset(packet, 0, 12);
    packet[0] = (uint8_t)(0x80 | csrcs | (extension ? 0x10 : 0));
    packet[1] = 96;
    packet[2] = (uint8_t)(index >> 8);
    packet[3] = (uint8_t)index;
    packet[6] = (uint8_t)(index >> 3);
    packet[11] = (uint8_t)(1 + step->ssrc % PAIR_SSRCS);

    for (size_t i = 0; i < 4 * csrcs; i++) {
        packet[len++] = (uint8_t)i;
    }

    if (extension) {
        memcpy(packet + len, (uint8_t[]){ 0xbe, 0xde, 0, (uint8_t)words }, 4);
        memset(packet + len + 4, 0x5a, 4 * words);
        len += 4 + 4 * words;
    }

    for (size_t i = 0; i < payload; i++) {
        packet[len + i] = (uint8_t)(i + 7 * index + step->ssrc);
    }

    return len;
}

/* what both are given: its length */
static inline size_t
pair_packet(struct opener_pair *p, const struct pair_step *step,
            uint64_t index, uint8_t packet[PAIR_PACKET_MAX])
{
    size_t payload = step->payload % (PAIR_PACKET_MAX - 150);
    size_t header = pair_write(packet, step, index, payload);
    size_t len = header + payload;

    if (step->fate == PAIR_NOISE) {
        return len;
    }

    srtp_sealer_add(p->sealer, packet, header,
                    span_of(packet + header, payload), index);
    srtp_engine_finish(p->engine);
    len += srtp_sealer_tag_len(p->sealer);

    if (step->fate == PAIR_BIT) {
        packet[step->where / 8 % len] ^= (uint8_t)(1 << step->where % 8);
    } else if (step->fate == PAIR_CUT) {
        len = step->where % len;
    }

    return len;
}

static inline void
pair_count(struct opener_pair *p, int error, uint64_t index, uint64_t newest)
{
    p->opened += error == 0;
    p->replays += error == SFU_ERR_EXISTS;
    p->refused += error && error != SFU_ERR_EXISTS;
    p->late += error == 0 && index < newest;
    p->wrapped += error == 0 && index >> 16;
}

/* whether they agreed */
static inline bool
pair_step(struct opener_pair *p, const struct pair_step *step)
{
    uint64_t *newest = &p->newest[step->ssrc % PAIR_SSRCS];
    uint64_t before = *newest;
    uint64_t index = step->advance < 0 && (uint64_t)-step->advance > before
                         ? 0
                         : before + (uint64_t)(int64_t)step->advance;
    /* of their exact size, for what finds reading beyond it */
    uint8_t sealed[PAIR_PACKET_MAX];
    size_t len = pair_packet(p, step, index, sealed);
    uint8_t *a = malloc(len + 1);
    uint8_t *b = malloc(len + 1);
    size_t a_len = len;
    size_t b_len = len;
    int ours;
    int theirs;
    bool same;

    if (a == NULL || b == NULL) {
        abort();
    }

    memcpy(a + 1, sealed, len);
    memcpy(b + 1, sealed, len);
    ours = srtp_opener_open(p->ours, a + 1, &a_len);
    theirs = sfu_srtp_open(p->theirs, b + 1, &b_len);
    same = (ours == 0) == (theirs == 0)
           && (ours == SFU_ERR_EXISTS) == (theirs == SFU_ERR_EXISTS)
           && srtp_opener_ssrcs(p->ours) == sfu_srtp_ssrcs(p->theirs)
           && (ours || (a_len == b_len && memcmp(a + 1, b + 1, a_len) == 0));
    pair_count(p, ours, index, before);

    if (ours == 0 && index > before) {
        *newest = index;
    } else if (ours == SFU_ERR_AUTH && step->advance == 1
               && step->fate == PAIR_AS_IT_IS) {
        /* its rollover counter is forgotten: begin without one */
        *newest &= 0xffff;
    }

    free(a);
    free(b);

    return same;
}

#endif
