/*
 * rtcp/sdes.h - source descriptions (RFC 3550, section 6.5).
 * Copyright (C) the ngx_sfu_module authors
 *
 * Of the items only CNAME is of use: RTCP must carry it, the rest is there
 * to greet people.
 */

#ifndef SFU_RTCP_SDES_H
#define SFU_RTCP_SDES_H

#include <stdbool.h>
#include <stdint.h>

#include "rtcp/compound.h"

enum {
    RTCP_SDES_END = 0,
    RTCP_SDES_CNAME = 1,
};

struct rtcp_sdes_chunk {
    uint32_t ssrc;
    struct span cname;          /* empty when it has none */
};

struct rtcp_sdes {
    struct reader reader;
    unsigned left;
};

static inline struct rtcp_sdes
rtcp_sdes_over(const struct rtcp_packet *pkt)
{
    return (struct rtcp_sdes){ reader_over(pkt->body), pkt->count };
}

/* false after the last, and when the rest is malformed */
bool rtcp_sdes_next(struct rtcp_sdes *sdes, struct rtcp_sdes_chunk *chunk);

/* one chunk with one item; a CNAME of at most 255 bytes */
void rtcp_sdes_write(struct writer *w, uint32_t ssrc, struct span cname);

#endif
