
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * The canonical request.  It is never in memory: it goes into the hash piece
 * by piece.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <openssl/evp.h>
#include <ngx_sfu_sigv4_priv.h>


static ngx_int_t ngx_sfu_sigv4_try(ngx_sfu_sigv4_canonical_t *c,
    ngx_sfu_sigv4_key_t *key, ngx_str_t *host, const char *port,
    ngx_uint_t normalise);
static void ngx_sfu_sigv4_put_headers(ngx_sfu_sigv4_canonical_t *c,
    ngx_str_t *host, const char *port);
static void ngx_sfu_sigv4_put_value(EVP_MD_CTX *md, ngx_str_t *value);
static void ngx_sfu_sigv4_put(EVP_MD_CTX *md, ngx_str_t *s,
    ngx_uint_t normalise);
static size_t ngx_sfu_sigv4_next(u_char **p, u_char *last,
    ngx_uint_t normalise, u_char *out);
static void ngx_sfu_sigv4_sort(ngx_sfu_sigv4_canonical_t *c,
    ngx_uint_t normalise);


/*
 * The port in "host": some clients sign it, some sign the name alone, and a
 * proxy may have dropped it.
 */

ngx_int_t
ngx_sfu_sigv4_try_hosts(ngx_sfu_sigv4_canonical_t *c, ngx_sfu_sigv4_key_t *key,
    ngx_uint_t normalise)
{
    u_char     *p;
    ngx_int_t   rc;
    ngx_str_t   host;

    host = c->req->host;

    ngx_sfu_sigv4_sort(c, normalise);

    rc = ngx_sfu_sigv4_try(c, key, &host, "", normalise);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    for (p = host.data + host.len; p > host.data; p--) {

        if (p[-1] < '0' || p[-1] > '9') {
            break;
        }
    }

    if (p > host.data && p[-1] == ':') {
        host.len = p - 1 - host.data;
        return ngx_sfu_sigv4_try(c, key, &host, "", normalise);
    }

    return ngx_sfu_sigv4_try(c, key, &host, ":443", normalise);
}


/* NGX_OK: it is the signature; NGX_DECLINED: it is not */

static ngx_int_t
ngx_sfu_sigv4_try(ngx_sfu_sigv4_canonical_t *c, ngx_sfu_sigv4_key_t *key,
    ngx_str_t *host, const char *port, ngx_uint_t normalise)
{
    u_char       digest[32], hex[NGX_SFU_SIGV4_HEX_LEN], *p;
    u_char       text[128 + NGX_SFU_SIGV4_REGION_MAX + NGX_SFU_SIGV4_HEX_LEN];
    ngx_str_t    s;
    ngx_uint_t   i, n;
    EVP_MD_CTX  *md;

    md = c->md;

    if (!EVP_DigestInit_ex(md, EVP_sha256(), NULL)) {
        return NGX_ERROR;
    }

    ngx_sfu_sigv4_put(md, &c->req->method, 0);
    EVP_DigestUpdate(md, "\n", 1);

    if (c->path.len == 0) {
        EVP_DigestUpdate(md, "/", 1);
    }

    ngx_sfu_sigv4_put(md, &c->path, 0);
    EVP_DigestUpdate(md, "\n", 1);

    for (i = 0, n = 0; i < c->nargs; i++) {

        if (c->sig->presigned
            && ngx_sfu_sigv4_named(&c->args[i].name, "X-Amz-Signature"))
        {
            continue;
        }

        if (n++) {
            EVP_DigestUpdate(md, "&", 1);
        }

        ngx_sfu_sigv4_put(md, &c->args[i].name, normalise);
        EVP_DigestUpdate(md, "=", 1);
        ngx_sfu_sigv4_put(md, &c->args[i].value, normalise);
    }

    EVP_DigestUpdate(md, "\n", 1);
    ngx_sfu_sigv4_put_headers(c, host, port);
    EVP_DigestUpdate(md, "\n", 1);
    ngx_sfu_sigv4_put(md, &c->sig->signed_headers, 0);
    EVP_DigestUpdate(md, "\n", 1);
    ngx_sfu_sigv4_put(md, &c->payload, 0);

    if (!EVP_DigestFinal_ex(md, digest, NULL)) {
        return NGX_ERROR;
    }

    /* the string to sign */

    ngx_sfu_sigv4_to_hex(hex, digest);

    if (c->sig->scope.len > NGX_SFU_SIGV4_REGION_MAX + 48) {
        return NGX_DECLINED;
    }

    p = ngx_cpymem(text, "AWS4-HMAC-SHA256\n", 17);
    p = ngx_cpymem(p, c->sig->time.data, c->sig->time.len);
    *p++ = LF;
    p = ngx_cpymem(p, c->sig->scope.data, c->sig->scope.len);
    *p++ = LF;
    p = ngx_cpymem(p, hex, sizeof(hex));

    s.data = text;
    s.len = p - text;

    if (ngx_sfu_sigv4_hmac(key->signing, 32, &s, digest) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_sfu_sigv4_to_hex(hex, digest);

    s.data = hex;
    s.len = sizeof(hex);

    return ngx_sfu_sigv4_equal(&s, &c->sig->signature) ? NGX_OK : NGX_DECLINED;
}


static void
ngx_sfu_sigv4_put_headers(ngx_sfu_sigv4_canonical_t *c, ngx_str_t *host,
    const char *port)
{
    u_char      *p, *last;
    ngx_str_t    name, *value;
    ngx_uint_t   n;

    p = c->sig->signed_headers.data;
    last = p + c->sig->signed_headers.len;

    while (p < last) {

        name.data = p;

        while (p < last && *p != ';') {
            p++;
        }

        name.len = p++ - name.data;

        ngx_sfu_sigv4_put(c->md, &name, 0);
        EVP_DigestUpdate(c->md, ":", 1);

        if (name.len == 4 && ngx_memcmp(name.data, "host", 4) == 0) {
            ngx_sfu_sigv4_put_value(c->md, host);
            EVP_DigestUpdate(c->md, port, ngx_strlen(port));

        } else {

            for (n = 0; /* void */ ; n++) {

                value = c->req->header(c->req->data, &name, n);
                if (value == NULL) {
                    break;
                }

                if (n) {
                    EVP_DigestUpdate(c->md, ",", 1);
                }

                ngx_sfu_sigv4_put_value(c->md, value);
            }
        }

        EVP_DigestUpdate(c->md, "\n", 1);
    }
}


/* trimmed, and runs of spaces are one */

static void
ngx_sfu_sigv4_put_value(EVP_MD_CTX *md, ngx_str_t *value)
{
    u_char      *p, *last, *word;
    ngx_uint_t   n;

    p = value->data;
    last = p + value->len;

    for (n = 0; /* void */ ; n++) {

        while (p < last && (*p == ' ' || *p == '\t')) {
            p++;
        }

        if (p == last) {
            return;
        }

        if (n) {
            EVP_DigestUpdate(md, " ", 1);
        }

        word = p;

        while (p < last && *p != ' ' && *p != '\t') {
            p++;
        }

        EVP_DigestUpdate(md, word, p - word);
    }
}


static void
ngx_sfu_sigv4_put(EVP_MD_CTX *md, ngx_str_t *s, ngx_uint_t normalise)
{
    u_char  *p, *last, out[3];
    size_t   n;

    if (!normalise) {
        EVP_DigestUpdate(md, s->data, s->len);
        return;
    }

    p = s->data;
    last = p + s->len;

    while (p < last) {
        n = ngx_sfu_sigv4_next(&p, last, 1, out);
        EVP_DigestUpdate(md, out, n);
    }
}


/* what stands for the next byte: itself, or RFC 3986's encoding of it */

static size_t
ngx_sfu_sigv4_next(u_char **p, u_char *last, ngx_uint_t normalise, u_char *out)
{
    u_char  ch;

    static u_char  hex[] = "0123456789ABCDEF";

    if (!normalise) {
        out[0] = *(*p)++;
        return 1;
    }

    ch = ngx_sfu_sigv4_decode(p, last);

    if ((ch >= '0' && ch <= '9') || (ch >= 'A' && ch <= 'Z')
        || (ch >= 'a' && ch <= 'z')
        || ch == '-' || ch == '_' || ch == '.' || ch == '~')
    {
        out[0] = ch;
        return 1;
    }

    out[0] = '%';
    out[1] = hex[ch >> 4];
    out[2] = hex[ch & 0xf];

    return 3;
}


static void
ngx_sfu_sigv4_sort(ngx_sfu_sigv4_canonical_t *c, ngx_uint_t normalise)
{
    ngx_int_t            order;
    ngx_uint_t           i, j;
    ngx_sfu_sigv4_arg_t  arg;

    for (i = 1; i < c->nargs; i++) {

        arg = c->args[i];

        for (j = i; j > 0; j--) {

            order = ngx_sfu_sigv4_compare(&c->args[j - 1].name, &arg.name,
                                          normalise);
            if (order == 0) {
                order = ngx_sfu_sigv4_compare(&c->args[j - 1].value,
                                              &arg.value, normalise);
            }

            if (order <= 0) {
                break;
            }

            c->args[j] = c->args[j - 1];
        }

        c->args[j] = arg;
    }
}


ngx_int_t
ngx_sfu_sigv4_compare(ngx_str_t *a, ngx_str_t *b, ngx_uint_t normalise)
{
    u_char     *p, *plast, *q, *qlast, x[3], y[3];
    size_t      n;
    ngx_int_t   order;

    p = a->data;
    plast = p + a->len;

    q = b->data;
    qlast = q + b->len;

    while (p < plast && q < qlast) {

        n = ngx_sfu_sigv4_next(&p, plast, normalise, x);

        /* of the same length, if the first byte is the same */
        (void) ngx_sfu_sigv4_next(&q, qlast, normalise, y);

        order = x[0] - y[0];

        if (order == 0 && n == 3) {
            order = ngx_memcmp(x, y, 3);
        }

        if (order != 0) {
            return order;
        }
    }

    return (p < plast) - (q < qlast);
}
