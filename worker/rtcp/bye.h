/*
 * rtcp/bye.h - sources that leave (RFC 3550, section 6.6).
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_RTCP_BYE_H
#define SFU_RTCP_BYE_H

#include <stddef.h>
#include <stdint.h>

#include "rtcp/compound.h"

enum { RTCP_BYE_MAX = 31 };

struct rtcp_bye {
    size_t count;
    uint32_t ssrc[RTCP_BYE_MAX];
    struct span reason;         /* text for people; empty when there is none */
};

/* SFU_ERR_TRUNCATED */
int rtcp_bye_parse(const struct rtcp_packet *pkt, struct rtcp_bye *bye);

/* at most RTCP_BYE_MAX sources; a reason of at most 255 bytes, or none */
void rtcp_bye_write(struct writer *w, const uint32_t *ssrc, size_t count,
    struct span reason);

#endif
