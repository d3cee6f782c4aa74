/*
 * srtp/rtcp_opener_priv.h - what an opener of SRTCP keeps.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_SRTP_RTCP_OPENER_PRIV_H
#define SFU_SRTP_RTCP_OPENER_PRIV_H

#include "srtp/key_priv.h"
#include "srtp/rtcp_opener.h"
#include "srtp/rtcp_replay.h"

/* an SSRC that sent a genuine packet */
struct srtp_rtcp_ssrc {
    uint32_t ssrc;
    struct srtp_rtcp_replay replay;
};

struct srtp_rtcp_opener {
    /* one cache line, and all that is needed while one SSRC sends */
    struct srtp_key key;
    struct srtp_rtcp_ssrc last; /* whose packet was opened last, if any was */
    struct srtp_rtcp_ssrc *others;      /* owned; from late to early use */

    /* of these */
    size_t count;
    size_t room;
    size_t max;
};

#endif
