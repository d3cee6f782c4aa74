
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * The opening handshake (RFC 6455, 4.2).  No subprotocol is chosen and no
 * extension: a client goes on without those it has offered.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sha1.h>
#include <ngx_sfu_ws.h>
#include <ngx_sfu_ws_priv.h>


#define NGX_SFU_WS_KEY_LEN     16
#define NGX_SFU_WS_SHA1_LEN    20


static ngx_uint_t ngx_sfu_ws_has_token(ngx_http_request_t *r,
    const char *name, const char *token);
static ngx_str_t *ngx_sfu_ws_key(ngx_http_request_t *r);
static ngx_uint_t ngx_sfu_ws_upgrade_required(ngx_http_request_t *r);
static ngx_int_t ngx_sfu_ws_switch(ngx_http_request_t *r);
static ngx_int_t ngx_sfu_ws_accept_value(ngx_http_request_t *r,
    ngx_str_t *value);


static ngx_str_t  ngx_sfu_ws_protocol = ngx_string("websocket");
static ngx_str_t  ngx_sfu_ws_version = ngx_string("13");


ngx_uint_t
ngx_sfu_ws_is_asked(ngx_http_request_t *r)
{
    return ngx_sfu_ws_has_token(r, "Upgrade", "websocket")
           || ngx_http_sfu_find_header(r, "Sec-WebSocket-Key") != NULL
           || ngx_http_sfu_find_header(r, "Sec-WebSocket-Version") != NULL;
}


ngx_uint_t
ngx_sfu_ws_check(ngx_http_request_t *r)
{
    ngx_str_t  *version;

    if (r->method != NGX_HTTP_GET || r->http_version != NGX_HTTP_VERSION_11
        || r->headers_in.content_length_n > 0 || r->headers_in.chunked)
    {
        return NGX_HTTP_BAD_REQUEST;
    }

    if (!ngx_sfu_ws_has_token(r, "Upgrade", "websocket")
        || !ngx_sfu_ws_has_token(r, "Connection", "upgrade"))
    {
        return ngx_sfu_ws_upgrade_required(r);
    }

    version = ngx_http_sfu_find_header(r, "Sec-WebSocket-Version");

    if (version == NULL || version->len != ngx_sfu_ws_version.len
        || ngx_memcmp(version->data, ngx_sfu_ws_version.data, version->len)
           != 0)
    {
        return ngx_sfu_ws_upgrade_required(r);
    }

    return ngx_sfu_ws_key(r) == NULL ? NGX_HTTP_BAD_REQUEST : 0;
}


/* RFC 9110, 7.8: a list, which may have several lines; names have no case */

static ngx_uint_t
ngx_sfu_ws_has_token(ngx_http_request_t *r, const char *name,
    const char *token)
{
    size_t            len;
    u_char           *p, *last, *end;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    len = ngx_strlen(token);

    for (part = &r->headers_in.headers.part; part; part = part->next) {

        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (h[i].key.len != ngx_strlen(name)
                || ngx_strncasecmp(h[i].key.data, (u_char *) name,
                                   h[i].key.len)
                   != 0)
            {
                continue;
            }

            p = h[i].value.data;
            last = p + h[i].value.len;

            while (p < last) {

                while (p < last && (*p == ' ' || *p == '\t' || *p == ',')) {
                    p++;
                }

                for (end = p; end < last && *end != ','; end++) {
                    /* void */
                }

                if ((size_t) (end - p) >= len
                    && ngx_strncasecmp(p, (u_char *) token, len) == 0
                    && (p + len == end || p[len] == ' ' || p[len] == '\t'))
                {
                    return 1;
                }

                p = end;
            }
        }
    }

    return 0;
}


/* 16 bytes in base64 */

static ngx_str_t *
ngx_sfu_ws_key(ngx_http_request_t *r)
{
    u_char      buffer[ngx_base64_decoded_length(
                           ngx_base64_encoded_length(NGX_SFU_WS_KEY_LEN))];
    ngx_str_t  *key, decoded;

    key = ngx_http_sfu_find_header(r, "Sec-WebSocket-Key");

    if (key == NULL
        || key->len != ngx_base64_encoded_length(NGX_SFU_WS_KEY_LEN))
    {
        return NULL;
    }

    decoded.data = buffer;

    if (ngx_decode_base64(&decoded, key) != NGX_OK
        || decoded.len != NGX_SFU_WS_KEY_LEN)
    {
        return NULL;
    }

    return key;
}


static ngx_uint_t
ngx_sfu_ws_upgrade_required(ngx_http_request_t *r)
{
    if (ngx_http_sfu_add_header(r, "Upgrade", &ngx_sfu_ws_protocol) != NGX_OK
        || ngx_http_sfu_add_header(r, "Sec-WebSocket-Version",
                                   &ngx_sfu_ws_version)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return 426;
}


ngx_int_t
ngx_sfu_ws_accept(ngx_http_request_t *r, ngx_sfu_ws_settings_t *settings,
    const ngx_sfu_ws_handlers_t *handlers, void *data, ngx_sfu_ws_t **accepted)
{
    ngx_sfu_ws_t              *ws;
    ngx_http_sfu_ctx_t        *ctx;
    ngx_http_sfu_main_conf_t  *smcf;

    ctx = ngx_http_get_module_ctx(r, ngx_http_sfu_module);
    smcf = ngx_http_get_module_main_conf(r, ngx_http_sfu_module);

    ws = ngx_pcalloc(r->pool, sizeof(ngx_sfu_ws_t));
    if (ws == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ws->request = r;
    ws->data = data;
    ws->settings = settings;
    ws->handlers = handlers;
    ws->counters = smcf->zone->data;

    if (ngx_sfu_ws_switch(r) != NGX_OK || ngx_sfu_ws_begin(ws) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx->ws = ws;
    ctx->replied = 1;
    ctx->elapsed = ngx_current_msec - ctx->start;

    *accepted = ws;

    return NGX_DONE;
}


static ngx_int_t
ngx_sfu_ws_switch(ngx_http_request_t *r)
{
    ngx_int_t                  rc;
    ngx_str_t                  value;
    ngx_http_core_loc_conf_t  *clcf;

    if (ngx_sfu_ws_accept_value(r, &value) != NGX_OK
        || ngx_http_sfu_add_header(r, "Upgrade", &ngx_sfu_ws_protocol)
           != NGX_OK
        || ngx_http_sfu_add_header(r, "Sec-WebSocket-Accept", &value)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    r->headers_out.status = NGX_HTTP_SWITCHING_PROTOCOLS;
    ngx_str_set(&r->headers_out.status_line, "101 Switching Protocols");

    r->keepalive = 0;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK
        || ngx_http_send_special(r, NGX_HTTP_FLUSH) == NGX_ERROR)
    {
        return NGX_ERROR;
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (clcf->tcp_nodelay && ngx_tcp_nodelay(r->connection) != NGX_OK) {
        return NGX_ERROR;
    }

    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_request_empty_handler;

    return NGX_OK;
}


/* 4.2.2, 5.4 */

static ngx_int_t
ngx_sfu_ws_accept_value(ngx_http_request_t *r, ngx_str_t *value)
{
    u_char      digest[NGX_SFU_WS_SHA1_LEN];
    ngx_str_t  *key, binary;
    ngx_sha1_t  sha1;

    key = ngx_sfu_ws_key(r);

    value->data = ngx_pnalloc(r->pool,
                              ngx_base64_encoded_length(NGX_SFU_WS_SHA1_LEN));

    if (key == NULL || value->data == NULL) {
        return NGX_ERROR;
    }

    ngx_sha1_init(&sha1);
    ngx_sha1_update(&sha1, key->data, key->len);
    ngx_sha1_update(&sha1, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 36);
    ngx_sha1_final(digest, &sha1);

    binary.data = digest;
    binary.len = NGX_SFU_WS_SHA1_LEN;

    ngx_encode_base64(value, &binary);

    return NGX_OK;
}
