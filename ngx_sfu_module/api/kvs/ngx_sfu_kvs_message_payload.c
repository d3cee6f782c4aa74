
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * What is in a payload: base64 of JSON, which matters only where the worker is
 * the other side.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sfu_kvs_message.h>
#include <sfu_ipc.h>
#include <sfu_ipc_channel.h>


static json_t *ngx_sfu_kvs_payload_decode(ngx_str_t *payload);
static json_t *ngx_sfu_kvs_payload_candidate(json_t *document);
static ngx_int_t ngx_sfu_kvs_payload_copy(json_t *to, const char *key,
    json_t *from, const char *name, json_type type);
static ngx_uint_t ngx_sfu_kvs_payload_fits(json_t *candidate);
static ngx_int_t ngx_sfu_kvs_payload_digit(u_char ch);


json_t *
ngx_sfu_kvs_message_open(ngx_sfu_kvs_message_t *message)
{
    json_t  *document, *value;

    document = ngx_sfu_kvs_payload_decode(&message->payload);

    if (message->kind == NGX_SFU_KVS_CANDIDATE) {
        value = ngx_sfu_kvs_payload_candidate(document);

    } else {
        value = json_object_get(document, "sdp");
        value = json_string_length(value) ? json_incref(value) : NULL;
    }

    json_decref(document);

    return value;
}


/* an empty one is the end of them */

static json_t *
ngx_sfu_kvs_payload_candidate(json_t *document)
{
    json_t  *candidate;

    if (!json_is_string(json_object_get(document, "candidate"))) {
        return NULL;
    }

    candidate = json_object();

    if (ngx_sfu_kvs_payload_copy(candidate, "candidate", document,
                                 "candidate", JSON_STRING)
        != NGX_OK
        || ngx_sfu_kvs_payload_copy(candidate, "mid", document, "sdpMid",
                                    JSON_STRING)
           != NGX_OK
        || ngx_sfu_kvs_payload_copy(candidate, "index", document,
                                    "sdpMLineIndex", JSON_INTEGER)
           != NGX_OK
        || ngx_sfu_kvs_payload_copy(candidate, "ufrag", document,
                                    "usernameFragment", JSON_STRING)
           != NGX_OK
        || !ngx_sfu_kvs_payload_fits(candidate))
    {
        json_decref(candidate);
        return NULL;
    }

    return candidate;
}


static ngx_int_t
ngx_sfu_kvs_payload_copy(json_t *to, const char *key, json_t *from,
    const char *name, json_type type)
{
    json_t  *value;

    value = json_object_get(from, name);

    if (value == NULL || json_typeof(value) != type) {
        return NGX_OK;
    }

    return json_object_set(to, key, value) == 0 ? NGX_OK : NGX_ERROR;
}


/* the worker takes no more, and would take it for a fault of ours */

static ngx_uint_t
ngx_sfu_kvs_payload_fits(json_t *candidate)
{
    json_int_t  index;

    index = json_integer_value(json_object_get(candidate, "index"));

    return json_string_length(json_object_get(candidate, "mid"))
           <= SFU_IPC_MID_MAX
           && json_string_length(json_object_get(candidate, "ufrag"))
              <= SFU_IPC_CLIENT_ID_MAX
           && index >= 0 && index <= 65535;
}


static json_t *
ngx_sfu_kvs_payload_decode(ngx_str_t *payload)
{
    size_t      i;
    json_t     *document;
    u_char     *text, *p;
    uint32_t    bits;
    ngx_int_t   digit;
    ngx_uint_t  n;

    text = malloc(payload->len + 1);
    if (text == NULL) {
        return NULL;
    }

    p = text;
    n = 0;
    bits = 0;

    for (i = 0; i < payload->len; i++) {

        digit = ngx_sfu_kvs_payload_digit(payload->data[i]);

        if (digit == NGX_ERROR) {
            break;
        }

        bits = bits << 6 | (uint32_t) digit;
        n += 6;

        if (n >= 8) {
            n -= 8;
            *p++ = (u_char) (bits >> n);
        }
    }

    document = json_loadb((char *) text, p - text, 0, NULL);

    free(text);

    return document;
}


/* NGX_ERROR: the padding, with which it ends */

static ngx_int_t
ngx_sfu_kvs_payload_digit(u_char ch)
{
    if (ch >= 'A' && ch <= 'Z') {
        return ch - 'A';
    }

    if (ch >= 'a' && ch <= 'z') {
        return ch - 'a' + 26;
    }

    if (ch >= '0' && ch <= '9') {
        return ch - '0' + 52;
    }

    return ch == '+' || ch == '-' ? 62
           : ch == '/' || ch == '_' ? 63 : NGX_ERROR;
}


json_t *
ngx_sfu_kvs_message_close(const char *type, json_t *sdp)
{
    char      *text;
    u_char    *encoded, *p;
    size_t     i, len;
    json_t    *document, *payload;
    uint32_t   bits;

    static u_char  digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    document = json_pack("{s:s, s:O}", "type", type, "sdp", sdp);
    text = json_dumps(document, JSON_COMPACT);
    json_decref(document);

    if (text == NULL) {
        return NULL;
    }

    len = ngx_strlen(text);
    encoded = malloc(ngx_base64_encoded_length(len));

    if (encoded == NULL) {
        free(text);
        return NULL;
    }

    p = encoded;

    for (i = 0; i < len; i += 3) {

        bits = (uint32_t) (u_char) text[i] << 16;
        bits |= i + 1 < len ? (uint32_t) (u_char) text[i + 1] << 8 : 0;
        bits |= i + 2 < len ? (uint32_t) (u_char) text[i + 2] : 0;

        *p++ = digits[bits >> 18];
        *p++ = digits[bits >> 12 & 63];
        *p++ = i + 1 < len ? digits[bits >> 6 & 63] : '=';
        *p++ = i + 2 < len ? digits[bits & 63] : '=';
    }

    payload = json_stringn((char *) encoded, p - encoded);

    free(encoded);
    free(text);

    return payload;
}
