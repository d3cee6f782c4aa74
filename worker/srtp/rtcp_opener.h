/*
 * srtp/rtcp_opener.h - opening SRTCP packets of one peer (RFC 3711, 3.4).
 * Copyright (C) the ngx_sfu_module authors
 *
 * As srtp/opener.h, with the same engines and the same rule: a packet counts
 * only once its tag was found right.  For each SSRC a replay list is kept
 * (srtp/rtcp_replay.h); the index comes with the packet.
 *
 * A packet may say that it is authenticated only (E is 0).  With AES-GCM it is
 * opened, as the tag covers all of it (RFC 7714, 9.3); with AES-CM it is
 * refused, since the profile is one that encrypts (RFC 5764, 4.1.2).  That is
 * what libsrtp2 does, with which browsers were tested; to differ helps nobody.
 *
 * An opener belongs to the thread of its engine.
 */

#ifndef SFU_SRTP_RTCP_OPENER_H
#define SFU_SRTP_RTCP_OPENER_H

#include <stddef.h>

#include "srtp/profile.h"
#include "srtp/sealer.h"

struct srtp_rtcp_opener;

/*
 * A peer may send any number of SSRCs: the state of ssrcs_max (1 or more) is
 * kept, then that of the one unused for longest goes.  The engine is borrowed.
 * SFU_ERR_NOMEM, SFU_ERR_LIBRARY, SFU_ERR_UNSUPPORTED
 */
int srtp_rtcp_opener_create(struct srtp_rtcp_opener **opener,
                            struct srtp_engine *engine,
                            const struct srtp_key_material *keys,
                            size_t ssrcs_max);
void srtp_rtcp_opener_destroy(struct srtp_rtcp_opener *opener);

/* SSRCs whose packets were opened and whose state is kept */
size_t srtp_rtcp_opener_ssrcs(const struct srtp_rtcp_opener *opener);

/*
 * In place; *len becomes that of the plain compound packet, which is not
 * looked into.  There is no MKI (RFC 5764, 4.1.3): our DTLS asks for none.
 * SFU_ERR_AUTH; SFU_ERR_EXISTS: a replay, or older than the window;
 * SFU_ERR_TRUNCATED: shorter than header, index and tag; SFU_ERR_UNSUPPORTED:
 * not encrypted; SFU_ERR_NOMEM; SFU_ERR_LIBRARY.
 * After an error what came behind the header may be gone.
 */
int srtp_rtcp_opener_open(struct srtp_rtcp_opener *opener, uint8_t *packet,
                          size_t *len);

#endif
