/*
 * dtls/rest_test.c - what is heard of an association that was let go.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The other side is OpenSSL itself, with each kind of cipher.
 */

#include "dtls/rest.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "dtls/certificate.h"
#include "test/tap.h"

enum { CLIENT, SERVER };

static struct dtls_certificate certificate;
static SSL_CTX *context;
static SSL *ssl[2];
static int fd[2];

static void
open_sockets(void)
{
    struct sockaddr_in address[2] = { { .sin_family = AF_INET },
                                      { .sin_family = AF_INET } };
    socklen_t len = sizeof(address[0]);

    for (int i = 0; i < 2; i++) {
        address[i].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        fd[i] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
        bind(fd[i], (struct sockaddr *)&address[i], len);
        getsockname(fd[i], (struct sockaddr *)&address[i], &len);
    }

    for (int i = 0; i < 2; i++) {
        connect(fd[i], (struct sockaddr *)&address[!i], len);
    }
}

static bool
shake_hands(const char *cipher)
{
    bool done = false;

    open_sockets();

    for (int i = 0; i < 2; i++) {
        BIO *bio = BIO_new_dgram(fd[i], BIO_NOCLOSE);
        struct sockaddr_storage peer = { 0 };
        socklen_t len = sizeof(peer);

        getpeername(fd[i], (struct sockaddr *)&peer, &len);
        BIO_ctrl_set_connected(bio, &peer);
        ssl[i] = SSL_new(context);
        SSL_set_cipher_list(ssl[i], cipher);
        SSL_set_mtu(ssl[i], 1200);
        SSL_set_bio(ssl[i], bio, bio);
    }

    SSL_set_connect_state(ssl[CLIENT]);
    SSL_set_accept_state(ssl[SERVER]);

    for (int i = 0; i < 50 && !done; i++) {
        done = SSL_do_handshake(ssl[CLIENT]) == 1;
        done = SSL_do_handshake(ssl[SERVER]) == 1 && done;
    }

    return done;
}

static void
hang_up(void)
{
    for (int i = 0; i < 2; i++) {
        SSL_free(ssl[i]);
        close(fd[i]);
    }
}

/* nothing but the very datagram that was sent */
static void
only_as_it_is(struct dtls_rest *rest, uint8_t *datagram, size_t len)
{
    int understood = 0;

    for (size_t i = 0; i < len; i++) {
        understood += dtls_rest_receive(rest, span_of(datagram, i))
                      != DTLS_REST_NOTHING;
        datagram[i] ^= 1;
        understood += dtls_rest_receive(rest, span_of(datagram, len))
                      != DTLS_REST_NOTHING;
        datagram[i] ^= 1;
    }

    tap_is_int(understood, 0, "no byte of it may change or be missing");
}

/* the other side closes; this one rests */
static void
close_is_heard(int side)
{
    struct dtls_rest *rest;
    uint8_t datagram[256];
    ssize_t len;

    tap_is_int(dtls_rest_create(&rest, ssl[side]), 0, "the %s rests",
               side == CLIENT ? "client" : "server");
    SSL_shutdown(ssl[!side]);
    len = recv(fd[side], datagram, sizeof(datagram) / 2, 0);
    tap_ok(len > 0, "the other side says something");

    if (len <= 0) {
        dtls_rest_destroy(rest);
        return;
    }

    only_as_it_is(rest, datagram, (size_t)len);

    /* behind a record that is something else */
    memcpy(datagram + len, datagram, (size_t)len);
    datagram[0] = 23;
    tap_is_int(dtls_rest_receive(rest, span_of(datagram, (size_t)(2 * len))),
               DTLS_REST_CLOSE, "close_notify");

    dtls_rest_set_farewell(rest, span_of(datagram, sizeof(datagram)));
    tap_is_int((long long)dtls_rest_farewell(rest).len, 0,
               "what is too long is not kept");
    dtls_rest_set_farewell(rest, span_of(datagram, (size_t)len));
    tap_is_bytes(dtls_rest_farewell(rest), span_of(datagram, (size_t)len),
                 "a farewell is kept");
    dtls_rest_destroy(rest);
}

static void
test_cipher(const char *cipher)
{
    for (int side = CLIENT; side <= SERVER; side++) {
        tap_ok(shake_hands(cipher), "%s", cipher);
        close_is_heard(side);
        hang_up();
    }
}

static void
test_refused(const char *cipher)
{
    struct dtls_rest *rest;

    tap_ok(shake_hands(cipher), "%s", cipher);
    tap_is_int(dtls_rest_create(&rest, ssl[SERVER]), SFU_ERR_UNSUPPORTED,
               "is left to OpenSSL");
    tap_ok(rest == NULL, "and nothing made");
    hang_up();
}

static int
make_and_free(void)
{
    struct dtls_rest *rest;
    int error = dtls_rest_create(&rest, ssl[SERVER]);

    dtls_rest_destroy(rest);

    return error;
}

static int
any_certificate(int ok, X509_STORE_CTX *store)
{
    (void)ok;
    (void)store;

    return 1;
}

int
main(void)
{
    dtls_certificate_make(&certificate);
    context = SSL_CTX_new(DTLS_method());
    SSL_CTX_use_certificate(context, certificate.x509);
    SSL_CTX_use_PrivateKey(context, certificate.key);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, any_certificate);
    SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU);

    test_cipher("ECDHE-ECDSA-AES128-GCM-SHA256");
    test_cipher("ECDHE-ECDSA-AES256-GCM-SHA384");
    test_refused("ECDHE-ECDSA-CHACHA20-POLY1305");
    test_refused("ECDHE-ECDSA-AES128-SHA256");

    shake_hands("ECDHE-ECDSA-AES128-GCM-SHA256");
    tap_each_allocation_fails(make_and_free);
    hang_up();
    SSL_CTX_free(context);
    dtls_certificate_fini(&certificate);

    return tap_done();
}
