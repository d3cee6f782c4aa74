/*
 * ice/integrity.c - MESSAGE-INTEGRITY under a key that stays.
 * Copyright (C) the ngx_sfu_module authors
 */

/*
 * OpenSSL 3 would rather have all go by EVP, whose contexts are hundreds of
 * bytes in several places.  The state of SHA-1 itself is five public words.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "ice/integrity.h"

#include <openssl/sha.h>

enum {
    ATTRIBUTE_LEN = 4 + ICE_INTEGRITY_LEN,

    /* RFC 2104, 2 */
    INNER_PAD = 0x36,
    OUTER_PAD = 0x5c,
};

/* SHA-1 behind a block of the key */
static void
begin(uint32_t state[5], const uint8_t key[SHA_CBLOCK], uint8_t pad)
{
    uint8_t block[SHA_CBLOCK];
    SHA_CTX sha;

    for (size_t i = 0; i < SHA_CBLOCK; i++) {
        block[i] = key[i] ^ pad;
    }

    SHA1_Init(&sha);
    SHA1_Update(&sha, block, sizeof(block));
    state[0] = sha.h0;
    state[1] = sha.h1;
    state[2] = sha.h2;
    state[3] = sha.h3;
    state[4] = sha.h4;
}

static SHA_CTX
resume(const uint32_t state[5])
{
    return (SHA_CTX){
        .h0 = state[0], .h1 = state[1], .h2 = state[2], .h3 = state[3],
        .h4 = state[4], .Nl = 8 * SHA_CBLOCK,
    };
}

void
ice_integrity_init(struct ice_integrity *key, const char *password)
{
    uint8_t block[SHA_CBLOCK] = { 0 };
    size_t len = strlen(password);

    if (len > sizeof(block)) {
        SHA1((const uint8_t *)password, len, block);
    } else {
        memcpy(block, password, len);
    }

    begin(key->inner, block, INNER_PAD);
    begin(key->outer, block, OUTER_PAD);
}

void
ice_integrity_tag(const struct ice_integrity *key, struct span message,
                  uint8_t tag[ICE_INTEGRITY_LEN])
{
    size_t len = message.len - ICE_HEADER_LEN + ATTRIBUTE_LEN;
    uint8_t start[4] = {
        message.data[0], message.data[1], (uint8_t)(len >> 8), (uint8_t)len,
    };
    SHA_CTX sha = resume(key->inner);

    SHA1_Update(&sha, start, sizeof(start));
    SHA1_Update(&sha, message.data + sizeof(start),
                message.len - sizeof(start));
    SHA1_Final(tag, &sha);

    sha = resume(key->outer);
    SHA1_Update(&sha, tag, ICE_INTEGRITY_LEN);
    SHA1_Final(tag, &sha);
}
