/*
 * config/addresses.c - the addresses under which a host is reached.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "config/addresses.h"

#include <ifaddrs.h>
#include <net/if.h>

static bool
is_link_local(const struct address *a)
{
    if (address_is_v4(a)) {
        return a->ip[12] == 169 && a->ip[13] == 254;
    }

    return a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0x80;
}

static size_t
collect(const struct ifaddrs *list, bool loopback, bool v4,
        char text[][ADDRESS_TEXT_SIZE], size_t count, size_t max)
{
    for (const struct ifaddrs *i = list; i != NULL && count < max;
         i = i->ifa_next) {
        struct address a;

        if (i->ifa_addr == NULL || !(i->ifa_flags & IFF_UP)
            || !!(i->ifa_flags & IFF_LOOPBACK) != loopback
            || address_from_sockaddr(&a, i->ifa_addr)
            || address_is_v4(&a) != v4 || is_link_local(&a)) {
            continue;
        }

        address_ip_text(&a, text[count++]);
    }

    return count;
}

size_t
addresses_of_host(const struct address *bound,
                  char text[][ADDRESS_TEXT_SIZE], size_t max)
{
    struct ifaddrs *list;
    size_t count = 0;

    if (!address_is_any(bound)) {
        address_ip_text(bound, text[0]);
        return 1;
    }

    if (getifaddrs(&list) == -1) {
        return 0;
    }

    count = collect(list, false, true, text, count, max);

    if (!address_is_v4(bound)) {
        count = collect(list, false, false, text, count, max);
    }

    if (count == 0) {
        count = collect(list, true, true, text, count, max);
    }

    freeifaddrs(list);

    return count;
}
