/*
 * dtls/rest.h - what is kept of an association that has nothing more to say.
 * Copyright (C) the ngx_sfu_module authors
 *
 * OpenSSL holds 38 kB for an association, 22 of them a buffer for handshake
 * messages that goes with the SSL object only.  Once keys for SRTP are there,
 * all that may still come is an alert, and all that is still sent is
 * close_notify.  For these two the peer's write key (RFC 5246, 6.3) and one
 * datagram are enough.
 */

#ifndef SFU_DTLS_REST_H
#define SFU_DTLS_REST_H

#include <openssl/ssl.h>

#include "base/span.h"

struct dtls_rest;

enum dtls_rest_heard {
    DTLS_REST_NOTHING,          /* nothing that counts */
    DTLS_REST_CLOSE,            /* close_notify */
    DTLS_REST_FATAL,            /* another alert that ends everything */
};

/*
 * Of a connected association.  SFU_ERR_UNSUPPORTED: its cipher is not AES-GCM,
 * which all browsers take; SFU_ERR_NOMEM, SFU_ERR_LIBRARY
 */
int dtls_rest_create(struct dtls_rest **rest, SSL *ssl);
void dtls_rest_destroy(struct dtls_rest *rest);

/* what the peer is to be sent in the end; too long ones are not kept */
void dtls_rest_set_farewell(struct dtls_rest *rest, struct span datagram);
struct span dtls_rest_farewell(const struct dtls_rest *rest);

enum dtls_rest_heard dtls_rest_receive(struct dtls_rest *rest,
                                       struct span datagram);

#endif
