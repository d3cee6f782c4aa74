/*
 * srtp/rtcp_sealer.c - sealing SRTCP packets to one peer (RFC 3711, 3.4;
 * RFC 7714, 9).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "srtp/rtcp_sealer.h"

#include "base/error.h"
#include "base/writer.h"
#include "srtp/rtcp_priv.h"
#include "srtp/rtcp_sealer_priv.h"

_Static_assert(sizeof(struct srtp_rtcp_sealer) <= SRTP_KEY_HEAD, "one head");

int
srtp_rtcp_sealer_create(struct srtp_rtcp_sealer **sealer,
                        struct srtp_engine *engine,
                        const struct srtp_key_material *keys)
{
    struct srtp_key *key;
    int error = srtp_key_create(&key, engine, keys, srtp_derive_rtcp);

    *sealer = (struct srtp_rtcp_sealer *)key;

    return error;
}

void
srtp_rtcp_sealer_destroy(struct srtp_rtcp_sealer *sealer)
{
    if (sealer != NULL) {
        sealer->key.backend->destroy(&sealer->key);
    }
}

int
srtp_rtcp_sealer_seal(struct srtp_rtcp_sealer *s, uint8_t *packet,
                      size_t *len)
{
    uint8_t covered[SRTP_RTCP_HEADER + SRTP_RTCP_TRAILER];
    struct srtp_parts p = { 0 };
    struct srtp_rtcp_layout at;
    struct writer w;
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
    w = writer_over(at.trailer, SRTP_RTCP_TRAILER);
    writer_u32(&w, s->index | SRTP_RTCP_E);
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
