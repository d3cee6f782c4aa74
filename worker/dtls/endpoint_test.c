/*
 * dtls/endpoint_test.c - two endpoints shake hands through a queue.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "dtls/endpoint.h"

#include <stdlib.h>

#include "base/error.h"
#include "srtp/session.h"
#include "test/tap.h"

enum { QUEUE = 64 };

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
    size_t longest;
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

    if (datagram.len > s->longest) {
        s->longest = datagram.len;
    }
}

static void
parse_fingerprint(struct side *s)
{
    strcpy(s->fingerprint.algorithm, "sha-256");

    for (size_t i = 0; i < 32; i++) {
        s->fingerprint.hash[i] =
            (uint8_t)strtoul(s->certificate.fingerprint + 3 * i, NULL, 16);
    }

    s->fingerprint.len = 32;
}

static void
exchange(void)
{
    bool moved = true;

    while (moved) {
        moved = false;

        for (; client.taken < client.sent; client.taken++, moved = true) {
            dtls_receive(server.endpoint,
                         span_of(client.out[client.taken].data,
                                 client.out[client.taken].len));
        }

        for (; server.taken < server.sent; server.taken++, moved = true) {
            dtls_receive(client.endpoint,
                         span_of(server.out[server.taken].data,
                                 server.out[server.taken].len));
        }
    }
}

static void
open_both(void)
{
    client.sent = client.taken = client.longest = 0;
    server.sent = server.taken = server.longest = 0;
    dtls_create(&client.endpoint, client.context, true, &server.fingerprint,
                queue, &client);
    dtls_create(&server.endpoint, server.context, false, &client.fingerprint,
                queue, &server);
    dtls_start(server.endpoint);
    dtls_start(client.endpoint);
}

static void
close_both(void)
{
    dtls_destroy(client.endpoint);
    dtls_destroy(server.endpoint);
}

static void
media_passes(void)
{
    struct srtp_key_material receive;
    struct srtp_key_material send;
    struct sfu_srtp *sealer;
    struct sfu_srtp *opener;
    uint8_t packet[64] = { 0x80, 96, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4, 'h', 'i' };
    size_t len = 14;

    tap_is_int(dtls_srtp_keys(client.endpoint, &receive, &send), 0, "keys");
    tap_is_str(send.profile->name, "SRTP_AEAD_AES_128_GCM",
               "GCM with 128 bits is preferred");
    sfu_srtp_create(&sealer, SRTP_SEND, &send, 0);
    dtls_srtp_keys(server.endpoint, &receive, &send);
    sfu_srtp_create(&opener, SRTP_RECEIVE, &receive, 4);

    tap_is_int(sfu_srtp_seal(sealer, packet, &len), 0, "seals");
    tap_is_int((long long)len, 14 + 16, "with a tag");
    tap_is_int(sfu_srtp_open(opener, packet, &len), 0, "the other side opens");
    tap_is_bytes(span_of(packet + 12, len - 12), span_str("hi"), "the same");

    sfu_srtp_seal(sealer, packet, &len);
    packet[20] ^= 1;
    tap_is_int(sfu_srtp_open(opener, packet, &len), SFU_ERR_EXISTS,
               "a sequence number opens once");
    sfu_srtp_destroy(sealer);
    sfu_srtp_destroy(opener);
}

/* what one side offers alone is what there is */
static void
test_profiles(void)
{
    static const struct {
        const char *list;
        enum srtp_profile_id chosen;
    } rows[] = {
        { "SRTP_AES128_CM_SHA1_80", SRTP_PROFILE_AES128_CM_SHA1_80 },
        { "SRTP_AEAD_AES_256_GCM", SRTP_PROFILE_AEAD_AES_256_GCM },
        { "SRTP_AEAD_AES_128_GCM", SRTP_PROFILE_AEAD_AES_128_GCM },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct srtp_key_material receive;
        struct srtp_key_material send = { 0 };

        tap_is_int(dtls_context_offer_srtp(client.context, rows[i].list), 0,
                   "offers %s", rows[i].list);
        open_both();
        exchange();
        dtls_srtp_keys(client.endpoint, &receive, &send);
        tap_ok(send.profile != NULL && send.profile->id == rows[i].chosen,
               "which the server takes");
        close_both();
    }

    tap_is_int(dtls_context_offer_srtp(client.context, "ROT13"),
               SFU_ERR_LIBRARY, "no such profile");
}

/* no time passes here: what is asked for is what is to be waited for */
static void
test_first_timeout(void)
{
    open_both();
    tap_ok(dtls_wait(client.endpoint) > 500 * USEC_PER_MS,
           "a second, if nobody says otherwise");
    close_both();

    dtls_create(&client.endpoint, client.context, true, &server.fingerprint,
                queue, &client);
    dtls_set_first_timeout(client.endpoint, 50 * USEC_PER_MS);
    dtls_start(client.endpoint);
    tap_ok(dtls_wait(client.endpoint) <= 50 * USEC_PER_MS,
           "50 ms, as browsers");
    dtls_destroy(client.endpoint);
}

static size_t data_count;
static uint8_t data_last[2048];
static size_t data_len;

static void
on_data(void *ctx, struct span bytes)
{
    tap_ok(ctx == &server, "data has its context");
    data_count++;
    data_len = bytes.len;
    memcpy(data_last, bytes.data, bytes.len);
}

static void
test_data(void)
{
    uint8_t packet[DTLS_MTU + 1] = { 1, 2, 3 };

    open_both();
    tap_is_int(dtls_send_data(client.endpoint, span_of(packet, 3)),
               SFU_ERR_STATE, "no data before the handshake");
    exchange();
    dtls_send_data(client.endpoint, span_of(packet, 3));
    exchange();
    tap_is_int((long long)data_count, 0, "data that nobody wants is dropped");
    dtls_accept_data(server.endpoint, on_data, &server);
    tap_is_int(dtls_send_data(client.endpoint, span_of(packet, 3)), 0,
               "data is sent");
    exchange();
    tap_is_bytes(span_of(data_last, data_len), span_of(packet, 3),
                 "and arrives");

    client.longest = 0;

    for (int i = 0; i < 3; i++) {
        tap_is_int(dtls_send_data(client.endpoint, span_of(packet, 1148)), 0,
                   "as large as SCTP's packets are");
    }

    exchange();
    tap_is_int((long long)data_count, 4, "one datagram each");
    tap_ok(client.longest <= 1200, "of %zu bytes", client.longest);
    tap_is_int(dtls_send_data(server.endpoint, span_of(packet, 10)), 0,
               "the other way");
    exchange();
    tap_is_int(dtls_send_data(client.endpoint,
                              span_of(packet, sizeof(packet))),
               SFU_ERR_STATE, "too much for a datagram");
    dtls_close(client.endpoint);
    exchange();
    tap_is_int(dtls_send_data(server.endpoint, span_of(packet, 3)),
               SFU_ERR_STATE, "no data after the end");
    close_both();
}

int
main(void)
{
    sfu_srtp_library_init();
    tap_ok(strstr(sfu_srtp_library_name(), "openssl") != NULL,
           "libsrtp2 is on OpenSSL, others collapse with many contexts: %s",
           sfu_srtp_library_name());

    tap_is_int(dtls_certificate_make(&client.certificate), 0, "certificate");
    dtls_certificate_make(&server.certificate);
    parse_fingerprint(&client);
    parse_fingerprint(&server);
    dtls_context_create(&client.context, &client.certificate);
    dtls_context_create(&server.context, &server.certificate);

    open_both();
    tap_ok(dtls_wait(client.endpoint) > 0, "the client waits for an answer");
    tap_is_int((long long)server.sent, 0, "the server says nothing by itself");
    exchange();
    tap_is_int(dtls_receive(client.endpoint, span_of("", 0)), DTLS_CONNECTED,
               "the client is connected");
    tap_is_int(dtls_receive(server.endpoint, span_of("", 0)), DTLS_CONNECTED,
               "and so is the server");
    tap_ok(server.longest <= DTLS_MTU && client.longest <= DTLS_MTU,
           "no datagram is longer than the MTU");
    tap_is_int(dtls_wait(client.endpoint), -1, "nothing to wait for");
    media_passes();

    dtls_close(client.endpoint);
    exchange();
    tap_is_int(dtls_receive(server.endpoint, span_of("", 0)), DTLS_CLOSED,
               "close_notify is noticed");
    close_both();

    server.fingerprint.hash[7] ^= 1;
    open_both();
    exchange();
    tap_is_int(dtls_receive(client.endpoint, span_of("", 0)), DTLS_FAILED,
               "another certificate than the fingerprint says");
    tap_is_str(dtls_reason(client.endpoint),
               "certificate does not match the fingerprint", "is the reason");
    close_both();
    server.fingerprint.hash[7] ^= 1;

    open_both();
    dtls_receive(server.endpoint, span_str("\x16garbage of some length"));
    exchange();
    tap_is_int(dtls_receive(server.endpoint, span_of("", 0)), DTLS_CONNECTED,
               "garbage before the handshake does not spoil it");
    dtls_receive(server.endpoint, span_str("\x17more of it, encrypted"));
    tap_is_int(dtls_receive(server.endpoint, span_of("", 0)), DTLS_CONNECTED,
               "nor after it");
    close_both();

    test_first_timeout();
    test_profiles();
    test_data();

    dtls_context_destroy(client.context);
    dtls_context_destroy(server.context);
    dtls_certificate_fini(&client.certificate);
    dtls_certificate_fini(&server.certificate);
    sfu_srtp_library_fini();

    return tap_done();
}
