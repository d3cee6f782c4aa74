/*
 * rtcp/xr.h - extended reports (RFC 3611): receivers measure the round trip.
 * Copyright (C) the ngx_sfu_module authors
 *
 * One who sends no media sends no SR, and so learns no round trip time from
 * reports.  It sends its time (RRTR) and is answered with a delay (DLRR).
 * Firefox does, when it only receives; so do we towards publishers.
 */

#ifndef SFU_RTCP_XR_H
#define SFU_RTCP_XR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rtcp/compound.h"

enum {
    RTCP_XR_RRTR = 4,           /* section 4.4 */
    RTCP_XR_DLRR = 5,           /* section 4.5 */
};

struct rtcp_xr {
    uint32_t sender;
    struct reader reader;
};

struct rtcp_xr_block {
    uint8_t type;
    struct span body;
};

/* an item of DLRR; rtcp_rtt() makes a time of it */
struct rtcp_xr_dlrr {
    uint32_t ssrc;              /* whose RRTR it answers */
    uint32_t last_rr;
    uint32_t delay;
};

/* SFU_ERR_TRUNCATED */
int rtcp_xr_parse(const struct rtcp_packet *pkt, struct rtcp_xr *xr);

/* false after the last block, and when the rest is malformed */
bool rtcp_xr_next(struct rtcp_xr *xr, struct rtcp_xr_block *block);

/* of a block of that type.  SFU_ERR_MALFORMED */
int rtcp_xr_rrtr(const struct rtcp_xr_block *block, uint64_t *ntp);
/* the items of a block of that type; false after the last */
bool rtcp_xr_dlrr_next(struct reader *items, struct rtcp_xr_dlrr *item);

void rtcp_xr_rrtr_write(struct writer *w, uint32_t sender, uint64_t ntp);
void rtcp_xr_dlrr_write(struct writer *w, uint32_t sender,
    const struct rtcp_xr_dlrr *items, size_t count);

#endif
