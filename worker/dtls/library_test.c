/*
 * dtls/library_test.c - every kind of certificate that a peer may have.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "dtls/library.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "dtls/endpoint.h"
#include "test/tap.h"

enum { QUEUE = 32 };

struct side {
    struct dtls_certificate certificate;
    struct dtls_fingerprint fingerprint;
    struct dtls_context *context;
    struct dtls_endpoint *endpoint;
    enum dtls_state state;
    struct {
        uint8_t data[2048];
        size_t len;
    } out[QUEUE];
    size_t sent;
    size_t taken;
};

static struct side client;
static struct side server;

static void
queue(void *ctx, struct span datagram)
{
    struct side *s = ctx;

    if (s->sent < QUEUE && datagram.len <= sizeof(s->out[0].data)) {
        memcpy(s->out[s->sent].data, datagram.data, datagram.len);
        s->out[s->sent++].len = datagram.len;
    }
}

/* its own key, or a certificate for that one; with a context for it */
static void
open_side(struct side *s, EVP_PKEY *key, const EVP_MD *md)
{
    unsigned int len = 0;

    memset(s, 0, sizeof(*s));
    dtls_certificate_make(&s->certificate);

    if (key != NULL) {
        EVP_PKEY_free(s->certificate.key);
        s->certificate.key = key;
        X509_set_pubkey(s->certificate.x509, key);
        X509_sign(s->certificate.x509, key, md);
    }

    strcpy(s->fingerprint.algorithm, "sha-256");
    X509_digest(s->certificate.x509, EVP_sha256(), s->fingerprint.hash, &len);
    s->fingerprint.len = len;
    dtls_context_create(&s->context, &s->certificate);
}

static void
close_side(struct side *s)
{
    dtls_destroy(s->endpoint);
    dtls_context_destroy(s->context);
    dtls_certificate_fini(&s->certificate);
}

static bool
carry(struct side *from, struct side *to)
{
    bool moved = false;

    for (; from->taken < from->sent; from->taken++, moved = true) {
        to->state = dtls_receive(to->endpoint,
                                 span_of(from->out[from->taken].data,
                                         from->out[from->taken].len));
    }

    return moved;
}

static bool
shake_hands(void)
{
    bool moved = true;

    dtls_create(&client.endpoint, client.context, true, &server.fingerprint,
                queue, &client);
    dtls_create(&server.endpoint, server.context, false, &client.fingerprint,
                queue, &server);
    dtls_start(server.endpoint);
    dtls_start(client.endpoint);

    while (moved) {
        moved = carry(&client, &server);
        moved = carry(&server, &client) || moved;
    }

    return client.state == DTLS_CONNECTED && server.state == DTLS_CONNECTED;
}

static bool
peer_connects(EVP_PKEY *key, const EVP_MD *md, bool is_client)
{
    bool connected;

    open_side(&client, is_client ? key : NULL, md);
    open_side(&server, is_client ? NULL : key, md);
    connected = shake_hands();
    close_side(&client);
    close_side(&server);

    return connected;
}

static bool
makes_key(OSSL_LIB_CTX *library, const char *type, const char *curve)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(library, NULL, type, curve);
    bool made = key != NULL;

    EVP_PKEY_free(key);

    return made;
}

int
main(void)
{
    struct dtls_library library;
    struct dtls_library another;

    dtls_library_init(&library);
    dtls_library_init(&another);

    for (int is_client = 0; is_client < 2; is_client++) {
        const char *role = is_client ? "client" : "server";

        tap_ok(peer_connects(EVP_EC_gen("P-256"), EVP_sha256(), is_client),
               "a %s with a key on P-256, as browsers have", role);
        tap_ok(peer_connects(EVP_EC_gen("P-384"), EVP_sha384(), is_client),
               "a %s with a key on P-384", role);
        tap_ok(peer_connects(EVP_RSA_gen(2048), EVP_sha256(), is_client),
               "a %s with an RSA key, as GStreamer has", role);
    }

    tap_ok(peer_connects(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), NULL, true),
           "a client with an Ed25519 key");
    tap_ok(makes_key(library.context, "EC", "P-256"), "exchanges keys on P-256");
    tap_ok(makes_key(library.context, "X25519", NULL), "and on Curve25519");
    tap_ok(!makes_key(library.context, "X448", NULL),
           "what WebRTC has no use for is not looked through");
    tap_ok(makes_key(NULL, "X448", NULL), "but is there for others");
    dtls_library_fini(&library);
    tap_ok(makes_key(another.context, "EC", "P-256"),
           "one that goes leaves the others as they are");
    dtls_library_fini(&another);

    return tap_done();
}
