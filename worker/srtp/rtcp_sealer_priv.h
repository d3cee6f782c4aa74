/*
 * srtp/rtcp_sealer_priv.h - what a sealer of SRTCP keeps.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_SRTP_RTCP_SEALER_PRIV_H
#define SFU_SRTP_RTCP_SEALER_PRIV_H

#include "srtp/key_priv.h"
#include "srtp/rtcp_sealer.h"

struct srtp_rtcp_sealer {
    struct srtp_key key;
    uint32_t index;             /* of the last packet */
};

#endif
