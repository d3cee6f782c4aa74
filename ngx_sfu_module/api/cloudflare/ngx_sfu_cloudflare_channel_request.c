
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Data channels (section 10): from the clients' documents to messages for
 * the worker.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_cloudflare.h>


static json_t *ngx_sfu_cloudflare_channels(ngx_sfu_cloudflare_check_t *check,
    json_t *document, json_t *message);
static void ngx_sfu_cloudflare_channel_name(ngx_sfu_cloudflare_check_t *check,
    json_t *channel, json_t *to, ngx_uint_t remote);
static void ngx_sfu_cloudflare_channel_number(
    ngx_sfu_cloudflare_check_t *check, json_t *channel, const char *name,
    json_t *to, const char *key, json_int_t max);
static void ngx_sfu_cloudflare_channel_policy(
    ngx_sfu_cloudflare_check_t *check, json_t *channel, json_t *to);


/* 65535 means no stream to SCTP */
#define NGX_SFU_CLOUDFLARE_CHANNEL_ID_MAX  65534


/* 5.7; the one channel that is asked for has id 0 in either direction */

ngx_int_t
ngx_sfu_cloudflare_establish_request(ngx_sfu_cloudflare_check_t *check,
    json_t *document, json_t *message)
{
    json_t  *channel, *list, *entry;

    channel = ngx_http_sfu_member(check, document, "dataChannel",
                                  NGX_HTTP_SFU_OBJECT);

    if (ngx_sfu_cloudflare_set_offer(check, document, message) != NGX_OK) {
        return NGX_ERROR;
    }

    if (channel == NULL) {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_decoding,
                            "\"dataChannel\" is missing");
        return NGX_ERROR;
    }

    list = json_array();

    if (json_object_set_new(message, "channels", list) == -1) {
        return NGX_ERROR;
    }

    entry = ngx_sfu_cloudflare_append(check, list);
    if (entry == NULL) {
        return NGX_ERROR;
    }

    ngx_sfu_cloudflare_channel_name(check, channel, entry, 0);

    if (check->error != NULL
        || json_object_set_new(entry, "id", json_integer(0)) == -1)
    {
        return NGX_ERROR;
    }

    return ngx_sfu_cloudflare_set_type(message, SFU_IPC_REQ_ESTABLISH);
}


/* 5.8 */

ngx_int_t
ngx_sfu_cloudflare_channels_request(ngx_sfu_cloudflare_check_t *check,
    json_t *document, json_t *message)
{
    json_t      *channels, *list, *entry, *channel;
    size_t       i;
    ngx_uint_t   remote;

    channels = ngx_sfu_cloudflare_channels(check, document, message);

    if (channels == NULL) {
        return NGX_ERROR;
    }

    remote = ngx_sfu_cloudflare_is_remote(check, channels);

    if (check->error != NULL) {
        return NGX_ERROR;
    }

    list = json_object_get(message, "channels");

    json_array_foreach(channels, i, channel) {

        entry = ngx_sfu_cloudflare_append(check, list);
        if (entry == NULL) {
            return NGX_ERROR;
        }

        ngx_sfu_cloudflare_channel_name(check, channel, entry, remote);
        ngx_sfu_cloudflare_channel_policy(check, channel, entry);

        if (remote) {
            ngx_sfu_cloudflare_copy(check, entry, "wait_ack",
                                    ngx_http_sfu_member(check, channel,
                                                "waitForAck",
                                                NGX_HTTP_SFU_BOOLEAN));
            ngx_sfu_cloudflare_copy(check, entry, "can_reply",
                                    ngx_http_sfu_member(check, channel,
                                                "canReply",
                                                NGX_HTTP_SFU_BOOLEAN));
        }

        if (check->error != NULL) {
            return NGX_ERROR;
        }
    }

    return ngx_sfu_cloudflare_set_type(message,
                                       remote ? SFU_IPC_REQ_SUBSCRIBE_CHANNELS
                                              : SFU_IPC_REQ_PUBLISH_CHANNELS);
}


/* 5.9 */

ngx_int_t
ngx_sfu_cloudflare_channels_update_request(ngx_sfu_cloudflare_check_t *check,
    json_t *document, json_t *message)
{
    json_t  *channels, *list, *entry, *channel;
    size_t   i;

    channels = ngx_sfu_cloudflare_channels(check, document, message);

    if (channels == NULL) {
        return NGX_ERROR;
    }

    if (!ngx_sfu_cloudflare_is_remote(check, channels)) {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_invalid_params,
                            "only remote data channels are updated");
        return NGX_ERROR;
    }

    list = json_object_get(message, "channels");

    json_array_foreach(channels, i, channel) {

        entry = ngx_sfu_cloudflare_append(check, list);
        if (entry == NULL) {
            return NGX_ERROR;
        }

        ngx_sfu_cloudflare_channel_name(check, channel, entry, 1);
        ngx_sfu_cloudflare_channel_number(check, channel, "id", entry, "id",
                                          NGX_SFU_CLOUDFLARE_CHANNEL_ID_MAX);
        ngx_sfu_cloudflare_copy(check, entry, "can_reply",
                                ngx_http_sfu_member(check, channel,
                                                "canReply",
                                                NGX_HTTP_SFU_BOOLEAN));

        if (check->error != NULL) {
            return NGX_ERROR;
        }
    }

    return ngx_sfu_cloudflare_set_type(message, SFU_IPC_REQ_UPDATE_CHANNELS);
}


/* 5.10 */

ngx_int_t
ngx_sfu_cloudflare_channels_close_request(ngx_sfu_cloudflare_check_t *check,
    json_t *document, json_t *message)
{
    json_t  *channels, *list, *entry, *channel;
    size_t   i;

    channels = ngx_sfu_cloudflare_channels(check, document, message);

    if (channels == NULL) {
        return NGX_ERROR;
    }

    list = json_object_get(message, "channels");

    json_array_foreach(channels, i, channel) {

        entry = ngx_sfu_cloudflare_append(check, list);
        if (entry == NULL) {
            return NGX_ERROR;
        }

        (void) ngx_http_sfu_required(check, channel, "id",
                                     NGX_HTTP_SFU_INTEGER);
        ngx_sfu_cloudflare_channel_number(check, channel, "id", entry, "id",
                                          NGX_SFU_CLOUDFLARE_CHANNEL_ID_MAX);

        if (check->error != NULL) {
            return NGX_ERROR;
        }
    }

    return ngx_sfu_cloudflare_set_type(message, SFU_IPC_REQ_CLOSE_CHANNELS);
}


/* the client's list, which is not empty; the message gets an empty one */

static json_t *
ngx_sfu_cloudflare_channels(ngx_sfu_cloudflare_check_t *check,
    json_t *document, json_t *message)
{
    json_t  *channels, *channel;
    size_t   i;

    channels = ngx_http_sfu_required(check, document, "dataChannels",
                                     NGX_HTTP_SFU_LIST);

    if (channels != NULL && json_array_size(channels) == 0) {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_invalid_params,
                            "there are no data channels");
    }

    if (json_array_size(channels) > SFU_IPC_CHANNELS_MAX) {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_invalid_params,
                            "more than %d data channels",
                            SFU_IPC_CHANNELS_MAX);
    }

    json_array_foreach(channels, i, channel) {

        if (!json_is_object(channel)) {
            ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_decoding,
                                "data channel %uz is not an object", i);
        }
    }

    if (json_object_set_new(message, "channels", json_array()) == -1) {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_internal,
                            "no memory");
    }

    return check->error ? NULL : channels;
}


static void
ngx_sfu_cloudflare_channel_name(ngx_sfu_cloudflare_check_t *check,
    json_t *channel, json_t *to, ngx_uint_t remote)
{
    ngx_sfu_cloudflare_copy_text(check, to, "name",
                                 ngx_http_sfu_required(check, channel,
                                                "dataChannelName",
                                                NGX_HTTP_SFU_STRING),
                                 SFU_IPC_TRACK_NAME_MAX);

    if (remote) {
        ngx_sfu_cloudflare_copy(check, to, "publisher",
                                ngx_http_sfu_required(check, channel,
                                                "sessionId",
                                                NGX_HTTP_SFU_STRING));
    }
}


static void
ngx_sfu_cloudflare_channel_number(ngx_sfu_cloudflare_check_t *check,
    json_t *channel, const char *name, json_t *to, const char *key,
    json_int_t max)
{
    json_t  *value;

    value = ngx_http_sfu_member(check, channel, name,
                                NGX_HTTP_SFU_INTEGER);

    if (value != NULL && json_integer_value(value) > max) {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_decoding,
                            "\"%s\" is too large", name);
        return;
    }

    ngx_sfu_cloudflare_copy(check, to, key, value);
}


/* 10.4 */

static void
ngx_sfu_cloudflare_channel_policy(ngx_sfu_cloudflare_check_t *check,
    json_t *channel, json_t *to)
{
    ngx_sfu_cloudflare_copy(check, to, "ordered",
                            ngx_http_sfu_member(check, channel,
                                                "ordered",
                                                NGX_HTTP_SFU_BOOLEAN));
    ngx_sfu_cloudflare_channel_number(check, channel, "maxRetransmits", to,
                                      "max_retransmits", NGX_MAX_UINT32_VALUE);
    ngx_sfu_cloudflare_channel_number(check, channel, "maxPacketLifeTime", to,
                                      "max_lifetime", NGX_MAX_UINT32_VALUE);
}
