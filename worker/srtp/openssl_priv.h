/*
 * srtp/openssl_priv.h - what sealing and opening with OpenSSL have in common.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_SRTP_OPENSSL_PRIV_H
#define SFU_SRTP_OPENSSL_PRIV_H

#include <openssl/evp.h>

#include "srtp/derive.h"

/* NULL: there is no such profile */
const EVP_CIPHER *srtp_openssl_cipher(enum srtp_profile_id id);

/* HMAC-SHA1 with the key set, the caller's; NULL when OpenSSL has none */
EVP_MAC_CTX *srtp_openssl_mac(const struct srtp_session_keys *keys);

#endif
