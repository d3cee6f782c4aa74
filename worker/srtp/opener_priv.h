/*
 * srtp/opener_priv.h - what the back ends of srtp/opener.h have in common.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_SRTP_OPENER_PRIV_H
#define SFU_SRTP_OPENER_PRIV_H

#include "srtp/opener.h"
#include "srtp/replay.h"
#include "srtp/sealer_priv.h"

/* an SSRC that sent a genuine packet */
struct srtp_opener_ssrc {
    uint64_t used;              /* by our count of packets */
    uint32_t ssrc;
    struct srtp_replay replay;
};

/* the first member of every back end's own */
struct srtp_opener {
    const struct srtp_opener_backend *backend;
    uint8_t tag_len;
    uint8_t salt[SRTP_SALT_MAX];

    struct srtp_opener_ssrc *ssrcs;     /* owned */
    size_t last;                /* which one was found last */
    size_t count;
    size_t room;
    size_t max;
    uint64_t packets;
};

struct srtp_opener_backend {
    /* sets all that is its own, and backend.  SFU_ERR_NOMEM,
       SFU_ERR_LIBRARY, SFU_ERR_UNSUPPORTED */
    int (*create)(struct srtp_opener **opener, struct srtp_engine *engine,
                  const struct srtp_session_keys *keys);
    void (*destroy)(struct srtp_opener *opener);
    /*
     * Payload and tag are behind the header.  Compares tags in constant time.
     * SFU_ERR_AUTH, SFU_ERR_LIBRARY: the payload may be anything then
     */
    int (*open)(struct srtp_opener *opener, uint8_t *packet,
                size_t header_len, size_t payload_len, uint64_t index);
};

extern const struct srtp_opener_backend srtp_opener_openssl;
extern const struct srtp_opener_backend srtp_opener_ipsec_mb;

#endif
