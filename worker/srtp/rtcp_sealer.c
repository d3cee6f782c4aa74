/*
 * srtp/rtcp_sealer.c - sealing SRTCP packets to one peer (RFC 3711, 3.4;
 * RFC 7714, 9).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "srtp/rtcp_sealer.h"

#include <openssl/crypto.h>

#include "base/error.h"
#include "srtp/rtcp_priv.h"
#include "srtp/rtcp_sealer_priv.h"

_Static_assert(sizeof(struct srtp_rtcp_sealer) <= SRTP_KEY_HEAD, "one head");

int
srtp_rtcp_sealer_create(struct srtp_rtcp_sealer **sealer,
                        struct srtp_engine *engine,
                        const struct srtp_key_material *keys)
{
    struct srtp_session_keys session;
    struct srtp_key *key = NULL;
    int error = srtp_derive_rtcp(&session, keys);

    if (!error) {
        error = engine->backend->key->create(&key, engine, &session);
    }

    *sealer = (struct srtp_rtcp_sealer *)key;
    OPENSSL_cleanse(&session, sizeof(session));

    return error;
}

void
srtp_rtcp_sealer_destroy(struct srtp_rtcp_sealer *sealer)
{
    if (sealer != NULL) {
        sealer->key.backend->destroy(&sealer->key);
    }
}

static void
write_word(uint8_t *to, uint32_t word)
{
    for (int i = 0; i < 4; i++) {
        to[i] = (uint8_t)(word >> (24 - 8 * i));
    }
}

int
srtp_rtcp_sealer_seal(struct srtp_rtcp_sealer *s, uint8_t *packet,
                      size_t *len)
{
    uint8_t covered[SRTP_RTCP_HEADER + SRTP_RTCP_TRAILER];
    struct srtp_parts p = { 0 };
    struct srtp_rtcp_layout at;
    int error;

    if (*len < SRTP_RTCP_HEADER) {
        return SFU_ERR_TRUNCATED;
    }

    if (s->index == SRTP_RTCP_INDEX_MAX) {
        return SFU_ERR_LIMIT;
    }

    /* used up from here on, whatever happens; the first is 1, as libsrtp2's */
    s->index++;
    at = srtp_rtcp_lay_out(&s->key, packet, *len);
    write_word(at.trailer, s->index | SRTP_RTCP_E);
    srtp_parts_iv(&p, &s->key, packet + SRTP_RTCP_SSRC, s->index);
    p.text = packet + SRTP_RTCP_HEADER;
    p.text_len = at.len - SRTP_RTCP_HEADER;
    p.tag = at.tag;
    /* HMAC: the packet as it becomes, E and index behind it */
    p.covered = s->key.gcm
                    ? srtp_rtcp_cover(covered, packet, &at)
                    : span_of(packet, at.len + SRTP_RTCP_TRAILER);
    error = s->key.backend->seal(&s->key, &p);

    if (!error) {
        *len += SRTP_RTCP_TRAILER + s->key.tag_len;
    }

    return error;
}
