
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Who asks, and what he may (3.7, 11.4).
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_kvs.h>


static const char *ngx_sfu_kvs_skew(ngx_http_request_t *r, ngx_sfu_kvs_t *kvs,
    const char *fmt, time_t limit);


static const ngx_http_sfu_error_t  ngx_sfu_kvs_absent = {
    403, "MissingAuthenticationTokenException", "the request is not signed"
};

static const ngx_http_sfu_error_t  ngx_sfu_kvs_incomplete = {
    403, "IncompleteSignatureException",
    "the signature lacks something, or is not as it should be"
};

static const ngx_http_sfu_error_t  ngx_sfu_kvs_unrecognized = {
    403, "UnrecognizedClientException",
    "The security token included in the request is invalid."
};

static const ngx_http_sfu_error_t  ngx_sfu_kvs_token_expired = {
    403, "ExpiredTokenException",
    "The security token included in the request is expired"
};

static const ngx_http_sfu_error_t  ngx_sfu_kvs_mismatch = {
    403, "InvalidSignatureException",
    "The request signature we calculated does not match the signature you "
    "provided."
};


const ngx_http_sfu_error_t *
ngx_sfu_kvs_signature_error(ngx_http_request_t *r, ngx_sfu_kvs_t *kvs,
    ngx_sfu_sigv4_e result, const char **detail)
{
    *detail = NULL;

    switch (result) {

    case NGX_SFU_SIGV4_OK:
        return NULL;

    case NGX_SFU_SIGV4_ABSENT:
        return &ngx_sfu_kvs_absent;

    case NGX_SFU_SIGV4_REPEATED:
        *detail = "an argument of the query comes twice";
        return &ngx_sfu_kvs_invalid;

    case NGX_SFU_SIGV4_INCOMPLETE:
        return &ngx_sfu_kvs_incomplete;

    /* clients look for these words, and set their clocks by "Date" */

    case NGX_SFU_SIGV4_EARLY:
        *detail = ngx_sfu_kvs_skew(r, kvs, "Signature not yet current: %V is "
                                   "still later than %s (%s + 5 min.)%Z",
                                   ngx_time() + NGX_SFU_SIGV4_SKEW);
        return &ngx_sfu_kvs_mismatch;

    case NGX_SFU_SIGV4_EXPIRED:
        *detail = ngx_sfu_kvs_skew(r, kvs, "Signature expired: %V is now "
                                   "earlier than %s (%s - 5 min.)%Z",
                                   ngx_time() - NGX_SFU_SIGV4_SKEW);
        return &ngx_sfu_kvs_mismatch;

    case NGX_SFU_SIGV4_UNKNOWN_KEY:
    case NGX_SFU_SIGV4_WRONG_TOKEN:
        return &ngx_sfu_kvs_unrecognized;

    case NGX_SFU_SIGV4_TOKEN_EXPIRED:
        return &ngx_sfu_kvs_token_expired;

    case NGX_SFU_SIGV4_MISMATCH:
        return &ngx_sfu_kvs_mismatch;

    default: /* NGX_SFU_SIGV4_FAILED */
        return &ngx_sfu_kvs_internal;
    }
}


static const char *
ngx_sfu_kvs_skew(ngx_http_request_t *r, ngx_sfu_kvs_t *kvs, const char *fmt,
    time_t limit)
{
    u_char      *p, text[2][NGX_SFU_SIGV4_TIME_LEN + 1];
    ngx_tm_t     tm;
    ngx_uint_t   i;

    for (i = 0; i < 2; i++) {
        ngx_gmtime(i == 0 ? limit : ngx_time(), &tm);

        (void) ngx_sprintf(text[i], "%4d%02d%02dT%02d%02d%02dZ%Z",
                           tm.ngx_tm_year, tm.ngx_tm_mon, tm.ngx_tm_mday,
                           tm.ngx_tm_hour, tm.ngx_tm_min, tm.ngx_tm_sec);
    }

    p = ngx_pnalloc(r->pool, 160);

    if (p != NULL) {
        (void) ngx_snprintf(p, 160, fmt, &kvs->signature.sig.time, text[0],
                            text[1]);
    }

    return (char *) p;
}


const ngx_http_sfu_error_t *
ngx_sfu_kvs_caller_error(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    const char **detail)
{
    u_char                *p;
    ngx_str_t             *region;
    ngx_sfu_kvs_t         *kvs;
    ngx_sfu_access_key_t  *key;

    kvs = ctx->data;
    key = kvs->signature.key;
    region = &kvs->signature.sig.region;

    if (key->app.len != 0
        && (key->app.len != ctx->app.len
            || ngx_memcmp(key->app.data, ctx->app.data, key->app.len) != 0))
    {
        *detail = "the key is for another app";
        return &ngx_sfu_kvs_forbidden;
    }

    if (!ngx_sfu_access_key_in_region(key, region)) {
        *detail = "the key is for another region";
        return &ngx_sfu_kvs_forbidden;
    }

    p = ngx_pnalloc(r->pool, region->len + 1 + key->account.len);
    if (p == NULL) {
        return &ngx_sfu_kvs_internal;
    }

    kvs->scope.data = p;
    kvs->scope.len = ngx_sprintf(p, "%V/%V", region, &key->account) - p;

    return NULL;
}


ngx_uint_t
ngx_sfu_kvs_may(ngx_sfu_kvs_t *kvs, ngx_str_t *action)
{
    return ngx_sfu_access_key_may(kvs->signature.key, action);
}


ngx_uint_t
ngx_sfu_kvs_may_to(ngx_http_request_t *r, ngx_sfu_kvs_t *kvs, ngx_str_t *name,
    uint64_t created)
{
    ngx_str_t  arn;

    if (kvs->signature.key->resources.nelts == 0) {
        return 1;
    }

    return ngx_sfu_kvs_make_arn(r->pool, kvs, name, created, &arn) == NGX_OK
           && ngx_sfu_access_key_owns(kvs->signature.key, &arn);
}


ngx_uint_t
ngx_sfu_kvs_may_to_name(ngx_http_request_t *r, ngx_sfu_kvs_t *kvs,
    ngx_str_t *name)
{
    ngx_str_t  arn;

    if (ngx_sfu_kvs_make_arn(r->pool, kvs, name, 0, &arn) != NGX_OK) {
        return 0;
    }

    /* all but the time */
    arn.len--;

    return ngx_sfu_access_key_may_own(kvs->signature.key, &arn);
}
