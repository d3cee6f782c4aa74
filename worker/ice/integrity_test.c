/*
 * ice/integrity_test.c
 * Copyright (C) the ngx_sfu_module authors
 *
 * The request of RFC 5769, 2.1, read and written byte for byte; stun_test.c
 * and check_test.c hold the same against libnice.
 */

#include "ice/integrity.h"

#include "test/tap.h"

static const char password[] = "VOkJxbRl1RmTxUk/WvJxBt";

static const uint8_t rfc5769_request[] = {
    0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01,
    0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x10,
    0x53, 0x54, 0x55, 0x4e, 0x20, 0x74, 0x65, 0x73, 0x74, 0x20, 0x63, 0x6c,
    0x69, 0x65, 0x6e, 0x74, 0x00, 0x24, 0x00, 0x04, 0x6e, 0x00, 0x01, 0xff,
    0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36,
    0x00, 0x06, 0x00, 0x09, 0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68, 0x36, 0x76,
    0x59, 0x20, 0x20, 0x20, 0x00, 0x08, 0x00, 0x14, 0x9a, 0xea, 0xa7, 0x0c,
    0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49,
    0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf,
};

enum {
    WHOLE = sizeof(rfc5769_request),
    BEFORE = WHOLE - ICE_INTEGRITY_LEN,
    VALUE = BEFORE + 4,
};

static bool
is_valid(struct ice_integrity *integrity, const uint8_t *message,
         const char *with)
{
    return ice_integrity_valid(integrity, span_of(message, WHOLE),
                               message + VALUE, with);
}

int
main(void)
{
    struct ice_integrity *integrity = ice_integrity_create();
    uint8_t message[WHOLE];
    char long_password[128];
    int changed = 0;

    memcpy(message, rfc5769_request, WHOLE);
    tap_ok(is_valid(integrity, message, password), "RFC 5769 is understood");
    tap_ok(is_valid(integrity, message, password), "any number of times");
    tap_ok(!is_valid(integrity, message, "another"), "with its password only");
    tap_ok(!is_valid(integrity, message, ""), "and not without one");
    memset(long_password, 'x', sizeof(long_password) - 1);
    long_password[sizeof(long_password) - 1] = '\0';
    tap_ok(!is_valid(integrity, message, long_password),
           "one that no ICE agent of ours makes");

    for (size_t i = 0; i < BEFORE; i++) {
        message[i] ^= 0x80;
        /* the length is made anew, as if the message ended here */
        changed += i != 2 && i != 3
                   && is_valid(integrity, message, password);
        message[i] ^= 0x80;
    }

    tap_is_int(changed, 0, "no byte in front of it may change");

    memset(message + BEFORE, 0xff, ICE_INTEGRITY_LEN);
    tap_is_int((long long)ice_integrity_add(integrity, message, BEFORE,
                                            password),
               WHOLE, "both attributes are appended");
    tap_is_bytes(span_of(message, WHOLE), span_of(rfc5769_request, WHOLE),
                 "just as RFC 5769 has them");
    tap_is_int((long long)ice_integrity_add(integrity, message, BEFORE,
                                            long_password), 0,
               "a password too long is refused");
    ice_integrity_destroy(integrity);

    return tap_done();
}
