
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * GetSignalingChannelEndpoint (2.2, 11.2).  The role is a part of the path,
 * and clients sign the text of the address: a browser leaves out the port 443
 * and writes the name of the host in small letters, so it is given like that.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_kvs.h>


static ngx_int_t ngx_sfu_kvs_protocols(ngx_http_sfu_check_t *check,
    ngx_sfu_kvs_t *kvs, json_t *configuration);
static json_t *ngx_sfu_kvs_endpoint_entry(ngx_sfu_kvs_t *kvs,
    ngx_str_t *base, ngx_uint_t protocol);
static ngx_int_t ngx_sfu_kvs_base(ngx_http_request_t *r, ngx_sfu_kvs_t *kvs,
    ngx_str_t *base);
static void ngx_sfu_kvs_tidy(ngx_str_t *base);


/* bits of kvs->protocols are in this order */

static ngx_str_t  ngx_sfu_kvs_protocol_names[] = {
    ngx_string("WSS"),
    ngx_string("HTTPS"),
    ngx_string("WEBRTC")
};

#define NGX_SFU_KVS_WSS         0
#define NGX_SFU_KVS_WEBRTC      2
#define NGX_SFU_KVS_NPROTOCOLS  3


ngx_int_t
ngx_sfu_kvs_endpoint_request(ngx_http_request_t *r,
    ngx_http_sfu_check_t *check, json_t *document, json_t *message)
{
    json_t              *configuration;
    ngx_str_t            role;
    ngx_sfu_kvs_t       *kvs;
    ngx_http_sfu_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_sfu_module);
    kvs = ctx->data;

    if (ngx_sfu_kvs_arn_member(r, check, document, "ChannelARN") != NGX_OK) {
        ngx_http_sfu_refuse(check, check->missing,
                            "\"ChannelARN\" is missing");
        return NGX_ERROR;
    }

    kvs->protocols = 1 << NGX_SFU_KVS_WSS;

    configuration = ngx_http_sfu_member(check, document,
                                    "SingleMasterChannelEndpointConfiguration",
                                        NGX_HTTP_SFU_OBJECT);

    if (check->error != NULL
        || (configuration != NULL
            && (ngx_sfu_kvs_protocols(check, kvs, configuration) != NGX_OK
                || ngx_sfu_kvs_text(check, configuration, "Role", 1, 64, &role)
                   == NGX_ERROR)))
    {
        return NGX_ERROR;
    }

    if (configuration != NULL && role.len != 0) {
        kvs->viewer = ngx_sfu_kvs_equal(&role, "VIEWER");

        if (!kvs->viewer && !ngx_sfu_kvs_equal(&role, "MASTER")) {
            ngx_http_sfu_refuse(check, &ngx_sfu_kvs_invalid,
                                "\"Role\" is neither MASTER nor VIEWER");
            return NGX_ERROR;
        }
    }

    return ngx_sfu_kvs_set_channel(r, message, SFU_IPC_REQ_CHANNEL_GET);
}


static ngx_int_t
ngx_sfu_kvs_protocols(ngx_http_sfu_check_t *check, ngx_sfu_kvs_t *kvs,
    json_t *configuration)
{
    size_t      i, j;
    json_t     *list, *member;
    ngx_str_t   name;

    list = ngx_http_sfu_member(check, configuration, "Protocols",
                               NGX_HTTP_SFU_LIST);
    if (list == NULL) {
        return check->error ? NGX_ERROR : NGX_OK;
    }

    if (json_array_size(list) < 1 || json_array_size(list) > 5) {
        ngx_http_sfu_refuse(check, &ngx_sfu_kvs_invalid,
                            "\"Protocols\" has not 1 to 5 members");
        return NGX_ERROR;
    }

    kvs->protocols = 0;

    json_array_foreach(list, i, member) {

        if (!json_is_string(member)) {
            ngx_http_sfu_refuse(check, check->mistyped,
                                "a protocol is not a string");
            return NGX_ERROR;
        }

        name.data = (u_char *) json_string_value(member);
        name.len = json_string_length(member);

        for (j = 0; j < NGX_SFU_KVS_NPROTOCOLS; j++) {
            if (ngx_sfu_kvs_equal(&name,
                               (char *) ngx_sfu_kvs_protocol_names[j].data))
            {
                break;
            }
        }

        if (j == NGX_SFU_KVS_NPROTOCOLS) {
            ngx_http_sfu_refuse(check, &ngx_sfu_kvs_invalid,
                                "a protocol is none of WSS, HTTPS, WEBRTC");
            return NGX_ERROR;
        }

        kvs->protocols |= 1 << j;
    }

    return NGX_OK;
}


ngx_int_t
ngx_sfu_kvs_endpoint_response(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    json_t *reply)
{
    json_t         *list, *storage;
    ngx_int_t       rc;
    ngx_str_t       base;
    ngx_uint_t      i;
    ngx_sfu_kvs_t  *kvs;

    kvs = ctx->data;

    storage = json_object_get(json_object_get(reply, "channel"), "storage");

    if ((kvs->protocols & 1 << NGX_SFU_KVS_WEBRTC)
        && json_string_length(storage) == 0)
    {
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_kvs_invalid,
                                 "the channel has no media storage");
    }

    rc = ngx_sfu_kvs_base(r, kvs, &base);

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED
               ? ngx_http_sfu_fail(r, ctx, &ngx_sfu_kvs_invalid,
                                   "the request has no Host header")
               : NGX_ERROR;
    }

    if (base.len + sizeof("https:///m") - 1 > NGX_SFU_KVS_ENDPOINT_MAX) {
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_kvs_invalid,
                                 "the endpoint has more than 512 characters");
    }

    list = json_array();

    for (i = 0; i < NGX_SFU_KVS_NPROTOCOLS; i++) {

        if ((kvs->protocols & 1 << i)
            && json_array_append_new(list,
                                     ngx_sfu_kvs_endpoint_entry(kvs, &base, i))
               == -1)
        {
            json_decref(list);
            return NGX_ERROR;
        }
    }

    return ngx_http_sfu_reply(r, ctx, NGX_HTTP_OK,
                              json_pack("{s:o}", "ResourceEndpointList",
                                        list));
}


/* it was seen that the base is not too long */

static json_t *
ngx_sfu_kvs_endpoint_entry(ngx_sfu_kvs_t *kvs, ngx_str_t *base,
    ngx_uint_t protocol)
{
    u_char       text[NGX_SFU_KVS_ENDPOINT_MAX + 1];
    const char  *scheme, *path;

    if (protocol == NGX_SFU_KVS_WSS) {
        scheme = "wss";
        path = kvs->viewer ? "v" : "m";

    } else {
        scheme = "https";
        path = "r";
    }

    (void) ngx_sprintf(text, "%s://%V/%s%Z", scheme, base, path);

    return json_pack("{s:s, s:s}", "Protocol",
                     ngx_sfu_kvs_protocol_names[protocol].data,
                     "ResourceEndpoint", text);
}


/* host[:port][/path], of the directive or of the request */

static ngx_int_t
ngx_sfu_kvs_base(ngx_http_request_t *r, ngx_sfu_kvs_t *kvs, ngx_str_t *base)
{
    u_char                  *p;
    ngx_str_t               *host;
    ngx_sfu_kvs_loc_conf_t  *klcf;

    klcf = ngx_http_get_module_loc_conf(r, ngx_http_sfu_kvs_module);

    if (klcf->endpoint != NULL) {

        if (ngx_http_complex_value(r, klcf->endpoint, base) != NGX_OK) {
            return NGX_ERROR;
        }

        /* of a constant it is the configuration's */

        p = ngx_pstrdup(r->pool, base);
        if (p == NULL) {
            return NGX_ERROR;
        }

        base->data = p;

    } else {

        if (r->headers_in.host == NULL) {
            return NGX_DECLINED;
        }

        host = &r->headers_in.host->value;

        p = ngx_pnalloc(r->pool, host->len + kvs->prefix_path.len);
        if (p == NULL) {
            return NGX_ERROR;
        }

        base->data = p;
        p = ngx_cpymem(p, host->data, host->len);
        p = ngx_cpymem(p, kvs->prefix_path.data, kvs->prefix_path.len);
        base->len = p - base->data;
    }

    ngx_sfu_kvs_tidy(base);

    return base->len ? NGX_OK : NGX_DECLINED;
}


static void
ngx_sfu_kvs_tidy(ngx_str_t *base)
{
    size_t   len;
    u_char  *p, *last;

    while (base->len && base->data[base->len - 1] == '/') {
        base->len--;
    }

    last = base->data + base->len;

    for (p = base->data; p < last && *p != '/'; p++) {
        *p = ngx_tolower(*p);
    }

    len = p - base->data;

    if (len > 4 && ngx_strncmp(p - 4, ":443", 4) == 0) {
        ngx_memmove(p - 4, p, last - p);
        base->len -= 4;
    }
}
