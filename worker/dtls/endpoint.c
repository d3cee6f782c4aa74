/*
 * dtls/endpoint.c - one DTLS 1.2 association that yields SRTP keys.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "dtls/endpoint.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <strings.h>

#include "base/error.h"
#include "dtls/library.h"

struct dtls_context {
    struct dtls_library library;
    SSL_CTX *ssl_ctx;           /* owned */
    BIO_METHOD *datagrams;      /* owned */
};

struct dtls_endpoint {
    SSL *ssl;                   /* owned */
    struct dtls_fingerprint peer;
    struct span incoming;       /* the datagram being read; borrowed */
    enum dtls_state state;
    bool active;
    unsigned first_timeout;     /* us; 0: OpenSSL's */
    char reason[128];

    void (*send)(void *ctx, struct span datagram);
    void *ctx;
    void (*data)(void *ctx, struct span bytes);         /* or NULL */
    void *data_ctx;
};


/* a BIO that keeps datagrams apart, which memory BIOs do not */

static int
bio_write(BIO *bio, const char *data, int len)
{
    struct dtls_endpoint *e = BIO_get_data(bio);

    e->send(e->ctx, span_of(data, (size_t)len));

    return len;
}

static int
bio_read(BIO *bio, char *data, int len)
{
    struct dtls_endpoint *e = BIO_get_data(bio);
    size_t n = e->incoming.len;

    BIO_clear_retry_flags(bio);

    if (n == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }

    if (n > (size_t)len) {
        n = (size_t)len;
    }

    memcpy(data, e->incoming.data, n);
    e->incoming = span_of(NULL, 0);

    return (int)n;
}

static long
bio_ctrl(BIO *bio, int cmd, long num, void *ptr)
{
    (void)bio;
    (void)num;
    (void)ptr;

    switch (cmd) {
    case BIO_CTRL_FLUSH:
        return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
        return DTLS_MTU;
    default:
        return 0;
    }
}

static int
bio_create(BIO *bio)
{
    BIO_set_init(bio, 1);

    return 1;
}


/*
 * Everything a chain or a name could say means nothing here; the one thing
 * that counts is the fingerprint (RFC 8827, 5.6.4).
 */
static int
verify(X509_STORE_CTX *store, void *arg)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(
        store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct dtls_endpoint *e = SSL_get_app_data(ssl);
    X509 *certificate = X509_STORE_CTX_get0_cert(store);
    const EVP_MD *md = NULL;
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned int len = 0;

    (void)arg;

    if (strcasecmp(e->peer.algorithm, "sha-256") == 0) {
        md = EVP_sha256();
    } else if (strcasecmp(e->peer.algorithm, "sha-384") == 0) {
        md = EVP_sha384();
    } else if (strcasecmp(e->peer.algorithm, "sha-512") == 0) {
        md = EVP_sha512();
    }

    if (md != NULL && certificate != NULL
        && X509_digest(certificate, md, hash, &len) && len == e->peer.len
        && memcmp(hash, e->peer.hash, len) == 0) {
        X509_STORE_CTX_set_error(store, X509_V_OK);
        return 1;
    }

    X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
    snprintf(e->reason, sizeof(e->reason),
             "certificate does not match the fingerprint");

    return 0;
}

int
dtls_context_create(struct dtls_context **context,
                    const struct dtls_certificate *certificate)
{
    struct dtls_context *c = calloc(1, sizeof(*c));
    SSL_CTX *ctx;

    *context = NULL;

    if (c == NULL) {
        return SFU_ERR_NOMEM;
    }

    /* without it handshakes are slower, and that is all */
    (void)dtls_library_init(&c->library);
    c->datagrams = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "sfu datagrams");
    ctx = SSL_CTX_new_ex(c->library.context, NULL, DTLS_method());
    c->ssl_ctx = ctx;

    if (c->datagrams == NULL || ctx == NULL
        || !BIO_meth_set_write(c->datagrams, bio_write)
        || !BIO_meth_set_read(c->datagrams, bio_read)
        || !BIO_meth_set_ctrl(c->datagrams, bio_ctrl)
        || !BIO_meth_set_create(c->datagrams, bio_create)
        || !SSL_CTX_set_min_proto_version(ctx, DTLS1_2_VERSION)
        || !SSL_CTX_use_certificate(ctx, certificate->x509)
        || !SSL_CTX_use_PrivateKey(ctx, certificate->key)
        || !SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20:"
                                         "ECDHE+AES:!PSK")
        || !SSL_CTX_set1_groups_list(ctx, "X25519:P-256:P-384")
        /* returns 0 for success */
        || SSL_CTX_set_tlsext_use_srtp(ctx, "SRTP_AEAD_AES_128_GCM:"
                                            "SRTP_AEAD_AES_256_GCM:"
                                            "SRTP_AES128_CM_SHA1_80")) {
        dtls_context_destroy(c);
        return SFU_ERR_LIBRARY;
    }

    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       NULL);
    SSL_CTX_set_cert_verify_callback(ctx, verify, NULL);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(ctx, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET
                             | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_read_ahead(ctx, 1);

    *context = c;

    return 0;
}

void
dtls_context_destroy(struct dtls_context *context)
{
    if (context != NULL) {
        SSL_CTX_free(context->ssl_ctx);
        BIO_meth_free(context->datagrams);
        dtls_library_fini(&context->library);
        free(context);
    }
}

int
dtls_context_offer_srtp(struct dtls_context *context, const char *profiles)
{
    /* returns 0 for success */
    return SSL_CTX_set_tlsext_use_srtp(context->ssl_ctx, profiles)
               ? SFU_ERR_LIBRARY
               : 0;
}

int
dtls_create(struct dtls_endpoint **endpoint, struct dtls_context *context,
            bool active, const struct dtls_fingerprint *peer,
            void (*send)(void *, struct span), void *ctx)
{
    struct dtls_endpoint *e = calloc(1, sizeof(*e));
    BIO *bio;

    *endpoint = NULL;

    if (e == NULL) {
        return SFU_ERR_NOMEM;
    }

    e->peer = *peer;
    e->active = active;
    e->send = send;
    e->ctx = ctx;
    e->ssl = SSL_new(context->ssl_ctx);
    bio = e->ssl != NULL ? BIO_new(context->datagrams) : NULL;

    if (bio == NULL) {
        dtls_destroy(e);
        return SFU_ERR_LIBRARY;
    }

    BIO_set_data(bio, e);
    SSL_set_bio(e->ssl, bio, bio);
    SSL_set_app_data(e->ssl, e);
    SSL_set_mtu(e->ssl, DTLS_MTU);

    if (active) {
        SSL_set_connect_state(e->ssl);
    } else {
        SSL_set_accept_state(e->ssl);
    }

    *endpoint = e;

    return 0;
}

void
dtls_destroy(struct dtls_endpoint *endpoint)
{
    if (endpoint != NULL) {
        SSL_free(endpoint->ssl);
        free(endpoint);
    }
}

static unsigned int
next_timeout(SSL *ssl, unsigned int last)
{
    struct dtls_endpoint *e = SSL_get_app_data(ssl);

    return last == 0 ? e->first_timeout : 2 * last;
}

void
dtls_set_first_timeout(struct dtls_endpoint *endpoint, usec_t timeout)
{
    endpoint->first_timeout = (unsigned)timeout;
    DTLS_set_timer_cb(endpoint->ssl, next_timeout);
}

static enum dtls_state
fail(struct dtls_endpoint *e)
{
    unsigned long error = ERR_get_error();

    if (e->reason[0] == '\0' && error) {
        ERR_error_string_n(error, e->reason, sizeof(e->reason));
    }

    ERR_clear_error();
    e->state = DTLS_FAILED;

    return e->state;
}

/* lets OpenSSL do what it can with what came in */
static enum dtls_state
advance(struct dtls_endpoint *e)
{
    char data[2048];
    int n;

    ERR_clear_error();

    if (e->state == DTLS_HANDSHAKE) {
        n = SSL_do_handshake(e->ssl);

        if (n == 1) {
            e->state = DTLS_CONNECTED;
        } else if (SSL_get_error(e->ssl, n) != SSL_ERROR_WANT_READ) {
            return fail(e);
        }
    }

    while (e->state == DTLS_CONNECTED) {
        n = SSL_read(e->ssl, data, sizeof(data));

        if (n > 0) {
            if (e->data != NULL) {
                e->data(e->data_ctx, span_of(data, (size_t)n));
            }

            continue;
        }

        switch (SSL_get_error(e->ssl, n)) {
        case SSL_ERROR_WANT_READ:
            /* 33 kB that may not be needed for hours; made again then */
            if (e->data == NULL) {
                SSL_free_buffers(e->ssl);
            }

            return e->state;
        case SSL_ERROR_ZERO_RETURN:
            e->state = DTLS_CLOSED;
            break;
        default:
            return fail(e);
        }
    }

    return e->state;
}

enum dtls_state
dtls_start(struct dtls_endpoint *endpoint)
{
    return endpoint->active ? advance(endpoint) : endpoint->state;
}

enum dtls_state
dtls_receive(struct dtls_endpoint *endpoint, struct span datagram)
{
    enum dtls_state state;

    if (endpoint->state == DTLS_FAILED || endpoint->state == DTLS_CLOSED) {
        return endpoint->state;
    }

    endpoint->incoming = datagram;
    state = advance(endpoint);
    endpoint->incoming = span_of(NULL, 0);

    return state;
}

enum dtls_state
dtls_timeout(struct dtls_endpoint *endpoint)
{
    if (endpoint->state != DTLS_HANDSHAKE) {
        return endpoint->state;
    }

    ERR_clear_error();

    if (DTLSv1_handle_timeout(endpoint->ssl) < 0) {
        return fail(endpoint);
    }

    return endpoint->state;
}

usec_t
dtls_wait(struct dtls_endpoint *endpoint)
{
    struct timeval tv;

    if (endpoint->state != DTLS_HANDSHAKE
        || !DTLSv1_get_timeout(endpoint->ssl, &tv)) {
        return -1;
    }

    return (usec_t)tv.tv_sec * USEC_PER_SEC + tv.tv_usec;
}

void
dtls_accept_data(struct dtls_endpoint *endpoint,
                 void (*data)(void *, struct span), void *ctx)
{
    endpoint->data = data;
    endpoint->data_ctx = ctx;
}

int
dtls_send_data(struct dtls_endpoint *endpoint, struct span bytes)
{
    if (endpoint->state != DTLS_CONNECTED || bytes.len > DTLS_MTU) {
        return SFU_ERR_STATE;
    }

    /* without buffers, which SSL_free_buffers() took, SSL_write() crashes */
    if (!SSL_alloc_buffers(endpoint->ssl)
        || SSL_write(endpoint->ssl, bytes.data, (int)bytes.len) <= 0) {
        ERR_clear_error();
        return SFU_ERR_STATE;
    }

    return 0;
}

void
dtls_close(struct dtls_endpoint *endpoint)
{
    if (endpoint->state == DTLS_CONNECTED) {
        SSL_alloc_buffers(endpoint->ssl);
        SSL_shutdown(endpoint->ssl);
        ERR_clear_error();
        endpoint->state = DTLS_CLOSED;
    }
}

int
dtls_srtp_keys(struct dtls_endpoint *endpoint,
               struct srtp_key_material *receive,
               struct srtp_key_material *send)
{
    static const char label[] = "EXTRACTOR-dtls_srtp";
    const SRTP_PROTECTION_PROFILE *chosen =
        SSL_get_selected_srtp_profile(endpoint->ssl);
    const struct srtp_profile *profile =
        chosen != NULL ? srtp_profile_find(chosen->id) : NULL;
    struct srtp_key_material *client = endpoint->active ? send : receive;
    struct srtp_key_material *server = endpoint->active ? receive : send;
    uint8_t material[2 * (SRTP_KEY_MAX + SRTP_SALT_MAX)];
    uint8_t *p = material;

    if (profile == NULL) {
        return SFU_ERR_UNSUPPORTED;
    }

    /* RFC 5764, 4.2: both keys, then both salts, the client's first */
    if (!SSL_export_keying_material(
            endpoint->ssl, material,
            2 * ((size_t)profile->key_len + profile->salt_len), label,
            strlen(label), NULL, 0, 0)) {
        return SFU_ERR_LIBRARY;
    }

    client->profile = server->profile = profile;
    memcpy(client->key, p, profile->key_len);
    p += profile->key_len;
    memcpy(server->key, p, profile->key_len);
    p += profile->key_len;
    memcpy(client->salt, p, profile->salt_len);
    p += profile->salt_len;
    memcpy(server->salt, p, profile->salt_len);
    OPENSSL_cleanse(material, sizeof(material));

    return 0;
}

const char *
dtls_reason(const struct dtls_endpoint *endpoint)
{
    return endpoint->reason[0] ? endpoint->reason : "handshake failed";
}
