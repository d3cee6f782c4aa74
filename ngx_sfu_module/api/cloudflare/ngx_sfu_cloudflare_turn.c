
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * TURN credentials (12), an API of its own beside that of sessions: its keys
 * are no apps, and no worker is asked.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_cloudflare.h>
#include <ngx_sfu_turn.h>


typedef enum {
    NGX_SFU_CLOUDFLARE_TURN_NONE = 0,
    NGX_SFU_CLOUDFLARE_TURN_PREFLIGHT,
    NGX_SFU_CLOUDFLARE_TURN_ICE_SERVERS,
    NGX_SFU_CLOUDFLARE_TURN_GENERATE,
    NGX_SFU_CLOUDFLARE_TURN_REVOKE
} ngx_sfu_cloudflare_turn_call_e;


static ngx_int_t ngx_sfu_cloudflare_turn_handler(ngx_http_request_t *r);
static ngx_sfu_turn_key_t *ngx_sfu_cloudflare_turn_route(
    ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx, ngx_str_t *path,
    ngx_str_t *username);
static ngx_uint_t ngx_sfu_cloudflare_turn_is(ngx_str_t *s, const char *word);
static ngx_int_t ngx_sfu_cloudflare_turn_body_handler(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, ngx_int_t status);
static ngx_int_t ngx_sfu_cloudflare_turn_generate(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, ngx_sfu_turn_key_t *key);
static time_t ngx_sfu_cloudflare_turn_ttl(ngx_sfu_cloudflare_check_t *check,
    json_t *document, time_t max);
static void ngx_sfu_cloudflare_turn_identifier(
    ngx_sfu_cloudflare_check_t *check, json_t *document,
    ngx_str_t *identifier);
static json_t *ngx_sfu_cloudflare_turn_document(ngx_http_sfu_ctx_t *ctx,
    ngx_sfu_turn_key_t *key, ngx_sfu_turn_credentials_t *credentials);
static json_t *ngx_sfu_cloudflare_turn_urls(ngx_array_t *first,
    ngx_array_t *second);
static ngx_int_t ngx_sfu_cloudflare_turn_revoke(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, ngx_str_t *username);


/* in the order of ngx_sfu_cloudflare_turn_call_e */

static ngx_str_t  ngx_sfu_cloudflare_turn_names[] = {
    ngx_string("-"),
    ngx_string("preflight"),
    ngx_string("generate-ice-servers"),
    ngx_string("generate"),
    ngx_string("revoke")
};


ngx_http_sfu_api_t  ngx_sfu_cloudflare_turn_api = {
    ngx_string("turn"),
    ngx_sfu_cloudflare_turn_names,
    sizeof(ngx_sfu_cloudflare_turn_names) / sizeof(ngx_str_t),
    ngx_sfu_cloudflare_turn_handler,
    ngx_sfu_cloudflare_failures,
    ngx_sfu_cloudflare_document,
    ngx_null_string,
    NULL,
    NGX_HTTP_SFU_BEARER,
    0,
    NGX_HTTP_SFU_NEEDS_KEYS,
    NULL
};


static const ngx_http_sfu_error_t  ngx_sfu_cloudflare_not_revoked = {
    501, "not_implemented",
    "credentials cannot be taken back; they end at the time in their name"
};


static ngx_int_t
ngx_sfu_cloudflare_turn_handler(ngx_http_request_t *r)
{
    ngx_str_t            path, username;
    ngx_str_t            allow = ngx_string("POST, OPTIONS");
    ngx_http_sfu_ctx_t  *ctx;
    ngx_sfu_turn_key_t  *key;

    ctx = ngx_http_sfu_create_ctx(r, &ngx_sfu_cloudflare_turn_api);
    if (ctx == NULL || ngx_http_sfu_path(r, &path) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (r->method == NGX_HTTP_OPTIONS) {
        ctx->call = NGX_SFU_CLOUDFLARE_TURN_PREFLIGHT;
        return ngx_http_sfu_preflight(r, ctx);
    }

    key = ngx_sfu_cloudflare_turn_route(r, ctx, &path, &username);

    if (ctx->call == NGX_SFU_CLOUDFLARE_TURN_NONE) {
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_cloudflare_not_found,
                                 "no such path");
    }

    if (r->method != NGX_HTTP_POST) {

        if (ngx_http_sfu_add_header(r, "Allow", &allow) != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_cloudflare_bad_method,
                                 NULL);
    }

    if (key == NULL) {
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_cloudflare_not_found,
                                 "no such key");
    }

    if (ngx_sfu_auth_bearer(&key->owner, r->headers_in.authorization
                                         ? &r->headers_in.authorization->value
                                         : NULL)
        != NGX_OK)
    {
        return ngx_http_sfu_fail(r, ctx,
                                 &ngx_sfu_cloudflare_unauthorized,
                                 "the token of the key is missing "
                                 "or wrong");
    }

    if (ctx->call == NGX_SFU_CLOUDFLARE_TURN_REVOKE) {
        return ngx_sfu_cloudflare_turn_revoke(r, ctx, &username);
    }

    return ngx_http_sfu_read_body(r, ctx,
                                  ngx_sfu_cloudflare_turn_body_handler);
}


/* "{key}/credentials/..."; NULL when there is no such key */

static ngx_sfu_turn_key_t *
ngx_sfu_cloudflare_turn_route(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    ngx_str_t *path, ngx_str_t *username)
{
    ngx_str_t                  rest, word;
    ngx_sfu_turn_key_t        *key;
    ngx_http_sfu_main_conf_t  *smcf;

    smcf = ngx_http_get_module_main_conf(r, ngx_http_sfu_module);

    rest = *path;
    word = ngx_http_sfu_segment(&rest);

    key = ngx_sfu_turn_find_key(&smcf->keys, &word);

    if (key != NULL) {
        ctx->app = key->owner.id;
    }

    word = ngx_http_sfu_segment(&rest);

    if (!ngx_sfu_cloudflare_turn_is(&word, "credentials")) {
        return key;
    }

    if (ngx_sfu_cloudflare_turn_is(&rest, "generate-ice-servers")) {
        ctx->call = NGX_SFU_CLOUDFLARE_TURN_ICE_SERVERS;
        return key;
    }

    if (ngx_sfu_cloudflare_turn_is(&rest, "generate")) {
        ctx->call = NGX_SFU_CLOUDFLARE_TURN_GENERATE;
        return key;
    }

    *username = ngx_http_sfu_segment(&rest);

    if (username->len != 0 && ngx_sfu_cloudflare_turn_is(&rest, "revoke")) {
        ctx->call = NGX_SFU_CLOUDFLARE_TURN_REVOKE;
    }

    return key;
}


static ngx_uint_t
ngx_sfu_cloudflare_turn_is(ngx_str_t *s, const char *word)
{
    return s->len == ngx_strlen(word)
           && ngx_memcmp(s->data, word, s->len) == 0;
}


static ngx_int_t
ngx_sfu_cloudflare_turn_body_handler(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, ngx_int_t status)
{
    ngx_http_sfu_main_conf_t    *smcf;
    ngx_sfu_cloudflare_check_t   check;

    smcf = ngx_http_get_module_main_conf(r, ngx_http_sfu_module);

    if (status != 0) {
        return ngx_http_sfu_fail(r, ctx,
                     ngx_http_sfu_status_failure(ngx_sfu_cloudflare_failures,
                                           status),
                     NULL);
    }

    ngx_sfu_cloudflare_check_init(&check, r->pool);

    ctx->document = ngx_http_sfu_parse(ctx, &check,
                                       &ngx_sfu_cloudflare_decoding);

    if (ctx->document == NULL) {
        return ngx_http_sfu_fail(r, ctx, check.error, check.detail);
    }

    return ngx_sfu_cloudflare_turn_generate(r, ctx,
                               ngx_sfu_turn_find_key(&smcf->keys, &ctx->app));
}


static ngx_int_t
ngx_sfu_cloudflare_turn_generate(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, ngx_sfu_turn_key_t *key)
{
    time_t                       ttl;
    json_t                      *document;
    ngx_str_t                    identifier;
    ngx_sfu_cloudflare_check_t   check;
    ngx_sfu_turn_credentials_t   credentials;

    ngx_sfu_cloudflare_check_init(&check, r->pool);

    ttl = ngx_sfu_cloudflare_turn_ttl(&check, ctx->document, key->ttl_max);
    ngx_sfu_cloudflare_turn_identifier(&check, ctx->document, &identifier);

    if (check.error != NULL) {
        return ngx_http_sfu_fail(r, ctx, check.error, check.detail);
    }

    if (ngx_sfu_turn_make_credentials(r->pool, key, ngx_time() + ttl,
                                      &identifier, &credentials)
        != NGX_OK)
    {
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_cloudflare_internal,
                                 NULL);
    }

    document = ngx_sfu_cloudflare_turn_document(ctx, key, &credentials);

    if (document == NULL) {
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_cloudflare_internal,
                                 NULL);
    }

    return ngx_http_sfu_reply(r, ctx, NGX_HTTP_CREATED, document);
}


static time_t
ngx_sfu_cloudflare_turn_ttl(ngx_sfu_cloudflare_check_t *check,
    json_t *document, time_t max)
{
    json_t  *ttl;

    ttl = json_object_get(document, "ttl");

    if (!json_is_integer(ttl)) {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_decoding,
                            "\"ttl\" is no number of seconds");
        return 0;
    }

    if (json_integer_value(ttl) < 1 || json_integer_value(ttl) > max) {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_invalid_params,
                            "\"ttl\" is between 1 and %T seconds", max);
    }

    return json_integer_value(ttl);
}


/* it becomes a part of the user name, which STUN wants to be text */

static void
ngx_sfu_cloudflare_turn_identifier(ngx_sfu_cloudflare_check_t *check,
    json_t *document, ngx_str_t *identifier)
{
    size_t   i;
    json_t  *value;

    ngx_str_null(identifier);

    value = ngx_http_sfu_member(check, document, "customIdentifier",
                                NGX_HTTP_SFU_STRING);
    if (value == NULL) {
        return;
    }

    identifier->data = (u_char *) json_string_value(value);
    identifier->len = json_string_length(value);

    for (i = 0; i < identifier->len; i++) {
        if (identifier->data[i] < ' ' || identifier->data[i] == 0x7f) {
            break;
        }
    }

    if (i != identifier->len || i > NGX_SFU_TURN_IDENTIFIER_MAX) {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_invalid_params,
                            "\"customIdentifier\" has control characters "
                            "or more than %d bytes",
                            NGX_SFU_TURN_IDENTIFIER_MAX);
    }
}


static json_t *
ngx_sfu_cloudflare_turn_document(ngx_http_sfu_ctx_t *ctx,
    ngx_sfu_turn_key_t *key, ngx_sfu_turn_credentials_t *credentials)
{
    json_t      *server, *list;
    ngx_uint_t   one;

    /* the older call has one object with all URLs */
    one = ctx->call == NGX_SFU_CLOUDFLARE_TURN_GENERATE;

    server = json_pack("{s:o, s:s%, s:s%}", "urls",
                       ngx_sfu_cloudflare_turn_urls(one ? &key->stun : NULL,
                                                    &key->turn),
                       "username", credentials->username.data,
                       credentials->username.len,
                       "credential", credentials->password.data,
                       credentials->password.len);

    if (one) {
        return json_pack("{s:o}", "iceServers", server);
    }

    list = json_array();

    if (key->stun.nelts != 0
        && json_array_append_new(list,
                   json_pack("{s:o}", "urls",
                             ngx_sfu_cloudflare_turn_urls(&key->stun, NULL)))
           == -1)
    {
        json_decref(server);
        json_decref(list);
        return NULL;
    }

    if (json_array_append_new(list, server) == -1) {
        json_decref(list);
        return NULL;
    }

    return json_pack("{s:o}", "iceServers", list);
}


static json_t *
ngx_sfu_cloudflare_turn_urls(ngx_array_t *first, ngx_array_t *second)
{
    json_t        *urls;
    ngx_str_t     *url;
    ngx_uint_t     i, k;
    ngx_array_t   *lists[2];

    lists[0] = first;
    lists[1] = second;

    urls = json_array();

    for (i = 0; i < 2; i++) {

        if (lists[i] == NULL) {
            continue;
        }

        url = lists[i]->elts;

        for (k = 0; k < lists[i]->nelts; k++) {

            if (json_array_append_new(urls,
                               json_stringn((char *) url[k].data, url[k].len))
                == -1)
            {
                json_decref(urls);
                return NULL;
            }
        }
    }

    return urls;
}


/*
 * The TURN server believes whoever has the MAC, and asks nobody.  So all that
 * can be said truly is that credentials have ended already.
 */

static ngx_int_t
ngx_sfu_cloudflare_turn_revoke(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    ngx_str_t *username)
{
    time_t  expires;

    expires = ngx_sfu_turn_expires(username);

    if (expires == (time_t) NGX_ERROR) {
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_cloudflare_not_found,
                                 "no such credentials");
    }

    if (expires > ngx_time()) {
        return ngx_http_sfu_fail(r, ctx,
                                 &ngx_sfu_cloudflare_not_revoked, NULL);
    }

    return ngx_http_sfu_reply(r, ctx, NGX_HTTP_NO_CONTENT, NULL);
}
