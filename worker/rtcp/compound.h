/*
 * rtcp/compound.h - the packets in a datagram of RTCP (RFC 3550, section 6.1).
 * Copyright (C) the ngx_sfu_module authors
 *
 * Reduced-size RTCP (RFC 5506) is allowed, so any packet may come first.
 * Lengths are taken at their word: one that does not add up ends the walk.
 */

#ifndef SFU_RTCP_COMPOUND_H
#define SFU_RTCP_COMPOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reader.h"
#include "base/span.h"
#include "base/writer.h"

enum rtcp_type {
    RTCP_SR = 200,
    RTCP_RR = 201,
    RTCP_SDES = 202,
    RTCP_BYE = 203,
    RTCP_APP = 204,
    RTCP_RTPFB = 205,           /* RFC 4585 */
    RTCP_PSFB = 206,            /* RFC 4585 */
    RTCP_XR = 207,              /* RFC 3611 */
};

struct rtcp_packet {
    uint8_t type;               /* enum rtcp_type, or something unknown */
    uint8_t count;              /* of items, or the feedback's format */
    struct span body;           /* after the first four bytes, unpadded */
};

struct rtcp_compound {
    struct reader reader;
    bool malformed;
};

/*
 *     struct rtcp_compound c = rtcp_compound_over(datagram);
 *
 *     while (rtcp_compound_next(&c, &pkt)) { ... }
 *
 *     if (c.malformed) { ... }
 */
static inline struct rtcp_compound
rtcp_compound_over(struct span datagram)
{
    return (struct rtcp_compound){ reader_over(datagram), datagram.len == 0 };
}

/* false at the end, and when the rest is malformed */
bool rtcp_compound_next(struct rtcp_compound *c, struct rtcp_packet *pkt);

/* where to begin(), and what end() needs to put the length in */
size_t rtcp_packet_begin(struct writer *w, enum rtcp_type type,
    unsigned count);
/* what was written since must be whole 32-bit words */
void rtcp_packet_end(struct writer *w, size_t begin);

#endif
