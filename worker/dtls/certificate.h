/*
 * dtls/certificate.h - the worker's self-signed identity (RFC 8827, 6.5).
 * Copyright (C) the ngx_sfu_module authors
 *
 * ECDSA on P-256, made at start and never written anywhere: peers know it by
 * the fingerprint in SDP alone.
 */

#ifndef SFU_DTLS_CERTIFICATE_H
#define SFU_DTLS_CERTIFICATE_H

#include <openssl/ssl.h>

enum {
    /* "AA:BB:..." of SHA-256 and the terminating zero */
    DTLS_FINGERPRINT_SIZE = 32 * 3,
};

struct dtls_certificate {
    EVP_PKEY *key;              /* owned */
    X509 *x509;                 /* owned */
    char fingerprint[DTLS_FINGERPRINT_SIZE];    /* SHA-256 */
};

/* SFU_ERR_LIBRARY */
int dtls_certificate_make(struct dtls_certificate *certificate);
void dtls_certificate_fini(struct dtls_certificate *certificate);

#endif
