
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Members of the clients' documents (11.1): those of another type are a
 * serialisation error, those of another value an invalid argument.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_kvs.h>


static size_t ngx_sfu_kvs_characters(ngx_str_t *text);


ngx_int_t
ngx_sfu_kvs_text(ngx_http_sfu_check_t *check, json_t *object,
    const char *name, size_t min, size_t max, ngx_str_t *value)
{
    size_t   n;
    json_t  *member;

    ngx_str_null(value);

    member = ngx_http_sfu_member(check, object, name, NGX_HTTP_SFU_STRING);

    if (member == NULL) {
        return check->error ? NGX_ERROR : NGX_DECLINED;
    }

    value->data = (u_char *) json_string_value(member);
    value->len = json_string_length(member);

    n = ngx_sfu_kvs_characters(value);

    if (n < min || n > max) {
        ngx_http_sfu_refuse(check, &ngx_sfu_kvs_invalid,
                            "\"%s\" has %uz characters, not %uz to %uz", name,
                            n, min, max);
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* jansson has seen that it is UTF-8 */

static size_t
ngx_sfu_kvs_characters(ngx_str_t *text)
{
    size_t  i, n;

    for (i = 0, n = 0; i < text->len; i++) {
        if ((text->data[i] & 0xc0) != 0x80) {
            n++;
        }
    }

    return n;
}


ngx_int_t
ngx_sfu_kvs_name(ngx_http_sfu_check_t *check, json_t *object,
    const char *name, ngx_str_t *value)
{
    ngx_int_t  rc;

    rc = ngx_sfu_kvs_text(check, object, name, 1, NGX_SFU_KVS_NAME_MAX,
                          value);

    if (rc == NGX_OK && !ngx_sfu_kvs_is_name(value)) {
        ngx_http_sfu_refuse(check, &ngx_sfu_kvs_invalid,
                            "\"%s\" is not of letters, digits, \"_\", \".\" "
                            "and \"-\"", name);
        return NGX_ERROR;
    }

    return rc;
}


ngx_int_t
ngx_sfu_kvs_integer(ngx_http_sfu_check_t *check, json_t *object,
    const char *name, json_int_t min, json_int_t max, json_int_t *value)
{
    json_t  *member;

    member = json_object_get(object, name);

    if (member == NULL || json_is_null(member)) {
        return NGX_DECLINED;
    }

    if (!json_is_integer(member)) {
        ngx_http_sfu_refuse(check, check->mistyped,
                            "\"%s\" is not an integer", name);
        return NGX_ERROR;
    }

    *value = json_integer_value(member);

    if (*value < min || *value > max) {
        ngx_http_sfu_refuse(check, &ngx_sfu_kvs_invalid,
                            "\"%s\" is not between %L and %L", name,
                            (int64_t) min, (int64_t) max);
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_sfu_kvs_arn_member(ngx_http_request_t *r, ngx_http_sfu_check_t *check,
    json_t *object, const char *name)
{
    ngx_int_t            rc;
    ngx_sfu_kvs_t       *kvs;
    ngx_sfu_kvs_arn_t    arn;
    ngx_http_sfu_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_sfu_module);
    kvs = ctx->data;

    rc = ngx_sfu_kvs_text(check, object, name, 1, NGX_SFU_KVS_ARN_MAX,
                          &kvs->arn);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_sfu_kvs_parse_arn(&kvs->arn, &arn) != NGX_OK) {
        ngx_http_sfu_refuse(check, &ngx_sfu_kvs_invalid,
                            "\"%s\" is not an ARN", name);
        return NGX_ERROR;
    }

    if (!ngx_sfu_kvs_is_callers(kvs, &arn)) {
        ngx_http_sfu_refuse(check, &ngx_sfu_kvs_denied,
                            "the resource is of another account or region");
        return NGX_ERROR;
    }

    if (!ngx_sfu_kvs_is_channel(&arn)) {
        ngx_http_sfu_refuse(check, &ngx_sfu_kvs_not_found,
                            ngx_sfu_kvs_not_found.text);
        return NGX_ERROR;
    }

    kvs->name = arn.name;
    kvs->created = arn.created;

    return NGX_OK;
}


ngx_int_t
ngx_sfu_kvs_channel_members(ngx_http_request_t *r,
    ngx_http_sfu_check_t *check, json_t *object)
{
    ngx_int_t            rc;
    ngx_str_t            name;
    ngx_sfu_kvs_t       *kvs;
    ngx_http_sfu_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_sfu_module);
    kvs = ctx->data;

    if (ngx_sfu_kvs_name(check, object, "ChannelName", &name) == NGX_ERROR) {
        return NGX_ERROR;
    }

    rc = ngx_sfu_kvs_arn_member(r, check, object, "ChannelARN");

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_DECLINED) {

        if (name.len == 0) {
            ngx_http_sfu_refuse(check, &ngx_sfu_kvs_invalid,
                                "neither \"ChannelName\" nor \"ChannelARN\" "
                                "is given");
            return NGX_ERROR;
        }

        kvs->name = name;
        return NGX_OK;
    }

    if (name.len != 0
        && (name.len != kvs->name.len
            || ngx_memcmp(name.data, kvs->name.data, name.len) != 0))
    {
        ngx_http_sfu_refuse(check, &ngx_sfu_kvs_invalid,
                            "\"ChannelName\" and \"ChannelARN\" are not of "
                            "the same channel");
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_sfu_kvs_set_text(json_t *message, const char *name, ngx_str_t *value)
{
    return json_object_set_new(message, name,
                               json_stringn((char *) value->data, value->len))
           == 0 ? NGX_OK : NGX_ERROR;
}


ngx_int_t
ngx_sfu_kvs_set_channel(ngx_http_request_t *r, json_t *message,
    const char *type)
{
    u_char              *p;
    ngx_sfu_kvs_t       *kvs;
    ngx_http_sfu_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_sfu_module);
    kvs = ctx->data;

    if (json_object_set_new(message, "type", json_string(type)) == -1
        || ngx_sfu_kvs_set_text(message, "name", &kvs->name) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (kvs->created != 0
        && json_object_set_new(message, "created",
                               json_integer((json_int_t) kvs->created))
           == -1)
    {
        return NGX_ERROR;
    }

    /* all nginx processes ask the same worker for a channel, and no other */

    p = ngx_pnalloc(r->pool, ctx->app.len + kvs->scope.len + kvs->name.len
                             + 2);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ctx->home.data = p;
    ctx->home.len = ngx_sprintf(p, "%V/%V/%V", &ctx->app, &kvs->scope,
                                &kvs->name)
                    - p;

    return NGX_OK;
}
