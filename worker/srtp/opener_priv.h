/*
 * srtp/opener_priv.h - what an opener keeps.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_SRTP_OPENER_PRIV_H
#define SFU_SRTP_OPENER_PRIV_H

#include "srtp/opener.h"
#include "srtp/key_priv.h"
#include "srtp/replay.h"

/* an SSRC that sent a genuine packet */
struct srtp_opener_ssrc {
    uint64_t used;              /* by our count of packets */
    uint32_t ssrc;
    struct srtp_replay replay;
};

struct srtp_opener {
    struct srtp_key key;
    struct srtp_opener_ssrc *ssrcs;     /* owned */
    size_t last;                /* which one was found last */
    size_t count;
    size_t room;
    size_t max;
    uint64_t packets;
};

#endif
