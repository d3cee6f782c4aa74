
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Where the media of a channel is kept, and who joins that (11.2, 13).  The
 * worker is the storage peer; a stream is a name to it.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_kvs.h>


ngx_int_t
ngx_sfu_kvs_storage_response(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    json_t *reply)
{
    json_t  *channel, *storage, *document;

    channel = json_object_get(reply, "channel");

    if (!json_is_object(channel)) {
        return NGX_ERROR;
    }

    storage = json_object_get(channel, "storage");

    document = json_string_length(storage) != 0
               ? json_pack("{s:{s:s, s:O}}", "MediaStorageConfiguration",
                           "Status", "ENABLED", "StreamARN", storage)
               : json_pack("{s:{s:s}}", "MediaStorageConfiguration",
                           "Status", "DISABLED");

    return ngx_http_sfu_reply(r, ctx, NGX_HTTP_OK, document);
}


ngx_int_t
ngx_sfu_kvs_update_storage_request(ngx_http_request_t *r,
    ngx_http_sfu_check_t *check, json_t *document, json_t *message)
{
    json_t             *configuration;
    ngx_str_t           status, stream;
    ngx_sfu_kvs_arn_t   arn;

    if (ngx_sfu_kvs_arn_member(r, check, document, "ChannelARN") != NGX_OK) {
        ngx_http_sfu_refuse(check, check->missing,
                            "\"ChannelARN\" is missing");
        return NGX_ERROR;
    }

    configuration = ngx_http_sfu_required(check, document,
                                          "MediaStorageConfiguration",
                                          NGX_HTTP_SFU_OBJECT);
    if (configuration == NULL
        || ngx_sfu_kvs_text(check, configuration, "Status", 1, 64, &status)
           == NGX_ERROR
        || ngx_sfu_kvs_text(check, configuration, "StreamARN", 1,
                            NGX_SFU_KVS_ARN_MAX, &stream)
           == NGX_ERROR)
    {
        return NGX_ERROR;
    }

    if (ngx_sfu_kvs_equal(&status, "DISABLED")) {
        ngx_str_set(&stream, "");

    } else if (!ngx_sfu_kvs_equal(&status, "ENABLED")) {
        ngx_http_sfu_refuse(check, &ngx_sfu_kvs_invalid,
                            "\"Status\" is neither ENABLED nor DISABLED");
        return NGX_ERROR;

    } else if (stream.len == 0
               || ngx_sfu_kvs_parse_arn(&stream, &arn) != NGX_OK
               || !ngx_sfu_kvs_equal(&arn.type, "stream"))
    {
        ngx_http_sfu_refuse(check, &ngx_sfu_kvs_invalid,
                            "\"StreamARN\" is not the ARN of a stream");
        return NGX_ERROR;
    }

    if (ngx_sfu_kvs_set_text(message, "storage", &stream) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_sfu_kvs_set_channel(r, message, SFU_IPC_REQ_CHANNEL_UPDATE);
}


ngx_int_t
ngx_sfu_kvs_join_request(ngx_http_request_t *r, ngx_http_sfu_check_t *check,
    json_t *document, json_t *message)
{
    ngx_int_t            rc;
    ngx_sfu_kvs_t       *kvs;
    ngx_http_sfu_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_sfu_module);
    kvs = ctx->data;

    if (ngx_sfu_kvs_arn_member(r, check, document, "channelArn") != NGX_OK) {
        ngx_http_sfu_refuse(check, check->missing,
                            "\"channelArn\" is missing");
        return NGX_ERROR;
    }

    rc = ngx_sfu_kvs_name(check, document, "clientId", &kvs->client);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_OK) {

        if (ngx_sfu_kvs_is_reserved(&kvs->client)) {
            ngx_http_sfu_refuse(check, &ngx_sfu_kvs_invalid,
                                "\"clientId\" begins with \"AWS_\"");
            return NGX_ERROR;
        }

        if (ngx_sfu_kvs_set_text(message, "client", &kvs->client) != NGX_OK) {
            return NGX_ERROR;
        }

    } else if (ctx->call == NGX_SFU_KVS_JOIN_VIEWER) {
        ngx_http_sfu_refuse(check, check->missing, "\"clientId\" is missing");
        return NGX_ERROR;
    }

    return ngx_sfu_kvs_set_channel(r, message, SFU_IPC_REQ_CHANNEL_JOIN);
}


ngx_int_t
ngx_sfu_kvs_join_response(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    json_t *reply)
{
    return ngx_http_sfu_reply(r, ctx, NGX_HTTP_OK, NULL);
}
