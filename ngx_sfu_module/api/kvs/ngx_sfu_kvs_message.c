
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Clients write the same names in different letters, and add members of their
 * own (5.1), so both are let pass.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sfu_kvs_message.h>


static json_t *ngx_sfu_kvs_message_member(json_t *document, const char *name);
static ngx_int_t ngx_sfu_kvs_message_text(json_t *document, const char *name,
    ngx_str_t *value);
static const char *ngx_sfu_kvs_message_error(ngx_sfu_kvs_message_t *message,
    json_t *document, size_t payload_max);
static ngx_uint_t ngx_sfu_kvs_message_is_base64(ngx_str_t *text);


static const char  *ngx_sfu_kvs_message_actions[] = {
    "SDP_OFFER", "SDP_ANSWER", "ICE_CANDIDATE"
};


json_t *
ngx_sfu_kvs_message_parse(ngx_sfu_kvs_message_t *message, u_char *data,
    size_t len, size_t payload_max)
{
    json_t  *document;

    ngx_memzero(message, sizeof(ngx_sfu_kvs_message_t));

    document = json_loadb((char *) data, len, JSON_ALLOW_NUL, NULL);

    if (!json_is_object(document)) {
        json_decref(document);
        return NULL;
    }

    if (ngx_sfu_kvs_message_text(document, "correlationId",
                                 &message->correlation)
        != NGX_OK
        || !ngx_sfu_kvs_is_name(&message->correlation))
    {
        ngx_str_null(&message->correlation);
    }

    /* whether one is needed, and may be, is seen by who knows the sender */

    if (ngx_sfu_kvs_message_text(document, "recipientClientId",
                                 &message->recipient)
        != NGX_OK)
    {
        ngx_str_null(&message->recipient);
    }

    message->error = ngx_sfu_kvs_message_error(message, document, payload_max);

    return document;
}


static const char *
ngx_sfu_kvs_message_error(ngx_sfu_kvs_message_t *message, json_t *document,
    size_t payload_max)
{
    ngx_str_t   action;
    ngx_uint_t  i;

    if (ngx_sfu_kvs_message_text(document, "action", &action) != NGX_OK) {
        return "action is required";
    }

    for (i = 0; i < NGX_SFU_KVS_NKINDS; i++) {
        if (ngx_sfu_kvs_equal(&action, ngx_sfu_kvs_message_actions[i])) {
            break;
        }
    }

    if (i == NGX_SFU_KVS_NKINDS) {
        return "action is none of SDP_OFFER, SDP_ANSWER, ICE_CANDIDATE";
    }

    message->kind = i;

    if (ngx_sfu_kvs_message_text(document, "messagePayload",
                                 &message->payload)
        != NGX_OK
        || message->payload.len == 0)
    {
        return "messagePayload is required";
    }

    if (message->payload.len > payload_max) {
        return "messagePayload is too long";
    }

    if (!ngx_sfu_kvs_message_is_base64(&message->payload)) {
        return "messagePayload is not base64";
    }

    return NULL;
}


/* the last one of those that have the name, in whatever letters */

static json_t *
ngx_sfu_kvs_message_member(json_t *document, const char *name)
{
    json_t      *value, *found;
    const char  *key;

    found = NULL;

    json_object_foreach(document, key, value) {
        if (strcasecmp(key, name) == 0) {
            found = value;
        }
    }

    return found;
}


/* NGX_DECLINED: not there, or of another type */

static ngx_int_t
ngx_sfu_kvs_message_text(json_t *document, const char *name, ngx_str_t *value)
{
    json_t  *member;

    member = ngx_sfu_kvs_message_member(document, name);

    if (!json_is_string(member)) {
        return NGX_DECLINED;
    }

    value->data = (u_char *) json_string_value(member);
    value->len = json_string_length(member);

    return NGX_OK;
}


/* of both alphabets, with padding or without; forwarded as it is */

static ngx_uint_t
ngx_sfu_kvs_message_is_base64(ngx_str_t *text)
{
    size_t  i;
    u_char  ch;

    for (i = 0; i < text->len; i++) {

        ch = text->data[i];

        if (!isalnum(ch) && ch != '+' && ch != '/' && ch != '-' && ch != '_'
            && ch != '=')
        {
            return 0;
        }
    }

    return 1;
}
