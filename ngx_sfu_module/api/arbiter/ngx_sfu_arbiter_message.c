
/*
 * Copyright (C) the ngx_sfu_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sfu_arbiter_message.h>


static u_char *ngx_sfu_arbiter_skip(u_char *p, u_char *last);
static u_char *ngx_sfu_arbiter_skip_string(u_char *p, u_char *last);
static u_char *ngx_sfu_arbiter_skip_space(u_char *p, u_char *last);


json_t *
ngx_sfu_arbiter_parse(ngx_sfu_arbiter_message_t *message, u_char *text,
    size_t len)
{
    u_char        *p, *last, *name, *value;
    json_t        *document, *data;
    json_error_t   error;

    ngx_memzero(message, sizeof(ngx_sfu_arbiter_message_t));

    document = json_loadb((char *) text, len, JSON_REJECT_DUPLICATES, &error);

    if (!json_is_object(document)) {
        json_decref(document);
        return NULL;
    }

    message->action = json_string_value(json_object_get(document, "action"));

    data = json_object_get(document, "data");

    if (!json_is_object(data)) {
        return document;
    }

    message->data = data;

    /*
     * 4.3: others get the text unchanged, members and numbers that we do not
     * know included.  It is JSON, so that looking for it is simple.
     */

    last = text + len;
    p = ngx_sfu_arbiter_skip_space(text, last) + 1;

    for ( ;; ) {

        name = ngx_sfu_arbiter_skip_space(p, last);

        if (name >= last || *name != '"') {
            break;
        }

        p = ngx_sfu_arbiter_skip_string(name, last);
        p = ngx_sfu_arbiter_skip_space(p, last) + 1;

        value = ngx_sfu_arbiter_skip_space(p, last);
        p = ngx_sfu_arbiter_skip(value, last);

        if (last - name > 6 && ngx_memcmp(name, "\"data\"", 6) == 0) {
            message->text.data = value;
            message->text.len = p - value;
            return document;
        }

        p = ngx_sfu_arbiter_skip_space(p, last) + 1;
    }

    /* its name is written in another way, which nobody does */

    json_decref(document);
    ngx_memzero(message, sizeof(ngx_sfu_arbiter_message_t));

    return NULL;
}


/* an object, an array, a string, or a word */

static u_char *
ngx_sfu_arbiter_skip(u_char *p, u_char *last)
{
    ngx_uint_t  depth;

    depth = 0;

    while (p < last) {

        switch (*p) {

        case '"':
            p = ngx_sfu_arbiter_skip_string(p, last);

            if (depth == 0) {
                return p;
            }

            continue;

        case '{':
        case '[':
            depth++;
            break;

        case '}':
        case ']':

            if (depth == 0) {
                return p;
            }

            if (--depth == 0) {
                return p + 1;
            }

            break;

        case ',':

            if (depth == 0) {
                return p;
            }

            break;
        }

        p++;
    }

    return p;
}


static u_char *
ngx_sfu_arbiter_skip_string(u_char *p, u_char *last)
{
    for (p++; p < last && *p != '"'; p++) {
        if (*p == '\\') {
            p++;
        }
    }

    return ngx_min(p + 1, last);
}


static u_char *
ngx_sfu_arbiter_skip_space(u_char *p, u_char *last)
{
    while (p < last && (*p == ' ' || *p == '\t' || *p == CR || *p == LF)) {
        p++;
    }

    return p;
}


json_t *
ngx_sfu_arbiter_id(json_t *object, const char *name)
{
    json_t  *value;

    value = json_object_get(object, name);

    if (json_is_integer(value)) {
        return json_sprintf("%" JSON_INTEGER_FORMAT,
                            json_integer_value(value));
    }

    return json_string_length(value) != 0 ? json_incref(value) : NULL;
}
