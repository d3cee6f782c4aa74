
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * GetIceServerConfig (12.1): the TURN servers of "sfu_ice_servers".  Clients
 * written in C take five entries of four addresses, and guess what an address
 * leaves out differently from browsers, so nothing is left out.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_kvs.h>


#define NGX_SFU_KVS_URIS        4
#define NGX_SFU_KVS_SERVERS     5
/* of a user name, behind its time: clients have room for 256 characters */
#define NGX_SFU_KVS_ICE_ID_MAX  240
#define NGX_SFU_KVS_ICE_MIN     31
#define NGX_SFU_KVS_ICE_MAX     86400


static json_t *ngx_sfu_kvs_ice_list(ngx_http_request_t *r,
    ngx_sfu_turn_key_t *key, ngx_str_t *id, time_t ttl);
static json_t *ngx_sfu_kvs_ice_uri(ngx_pool_t *pool, ngx_str_t *url);


ngx_int_t
ngx_sfu_kvs_ice_request(ngx_http_request_t *r, ngx_http_sfu_check_t *check,
    json_t *document, json_t *message)
{
    ngx_str_t            client, username, service;
    ngx_sfu_kvs_t       *kvs;
    ngx_http_sfu_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_sfu_module);
    kvs = ctx->data;

    if (ngx_sfu_kvs_arn_member(r, check, document, "ChannelARN") != NGX_OK) {
        ngx_http_sfu_refuse(check, check->missing,
                            "\"ChannelARN\" is missing");
        return NGX_ERROR;
    }

    if (ngx_sfu_kvs_name(check, document, "ClientId", &client) == NGX_ERROR
        || ngx_sfu_kvs_name(check, document, "Username", &username)
           == NGX_ERROR
        || ngx_sfu_kvs_text(check, document, "Service", 1, 64, &service)
           == NGX_ERROR)
    {
        return NGX_ERROR;
    }

    if (service.len != 0 && !ngx_sfu_kvs_equal(&service, "TURN")) {
        ngx_http_sfu_refuse(check, &ngx_sfu_kvs_invalid,
                            "\"Service\" is not TURN");
        return NGX_ERROR;
    }

    if (username.len != 0) {
        kvs->client = username;

    } else if (client.len != 0) {
        kvs->client = client;

    } else {
        ngx_str_set(&kvs->client, "master");
    }

    return ngx_sfu_kvs_set_channel(r, message, SFU_IPC_REQ_CHANNEL_GET);
}


ngx_int_t
ngx_sfu_kvs_ice_response(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    json_t *reply)
{
    time_t                    ttl;
    json_t                   *list;
    ngx_str_t                 id;
    ngx_sfu_kvs_t            *kvs;
    ngx_http_sfu_loc_conf_t  *slcf;

    kvs = ctx->data;
    slcf = ngx_http_get_module_loc_conf(r, ngx_http_sfu_module);

    id = kvs->client;
    id.len = ngx_min(id.len, NGX_SFU_KVS_ICE_ID_MAX);

    /* clients ask anew 30 s before the end */

    ttl = ngx_max(ngx_min(slcf->ice_ttl, NGX_SFU_KVS_ICE_MAX),
                  NGX_SFU_KVS_ICE_MIN);

    list = slcf->ice_key ? ngx_sfu_kvs_ice_list(r, slcf->ice_key, &id, ttl)
                         : json_array();
    if (list == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_sfu_reply(r, ctx, NGX_HTTP_OK,
                              json_pack("{s:o}", "IceServerList", list));
}


static json_t *
ngx_sfu_kvs_ice_list(ngx_http_request_t *r, ngx_sfu_turn_key_t *key,
    ngx_str_t *id, time_t ttl)
{
    json_t                      *list, *uris;
    ngx_str_t                   *url;
    ngx_uint_t                   i, n;
    ngx_sfu_turn_credentials_t   credentials;

    if (ngx_sfu_turn_make_credentials(r->pool, key, ngx_time() + ttl, id,
                                      &credentials)
        != NGX_OK)
    {
        return NULL;
    }

    list = json_array();
    uris = NULL;

    url = key->turn.elts;
    n = ngx_min(key->turn.nelts, NGX_SFU_KVS_URIS * NGX_SFU_KVS_SERVERS);

    for (i = 0; i < n; i++) {

        if (i % NGX_SFU_KVS_URIS == 0) {
            uris = json_array();

            if (json_array_append_new(list,
                       json_pack("{s:o, s:s%, s:s%, s:I}", "Uris", uris,
                                 "Username", credentials.username.data,
                                 credentials.username.len,
                                 "Password", credentials.password.data,
                                 credentials.password.len,
                                 "Ttl", (json_int_t) ttl))
                == -1)
            {
                goto failed;
            }
        }

        if (json_array_append_new(uris, ngx_sfu_kvs_ice_uri(r->pool, &url[i]))
            == -1)
        {
            goto failed;
        }
    }

    return list;

failed:

    json_decref(list);

    return NULL;
}


/* "turn:host", "turn:host:port", "turns:[address]?transport=tcp", ... */

static json_t *
ngx_sfu_kvs_ice_uri(ngx_pool_t *pool, ngx_str_t *url)
{
    u_char      *p, *last, *text;
    ngx_str_t    host, query;
    ngx_uint_t   secure, port;

    last = url->data + url->len;
    secure = ngx_strncmp(url->data, "turns:", 6) == 0;

    host.data = url->data + (secure ? 6 : 5);
    host.len = last - host.data;

    ngx_str_null(&query);

    p = ngx_strlchr(host.data, last, '?');

    if (p != NULL) {
        host.len = p - host.data;
        query.data = p;
        query.len = last - p;
    }

    port = 0;

    for (p = host.data; p < host.data + host.len; p++) {

        if (*p == ']') {
            port = 0;

        } else if (*p == ':') {
            port = 1;
        }
    }

    text = ngx_pnalloc(pool, url->len + sizeof(":5349?transport=udp"));
    if (text == NULL) {
        return NULL;
    }

    p = ngx_sprintf(text, "%s:%V%s%s%V", secure ? "turns" : "turn", &host,
                    port ? "" : secure ? ":5349" : ":3478",
                    query.len ? "" : secure ? "?transport=tcp"
                                            : "?transport=udp",
                    &query);

    return json_stringn((char *) text, p - text);
}
