/*
 * srtp/rtcp_opener_pair.h - an opener of SRTCP beside libsrtp2, for tests:
 * whatever comes, both decide alike and read the same.
 * Copyright (C) the ngx_sfu_module authors
 *
 * libsrtp2 seals, too.  A peer with a few SSRCs goes on, loses packets and
 * repeats older ones; on the way they are changed and cut.
 */

#ifndef SFU_SRTP_RTCP_OPENER_PAIR_H
#define SFU_SRTP_RTCP_OPENER_PAIR_H

#include <srtp2/srtp.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "srtp/opener_pair.h"
#include "srtp/rtcp_opener.h"

enum {
    RTCP_PAIR_PACKET_MAX = 1600,
    RTCP_PAIR_SENT_MAX = 512,
};

/* what happens to the next packet */
struct rtcp_pair_step {
    uint8_t ssrc;
    uint8_t lost;               /* so many are sealed before, and never come */
    uint16_t payload;           /* bytes; cut to what there is room for */
    uint16_t back;              /* 0: a new one; else the last but so many */
    bool in_clear;              /* authenticated only */
    enum {
        RTCP_PAIR_AS_IT_IS,
        RTCP_PAIR_BIT,          /* one is turned round */
        RTCP_PAIR_CUT,
        RTCP_PAIR_NOISE,        /* not sealed at all */
    } fate;
    uint16_t where;             /* the bit, or what is left */
};

struct rtcp_pair_packet {
    uint8_t data[RTCP_PAIR_PACKET_MAX];
    size_t len;
    bool in_clear;
};

struct rtcp_pair {
    struct srtp_engine *engine;
    struct srtp_rtcp_opener *ours;
    struct sfu_srtp *theirs;
    srtp_t sealer;
    srtp_t clear_sealer;        /* authenticates only */
    struct rtcp_pair_packet sent[RTCP_PAIR_SENT_MAX];   /* a ring */
    size_t sent_count;

    /* so that a test knows that something was tested */
    size_t opened;
    size_t in_clear;            /* of these */
    size_t replays;
    size_t refused;
};

static inline int
rtcp_pair_make_sealer(srtp_t *sealer, const struct srtp_key_material *keys,
                      bool in_clear)
{
    uint8_t material[SRTP_KEY_MAX + SRTP_SALT_MAX];
    srtp_policy_t policy = { 0 };

    switch (keys->profile->id) {
    case SRTP_PROFILE_AES128_CM_SHA1_80:
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
        break;
    case SRTP_PROFILE_AEAD_AES_128_GCM:
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
        break;
    default:
        srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp);
        break;
    }

    policy.rtcp = policy.rtp;

    if (in_clear) {
        policy.rtcp.sec_serv = sec_serv_auth;
    }

    memcpy(material, keys->key, keys->profile->key_len);
    memcpy(material + keys->profile->key_len, keys->salt,
           keys->profile->salt_len);
    policy.key = material;
    policy.ssrc.type = ssrc_any_outbound;

    return srtp_create(sealer, &policy) == srtp_err_status_ok
               ? 0
               : SFU_ERR_LIBRARY;
}

/* an error like those of what it calls, and a pair that may be ended */
static inline int
rtcp_pair_begin(struct rtcp_pair *p, enum srtp_backend_id backend,
                enum srtp_profile_id profile)
{
    struct srtp_key_material keys = pair_keys(profile);
    int error;

    memset(p, 0, sizeof(*p));
    error = srtp_engine_create(&p->engine, backend);

    if (!error) {
        error = srtp_rtcp_opener_create(&p->ours, p->engine, &keys,
                                        PAIR_SSRCS_KEPT);
    }

    if (!error) {
        error = sfu_srtp_create(&p->theirs, SRTP_RECEIVE, &keys,
                                PAIR_SSRCS_KEPT);
    }

    if (!error) {
        error = rtcp_pair_make_sealer(&p->sealer, &keys, false);
    }

    return error ? error
                 : rtcp_pair_make_sealer(&p->clear_sealer, &keys, true);
}

static inline void
rtcp_pair_end(struct rtcp_pair *p)
{
    srtp_rtcp_opener_destroy(p->ours);
    srtp_engine_destroy(p->engine);
    sfu_srtp_destroy(p->theirs);

    if (p->sealer != NULL) {
        srtp_dealloc(p->sealer);
    }

    if (p->clear_sealer != NULL) {
        srtp_dealloc(p->clear_sealer);
    }
}

/* the header and what looks like reports; not sealed */
static inline void
rtcp_pair_write(struct rtcp_pair_packet *packet,
                const struct rtcp_pair_step *step)
{
    packet->len = 8 + step->payload % (RTCP_PAIR_PACKET_MAX - 8
                                       - SRTP_MAX_TRAILER_LEN - 4);
    packet->in_clear = false;
    memset(packet->data, 0, 8);
    packet->data[0] = 0x81;
    packet->data[1] = 205;
    packet->data[2] = (uint8_t)(packet->len / 4 >> 8);
    packet->data[3] = (uint8_t)(packet->len / 4);
    packet->data[7] = step->ssrc % PAIR_SSRCS;

    for (size_t i = 8; i < packet->len; i++) {
        packet->data[i] = (uint8_t)(7 * i + step->ssrc + 1);
    }
}

static inline void
rtcp_pair_seal_by(srtp_t sealer, struct rtcp_pair_packet *packet)
{
    int len = (int)packet->len;

    if (srtp_protect_rtcp(sealer, packet->data, &len)) {
        abort();
    }

    packet->len = (size_t)len;
}

/* both ways, so that both count alike */
static inline void
rtcp_pair_seal(struct rtcp_pair *p, struct rtcp_pair_packet *packet,
               const struct rtcp_pair_step *step)
{
    /* nobody reads what is lost */
    struct rtcp_pair_step empty = { .ssrc = step->ssrc };
    struct rtcp_pair_packet clear;

    for (int i = 0; i <= step->lost; i++) {
        rtcp_pair_write(packet, i < step->lost ? &empty : step);
        memcpy(clear.data, packet->data, packet->len);
        clear.len = packet->len;
        rtcp_pair_seal_by(p->sealer, packet);
        rtcp_pair_seal_by(p->clear_sealer, &clear);
    }

    if (step->in_clear) {
        *packet = clear;
        packet->in_clear = true;
    }
}

/* what both are given */
static inline struct rtcp_pair_packet
rtcp_pair_packet(struct rtcp_pair *p, const struct rtcp_pair_step *step)
{
    size_t back = step->back % RTCP_PAIR_SENT_MAX;
    struct rtcp_pair_packet packet;

    if (step->fate == RTCP_PAIR_NOISE) {
        rtcp_pair_write(&packet, step);
    } else if (back && back <= p->sent_count) {
        packet = p->sent[(p->sent_count - back) % RTCP_PAIR_SENT_MAX];
    } else {
        rtcp_pair_seal(p, &packet, step);
        p->sent[p->sent_count++ % RTCP_PAIR_SENT_MAX] = packet;
    }

    if (step->fate == RTCP_PAIR_BIT) {
        packet.data[step->where / 8 % packet.len] ^=
            (uint8_t)(1 << step->where % 8);
    } else if (step->fate == RTCP_PAIR_CUT) {
        packet.len = step->where % packet.len;
    }

    return packet;
}

/* whether they agreed */
static inline bool
rtcp_pair_step(struct rtcp_pair *p, const struct rtcp_pair_step *step)
{
    struct rtcp_pair_packet packet = rtcp_pair_packet(p, step);
    /* of their exact size, for what finds reading beyond it; and odd */
    uint8_t *a = malloc(packet.len + 1);
    uint8_t *b = malloc(packet.len + 1);
    size_t a_len = packet.len;
    size_t b_len = packet.len;
    int ours;
    int theirs;
    bool same;

    if (a == NULL || b == NULL) {
        abort();
    }

    memcpy(a + 1, packet.data, packet.len);
    memcpy(b + 1, packet.data, packet.len);
    ours = srtp_rtcp_opener_open(p->ours, a + 1, &a_len);
    theirs = sfu_srtp_open_rtcp(p->theirs, b + 1, &b_len);
    same = (ours == 0) == (theirs == 0)
           && (ours == SFU_ERR_EXISTS) == (theirs == SFU_ERR_EXISTS)
           && srtp_rtcp_opener_ssrcs(p->ours) == sfu_srtp_ssrcs(p->theirs)
           && (ours || (a_len == b_len && memcmp(a + 1, b + 1, a_len) == 0));
    p->opened += ours == 0;
    p->in_clear += ours == 0 && packet.in_clear;
    p->replays += ours == SFU_ERR_EXISTS;
    p->refused += ours && ours != SFU_ERR_EXISTS;
    free(a);
    free(b);

    return same;
}

#endif
