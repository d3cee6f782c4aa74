/*
 * dtls/hostile_test.c - handshakes over bad networks, and what strangers send.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <stdlib.h>
#include <unistd.h>

#include "base/writer.h"
#include "dtls/endpoint.h"
#include "test/tap.h"

enum { QUEUE = 64, RECORD_HEADER = 13, HANDSHAKE_HEADER = 12 };

struct side {
    struct dtls_certificate certificate;
    struct dtls_context *context;
    struct dtls_endpoint *endpoint;
    struct dtls_fingerprint fingerprint;
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

/* the next datagrams of one side go to the other, or are lost */
static size_t
carry(struct side *from, struct side *to, bool lost)
{
    size_t n = 0;

    for (; from->taken < from->sent; from->taken++, n++) {
        if (!lost) {
            dtls_receive(to->endpoint,
                         span_of(from->out[from->taken].data,
                                 from->out[from->taken].len));
        }
    }

    return n;
}

static void
exchange(void)
{
    while (carry(&client, &server, false) + carry(&server, &client, false)) {
        /* until both are silent */
    }
}

static enum dtls_state
state(struct side *s)
{
    return dtls_receive(s->endpoint, span_of(NULL, 0));
}

static void
make(struct side *s)
{
    dtls_certificate_make(&s->certificate);
    dtls_context_create(&s->context, &s->certificate);
    s->fingerprint = (struct dtls_fingerprint){ .algorithm = "sha-256",
                                                .len = 32 };

    for (size_t i = 0; i < 32; i++) {
        s->fingerprint.hash[i] =
            (uint8_t)strtoul(s->certificate.fingerprint + 3 * i, NULL, 16);
    }
}

static void
open_both(void)
{
    client.sent = client.taken = server.sent = server.taken = 0;
    dtls_create(&client.endpoint, client.context, true, &server.fingerprint,
                queue, &client);
    dtls_create(&server.endpoint, server.context, false, &client.fingerprint,
                queue, &server);
    dtls_start(client.endpoint);
}

static void
close_both(void)
{
    dtls_destroy(client.endpoint);
    dtls_destroy(server.endpoint);
}

/* a fragment of the handshake message in the record (RFC 6347, 4.2.3) */
static size_t
fragment(uint8_t *out, size_t size, const uint8_t *record, uint16_t number,
         size_t from, size_t len)
{
    struct writer w = writer_over(out, size);

    writer_bytes(&w, span_of(record, 9));
    writer_u16(&w, number);
    writer_u16(&w, (uint16_t)(HANDSHAKE_HEADER + len));
    writer_bytes(&w, span_of(record + RECORD_HEADER, 6));
    writer_u24(&w, (uint32_t)from);
    writer_u24(&w, (uint32_t)len);
    writer_bytes(&w, span_of(record + RECORD_HEADER + HANDSHAKE_HEADER + from,
                             len));

    return writer_len(&w);
}

/* as browsers do whose keys of the future do not fit one datagram */
static void
hello_in_pieces(void)
{
    uint8_t piece[3][1024];
    size_t len[3];
    size_t body;

    open_both();
    body = client.out[0].len - RECORD_HEADER - HANDSHAKE_HEADER;

    /* records have numbers that the client itself will not use */
    for (size_t i = 0; i < 3; i++) {
        size_t begin = body * i / 3;

        len[i] = fragment(piece[i], sizeof(piece[i]), client.out[0].data,
                          (uint16_t)(30 + i), begin, body * (i + 1) / 3 - begin);
    }

    client.taken = client.sent;

    for (int i = 2; i >= 0; i--) {
        tap_is_int((long long)server.sent, 0, "%d pieces are no ClientHello",
                   2 - i);
        dtls_receive(server.endpoint, span_of(piece[i], len[i]));
    }

    exchange();
    tap_ok(state(&client) == DTLS_CONNECTED && state(&server)
                                               == DTLS_CONNECTED,
           "all of them are, in any order");
    close_both();
}

/* the passive side is done, and has to say its last words again */
static void
last_flight_is_lost(void)
{
    open_both();
    carry(&client, &server, false);
    carry(&server, &client, false);
    carry(&client, &server, false);
    tap_is_int(state(&server), DTLS_CONNECTED, "the server is connected");
    carry(&server, &client, true);
    tap_is_int(state(&client), DTLS_HANDSHAKE, "the client does not know it");
    usleep((useconds_t)dtls_wait(client.endpoint) + 10000);
    dtls_timeout(client.endpoint);
    exchange();
    tap_ok(state(&client) == DTLS_CONNECTED && state(&server)
                                               == DTLS_CONNECTED,
           "until it asks again");
    close_both();
}

static void
strangers_after_the_handshake(void)
{
    static const uint8_t alert[] = { 21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9,
                                     0, 2, 2, 40 };
    static const uint8_t sealed_alert[] = {
        21, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9, 0, 26, 1, 2, 3, 4, 5, 6, 7, 8,
        9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
    };
    uint8_t hello[2048];
    size_t len;
    size_t before;

    open_both();
    len = client.out[0].len;
    memcpy(hello, client.out[0].data, len);
    exchange();
    before = server.sent;
    dtls_receive(server.endpoint, span_of(alert, sizeof(alert)));
    tap_is_int(state(&server), DTLS_CONNECTED,
               "an alert in plaintext ends nothing");
    dtls_receive(server.endpoint, span_of(sealed_alert, sizeof(sealed_alert)));
    tap_is_int(state(&server), DTLS_CONNECTED, "nor does a forged one");

    for (int i = 0; i < 50; i++) {
        hello[10] = (uint8_t)(10 + i);          /* a new record number */
        dtls_receive(server.endpoint, span_of(hello, len));
    }

    tap_is_int(state(&server), DTLS_CONNECTED,
               "another ClientHello begins nothing");
    tap_is_int((long long)(server.sent - before), 0, "and is not answered");
    close_both();
}

int
main(void)
{
    make(&client);
    make(&server);
    hello_in_pieces();
    last_flight_is_lost();
    strangers_after_the_handshake();
    dtls_context_destroy(client.context);
    dtls_context_destroy(server.context);
    dtls_certificate_fini(&client.certificate);
    dtls_certificate_fini(&server.certificate);

    return tap_done();
}
