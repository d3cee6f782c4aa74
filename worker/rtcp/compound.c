/*
 * rtcp/compound.c - the packets in a datagram of RTCP (RFC 3550, 6.1).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtcp/compound.h"

#define RTCP_VERSION 2
#define RTCP_P 0x20
#define RTCP_COUNT 0x1f

enum { RTCP_HEADER_LEN = 4 };

/*
 * Section 6.4.1: the last byte counts the padding.  It should be a multiple of
 * four, but libwebrtc fills the last word of transport-cc with one to three
 * bytes and says so.
 */
static bool
unpad(struct span *body)
{
    uint8_t padding;

    if (body->len == 0) {
        return false;
    }

    padding = body->data[body->len - 1];

    if (padding == 0 || padding > body->len) {
        return false;
    }

    body->len -= padding;

    return true;
}

bool
rtcp_compound_next(struct rtcp_compound *c, struct rtcp_packet *pkt)
{
    uint8_t first;
    uint16_t words;

    if (c->malformed || reader_left(&c->reader) == 0) {
        return false;
    }

    first = reader_u8(&c->reader);
    pkt->type = reader_u8(&c->reader);
    pkt->count = first & RTCP_COUNT;
    words = reader_u16(&c->reader);
    pkt->body = reader_bytes(&c->reader, 4 * (size_t)words);

    if (!reader_ok(&c->reader) || first >> 6 != RTCP_VERSION
        || ((first & RTCP_P) && !unpad(&pkt->body)))
    {
        c->malformed = true;
        return false;
    }

    return true;
}

size_t
rtcp_packet_begin(struct writer *w, enum rtcp_type type, unsigned count)
{
    size_t begin = writer_len(w);

    writer_u8(w, (uint8_t)(RTCP_VERSION << 6 | (count & RTCP_COUNT)));
    writer_u8(w, (uint8_t)type);
    writer_u16(w, 0);           /* its length, once it is known */

    return begin;
}

void
rtcp_packet_end(struct writer *w, size_t begin)
{
    struct writer length;

    if (!writer_ok(w)) {
        return;
    }

    length = writer_over(w->start + begin + 2, 2);
    writer_u16(&length,
               (uint16_t)((writer_len(w) - begin - RTCP_HEADER_LEN) / 4));
}
