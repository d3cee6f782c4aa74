/*
 * srtp/session.h - one direction of SRTP and SRTCP (RFC 3711) on libsrtp2.
 * Copyright (C) the ngx_sfu_module authors
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
/* whether that is OpenSSL; others collapse with many contexts */
int sfu_srtp_library_is_fast(void);

/* SFU_ERR_NOMEM, SFU_ERR_LIBRARY */
int sfu_srtp_create(struct sfu_srtp **srtp, enum srtp_direction direction,
                    const struct srtp_key_material *keys);
void sfu_srtp_destroy(struct sfu_srtp *srtp);

/*
 * In place.  Sealing needs SRTP_OVERHEAD_MAX bytes of room behind the packet.
 * Opening: SFU_ERR_AUTH, SFU_ERR_EXISTS (a replay), SFU_ERR_LIBRARY.
 */
int sfu_srtp_open(struct sfu_srtp *srtp, void *packet, size_t *len);
int sfu_srtp_open_rtcp(struct sfu_srtp *srtp, void *packet, size_t *len);
int sfu_srtp_seal(struct sfu_srtp *srtp, void *packet, size_t *len);
int sfu_srtp_seal_rtcp(struct sfu_srtp *srtp, void *packet, size_t *len);

/* what one SSRC costs is given back */
void sfu_srtp_forget(struct sfu_srtp *srtp, uint32_t ssrc);

#endif
