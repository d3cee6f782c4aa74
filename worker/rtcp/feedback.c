/*
 * rtcp/feedback.c - what a receiver asks of a sender (RFC 4585, RFC 5104).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtcp/feedback.h"

#include "base/error.h"

enum {
    FEEDBACK_LEN = 12,          /* header and the two SSRCs */
    NACK_PAIR_LEN = 4,
    NACK_MASK_BITS = 16,
    REMB_SSRCS_MAX = 255,
    REMB_MANTISSA_BITS = 18,
};

static const uint32_t remb_name = 0x52454d42;   /* "REMB" */

int
rtcp_feedback_parse(const struct rtcp_packet *pkt, struct rtcp_feedback *fb)
{
    struct reader r = reader_over(pkt->body);

    fb->sender = reader_u32(&r);
    fb->media = reader_u32(&r);
    fb->fci = reader_rest(&r);

    return reader_ok(&r) ? 0 : SFU_ERR_TRUNCATED;
}

static size_t
begin_feedback(struct writer *w, enum rtcp_type type, unsigned format,
    uint32_t sender, uint32_t media)
{
    size_t begin = rtcp_packet_begin(w, type, format);

    writer_u32(w, sender);
    writer_u32(w, media);

    return begin;
}

bool
rtcp_nack_next(struct rtcp_nack *nack, uint16_t *seq)
{
    int bit;

    if (nack->mask == 0) {
        if (reader_left(&nack->reader) < NACK_PAIR_LEN) {
            return false;
        }

        nack->pid = reader_u16(&nack->reader);
        nack->mask = (uint32_t)reader_u16(&nack->reader) << 1 | 1;
    }

    bit = __builtin_ctz(nack->mask);
    nack->mask &= nack->mask - 1;
    *seq = (uint16_t)(nack->pid + bit);

    return true;
}

size_t
rtcp_nack_write(struct writer *w, uint32_t sender, uint32_t media,
    const uint16_t *seqs, size_t count)
{
    size_t taken = 0;
    size_t begin;

    if (count == 0 || writer_left(w) < FEEDBACK_LEN + NACK_PAIR_LEN) {
        return 0;
    }

    begin = begin_feedback(w, RTCP_RTPFB, RTCP_RTPFB_NACK, sender, media);

    while (taken < count && writer_left(w) >= NACK_PAIR_LEN) {
        uint16_t pid = seqs[taken++];
        uint16_t mask = 0;

        for (; taken < count; taken++) {
            uint16_t distance = (uint16_t)(seqs[taken] - pid);

            if (distance == 0 || distance > NACK_MASK_BITS) {
                break;
            }

            mask |= (uint16_t)(1 << (distance - 1));
        }

        writer_u16(w, pid);
        writer_u16(w, mask);
    }

    rtcp_packet_end(w, begin);

    return taken;
}

void
rtcp_pli_write(struct writer *w, uint32_t sender, uint32_t media)
{
    size_t begin = begin_feedback(w, RTCP_PSFB, RTCP_PSFB_PLI, sender, media);

    rtcp_packet_end(w, begin);
}

bool
rtcp_fir_next(struct rtcp_fir *fir, uint32_t *ssrc, uint8_t *number)
{
    if (reader_left(&fir->reader) < 8) {
        return false;
    }

    *ssrc = reader_u32(&fir->reader);
    *number = reader_u8(&fir->reader);
    reader_skip(&fir->reader, 3);       /* reserved */

    return true;
}

void
rtcp_fir_write(struct writer *w, uint32_t sender, uint32_t ssrc,
    uint8_t number)
{
    size_t begin = begin_feedback(w, RTCP_PSFB, RTCP_PSFB_FIR, sender, 0);

    writer_u32(w, ssrc);
    writer_u8(w, number);
    writer_u24(w, 0);
    rtcp_packet_end(w, begin);
}

int
rtcp_remb_parse(const struct rtcp_feedback *fb, uint64_t *bitrate,
    struct span *ssrcs)
{
    struct reader r = reader_over(fb->fci);
    uint32_t name = reader_u32(&r);
    uint8_t count = reader_u8(&r);
    uint32_t rate = reader_u24(&r);
    uint64_t mantissa = rate & ((1u << REMB_MANTISSA_BITS) - 1);
    unsigned exponent = rate >> REMB_MANTISSA_BITS;

    if (name != remb_name) {
        return SFU_ERR_UNSUPPORTED;
    }

    *ssrcs = reader_bytes(&r, 4 * (size_t)count);
    *bitrate = mantissa << exponent;

    if (!reader_ok(&r)) {
        return SFU_ERR_TRUNCATED;
    }

    return *bitrate >> exponent == mantissa ? 0 : SFU_ERR_MALFORMED;
}

void
rtcp_remb_write(struct writer *w, uint32_t sender, uint64_t bitrate,
    const uint32_t *ssrcs, size_t count)
{
    size_t begin = begin_feedback(w, RTCP_PSFB, RTCP_PSFB_APP, sender, 0);
    uint32_t exponent = 0;

    if (count > REMB_SSRCS_MAX) {
        count = REMB_SSRCS_MAX;
    }

    while (bitrate >> exponent >> REMB_MANTISSA_BITS) {
        exponent++;
    }

    writer_u32(w, remb_name);
    writer_u8(w, (uint8_t)count);
    writer_u24(w, exponent << REMB_MANTISSA_BITS
                  | (uint32_t)(bitrate >> exponent));

    for (size_t i = 0; i < count; i++) {
        writer_u32(w, ssrcs[i]);
    }

    rtcp_packet_end(w, begin);
}
