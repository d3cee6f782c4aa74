/*
 * net/address_test.c - addresses in every form they come in.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "net/address.h"

#include <arpa/inet.h>

#include "base/error.h"
#include "test/tap.h"

static const struct {
    const char *ip;
    const char *text;           /* NULL: refused */
    bool v4;
    bool any;
} rows[] = {
    { "192.0.2.1", "192.0.2.1:5000", true, false },
    { "0.0.0.0", "0.0.0.0:5000", true, true },
    { "255.255.255.255", "255.255.255.255:5000", true, false },
    { "::ffff:192.0.2.1", "192.0.2.1:5000", true, false },
    { "::ffff:0:0", "0.0.0.0:5000", true, true },
    { "::", "[::]:5000", false, true },
    { "::1", "[::1]:5000", false, false },
    { "2001:DB8:0:0::1", "[2001:db8::1]:5000", false, false },
    { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
      "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:5000", false, false },
    { "", NULL, false, false },
    { "192.0.2", NULL, false, false },
    { "192.0.2.1.", NULL, false, false },
    { "192.0.2.01x", NULL, false, false },
    { "192.0.2.256", NULL, false, false },
    { "[::1]", NULL, false, false },
    { "::1%lo", NULL, false, false },
    { "localhost", NULL, false, false },
};

static void
texts(void)
{
    char text[ADDRESS_TEXT_SIZE];
    struct address a;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int rc = address_parse(&a, rows[i].ip, 5000);

        if (rows[i].text == NULL) {
            tap_is_int(rc, SFU_ERR_MALFORMED, "\"%s\" is refused",
                       rows[i].ip);
            continue;
        }

        tap_is_str(rc == 0 ? address_text(&a, text) : NULL, rows[i].text,
                   "\"%s\"", rows[i].ip);
        tap_ok(address_is_v4(&a) == rows[i].v4
                   && address_is_any(&a) == rows[i].any, "is what it is");
    }

    address_parse(&a, "192.0.2.1", 5000);
    tap_is_str(address_ip_text(&a, text), "192.0.2.1", "without a port");
    address_parse(&a, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535);
    tap_is_int((long long)strlen(address_text(&a, text)), 47,
               "the longest one fits");
}

static void
equality(void)
{
    struct address a, b;

    address_parse(&a, "192.0.2.1", 5000);
    address_parse(&b, "::ffff:192.0.2.1", 5000);
    tap_ok(address_eq(&a, &b) && span_eq(address_key(&a), address_key(&b)),
           "IPv4 and its mapped form are one");
    address_parse(&b, "192.0.2.1", 5001);
    tap_ok(!address_eq(&a, &b), "another port is another address");
    tap_is_int(address_port(&b), 5001, "the port");
    tap_is_int((long long)address_key(&b).len, 18, "no padding is hashed");
}

static void
sockaddrs(void)
{
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(99) };
    struct sockaddr_storage ss;
    struct address a, b;
    struct sockaddr sa = { .sa_family = AF_UNIX };

    inet_pton(AF_INET, "192.0.2.7", &in.sin_addr);
    tap_is_int(address_from_sockaddr(&a, (struct sockaddr *)&in), 0, "IPv4");
    address_parse(&b, "192.0.2.7", 99);
    tap_ok(address_eq(&a, &b), "as parsed");
    tap_is_int(address_to_sockaddr(&a, AF_INET, &ss), sizeof(in),
               "and back");
    tap_ok(memcmp(&ss, &in, sizeof(in)) == 0, "unchanged");
    tap_is_int(address_to_sockaddr(&a, AF_INET6, &ss),
               sizeof(struct sockaddr_in6), "for a dual-stack socket");
    tap_is_int(address_from_sockaddr(&b, (struct sockaddr *)&ss), 0, "mapped");
    tap_ok(address_eq(&a, &b), "it is the same");
    address_parse(&a, "2001:db8::7", 4);
    address_to_sockaddr(&a, AF_INET6, &ss);
    tap_ok(address_from_sockaddr(&b, (struct sockaddr *)&ss) == 0
               && address_eq(&a, &b), "IPv6, there and back");
    tap_is_int(address_from_sockaddr(&a, &sa), SFU_ERR_UNSUPPORTED,
               "anything else");
}

int
main(void)
{
    texts();
    equality();
    sockaddrs();

    return tap_done();
}
