/*
 * config/addresses.h - the addresses under which a host is reached.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_CONFIG_ADDRESSES_H
#define SFU_CONFIG_ADDRESSES_H

#include "net/address.h"

/*
 * The address that is bound to, or, for "all", those of the interfaces that
 * are up, IPv4 first: no link-local ones, and loopback only where there is
 * nothing else.  The number written.
 */
size_t addresses_of_host(const struct address *bound,
                         char text[][ADDRESS_TEXT_SIZE], size_t max);

#endif
