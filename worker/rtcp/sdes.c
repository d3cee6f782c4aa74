/*
 * rtcp/sdes.c - source descriptions (RFC 3550, section 6.5).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtcp/sdes.h"

enum { SDES_TEXT_MAX = 255 };

/* chunks begin at 32-bit words, and the body is a whole number of them */
static void
skip_to_word(struct reader *r)
{
    reader_skip(r, reader_left(r) % 4);
}

bool
rtcp_sdes_next(struct rtcp_sdes *sdes, struct rtcp_sdes_chunk *chunk)
{
    struct reader *r = &sdes->reader;
    uint8_t type;

    if (sdes->left == 0) {
        return false;
    }

    sdes->left--;
    chunk->ssrc = reader_u32(r);
    chunk->cname = (struct span){ 0 };

    for (type = reader_u8(r); type != RTCP_SDES_END; type = reader_u8(r)) {
        struct span text = reader_bytes(r, reader_u8(r));

        if (type == RTCP_SDES_CNAME) {
            chunk->cname = text;
        }
    }

    skip_to_word(r);

    if (!reader_ok(r)) {
        sdes->left = 0;
    }

    return reader_ok(r);
}

void
rtcp_sdes_write(struct writer *w, uint32_t ssrc, struct span cname)
{
    size_t begin = rtcp_packet_begin(w, RTCP_SDES, 1);

    if (cname.len > SDES_TEXT_MAX) {
        cname.len = SDES_TEXT_MAX;
    }

    writer_u32(w, ssrc);
    writer_u8(w, RTCP_SDES_CNAME);
    writer_u8(w, (uint8_t)cname.len);
    writer_bytes(w, cname);
    /* one to four zeros: at least the end of the items */
    writer_fill(w, 0, 4 - (2 + cname.len) % 4);
    rtcp_packet_end(w, begin);
}
