/*
 * srtp/rtcp_sealer.h - sealing SRTCP packets to one peer (RFC 3711, 3.4).
 * Copyright (C) the ngx_sfu_module authors
 *
 * Here, unlike in srtp/sealer.h, the index is ours: one counter for all SSRCs
 * that speak to the peer.  Each of them has growing numbers, with gaps as of
 * packets that were lost; and none can come twice under the key, however SSRCs
 * come, go and come back.
 *
 * A sealer belongs to the thread of its engine.
 */

#ifndef SFU_SRTP_RTCP_SEALER_H
#define SFU_SRTP_RTCP_SEALER_H

#include <stddef.h>

#include "srtp/profile.h"
#include "srtp/sealer.h"

struct srtp_rtcp_sealer;

/* The engine is borrowed.  SFU_ERR_NOMEM, SFU_ERR_LIBRARY,
   SFU_ERR_UNSUPPORTED */
int srtp_rtcp_sealer_create(struct srtp_rtcp_sealer **sealer,
                            struct srtp_engine *engine,
                            const struct srtp_key_material *keys);
void srtp_rtcp_sealer_destroy(struct srtp_rtcp_sealer *sealer);

/*
 * In place, with SRTP_OVERHEAD_MAX bytes of room behind the packet; *len
 * becomes that of the sealed one.  After an error it must not be sent.
 * SFU_ERR_TRUNCATED: shorter than its header; SFU_ERR_LIMIT: the key is used
 * up; SFU_ERR_LIBRARY
 */
int srtp_rtcp_sealer_seal(struct srtp_rtcp_sealer *sealer, uint8_t *packet,
                          size_t *len);

#endif
