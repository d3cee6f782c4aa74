/*
 * ice/integrity_test.c
 * Copyright (C) the ngx_sfu_module authors
 *
 * Against OpenSSL's own HMAC.
 */

#include "ice/integrity.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "test/tap.h"

enum { HEADER_LEN = 20, MESSAGE_MAX = 300 };

/* with the length of the header that RFC 8489, 14.5 wants */
static void
reference(const char *password, struct span message, uint8_t tag[20])
{
    uint8_t copy[MESSAGE_MAX];
    size_t len = message.len - HEADER_LEN + 24;

    memcpy(copy, message.data, message.len);
    copy[2] = (uint8_t)(len >> 8);
    copy[3] = (uint8_t)len;
    HMAC(EVP_sha1(), password, (int)strlen(password), copy, message.len, tag,
         NULL);
}

static bool
all_lengths_agree(const char *password)
{
    uint8_t message[MESSAGE_MAX];
    struct ice_integrity key;

    for (size_t i = 0; i < sizeof(message); i++) {
        message[i] = (uint8_t)(7 * i);
    }

    ice_integrity_init(&key, password);

    for (size_t len = HEADER_LEN; len <= sizeof(message); len++) {
        uint8_t expected[20];
        uint8_t tag[ICE_INTEGRITY_LEN];

        reference(password, span_of(message, len), expected);
        ice_integrity_tag(&key, span_of(message, len), tag);

        if (memcmp(tag, expected, sizeof(tag)) != 0) {
            return false;
        }
    }

    return true;
}

int
main(void)
{
    tap_ok(all_lengths_agree("8GCTjXA5dDNgqFrgCRkJHQpB"), "a key of ours");
    tap_ok(all_lengths_agree(""), "an empty key");
    tap_ok(all_lengths_agree("0123456789012345678901234567890123456789"
                             "012345678901234567890123"),
           "a key that is a block");
    tap_ok(all_lengths_agree("0123456789012345678901234567890123456789"
                             "0123456789012345678901234"),
           "a key longer than one is hashed first");

    return tap_done();
}
