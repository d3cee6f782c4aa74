/*
 * dtls/endpoint.h - one DTLS 1.2 association (RFC 6347) that yields SRTP keys
 * (RFC 5764).
 * Copyright (C) the ngx_sfu_module authors
 *
 * Datagrams go in and come out through a callback; the endpoint knows no
 * address.  The peer's certificate is compared with the fingerprint from SDP
 * inside the handshake, which fails otherwise.
 */

#ifndef SFU_DTLS_ENDPOINT_H
#define SFU_DTLS_ENDPOINT_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/span.h"
#include "dtls/certificate.h"
#include "srtp/profile.h"

enum {
    DTLS_HASH_MAX = 64,         /* SHA-512 */
    DTLS_MTU = 1200,
};

/* what all endpoints share; thread-safe once made */
struct dtls_context;

/* a=fingerprint (RFC 8122) */
struct dtls_fingerprint {
    char algorithm[16];         /* "sha-256", "sha-384", "sha-512" */
    uint8_t hash[DTLS_HASH_MAX];
    size_t len;
};

enum dtls_state {
    DTLS_HANDSHAKE,
    DTLS_CONNECTED,
    DTLS_CLOSED,                /* close_notify came */
    DTLS_FAILED,
};

struct dtls_endpoint;

/* the certificate is borrowed.  SFU_ERR_LIBRARY, SFU_ERR_NOMEM */
int dtls_context_create(struct dtls_context **context,
                        const struct dtls_certificate *certificate);
void dtls_context_destroy(struct dtls_context *context);
/*
 * Instead of all that we have: SRTP profiles as OpenSSL lists them, best
 * first, "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80".  SFU_ERR_LIBRARY
 */
int dtls_context_offer_srtp(struct dtls_context *context,
                            const char *profiles);

/*
 * active: send the first ClientHello (a=setup:active), at dtls_start().
 * send must not destroy the endpoint.  SFU_ERR_LIBRARY, SFU_ERR_NOMEM
 */
int dtls_create(struct dtls_endpoint **endpoint, struct dtls_context *context,
                bool active, const struct dtls_fingerprint *peer,
                void (*send)(void *ctx, struct span datagram), void *ctx);
void dtls_destroy(struct dtls_endpoint *endpoint);

/*
 * How long the first flight is waited for until it is sent again; each
 * further wait is twice as long.  RFC 6347, 4.2.4.1 says a second, which is
 * what there is without this call; browsers begin with 50 ms.
 */
void dtls_set_first_timeout(struct dtls_endpoint *endpoint, usec_t timeout);

/* each returns the state after it */
enum dtls_state dtls_start(struct dtls_endpoint *endpoint);
enum dtls_state dtls_receive(struct dtls_endpoint *endpoint,
                             struct span datagram);
enum dtls_state dtls_timeout(struct dtls_endpoint *endpoint);
/* microseconds until dtls_timeout() wants to be called; -1 for never */
usec_t dtls_wait(struct dtls_endpoint *endpoint);

/*
 * From now on what the peer sends as application data is handed over, which
 * must not destroy the endpoint; it was dropped before.  Costs 33 kB.
 */
void dtls_accept_data(struct dtls_endpoint *endpoint,
                      void (*data)(void *ctx, struct span bytes), void *ctx);
/* a datagram of application data, once connected.  SFU_ERR_STATE */
int dtls_send_data(struct dtls_endpoint *endpoint, struct span bytes);

/* sends close_notify, once connected */
void dtls_close(struct dtls_endpoint *endpoint);

/*
 * Keys for both directions, once connected.  SFU_ERR_UNSUPPORTED when the
 * peer chose no SRTP profile of ours.
 */
int dtls_srtp_keys(struct dtls_endpoint *endpoint,
                   struct srtp_key_material *receive,
                   struct srtp_key_material *send);

/* why it failed; for log lines */
const char *dtls_reason(const struct dtls_endpoint *endpoint);

#endif
