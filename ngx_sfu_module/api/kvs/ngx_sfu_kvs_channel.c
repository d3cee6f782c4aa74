
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Channels themselves (11.2).
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_kvs.h>


static ngx_int_t ngx_sfu_kvs_ttl(ngx_http_sfu_check_t *check,
    json_t *document, json_int_t *ttl);
static ngx_int_t ngx_sfu_kvs_version_member(ngx_http_sfu_check_t *check,
    json_t *document, json_t *message);


ngx_int_t
ngx_sfu_kvs_create_request(ngx_http_request_t *r, ngx_http_sfu_check_t *check,
    json_t *document, json_t *message)
{
    json_t                  *list, *tags;
    ngx_str_t                type;
    json_int_t               ttl;
    ngx_sfu_kvs_t           *kvs;
    ngx_http_sfu_ctx_t      *ctx;
    ngx_sfu_kvs_loc_conf_t  *klcf;

    ctx = ngx_http_get_module_ctx(r, ngx_http_sfu_module);
    klcf = ngx_http_get_module_loc_conf(r, ngx_http_sfu_kvs_module);
    kvs = ctx->data;

    if (ngx_sfu_kvs_name(check, document, "ChannelName", &kvs->name)
        != NGX_OK)
    {
        ngx_http_sfu_refuse(check, check->missing,
                            "\"ChannelName\" is missing");
        return NGX_ERROR;
    }

    if (ngx_sfu_kvs_text(check, document, "ChannelType", 0, 64, &type)
        == NGX_ERROR)
    {
        return NGX_ERROR;
    }

    if (type.len != 0 && !ngx_sfu_kvs_equal(&type, "SINGLE_MASTER")) {
        ngx_http_sfu_refuse(check, &ngx_sfu_kvs_invalid,
                            "\"ChannelType\" is not SINGLE_MASTER");
        return NGX_ERROR;
    }

    ttl = NGX_SFU_KVS_TTL;

    if (ngx_sfu_kvs_ttl(check, document, &ttl) == NGX_ERROR) {
        return NGX_ERROR;
    }

    list = ngx_http_sfu_member(check, document, "Tags", NGX_HTTP_SFU_LIST);

    if (check->error != NULL) {
        return NGX_ERROR;
    }

    if (list != NULL) {
        tags = ngx_sfu_kvs_parse_tags(check, list);

        if (tags == NULL || json_object_set_new(message, "tags", tags) == -1) {
            return NGX_ERROR;
        }
    }

    if (ngx_sfu_kvs_set_channel(r, message, SFU_IPC_REQ_CHANNEL_CREATE)
        != NGX_OK
        || json_object_set_new(message, "ttl", json_integer(ttl)) == -1
        || json_object_set_new(message, "max", json_integer(klcf->channels))
           == -1)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_sfu_kvs_create_response(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    json_t *reply)
{
    json_t         *created;
    ngx_str_t       arn;
    ngx_sfu_kvs_t  *kvs;

    kvs = ctx->data;

    created = json_object_get(json_object_get(reply, "channel"), "created");

    if (!json_is_integer(created)
        || ngx_sfu_kvs_make_arn(r->pool, kvs, &kvs->name,
                                json_integer_value(created), &arn)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_sfu_reply(r, ctx, NGX_HTTP_OK,
                              json_pack("{s:s%}", "ChannelARN", arn.data,
                                        arn.len));
}


ngx_int_t
ngx_sfu_kvs_describe_request(ngx_http_request_t *r,
    ngx_http_sfu_check_t *check, json_t *document, json_t *message)
{
    if (ngx_sfu_kvs_channel_members(r, check, document) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_sfu_kvs_set_channel(r, message, SFU_IPC_REQ_CHANNEL_GET);
}


ngx_int_t
ngx_sfu_kvs_describe_response(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    json_t *reply)
{
    json_t  *info;

    info = ngx_sfu_kvs_channel_info(ctx, json_object_get(reply, "channel"));

    if (info == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_sfu_reply(r, ctx, NGX_HTTP_OK,
                              json_pack("{s:o}", "ChannelInfo", info));
}


json_t *
ngx_sfu_kvs_channel_info(ngx_http_sfu_ctx_t *ctx, json_t *channel)
{
    json_t     *created, *name, *version, *ttl;
    ngx_str_t   arn, text;

    name = json_object_get(channel, "name");
    created = json_object_get(channel, "created");
    version = json_object_get(channel, "version");
    ttl = json_object_get(channel, "ttl");

    if (!json_is_string(name) || !json_is_integer(created)
        || !json_is_string(version) || !json_is_integer(ttl))
    {
        return NULL;
    }

    text.data = (u_char *) json_string_value(name);
    text.len = json_string_length(name);

    if (ngx_sfu_kvs_make_arn(ctx->pool, ctx->data, &text,
                             json_integer_value(created), &arn)
        != NGX_OK)
    {
        return NULL;
    }

    return json_pack("{s:O, s:s%, s:s, s:s, s:f, s:{s:O}, s:O}",
                     "ChannelName", name, "ChannelARN", arn.data, arn.len,
                     "ChannelType", "SINGLE_MASTER", "ChannelStatus", "ACTIVE",
                     "CreationTime",
                     (double) json_integer_value(created) / 1000,
                     "SingleMasterConfiguration", "MessageTtlSeconds", ttl,
                     "Version", version);
}


ngx_int_t
ngx_sfu_kvs_update_request(ngx_http_request_t *r, ngx_http_sfu_check_t *check,
    json_t *document, json_t *message)
{
    ngx_int_t   rc;
    json_int_t  ttl;

    rc = ngx_sfu_kvs_arn_member(r, check, document, "ChannelARN");

    if (rc == NGX_OK) {
        rc = ngx_sfu_kvs_version_member(check, document, message);
    }

    if (rc == NGX_OK) {
        rc = ngx_sfu_kvs_ttl(check, document, &ttl);
    }

    if (rc != NGX_OK) {
        ngx_http_sfu_refuse(check, check->missing,
                            "\"ChannelARN\", \"CurrentVersion\" or "
                            "\"MessageTtlSeconds\" is missing");
        return NGX_ERROR;
    }

    if (json_object_set_new(message, "ttl", json_integer(ttl)) == -1) {
        return NGX_ERROR;
    }

    return ngx_sfu_kvs_set_channel(r, message, SFU_IPC_REQ_CHANNEL_UPDATE);
}


ngx_int_t
ngx_sfu_kvs_delete_request(ngx_http_request_t *r, ngx_http_sfu_check_t *check,
    json_t *document, json_t *message)
{
    if (ngx_sfu_kvs_arn_member(r, check, document, "ChannelARN") != NGX_OK) {
        ngx_http_sfu_refuse(check, check->missing,
                            "\"ChannelARN\" is missing");
        return NGX_ERROR;
    }

    if (ngx_sfu_kvs_version_member(check, document, message) == NGX_ERROR) {
        return NGX_ERROR;
    }

    return ngx_sfu_kvs_set_channel(r, message, SFU_IPC_REQ_CHANNEL_DELETE);
}


ngx_int_t
ngx_sfu_kvs_done_response(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    json_t *reply)
{
    return ngx_http_sfu_reply(r, ctx, NGX_HTTP_OK, json_object());
}


/* NGX_DECLINED: it is not given */

static ngx_int_t
ngx_sfu_kvs_ttl(ngx_http_sfu_check_t *check, json_t *document, json_int_t *ttl)
{
    json_t  *configuration;

    configuration = ngx_http_sfu_member(check, document,
                                        "SingleMasterConfiguration",
                                        NGX_HTTP_SFU_OBJECT);

    if (configuration == NULL) {
        return check->error ? NGX_ERROR : NGX_DECLINED;
    }

    return ngx_sfu_kvs_integer(check, configuration, "MessageTtlSeconds",
                               NGX_SFU_KVS_TTL_MIN, NGX_SFU_KVS_TTL_MAX, ttl);
}


static ngx_int_t
ngx_sfu_kvs_version_member(ngx_http_sfu_check_t *check, json_t *document,
    json_t *message)
{
    size_t     i;
    ngx_int_t  rc;
    ngx_str_t  version;

    rc = ngx_sfu_kvs_text(check, document, "CurrentVersion", 1,
                          NGX_SFU_KVS_VERSION_MAX, &version);

    if (rc != NGX_OK) {
        return rc;
    }

    for (i = 0; i < version.len; i++) {
        if (!isalnum(version.data[i])) {
            ngx_http_sfu_refuse(check, &ngx_sfu_kvs_invalid,
                                "\"CurrentVersion\" is not of letters and "
                                "digits");
            return NGX_ERROR;
        }
    }

    return ngx_sfu_kvs_set_text(message, "version", &version);
}
