/*
 * test/client.h - a WebRTC endpoint for tests of media loops.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Full ICE as far as a lite peer needs it, DTLS as client, SRTP both ways,
 * over a UDP socket on loopback.  What comes in is kept in order.
 */

#ifndef SFU_TEST_CLIENT_H
#define SFU_TEST_CLIENT_H

#include "dtls/endpoint.h"
#include "ice/agent.h"
#include "srtp/session.h"

enum { CLIENT_PACKETS = 512 };

struct client_packet {
    uint8_t data[1600];
    size_t len;
    bool rtcp;
};

struct client {
    int fd;
    uint16_t port;                      /* of the loop, on 127.0.0.1 */
    struct dtls_certificate certificate;
    struct dtls_context *context;
    struct dtls_endpoint *dtls;
    struct sfu_srtp *in;
    struct sfu_srtp *out;
    size_t datagrams;                   /* of any kind that came in */
    size_t stun_replies;
    struct client_packet *packets;      /* owned; decrypted */
    size_t count;
};

/* ends the test when something of the machine fails */
void client_open(struct client *c, uint16_t port);
void client_close(struct client *c);
/* to another transport, with the same certificate; closes the one before */
void client_move(struct client *c);

/* its certificate, as SDP would tell it */
void client_fingerprint(const struct client *c, struct dtls_fingerprint *f);

/* one check that nominates; password may be wrong */
void client_check(struct client *c, const char *ufrag, const char *password);
/* the same, for another way to send it; its length */
size_t client_check_write(uint8_t *buffer, size_t size, const char *ufrag,
                          const char *password);
/* ClientHello; peer: the worker's fingerprint, as SDP would tell it */
void client_handshake(struct client *c, const struct dtls_fingerprint *peer);
bool client_connected(const struct client *c);

void client_send_raw(struct client *c, struct span datagram);
void client_send_rtp(struct client *c, struct span packet);
void client_send_rtcp(struct client *c, struct span compound);

/* takes what comes in until enough() or so many milliseconds have passed */
bool client_wait(struct client *c, bool (*enough)(const struct client *c),
                 int ms);

#endif
