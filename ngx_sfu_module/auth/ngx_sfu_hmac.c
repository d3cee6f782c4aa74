
/*
 * Copyright (C) the ngx_sfu_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sha1.h>
#include <ngx_sfu_hmac.h>


/* of SHA-1 */
#define NGX_SFU_HMAC_BLOCK  64


static void ngx_sfu_hmac_sha1_pass(u_char *key, u_char pad, u_char *text,
    size_t len, u_char result[NGX_SFU_HMAC_SHA1_LEN]);


void
ngx_sfu_hmac_sha1(ngx_str_t *key, ngx_str_t *text,
    u_char mac[NGX_SFU_HMAC_SHA1_LEN])
{
    u_char      block[NGX_SFU_HMAC_BLOCK], inner[NGX_SFU_HMAC_SHA1_LEN];
    ngx_sha1_t  sha1;

    ngx_memzero(block, sizeof(block));

    /* a key that is longer than a block is hashed first */

    if (key->len > sizeof(block)) {
        ngx_sha1_init(&sha1);
        ngx_sha1_update(&sha1, key->data, key->len);
        ngx_sha1_final(block, &sha1);

    } else {
        ngx_memcpy(block, key->data, key->len);
    }

    ngx_sfu_hmac_sha1_pass(block, 0x36, text->data, text->len, inner);
    ngx_sfu_hmac_sha1_pass(block, 0x5c, inner, sizeof(inner), mac);

    ngx_explicit_memzero(block, sizeof(block));
}


static void
ngx_sfu_hmac_sha1_pass(u_char *key, u_char pad, u_char *text, size_t len,
    u_char result[NGX_SFU_HMAC_SHA1_LEN])
{
    u_char      padded[NGX_SFU_HMAC_BLOCK];
    ngx_uint_t  i;
    ngx_sha1_t  sha1;

    for (i = 0; i < sizeof(padded); i++) {
        padded[i] = key[i] ^ pad;
    }

    ngx_sha1_init(&sha1);
    ngx_sha1_update(&sha1, padded, sizeof(padded));
    ngx_sha1_update(&sha1, text, len);
    ngx_sha1_final(result, &sha1);

    ngx_explicit_memzero(padded, sizeof(padded));
}
