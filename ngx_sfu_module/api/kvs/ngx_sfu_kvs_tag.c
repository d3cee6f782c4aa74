
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Tags (11.2): lists of {"Key", "Value"} in requests, a map in responses.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_kvs.h>


static ngx_int_t ngx_sfu_kvs_tag_text(ngx_http_sfu_check_t *check,
    json_t *tag, const char *name, size_t min, size_t max, ngx_str_t *value);
static ngx_uint_t ngx_sfu_kvs_is_tag(ngx_str_t *text);
static ngx_int_t ngx_sfu_kvs_resource(ngx_http_request_t *r,
    ngx_http_sfu_check_t *check, json_t *document, json_t *message,
    const char *type);


json_t *
ngx_sfu_kvs_parse_tags(ngx_http_sfu_check_t *check, json_t *list)
{
    size_t      i;
    json_t     *tags, *tag;
    ngx_str_t   key, value;

    if (json_array_size(list) > NGX_SFU_KVS_TAGS_MAX) {
        ngx_http_sfu_refuse(check, &ngx_sfu_kvs_tag_limit,
                            ngx_sfu_kvs_tag_limit.text);
        return NULL;
    }

    tags = json_object();

    json_array_foreach(list, i, tag) {

        if (!json_is_object(tag)) {
            ngx_http_sfu_refuse(check, check->mistyped,
                                "a tag is not an object");
            goto failed;
        }

        if (ngx_sfu_kvs_tag_text(check, tag, "Key", 1, 128, &key) != NGX_OK
            || ngx_sfu_kvs_tag_text(check, tag, "Value", 0, 256, &value)
               != NGX_OK)
        {
            goto failed;
        }

        if (json_object_set_new(tags, (char *) key.data,
                                json_stringn((char *) value.data, value.len))
            == -1)
        {
            goto failed;
        }
    }

    return tags;

failed:

    json_decref(tags);

    return NULL;
}


static ngx_int_t
ngx_sfu_kvs_tag_text(ngx_http_sfu_check_t *check, json_t *tag,
    const char *name, size_t min, size_t max, ngx_str_t *value)
{
    ngx_int_t  rc;

    rc = ngx_sfu_kvs_text(check, tag, name, min, max, value);

    if (rc == NGX_OK && ngx_sfu_kvs_is_tag(value)) {
        return NGX_OK;
    }

    ngx_http_sfu_refuse(check, &ngx_sfu_kvs_invalid, rc == NGX_DECLINED
                        ? "\"%s\" of a tag is missing"
                        : "\"%s\" of a tag has a character that it must not",
                        name);

    return NGX_ERROR;
}


/* letters of all scripts */

static ngx_uint_t
ngx_sfu_kvs_is_tag(ngx_str_t *text)
{
    size_t  i;
    u_char  ch;

    for (i = 0; i < text->len; i++) {

        ch = text->data[i];

        if (ch < 0x80 && !isalnum(ch)
            && (ch == '\0' || ngx_strchr(" _.:/=+-@", ch) == NULL))
        {
            return 0;
        }
    }

    return 1;
}


static ngx_int_t
ngx_sfu_kvs_resource(ngx_http_request_t *r, ngx_http_sfu_check_t *check,
    json_t *document, json_t *message, const char *type)
{
    if (ngx_sfu_kvs_arn_member(r, check, document, "ResourceARN") != NGX_OK) {
        ngx_http_sfu_refuse(check, check->missing,
                            "\"ResourceARN\" is missing");
        return NGX_ERROR;
    }

    return ngx_sfu_kvs_set_channel(r, message, type);
}


ngx_int_t
ngx_sfu_kvs_tag_request(ngx_http_request_t *r, ngx_http_sfu_check_t *check,
    json_t *document, json_t *message)
{
    json_t  *list, *tags;

    if (ngx_sfu_kvs_resource(r, check, document, message,
                             SFU_IPC_REQ_CHANNEL_TAG)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    list = ngx_http_sfu_required(check, document, "Tags", NGX_HTTP_SFU_LIST);

    if (list == NULL) {
        return NGX_ERROR;
    }

    if (json_array_size(list) == 0) {
        ngx_http_sfu_refuse(check, &ngx_sfu_kvs_invalid, "\"Tags\" is empty");
        return NGX_ERROR;
    }

    tags = ngx_sfu_kvs_parse_tags(check, list);

    if (tags == NULL
        || json_object_set_new(message, "set", tags) == -1
        || json_object_set_new(message, "max",
                               json_integer(NGX_SFU_KVS_TAGS_MAX))
           == -1)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_sfu_kvs_untag_request(ngx_http_request_t *r, ngx_http_sfu_check_t *check,
    json_t *document, json_t *message)
{
    size_t   i, len;
    json_t  *list, *key;

    if (ngx_sfu_kvs_resource(r, check, document, message,
                             SFU_IPC_REQ_CHANNEL_TAG)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    list = ngx_http_sfu_required(check, document, "TagKeyList",
                                 NGX_HTTP_SFU_LIST);
    if (list == NULL) {
        return NGX_ERROR;
    }

    if (json_array_size(list) == 0
        || json_array_size(list) > NGX_SFU_KVS_TAGS_MAX)
    {
        ngx_http_sfu_refuse(check, &ngx_sfu_kvs_invalid,
                            "\"TagKeyList\" has not 1 to 50 keys");
        return NGX_ERROR;
    }

    json_array_foreach(list, i, key) {

        if (!json_is_string(key)) {
            ngx_http_sfu_refuse(check, check->mistyped,
                                "a key of \"TagKeyList\" is not a string");
            return NGX_ERROR;
        }

        len = json_string_length(key);

        if (len == 0 || len > SFU_IPC_TAG_KEY_MAX) {
            ngx_http_sfu_refuse(check, &ngx_sfu_kvs_invalid,
                                "a key of \"TagKeyList\" has not 1 to 128 "
                                "characters");
            return NGX_ERROR;
        }
    }

    if (json_object_set(message, "remove", list) == -1
        || json_object_set_new(message, "max",
                               json_integer(NGX_SFU_KVS_TAGS_MAX))
           == -1)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_sfu_kvs_tags_request(ngx_http_request_t *r, ngx_http_sfu_check_t *check,
    json_t *document, json_t *message)
{
    return ngx_sfu_kvs_resource(r, check, document, message,
                                SFU_IPC_REQ_CHANNEL_GET);
}


/* fifty of them are one page */

ngx_int_t
ngx_sfu_kvs_tags_response(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    json_t *reply)
{
    json_t  *tags;

    tags = json_object_get(reply, "tags");

    if (tags != NULL && !json_is_object(tags)) {
        return NGX_ERROR;
    }

    return ngx_http_sfu_reply(r, ctx, NGX_HTTP_OK,
                              json_pack("{s:o}", "Tags",
                                        tags ? json_incref(tags)
                                             : json_object()));
}
