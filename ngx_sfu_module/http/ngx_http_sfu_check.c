
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Members of the clients' documents, the same in all dialects: unknown ones
 * are ignored, null is as good as absent, and the first mistake is told.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_http_sfu_module.h>


#define NGX_HTTP_SFU_DETAIL_MAX  256


static const char  *ngx_http_sfu_types[] = {
    "a string", "a boolean", "an integer", "an object", "a list"
};


json_t *
ngx_http_sfu_parse(ngx_http_sfu_ctx_t *ctx, ngx_http_sfu_check_t *check,
    const ngx_http_sfu_error_t *error)
{
    json_t        *document;
    json_error_t   err;

    document = json_loadb((char *) ctx->body.data, ctx->body.len,
                          JSON_REJECT_DUPLICATES, &err);

    if (document == NULL) {
        ngx_http_sfu_refuse(check, error, "line %d, column %d: %s",
                            err.line, err.column, err.text);
        return NULL;
    }

    if (!json_is_object(document)) {
        ngx_http_sfu_refuse(check, error, "the body is not a JSON object");
        json_decref(document);
        return NULL;
    }

    return document;
}


void
ngx_http_sfu_refuse(ngx_http_sfu_check_t *check,
    const ngx_http_sfu_error_t *error, const char *fmt, ...)
{
    u_char   *p, *last;
    va_list   args;

    if (check->error != NULL) {
        return;
    }

    check->error = error;

    p = ngx_pnalloc(check->pool, NGX_HTTP_SFU_DETAIL_MAX);
    if (p == NULL) {
        return;
    }

    check->detail = (char *) p;

    va_start(args, fmt);
    last = ngx_vslprintf(p, p + NGX_HTTP_SFU_DETAIL_MAX - 1, fmt, args);
    va_end(args);

    *last = '\0';
}


json_t *
ngx_http_sfu_member(ngx_http_sfu_check_t *check, json_t *object,
    const char *name, ngx_http_sfu_type_e type)
{
    int      ok;
    json_t  *value;

    value = json_object_get(object, name);

    if (value == NULL || json_is_null(value)) {
        return NULL;
    }

    switch (type) {

    case NGX_HTTP_SFU_STRING:
        ok = json_is_string(value);
        break;

    case NGX_HTTP_SFU_BOOLEAN:
        ok = json_is_boolean(value);
        break;

    case NGX_HTTP_SFU_INTEGER:
        ok = json_is_integer(value) && json_integer_value(value) >= 0;
        break;

    case NGX_HTTP_SFU_OBJECT:
        ok = json_is_object(value);
        break;

    default: /* NGX_HTTP_SFU_LIST */
        ok = json_is_array(value);
        break;
    }

    if (ok) {
        return value;
    }

    ngx_http_sfu_refuse(check, check->mistyped, "\"%s\" is not %s", name,
                        ngx_http_sfu_types[type]);

    return NULL;
}


json_t *
ngx_http_sfu_required(ngx_http_sfu_check_t *check, json_t *object,
    const char *name, ngx_http_sfu_type_e type)
{
    json_t  *value;

    value = ngx_http_sfu_member(check, object, name, type);

    if (value == NULL) {
        ngx_http_sfu_refuse(check, check->missing, "\"%s\" is missing", name);
    }

    return value;
}
