/*
 * ice/integrity.c - MESSAGE-INTEGRITY and FINGERPRINT.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ice/integrity.h"

#include <openssl/evp.h>
#include <stdlib.h>

enum {
    HEADER = 20,
    BLOCK = 64,                 /* of SHA-1 */
    HASH = 20,
    ATTRIBUTE = 4,              /* type and length */
    MESSAGE_INTEGRITY = 0x0008,
    FINGERPRINT = 0x8028,
};

struct ice_integrity {
    EVP_MD *sha1;               /* owned */
    EVP_MD_CTX *ctx;            /* owned; used again for each message */
    uint32_t crc[256];          /* of each byte (ITU-T V.42) */
};

struct ice_integrity *
ice_integrity_create(void)
{
    struct ice_integrity *integrity = calloc(1, sizeof(*integrity));

    if (integrity == NULL) {
        return NULL;
    }

    integrity->sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
    integrity->ctx = EVP_MD_CTX_new();

    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;

        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
        }

        integrity->crc[i] = crc;
    }

    if (integrity->sha1 == NULL || integrity->ctx == NULL) {
        ice_integrity_destroy(integrity);
        return NULL;
    }

    return integrity;
}

void
ice_integrity_destroy(struct ice_integrity *integrity)
{
    if (integrity != NULL) {
        EVP_MD_CTX_free(integrity->ctx);
        EVP_MD_free(integrity->sha1);
        free(integrity);
    }
}

/* the hash of the key's block with this pad, and of two pieces */
static bool
hash(struct ice_integrity *integrity, const char *password, uint8_t pad,
     struct span first, struct span second, uint8_t out[HASH])
{
    uint8_t block[BLOCK];
    size_t len = strlen(password);

    for (size_t i = 0; i < BLOCK; i++) {
        block[i] = (uint8_t)(i < len ? password[i] ^ pad : pad);
    }

    return EVP_DigestInit_ex2(integrity->ctx, integrity->sha1, NULL)
           && EVP_DigestUpdate(integrity->ctx, block, BLOCK)
           && EVP_DigestUpdate(integrity->ctx, first.data, first.len)
           && EVP_DigestUpdate(integrity->ctx, second.data, second.len)
           && EVP_DigestFinal_ex(integrity->ctx, out, NULL);
}

static void
write_length(uint8_t *header, size_t length)
{
    header[2] = (uint8_t)(length >> 8);
    header[3] = (uint8_t)length;
}

/*
 * HMAC-SHA1 (RFC 2104) of what is in front of the attribute, with a length
 * in the header as if the message ended with it.
 */
static bool
hmac(struct ice_integrity *integrity, struct span before, const char *password,
     uint8_t out[HASH])
{
    uint8_t header[HEADER];
    uint8_t inner[HASH];

    if (strlen(password) > BLOCK || before.len < HEADER) {
        return false;
    }

    memcpy(header, before.data, HEADER);
    write_length(header, before.len - HEADER + ATTRIBUTE + HASH);

    return hash(integrity, password, 0x36, span_of(header, HEADER),
                span_of(before.data + HEADER, before.len - HEADER), inner)
           && hash(integrity, password, 0x5c, span_of(inner, HASH),
                   span_of(NULL, 0), out);
}

bool
ice_integrity_valid(struct ice_integrity *integrity, struct span message,
                    const uint8_t *value, const char *password)
{
    size_t before = (size_t)(value - message.data) - ATTRIBUTE;
    uint8_t expected[HASH];

    return hmac(integrity, span_of(message.data, before), password, expected)
           && CRYPTO_memcmp(expected, value, HASH) == 0;
}

static uint8_t *
write_attribute(uint8_t *p, unsigned type, size_t len)
{
    p[0] = (uint8_t)(type >> 8);
    p[1] = (uint8_t)type;
    p[2] = (uint8_t)(len >> 8);
    p[3] = (uint8_t)len;

    return p + ATTRIBUTE;
}

static uint32_t
fingerprint(const struct ice_integrity *integrity, struct span message)
{
    uint32_t crc = 0xffffffff;

    for (size_t i = 0; i < message.len; i++) {
        crc = crc >> 8 ^ integrity->crc[(crc ^ message.data[i]) & 0xff];
    }

    return ~crc ^ 0x5354554e;   /* "STUN" */
}

size_t
ice_integrity_add(struct ice_integrity *integrity, uint8_t *message,
                  size_t len, const char *password)
{
    uint8_t *value = write_attribute(message + len, MESSAGE_INTEGRITY, HASH);
    uint32_t crc;

    if (!hmac(integrity, span_of(message, len), password, value)) {
        return 0;
    }

    len += ATTRIBUTE + HASH;
    write_length(message, len + ATTRIBUTE + 4 - HEADER);
    crc = fingerprint(integrity, span_of(message, len));
    value = write_attribute(message + len, FINGERPRINT, 4);

    for (int i = 0; i < 4; i++) {
        value[i] = (uint8_t)(crc >> (24 - 8 * i));
    }

    return len + ATTRIBUTE + 4;
}
