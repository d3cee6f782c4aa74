/*
 * net/address.h - an IP address and a port.
 * Copyright (C) the ngx_sfu_module authors
 *
 * IPv4 is kept in its IPv6-mapped form (RFC 4291, 2.5.5.2), as the dual-stack
 * socket sees it, so an address has one representation and is compared and
 * hashed as bytes.
 */

#ifndef SFU_NET_ADDRESS_H
#define SFU_NET_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/span.h"

enum {
    ADDRESS_TEXT_SIZE = 56,     /* "[v6]:port" and the terminating zero */
};

struct address {
    uint8_t ip[16];
    uint8_t port[2];            /* big-endian: no padding to be hashed */
};

static inline uint16_t
address_port(const struct address *a)
{
    return (uint16_t)(a->port[0] << 8 | a->port[1]);
}

static inline struct span
address_key(const struct address *a)
{
    return span_of(a, sizeof(*a));
}

static inline bool
address_eq(const struct address *a, const struct address *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

bool address_is_v4(const struct address *a);
/* 0.0.0.0 or :: */
bool address_is_any(const struct address *a);

/* a numeric IPv4 or IPv6 address.  SFU_ERR_MALFORMED */
int address_parse(struct address *a, const char *ip, uint16_t port);
/* the IP without a port */
const char *address_ip_text(const struct address *a,
                            char text[ADDRESS_TEXT_SIZE]);
/* "192.0.2.1:5000" or "[2001:db8::1]:5000" */
const char *address_text(const struct address *a, char text[ADDRESS_TEXT_SIZE]);

/* SFU_ERR_UNSUPPORTED for anything but IPv4 and IPv6 */
int address_from_sockaddr(struct address *a, const struct sockaddr *sa);
/* family AF_INET needs an IPv4 address; the length of the result */
socklen_t address_to_sockaddr(const struct address *a, int family,
                              struct sockaddr_storage *ss);

#endif
