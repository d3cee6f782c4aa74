
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Members of the clients' documents.  A missing or mistyped one is a
 * decoding_error; unknown ones are ignored, and null is as good as absent.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_cloudflare.h>


#define NGX_SFU_CLOUDFLARE_DETAIL_MAX  256


static const char  *ngx_sfu_cloudflare_types[] = {
    "a string", "a boolean", "an integer", "an object", "a list"
};


void
ngx_sfu_cloudflare_refuse(ngx_sfu_cloudflare_check_t *check,
    const ngx_sfu_cloudflare_error_t *error, const char *fmt, ...)
{
    u_char   *p, *last;
    va_list   args;

    if (check->error != NULL) {
        return;
    }

    check->error = error;

    p = ngx_pnalloc(check->pool, NGX_SFU_CLOUDFLARE_DETAIL_MAX);
    if (p == NULL) {
        return;
    }

    check->detail = (char *) p;

    va_start(args, fmt);
    last = ngx_vslprintf(p, p + NGX_SFU_CLOUDFLARE_DETAIL_MAX - 1, fmt, args);
    va_end(args);

    *last = '\0';
}


json_t *
ngx_sfu_cloudflare_member(ngx_sfu_cloudflare_check_t *check, json_t *object,
    const char *name, ngx_sfu_cloudflare_type_e type)
{
    int      ok;
    json_t  *value;

    value = json_object_get(object, name);

    if (value == NULL || json_is_null(value)) {
        return NULL;
    }

    switch (type) {

    case NGX_SFU_CLOUDFLARE_STRING:
        ok = json_is_string(value);
        break;

    case NGX_SFU_CLOUDFLARE_BOOLEAN:
        ok = json_is_boolean(value);
        break;

    case NGX_SFU_CLOUDFLARE_INTEGER:
        ok = json_is_integer(value) && json_integer_value(value) >= 0;
        break;

    case NGX_SFU_CLOUDFLARE_OBJECT:
        ok = json_is_object(value);
        break;

    default: /* NGX_SFU_CLOUDFLARE_LIST */
        ok = json_is_array(value);
        break;
    }

    if (ok) {
        return value;
    }

    ngx_sfu_cloudflare_refuse(check, &ngx_sfu_cloudflare_decoding,
                              "\"%s\" is not %s", name,
                              ngx_sfu_cloudflare_types[type]);

    return NULL;
}


json_t *
ngx_sfu_cloudflare_required(ngx_sfu_cloudflare_check_t *check, json_t *object,
    const char *name, ngx_sfu_cloudflare_type_e type)
{
    json_t  *value;

    value = ngx_sfu_cloudflare_member(check, object, name, type);

    if (value == NULL) {
        ngx_sfu_cloudflare_refuse(check, &ngx_sfu_cloudflare_decoding,
                                  "\"%s\" is missing", name);
    }

    return value;
}


json_t *
ngx_sfu_cloudflare_description(ngx_sfu_cloudflare_check_t *check,
    json_t *document, const char **type)
{
    json_t  *description, *sdp, *value;

    *type = NULL;

    description = ngx_sfu_cloudflare_member(check, document,
                                            "sessionDescription",
                                            NGX_SFU_CLOUDFLARE_OBJECT);
    if (description == NULL) {
        return NULL;
    }

    sdp = ngx_sfu_cloudflare_required(check, description, "sdp",
                                      NGX_SFU_CLOUDFLARE_STRING);
    value = ngx_sfu_cloudflare_required(check, description, "type",
                                        NGX_SFU_CLOUDFLARE_STRING);

    if (sdp == NULL || value == NULL) {
        return NULL;
    }

    *type = json_string_value(value);

    if (ngx_strcmp(*type, "offer") != 0 && ngx_strcmp(*type, "answer") != 0) {
        ngx_sfu_cloudflare_refuse(check, &ngx_sfu_cloudflare_decoding,
                                  "\"type\" is neither offer nor answer");
    }

    return sdp;
}
