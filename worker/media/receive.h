/*
 * media/receive.h - datagrams and framed packets on their way into a loop.
 * Copyright (C) the ngx_sfu_module authors
 *
 * STUN goes by its user name, everything else by the address that a check
 * has proved; the first byte tells what it is (RFC 7983).
 */

#ifndef SFU_MEDIA_RECEIVE_H
#define SFU_MEDIA_RECEIVE_H

#include "net/poll.h"
#include "net/tcp.h"

/* of a loop's udp_source: takes what is there, and forwards it */
void receive_udp(struct poll_source *source, uint32_t events);

/* for a loop's tcp_listener, whose ctx is the loop */
void receive_tcp(void *ctx, struct tcp_connection *c, uint8_t *data,
                 size_t len);
void receive_tcp_closed(void *ctx, struct tcp_connection *c);

#endif
