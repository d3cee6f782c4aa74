/*
 * net/address.c - an IP address and a port.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "net/address.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "base/error.h"

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

bool
address_is_v4(const struct address *a)
{
    return memcmp(a->ip, mapped, sizeof(mapped)) == 0;
}

bool
address_is_any(const struct address *a)
{
    static const uint8_t zeros[16];

    return memcmp(a->ip, zeros, 16) == 0
           || (address_is_v4(a) && memcmp(a->ip + 12, zeros, 4) == 0);
}

static void
set_port(struct address *a, uint16_t port)
{
    a->port[0] = (uint8_t)(port >> 8);
    a->port[1] = (uint8_t)port;
}

int
address_parse(struct address *a, const char *ip, uint16_t port)
{
    *a = (struct address){ 0 };
    set_port(a, port);

    if (inet_pton(AF_INET6, ip, a->ip) == 1) {
        return 0;
    }

    memcpy(a->ip, mapped, sizeof(mapped));

    return inet_pton(AF_INET, ip, a->ip + 12) == 1 ? 0 : SFU_ERR_MALFORMED;
}

const char *
address_ip_text(const struct address *a, char text[ADDRESS_TEXT_SIZE])
{
    if (address_is_v4(a)) {
        inet_ntop(AF_INET, a->ip + 12, text, ADDRESS_TEXT_SIZE);
    } else {
        inet_ntop(AF_INET6, a->ip, text, ADDRESS_TEXT_SIZE);
    }

    return text;
}

const char *
address_text(const struct address *a, char text[ADDRESS_TEXT_SIZE])
{
    char ip[ADDRESS_TEXT_SIZE];

    address_ip_text(a, ip);
    snprintf(text, ADDRESS_TEXT_SIZE, address_is_v4(a) ? "%.45s:%u" : "[%.45s]:%u",
             ip, address_port(a));

    return text;
}

int
address_from_sockaddr(struct address *a, const struct sockaddr *sa)
{
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    *a = (struct address){ 0 };

    switch (sa->sa_family) {

    case AF_INET:
        memcpy(&in, sa, sizeof(in));
        memcpy(a->ip, mapped, sizeof(mapped));
        memcpy(a->ip + 12, &in.sin_addr, 4);
        memcpy(a->port, &in.sin_port, 2);
        return 0;

    case AF_INET6:
        memcpy(&in6, sa, sizeof(in6));
        memcpy(a->ip, &in6.sin6_addr, 16);
        memcpy(a->port, &in6.sin6_port, 2);
        return 0;

    default:
        return SFU_ERR_UNSUPPORTED;
    }
}

socklen_t
address_to_sockaddr(const struct address *a, int family,
                    struct sockaddr_storage *ss)
{
    struct sockaddr_in in = { .sin_family = AF_INET };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

    if (family == AF_INET) {
        memcpy(&in.sin_addr, a->ip + 12, 4);
        memcpy(&in.sin_port, a->port, 2);
        memcpy(ss, &in, sizeof(in));
        return sizeof(in);
    }

    memcpy(&in6.sin6_addr, a->ip, 16);
    memcpy(&in6.sin6_port, a->port, 2);
    memcpy(ss, &in6, sizeof(in6));

    return sizeof(in6);
}
