
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * What a request says of its signature.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sfu_sigv4_priv.h>


#define NGX_SFU_SIGV4_ALGORITHM  "AWS4-HMAC-SHA256"


static ngx_sfu_sigv4_e ngx_sfu_sigv4_finish(ngx_sfu_sigv4_t *sig,
    ngx_str_t *credential, ngx_str_t *service);
static ngx_uint_t ngx_sfu_sigv4_same(ngx_str_t *a, ngx_str_t *b);
static ngx_uint_t ngx_sfu_sigv4_is_region(ngx_str_t *region);
static ngx_uint_t ngx_sfu_sigv4_is(ngx_str_t *s, const char *word);
static ngx_str_t ngx_sfu_sigv4_cut(ngx_str_t *s, u_char ch);
static void ngx_sfu_sigv4_trim(ngx_str_t *s);
static ngx_int_t ngx_sfu_sigv4_hex(u_char ch);


/* what a presigned request has at least */

static const char  *ngx_sfu_sigv4_args[] = {
    "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires",
    "X-Amz-SignedHeaders", "X-Amz-Signature"
};

#define NGX_SFU_SIGV4_NARGS  6


ngx_sfu_sigv4_e
ngx_sfu_sigv4_parse_query(ngx_sfu_sigv4_t *sig, ngx_str_t *query,
    ngx_str_t *service, u_char *buf)
{
    ngx_str_t            value[NGX_SFU_SIGV4_NARGS];
    ngx_uint_t           i, j, nargs, nfound;
    ngx_sfu_sigv4_arg_t  args[NGX_SFU_SIGV4_ARGS_MAX];

    ngx_memzero(sig, sizeof(ngx_sfu_sigv4_t));
    sig->presigned = 1;

    if (ngx_sfu_sigv4_split(query, args, &nargs) != NGX_OK) {
        return NGX_SFU_SIGV4_INCOMPLETE;
    }

    /* a second one may be for other eyes than the first */

    for (i = 0; i < nargs; i++) {
        for (j = 0; j < i; j++) {
            if (ngx_sfu_sigv4_same(&args[i].name, &args[j].name)) {
                return NGX_SFU_SIGV4_REPEATED;
            }
        }
    }

    nfound = 0;

    for (i = 0; i < NGX_SFU_SIGV4_NARGS; i++) {
        if (ngx_sfu_sigv4_argument(query, ngx_sfu_sigv4_args[i], buf,
                                   &value[i])
            == NGX_OK)
        {
            buf += value[i].len;
            nfound++;
        }
    }

    if (nfound != NGX_SFU_SIGV4_NARGS) {
        return nfound == 0 ? NGX_SFU_SIGV4_ABSENT : NGX_SFU_SIGV4_INCOMPLETE;
    }

    if (ngx_sfu_sigv4_argument(query, "X-Amz-Security-Token", buf,
                               &sig->token)
        != NGX_OK)
    {
        ngx_str_null(&sig->token);
    }

    if (!ngx_sfu_sigv4_is(&value[0], NGX_SFU_SIGV4_ALGORITHM)) {
        return NGX_SFU_SIGV4_INCOMPLETE;
    }

    sig->time = value[2];
    sig->expires = ngx_sfu_sigv4_number(value[3].data, value[3].len);
    sig->signed_headers = value[4];
    sig->signature = value[5];

    if (value[3].len > 6 || sig->expires < 1
        || sig->expires > NGX_SFU_SIGV4_EXPIRES_MAX)
    {
        return NGX_SFU_SIGV4_INCOMPLETE;
    }

    return ngx_sfu_sigv4_finish(sig, &value[1], service);
}


ngx_sfu_sigv4_e
ngx_sfu_sigv4_parse_header(ngx_sfu_sigv4_t *sig, ngx_str_t *authorization,
    ngx_str_t *time, ngx_str_t *token, ngx_str_t *service)
{
    ngx_str_t   rest, word, name, credential;
    ngx_str_t  *value;

    ngx_memzero(sig, sizeof(ngx_sfu_sigv4_t));

    rest = *authorization;
    word = ngx_sfu_sigv4_cut(&rest, ' ');

    /* of another scheme */

    if (!ngx_sfu_sigv4_is(&word, NGX_SFU_SIGV4_ALGORITHM)) {
        return NGX_SFU_SIGV4_ABSENT;
    }

    ngx_str_null(&credential);

    while (rest.len != 0) {

        word = ngx_sfu_sigv4_cut(&rest, ',');
        ngx_sfu_sigv4_trim(&word);

        name = ngx_sfu_sigv4_cut(&word, '=');

        value = ngx_sfu_sigv4_is(&name, "Credential") ? &credential
                : ngx_sfu_sigv4_is(&name, "SignedHeaders")
                  ? &sig->signed_headers
                : ngx_sfu_sigv4_is(&name, "Signature") ? &sig->signature
                : NULL;

        if (value == NULL || value->len != 0) {
            return NGX_SFU_SIGV4_INCOMPLETE;
        }

        *value = word;
    }

    if (time->data == NULL) {
        return NGX_SFU_SIGV4_INCOMPLETE;
    }

    sig->time = *time;
    sig->token = *token;
    sig->expires = NGX_SFU_SIGV4_SKEW;

    return ngx_sfu_sigv4_finish(sig, &credential, service);
}


/* credential: key id/date/region/service/aws4_request */

static ngx_sfu_sigv4_e
ngx_sfu_sigv4_finish(ngx_sfu_sigv4_t *sig, ngx_str_t *credential,
    ngx_str_t *service)
{
    ngx_str_t  rest, word;

    rest = *credential;

    sig->key_id = ngx_sfu_sigv4_cut(&rest, '/');
    sig->scope = rest;
    sig->date = ngx_sfu_sigv4_cut(&rest, '/');
    sig->region = ngx_sfu_sigv4_cut(&rest, '/');
    word = ngx_sfu_sigv4_cut(&rest, '/');

    if (sig->key_id.len == 0 || !ngx_sfu_sigv4_is_region(&sig->region)
        || word.len != service->len
        || ngx_memcmp(word.data, service->data, word.len) != 0
        || !ngx_sfu_sigv4_is(&rest, "aws4_request"))
    {
        return NGX_SFU_SIGV4_INCOMPLETE;
    }

    sig->when = ngx_sfu_sigv4_parse_time(&sig->time);

    if (sig->when == (time_t) NGX_ERROR || sig->date.len != 8
        || ngx_memcmp(sig->date.data, sig->time.data, 8) != 0)
    {
        return NGX_SFU_SIGV4_INCOMPLETE;
    }

    return sig->signature.len == NGX_SFU_SIGV4_HEX_LEN
           ? NGX_SFU_SIGV4_OK : NGX_SFU_SIGV4_INCOMPLETE;
}


/* it becomes a part of ARNs: [a-z0-9-] */

static ngx_uint_t
ngx_sfu_sigv4_is_region(ngx_str_t *region)
{
    size_t  i;
    u_char  ch;

    for (i = 0; i < region->len; i++) {

        ch = region->data[i];

        if ((ch < 'a' || ch > 'z') && (ch < '0' || ch > '9') && ch != '-') {
            return 0;
        }
    }

    return i >= 1 && i <= NGX_SFU_SIGV4_REGION_MAX;
}


ngx_int_t
ngx_sfu_sigv4_split(ngx_str_t *query, ngx_sfu_sigv4_arg_t *args,
    ngx_uint_t *nargs)
{
    ngx_str_t   rest;
    ngx_uint_t  n;

    n = 0;
    rest = *query;

    while (rest.len != 0) {

        if (n == NGX_SFU_SIGV4_ARGS_MAX) {
            return NGX_ERROR;
        }

        args[n].value = ngx_sfu_sigv4_cut(&rest, '&');
        args[n].name = ngx_sfu_sigv4_cut(&args[n].value, '=');
        n++;
    }

    *nargs = n;

    return NGX_OK;
}


ngx_int_t
ngx_sfu_sigv4_argument(ngx_str_t *query, const char *name, u_char *buf,
    ngx_str_t *value)
{
    u_char     *p, *last;
    ngx_str_t   rest, arg, key;

    rest = *query;

    while (rest.len != 0) {

        arg = ngx_sfu_sigv4_cut(&rest, '&');
        key = ngx_sfu_sigv4_cut(&arg, '=');

        if (!ngx_sfu_sigv4_named(&key, name)) {
            continue;
        }

        value->data = buf;

        p = arg.data;
        last = arg.data + arg.len;

        while (p < last) {
            *buf++ = ngx_sfu_sigv4_decode(&p, last);
        }

        value->len = buf - value->data;

        return NGX_OK;
    }

    return NGX_DECLINED;
}


/* "+" is a plus sign: SigV4 has "%20" for a space */

u_char
ngx_sfu_sigv4_decode(u_char **p, u_char *last)
{
    u_char     ch;
    ngx_int_t  high, low;

    ch = *(*p)++;

    if (ch != '%' || last - *p < 2) {
        return ch;
    }

    high = ngx_sfu_sigv4_hex((*p)[0]);
    low = ngx_sfu_sigv4_hex((*p)[1]);

    if (high == NGX_ERROR || low == NGX_ERROR) {
        return ch;
    }

    *p += 2;

    return (u_char) (high << 4 | low);
}


ngx_uint_t
ngx_sfu_sigv4_named(ngx_str_t *raw, const char *name)
{
    u_char  *p, *last;

    p = raw->data;
    last = p + raw->len;

    while (p < last) {
        if (*name == '\0'
            || ngx_sfu_sigv4_decode(&p, last) != (u_char) *name++)
        {
            return 0;
        }
    }

    return *name == '\0';
}


/* whether both are the same name, of those that begin with "X-Amz-" */

static ngx_uint_t
ngx_sfu_sigv4_same(ngx_str_t *a, ngx_str_t *b)
{
    u_char   ch, *p, *plast, *q, *qlast;
    size_t   n;

    static u_char  prefix[] = "X-Amz-";

    p = a->data;
    plast = p + a->len;

    q = b->data;
    qlast = q + b->len;

    for (n = 0; p < plast && q < qlast; n++) {

        ch = ngx_sfu_sigv4_decode(&p, plast);

        if (ch != ngx_sfu_sigv4_decode(&q, qlast)
            || (n < sizeof(prefix) - 1 && ch != prefix[n]))
        {
            return 0;
        }
    }

    return n > sizeof(prefix) - 1 && p == plast && q == qlast;
}


static ngx_uint_t
ngx_sfu_sigv4_is(ngx_str_t *s, const char *word)
{
    return s->len == ngx_strlen(word)
           && ngx_memcmp(s->data, word, s->len) == 0;
}


/* takes what is before the next ch, and that; all, where there is none */

static ngx_str_t
ngx_sfu_sigv4_cut(ngx_str_t *s, u_char ch)
{
    size_t     i;
    ngx_str_t  part;

    for (i = 0; i < s->len && s->data[i] != ch; i++) { /* void */ }

    part.data = s->data;
    part.len = i;

    if (i < s->len) {
        i++;
    }

    if (i != 0) {
        s->data += i;
        s->len -= i;
    }

    return part;
}


static void
ngx_sfu_sigv4_trim(ngx_str_t *s)
{
    while (s->len && s->data[0] == ' ') {
        s->data++;
        s->len--;
    }

    while (s->len && s->data[s->len - 1] == ' ') {
        s->len--;
    }
}


static ngx_int_t
ngx_sfu_sigv4_hex(u_char ch)
{
    if (ch >= '0' && ch <= '9') {
        return ch - '0';
    }

    ch |= 0x20;

    return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : NGX_ERROR;
}
