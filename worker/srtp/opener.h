/*
 * srtp/opener.h - opening RTP packets of one peer (RFC 3711, RFC 7714).
 * Copyright (C) the ngx_sfu_module authors
 *
 * The other direction of srtp/sealer.h, with the same engines.  What the
 * sealer's caller knows has to be kept here: for each SSRC the rollover
 * counter and which packets came already (srtp/replay.h).
 *
 * A packet counts only once its tag was found right: neither a number, nor a
 * new SSRC, nor a byte of plaintext before.
 *
 * An opener belongs to the thread of its engine.  RTCP: srtp/rtcp_opener.h.
 */

#ifndef SFU_SRTP_OPENER_H
#define SFU_SRTP_OPENER_H

#include <stddef.h>

#include "srtp/profile.h"
#include "srtp/sealer.h"

struct srtp_opener;

/*
 * A peer may send any number of SSRCs: the state of ssrcs_max (1 or more) is
 * kept, then that of the one unused for longest goes.  The engine is borrowed.
 * SFU_ERR_NOMEM, SFU_ERR_LIBRARY, SFU_ERR_UNSUPPORTED
 */
int srtp_opener_create(struct srtp_opener **opener,
                       struct srtp_engine *engine,
                       const struct srtp_key_material *keys,
                       size_t ssrcs_max);
void srtp_opener_destroy(struct srtp_opener *opener);

/* SSRCs whose packets were opened and whose state is kept */
size_t srtp_opener_ssrcs(const struct srtp_opener *opener);

/*
 * In place; *len becomes that of the plain packet.
 * SFU_ERR_AUTH; SFU_ERR_EXISTS: a replay, or older than the window;
 * SFU_ERR_TRUNCATED: shorter than its header and tag; SFU_ERR_LIMIT: the keys
 * are used up; SFU_ERR_NOMEM; SFU_ERR_LIBRARY.
 * After an error what came behind the header may be gone.
 */
int srtp_opener_open(struct srtp_opener *opener, uint8_t *packet,
                     size_t *len);

#endif
