/*
 * test/client.c - a WebRTC endpoint for tests of media loops.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "test/client.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <stun/stunagent.h>
#include <stun/usages/ice.h>
#include <unistd.h>

#include "base/clock.h"
#include "rtp/demux.h"

static void
must(bool ok, const char *what)
{
    if (!ok) {
        printf("Bail out! %s\n", what);
        exit(1);
    }
}

static void
send_dtls(void *ctx, struct span datagram)
{
    client_send_raw(ctx, datagram);
}

static void
open_socket(struct client *c)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons(c->port) };

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    c->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    must(c->fd != -1 && connect(c->fd, (struct sockaddr *)&to, sizeof(to)) == 0,
         "no socket");
}

void
client_open(struct client *c, uint16_t port)
{
    *c = (struct client){ .port = port };
    open_socket(c);
    must(dtls_certificate_make(&c->certificate) == 0
             && dtls_context_create(&c->context, &c->certificate) == 0,
         "no DTLS");
    c->packets = calloc(CLIENT_PACKETS, sizeof(*c->packets));
    must(c->packets != NULL, "no memory");
}

static void
end_association(struct client *c)
{
    if (c->dtls != NULL) {
        dtls_close(c->dtls);
    }

    dtls_destroy(c->dtls);
    sfu_srtp_destroy(c->in);
    sfu_srtp_destroy(c->out);
    c->dtls = NULL;
    c->in = c->out = NULL;
    close(c->fd);
}

void
client_close(struct client *c)
{
    end_association(c);
    dtls_context_destroy(c->context);
    dtls_certificate_fini(&c->certificate);
    free(c->packets);
}

void
client_move(struct client *c)
{
    end_association(c);
    open_socket(c);
}

static void
parse_fingerprint(const char *text, struct dtls_fingerprint *f)
{
    *f = (struct dtls_fingerprint){ .algorithm = "sha-256", .len = 32 };

    for (size_t i = 0; i < 32; i++) {
        f->hash[i] = (uint8_t)strtoul(text + 3 * i, NULL, 16);
    }
}

void
client_fingerprint(const struct client *c, struct dtls_fingerprint *f)
{
    parse_fingerprint(c->certificate.fingerprint, f);
}

size_t
client_check_write(uint8_t *buffer, size_t size, const char *ufrag,
                   const char *password)
{
    char username[64];
    StunAgent agent;
    StunMessage msg;

    snprintf(username, sizeof(username), "%s:client", ufrag);
    stun_agent_init(&agent, STUN_ALL_KNOWN_ATTRIBUTES,
                    STUN_COMPATIBILITY_RFC5389,
                    STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS
                    | STUN_AGENT_USAGE_USE_FINGERPRINT);

    return stun_usage_ice_conncheck_create(
        &agent, &msg, buffer, size, (const uint8_t *)username,
        strlen(username), (const uint8_t *)password, strlen(password), true,
        true, 1, 1, NULL, STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
}

void
client_check(struct client *c, const char *ufrag, const char *password)
{
    uint8_t buffer[512];
    size_t len = client_check_write(buffer, sizeof(buffer), ufrag, password);

    client_send_raw(c, span_of(buffer, len));
}

void
client_handshake(struct client *c, const struct dtls_fingerprint *peer)
{
    must(dtls_create(&c->dtls, c->context, true, peer, send_dtls, c) == 0,
         "no DTLS endpoint");
    dtls_start(c->dtls);
}

bool
client_connected(const struct client *c)
{
    return c->in != NULL;
}

void
client_send_raw(struct client *c, struct span datagram)
{
    must(send(c->fd, datagram.data, datagram.len, 0) == (ssize_t)datagram.len,
         "cannot send");
}

void
client_send_rtp(struct client *c, struct span packet)
{
    uint8_t buffer[2048];
    size_t len = packet.len;

    memcpy(buffer, packet.data, len);
    must(sfu_srtp_seal(c->out, buffer, &len) == 0, "cannot seal");
    client_send_raw(c, span_of(buffer, len));
}

void
client_send_rtcp(struct client *c, struct span compound)
{
    uint8_t buffer[2048];
    size_t len = compound.len;

    memcpy(buffer, compound.data, len);
    must(sfu_srtp_seal_rtcp(c->out, buffer, &len) == 0, "cannot seal");
    client_send_raw(c, span_of(buffer, len));
}

static void
receive_dtls(struct client *c, struct span datagram)
{
    struct srtp_key_material receive;
    struct srtp_key_material send;

    if (c->dtls == NULL
        || dtls_receive(c->dtls, datagram) != DTLS_CONNECTED
        || c->in != NULL) {
        return;
    }

    must(dtls_srtp_keys(c->dtls, &receive, &send) == 0
             && sfu_srtp_create(&c->in, SRTP_RECEIVE, &receive, 64) == 0
             && sfu_srtp_create(&c->out, SRTP_SEND, &send, 0) == 0,
         "no SRTP");
}

static void
receive_media(struct client *c, uint8_t *data, size_t len, bool rtcp)
{
    struct client_packet *p = &c->packets[c->count];
    int error = rtcp ? sfu_srtp_open_rtcp(c->in, data, &len)
                     : sfu_srtp_open(c->in, data, &len);

    must(error == 0, "what the loop sent cannot be opened");

    if (c->count < CLIENT_PACKETS) {
        memcpy(p->data, data, len);
        p->len = len;
        p->rtcp = rtcp;
        c->count++;
    }
}

static void
receive(struct client *c)
{
    uint8_t data[2048];
    ssize_t n;

    while ((n = recv(c->fd, data, sizeof(data), 0)) > 0) {
        c->datagrams++;

        switch (rtp_demux(span_of(data, (size_t)n))) {
        case RTP_DEMUX_STUN:
            c->stun_replies++;
            break;
        case RTP_DEMUX_DTLS:
            receive_dtls(c, span_of(data, (size_t)n));
            break;
        case RTP_DEMUX_RTP:
            receive_media(c, data, (size_t)n, false);
            break;
        case RTP_DEMUX_RTCP:
            receive_media(c, data, (size_t)n, true);
            break;
        default:
            must(false, "the loop sent something unknown");
        }
    }
}

/* DTLS sends again what was not answered */
static usec_t
repeat(struct client *c)
{
    usec_t wait = c->dtls != NULL && c->in == NULL ? dtls_wait(c->dtls) : -1;

    if (wait == 0) {
        dtls_timeout(c->dtls);
        wait = dtls_wait(c->dtls);
    }

    return wait;
}

bool
client_wait(struct client *c, bool (*enough)(const struct client *c), int ms)
{
    usec_t end = clock_now() + (usec_t)ms * USEC_PER_MS;

    for ( ;; ) {
        struct pollfd p = { c->fd, POLLIN, 0 };
        usec_t left = end - clock_now();
        usec_t wait;

        receive(c);
        wait = repeat(c);

        if (enough != NULL && enough(c)) {
            return true;
        }

        if (left <= 0) {
            return false;
        }

        if (wait >= 0 && wait < left) {
            left = wait;
        }

        poll(&p, 1, (int)(left / USEC_PER_MS) + 1);
    }
}
