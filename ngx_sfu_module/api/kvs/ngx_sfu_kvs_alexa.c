
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * SendAlexaOfferToMaster (12.2): an offer whose answer is the response.  The
 * worker waits for it as long as messages of the channel live.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_kvs.h>


#define NGX_SFU_KVS_ALEXA_MAX  10000


static ngx_uint_t ngx_sfu_kvs_is_base64(ngx_str_t *text);


ngx_int_t
ngx_sfu_kvs_alexa_request(ngx_http_request_t *r, ngx_http_sfu_check_t *check,
    json_t *document, json_t *message)
{
    ngx_str_t            payload;
    ngx_sfu_kvs_t       *kvs;
    ngx_http_sfu_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_sfu_module);
    kvs = ctx->data;

    if (ngx_sfu_kvs_arn_member(r, check, document, "ChannelARN") != NGX_OK
        || ngx_sfu_kvs_name(check, document, "SenderClientId", &kvs->client)
           != NGX_OK
        || ngx_sfu_kvs_text(check, document, "MessagePayload", 1,
                            NGX_SFU_KVS_ALEXA_MAX, &payload)
           != NGX_OK)
    {
        ngx_http_sfu_refuse(check, check->missing,
                            "\"ChannelARN\", \"SenderClientId\" or "
                            "\"MessagePayload\" is missing");
        return NGX_ERROR;
    }

    if (ngx_sfu_kvs_is_reserved(&kvs->client)) {
        ngx_http_sfu_refuse(check, &ngx_sfu_kvs_invalid,
                            "\"SenderClientId\" begins with \"AWS_\"");
        return NGX_ERROR;
    }

    if (!ngx_sfu_kvs_is_base64(&payload)) {
        ngx_http_sfu_refuse(check, &ngx_sfu_kvs_invalid,
                            "\"MessagePayload\" is not base64");
        return NGX_ERROR;
    }

    ctx->timeout = (NGX_SFU_KVS_TTL_MAX + 5) * 1000;

    if (ngx_sfu_kvs_set_text(message, "from", &kvs->client) != NGX_OK
        || ngx_sfu_kvs_set_text(message, "payload", &payload) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_sfu_kvs_set_channel(r, message, SFU_IPC_REQ_CHANNEL_CALL);
}


static ngx_uint_t
ngx_sfu_kvs_is_base64(ngx_str_t *text)
{
    size_t  i;
    u_char  ch;

    for (i = 0; i < text->len; i++) {

        ch = text->data[i];

        if (!isalnum(ch) && ch != '+' && ch != '/' && ch != '=') {
            return 0;
        }
    }

    return 1;
}


ngx_int_t
ngx_sfu_kvs_alexa_response(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    json_t *reply)
{
    json_t  *payload;

    payload = json_object_get(reply, "payload");

    if (!json_is_string(payload)) {
        return NGX_ERROR;
    }

    return ngx_http_sfu_reply(r, ctx, NGX_HTTP_OK,
                              json_pack("{s:O}", "Answer", payload));
}
