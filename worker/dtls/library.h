/*
 * dtls/library.h - an OpenSSL library context for the handshakes of WebRTC.
 * Copyright (C) the ngx_sfu_module authors
 *
 * To read the key of a peer's certificate OpenSSL 3.0 gathers every decoder
 * and every kind of key that its provider has, each time anew: half a hundred,
 * and a quarter of the handshake.  The provider of this context is the default
 * one, but offers only the kinds of keys that certificates and key exchanges
 * of WebRTC have (RFC 8827, 6.5): EC, RSA, Ed25519 and X25519.
 */

#ifndef SFU_DTLS_LIBRARY_H
#define SFU_DTLS_LIBRARY_H

#include <openssl/provider.h>

struct dtls_library {
    OSSL_LIB_CTX *context;      /* outlives all that is made with it */
    OSSL_PROVIDER *provider;
};

/* SFU_ERR_LIBRARY; then there is nothing to be ended */
int dtls_library_init(struct dtls_library *library);
void dtls_library_fini(struct dtls_library *library);

#endif
