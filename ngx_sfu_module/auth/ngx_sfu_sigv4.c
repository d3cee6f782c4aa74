
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Whether a request was signed with a key.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <ngx_sfu_sigv4_priv.h>


static ngx_uint_t ngx_sfu_sigv4_headers_proper(ngx_sfu_sigv4_t *sig,
    ngx_sfu_sigv4_request_t *req);
static ngx_int_t ngx_sfu_sigv4_signing_key(ngx_sfu_sigv4_key_t *key,
    ngx_sfu_sigv4_t *sig, ngx_str_t *service);


ngx_sfu_sigv4_e
ngx_sfu_sigv4_check_time(ngx_sfu_sigv4_t *sig, time_t now)
{
    if (sig->when > now + NGX_SFU_SIGV4_SKEW) {
        return NGX_SFU_SIGV4_EARLY;
    }

    return now > sig->when + sig->expires ? NGX_SFU_SIGV4_EXPIRED
                                          : NGX_SFU_SIGV4_OK;
}


ngx_sfu_sigv4_e
ngx_sfu_sigv4_verify(ngx_sfu_sigv4_t *sig, ngx_sfu_sigv4_request_t *req,
    ngx_sfu_sigv4_key_t *key, ngx_str_t *service)
{
    u_char                     *p, digest[32], hex[NGX_SFU_SIGV4_HEX_LEN];
    ngx_int_t                   rc;
    ngx_str_t                  *claimed, query;
    ngx_str_t                   name = ngx_string("x-amz-content-sha256");
    ngx_sfu_sigv4_canonical_t   c;

    if (!ngx_sfu_sigv4_headers_proper(sig, req)) {
        return NGX_SFU_SIGV4_INCOMPLETE;
    }

    c.sig = sig;
    c.req = req;
    c.path = req->target;

    ngx_str_null(&query);

    for (p = req->target.data; p < req->target.data + req->target.len; p++) {
        if (*p == '?') {
            c.path.len = p - req->target.data;
            query.data = p + 1;
            query.len = req->target.len - c.path.len - 1;
            break;
        }
    }

    if (ngx_sfu_sigv4_split(&query, c.args, &c.nargs) != NGX_OK) {
        return NGX_SFU_SIGV4_INCOMPLETE;
    }

    if (!EVP_Digest(req->body.data, req->body.len, digest, NULL, EVP_sha256(),
                    NULL))
    {
        return NGX_SFU_SIGV4_FAILED;
    }

    ngx_sfu_sigv4_to_hex(hex, digest);

    c.payload.data = hex;
    c.payload.len = sizeof(hex);

    /* "UNSIGNED-PAYLOAD" is none, either */

    claimed = sig->presigned ? NULL : req->header(req->data, &name, 0);

    if (claimed != NULL
        && (claimed->len != sizeof(hex)
            || ngx_memcmp(claimed->data, hex, sizeof(hex)) != 0))
    {
        return NGX_SFU_SIGV4_MISMATCH;
    }

    if (ngx_sfu_sigv4_signing_key(key, sig, service) != NGX_OK) {
        return NGX_SFU_SIGV4_FAILED;
    }

    c.md = EVP_MD_CTX_new();
    if (c.md == NULL) {
        return NGX_SFU_SIGV4_FAILED;
    }

    /* as received; then as if something on the way had encoded it anew */

    rc = ngx_sfu_sigv4_try_hosts(&c, key, 0);

    if (rc == NGX_DECLINED && query.len != 0) {
        rc = ngx_sfu_sigv4_try_hosts(&c, key, 1);
    }

    EVP_MD_CTX_free(c.md);

    return rc == NGX_OK ? NGX_SFU_SIGV4_OK
           : rc == NGX_DECLINED ? NGX_SFU_SIGV4_MISMATCH
           : NGX_SFU_SIGV4_FAILED;
}


/* lower case, sorted, with "host", not too many, and all of them are there */

static ngx_uint_t
ngx_sfu_sigv4_headers_proper(ngx_sfu_sigv4_t *sig,
    ngx_sfu_sigv4_request_t *req)
{
    size_t      i;
    u_char      ch;
    ngx_str_t   name, last;
    ngx_uint_t  n, host;

    n = 0;
    host = 0;

    ngx_str_null(&last);

    name.data = sig->signed_headers.data;
    name.len = 0;

    for (i = 0; i <= sig->signed_headers.len; i++) {

        ch = i < sig->signed_headers.len ? sig->signed_headers.data[i] : ';';

        if (ch != ';') {
            if (ch <= ' ' || ch >= 0x7f || (ch >= 'A' && ch <= 'Z')) {
                return 0;
            }

            name.len++;
            continue;
        }

        if (name.len == 0 || ++n > NGX_SFU_SIGV4_HEADERS_MAX
            || (last.len != 0 && ngx_sfu_sigv4_compare(&last, &name, 0) >= 0))
        {
            return 0;
        }

        if (name.len == 4 && ngx_memcmp(name.data, "host", 4) == 0) {
            host = 1;

        } else if (req->header(req->data, &name, 0) == NULL) {
            return 0;
        }

        last = name;
        name.data = sig->signed_headers.data + i + 1;
        name.len = 0;
    }

    return host;
}


/* depends on the day and the region only, so the last one is kept */

static ngx_int_t
ngx_sfu_sigv4_signing_key(ngx_sfu_sigv4_key_t *key, ngx_sfu_sigv4_t *sig,
    ngx_str_t *service)
{
    u_char     first[NGX_SFU_SIGV4_SECRET_MAX + 4], mac[32];
    ngx_str_t  terminator = ngx_string("aws4_request");

    if (key->region_len == sig->region.len
        && ngx_memcmp(key->region, sig->region.data, key->region_len) == 0
        && ngx_memcmp(key->date, sig->date.data, 8) == 0)
    {
        return NGX_OK;
    }

    key->region_len = 0;

    if (key->secret.len > NGX_SFU_SIGV4_SECRET_MAX) {
        return NGX_ERROR;
    }

    ngx_memcpy(first, "AWS4", 4);
    ngx_memcpy(first + 4, key->secret.data, key->secret.len);

    if (ngx_sfu_sigv4_hmac(first, key->secret.len + 4, &sig->date, mac)
        != NGX_OK
        || ngx_sfu_sigv4_hmac(mac, 32, &sig->region, mac) != NGX_OK
        || ngx_sfu_sigv4_hmac(mac, 32, service, mac) != NGX_OK
        || ngx_sfu_sigv4_hmac(mac, 32, &terminator, key->signing) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_memcpy(key->date, sig->date.data, 8);
    ngx_memcpy(key->region, sig->region.data, sig->region.len);
    key->region_len = sig->region.len;

    return NGX_OK;
}


ngx_uint_t
ngx_sfu_sigv4_equal(ngx_str_t *a, ngx_str_t *b)
{
    size_t           i;
    volatile u_char  diff;

    if (a->len != b->len) {
        return 0;
    }

    diff = 0;

    for (i = 0; i < a->len; i++) {
        diff |= a->data[i] ^ b->data[i];
    }

    return diff == 0;
}


ngx_int_t
ngx_sfu_sigv4_hmac(u_char *key, size_t len, ngx_str_t *text, u_char *mac)
{
    u_char  result[EVP_MAX_MD_SIZE];

    if (HMAC(EVP_sha256(), key, (int) len, text->data, text->len, result, NULL)
        == NULL)
    {
        return NGX_ERROR;
    }

    ngx_memcpy(mac, result, 32);

    return NGX_OK;
}


/* of 32 bytes */

void
ngx_sfu_sigv4_to_hex(u_char *hex, u_char *digest)
{
    ngx_uint_t  i;

    static u_char  digits[] = "0123456789abcdef";

    for (i = 0; i < 32; i++) {
        *hex++ = digits[digest[i] >> 4];
        *hex++ = digits[digest[i] & 0xf];
    }
}
