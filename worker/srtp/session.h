/*
 * srtp/session.h - one direction of SRTP and SRTCP (RFC 3711) on libsrtp2.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Not for the worker, which seals and opens on its own: for the load
 * generator, and for tests to compare with.
 */

#ifndef SFU_SRTP_SESSION_H
#define SFU_SRTP_SESSION_H

#include <stddef.h>

#include "srtp/profile.h"

enum srtp_direction {
    SRTP_RECEIVE,
    SRTP_SEND,
};

struct sfu_srtp;

/* once a process, before and after everything else.  SFU_ERR_LIBRARY */
int sfu_srtp_library_init(void);
void sfu_srtp_library_fini(void);
/* "2.5.0, AES-128 GCM using openssl": version and crypto back end */
const char *sfu_srtp_library_name(void);

/*
 * Each SSRC has a state (rollover counter, replay window).  What is received
 * may bring any number of SSRCs: the state of ssrcs_max is kept, and then that
 * of one unused for longest goes, first of those that only send RTCP.  Sent
 * ones are the caller's and not limited.  SFU_ERR_NOMEM, SFU_ERR_LIBRARY
 */
int sfu_srtp_create(struct sfu_srtp **srtp, enum srtp_direction direction,
                    const struct srtp_key_material *keys, size_t ssrcs_max);
void sfu_srtp_destroy(struct sfu_srtp *srtp);

/* SSRCs whose packets were opened and whose state is kept */
size_t sfu_srtp_ssrcs(const struct sfu_srtp *srtp);

/*
 * In place.  Sealing needs SRTP_OVERHEAD_MAX bytes of room behind the packet.
 * Opening: SFU_ERR_AUTH, SFU_ERR_EXISTS (a replay), SFU_ERR_LIBRARY.
 */
int sfu_srtp_open(struct sfu_srtp *srtp, void *packet, size_t *len);
int sfu_srtp_open_rtcp(struct sfu_srtp *srtp, void *packet, size_t *len);
int sfu_srtp_seal(struct sfu_srtp *srtp, void *packet, size_t *len);
int sfu_srtp_seal_rtcp(struct sfu_srtp *srtp, void *packet, size_t *len);

#endif
