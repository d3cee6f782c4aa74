
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Data channels (section 10): from the worker's replies to the clients'
 * documents.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_cloudflare.h>


static json_t *ngx_sfu_cloudflare_channel(json_t *asked, json_t *got);
static ngx_int_t ngx_sfu_cloudflare_channel_repeat(json_t *entry,
    json_t *asked, ngx_uint_t failed);
static json_t *ngx_sfu_cloudflare_channel_listed(json_t *channel);


/* 5.7 */

json_t *
ngx_sfu_cloudflare_establish_response(ngx_http_sfu_ctx_t *ctx, json_t *reply)
{
    json_t  *document, *channel, *id;

    id = json_object_get(json_array_get(json_object_get(reply, "channels"), 0),
                         "id");

    channel = json_object_get(json_object_get(ctx->document, "dataChannel"),
                              "dataChannelName");

    if (!json_is_integer(id)) {
        return NULL;
    }

    document = json_pack("{s:{s:s, s:O, s:O}}", "dataChannel",
                         "location", "remote", "dataChannelName", channel,
                         "id", id);

    if (document == NULL
        || ngx_sfu_cloudflare_set_flag(document, reply) != NGX_OK
        || ngx_sfu_cloudflare_set_description(document, reply) != NGX_OK)
    {
        json_decref(document);
        return NULL;
    }

    return document;
}


/* 5.8, 5.9, 5.10: an entry for each that was asked for */

json_t *
ngx_sfu_cloudflare_channels_response(ngx_http_sfu_ctx_t *ctx, json_t *reply)
{
    json_t  *document, *list, *asked, *got, *entry;
    size_t   i;

    asked = json_object_get(ctx->document, "dataChannels");
    got = json_object_get(reply, "channels");

    if (json_array_size(got) != json_array_size(asked)) {
        return NULL;
    }

    list = json_array();

    document = json_pack("{s:o}", "dataChannels", list);
    if (document == NULL) {
        return NULL;
    }

    for (i = 0; i < json_array_size(got); i++) {

        entry = ngx_sfu_cloudflare_channel(json_array_get(asked, i),
                                           json_array_get(got, i));

        if (json_array_append_new(list, entry) == -1) {
            json_decref(document);
            return NULL;
        }
    }

    return document;
}


json_t *
ngx_sfu_cloudflare_channels_listed(json_t *reply)
{
    json_t  *list, *channels;
    size_t   i;

    channels = json_object_get(reply, "channels");

    list = json_array();

    for (i = 0; i < json_array_size(channels); i++) {

        if (json_array_append_new(list,
                            ngx_sfu_cloudflare_channel_listed(
                                json_array_get(channels, i)))
            == -1)
        {
            json_decref(list);
            return NULL;
        }
    }

    return list;
}


static json_t *
ngx_sfu_cloudflare_channel(json_t *asked, json_t *got)
{
    json_t      *entry, *id, *reply;
    ngx_int_t    rc;
    ngx_uint_t   failed;

    if (!json_is_object(got)) {
        return NULL;
    }

    entry = json_object();

    failed = json_is_string(json_object_get(got, "error"));

    rc = failed ? ngx_sfu_cloudflare_channel_error(entry, got) : NGX_OK;

    if (rc != NGX_OK
        || ngx_sfu_cloudflare_channel_repeat(entry, asked, failed) != NGX_OK)
    {
        json_decref(entry);
        return NULL;
    }

    id = json_object_get(got, "id");

    if (!json_is_integer(id) && !failed) {
        json_decref(entry);
        return NULL;
    }

    if (json_is_integer(id)) {
        rc = json_object_set(entry, "id", id);
    }

    reply = json_object_get(got, "can_reply");

    if (json_is_boolean(reply)) {
        rc |= json_object_set(entry, "canReply", reply);
    }

    if (rc != 0) {
        json_decref(entry);
        return NULL;
    }

    return entry;
}


/* what says which one it is, and what was wished for it, as it came */

static ngx_int_t
ngx_sfu_cloudflare_channel_repeat(json_t *entry, json_t *asked,
    ngx_uint_t failed)
{
    json_t              *value;
    ngx_uint_t           i;

    static const char  *names[] = {
        "location", "sessionId", "dataChannelName", "ordered",
        "maxRetransmits", "maxPacketLifeTime", "waitForAck", "canReply", NULL
    };

    for (i = 0; names[i]; i++) {

        value = json_object_get(asked, names[i]);

        if (value == NULL || json_is_null(value)
            || (failed && i > 2)
            || (json_is_string(value) && json_string_length(value) == 0))
        {
            continue;
        }

        if (json_object_set(entry, names[i], value) == -1) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static json_t *
ngx_sfu_cloudflare_channel_listed(json_t *channel)
{
    json_t  *entry, *id;

    id = json_object_get(channel, "id");

    entry = json_object();

    if (!json_is_integer(id)
        || json_object_set(entry, "id", id) == -1
        || ngx_sfu_cloudflare_set(entry, "location",
                                  json_object_get(channel, "direction"))
           != NGX_OK
        || ngx_sfu_cloudflare_set(entry, "sessionId",
                                  json_object_get(channel, "publisher"))
           != NGX_OK
        || ngx_sfu_cloudflare_set(entry, "dataChannelName",
                                  json_object_get(channel, "name"))
           != NGX_OK
        || ngx_sfu_cloudflare_set(entry, "status",
                                  json_object_get(channel, "state"))
           != NGX_OK)
    {
        json_decref(entry);
        return NULL;
    }

    return entry;
}
