
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Session descriptions as applications send them (2.5): what a browser makes
 * of an object, the SDP itself, or the former as a string, because somebody
 * has stringified it twice.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_metered.h>


static json_t *ngx_sfu_metered_description(ngx_http_sfu_check_t *check,
    json_t *document, const char **name);
static json_t *ngx_sfu_metered_text(ngx_http_sfu_check_t *check, json_t *text,
    const char **name);
static json_t *ngx_sfu_metered_object(ngx_http_sfu_check_t *check,
    json_t *object, const char **name);


ngx_int_t
ngx_sfu_metered_set_description(ngx_http_sfu_check_t *check, json_t *document,
    json_t *message)
{
    json_t      *sdp;
    const char  *name;

    sdp = ngx_sfu_metered_description(check, document, &name);

    if (check->error != NULL) {
        json_decref(sdp);
        return NGX_ERROR;
    }

    return json_object_set_new(message, name, sdp) == 0 ? NGX_OK : NGX_ERROR;
}


ngx_int_t
ngx_sfu_metered_set_offer(ngx_http_sfu_check_t *check, json_t *document,
    json_t *message)
{
    json_t      *sdp;
    const char  *name;

    sdp = ngx_sfu_metered_description(check, document, &name);

    if (check->error == NULL && ngx_strcmp(name, "answer") == 0) {
        ngx_http_sfu_refuse(check, &ngx_sfu_metered_invalid_field,
                            "\"sessionDescription\" is no offer");
    }

    if (check->error != NULL) {
        json_decref(sdp);
        return NGX_ERROR;
    }

    return json_object_set_new(message, "offer", sdp) == 0 ? NGX_OK
                                                           : NGX_ERROR;
}


/* a reference that is the caller's; the name is that of the message's member */

static json_t *
ngx_sfu_metered_description(ngx_http_sfu_check_t *check, json_t *document,
    const char **name)
{
    json_t  *value;

    *name = "description";

    value = json_object_get(document, "sessionDescription");

    if (value == NULL || json_is_null(value)) {
        ngx_http_sfu_refuse(check, &ngx_sfu_metered_missing_field,
                            "\"sessionDescription\" is missing");
        return NULL;
    }

    if (json_is_string(value)) {
        return ngx_sfu_metered_text(check, value, name);
    }

    if (json_is_object(value)) {
        return ngx_sfu_metered_object(check, value, name);
    }

    ngx_http_sfu_refuse(check, &ngx_sfu_metered_invalid_field,
                        "\"sessionDescription\" is neither an object "
                        "nor a string");

    return NULL;
}


static json_t *
ngx_sfu_metered_text(ngx_http_sfu_check_t *check, json_t *text,
    const char **name)
{
    json_t        *object, *sdp;
    json_error_t   error;

    if (ngx_strncmp(json_string_value(text), "v=0", 3) == 0) {
        return json_incref(text);
    }

    object = json_loads(json_string_value(text), JSON_REJECT_DUPLICATES,
                        &error);

    if (!json_is_object(object)) {
        json_decref(object);
        ngx_http_sfu_refuse(check, &ngx_sfu_metered_invalid_sdp,
                            "\"sessionDescription\" is neither SDP "
                            "nor an object as JSON");
        return NULL;
    }

    sdp = ngx_sfu_metered_object(check, object, name);

    json_decref(object);

    return sdp;
}


static json_t *
ngx_sfu_metered_object(ngx_http_sfu_check_t *check, json_t *object,
    const char **name)
{
    json_t      *sdp, *type;
    const char  *value;

    sdp = ngx_http_sfu_required(check, object, "sdp", NGX_HTTP_SFU_STRING);
    type = ngx_http_sfu_member(check, object, "type", NGX_HTTP_SFU_STRING);

    if (type != NULL) {
        value = json_string_value(type);

        /* constants: the object may be gone before the name is used */

        if (ngx_strcmp(value, "offer") == 0) {
            *name = "offer";

        } else if (ngx_strcmp(value, "answer") == 0) {
            *name = "answer";

        } else {
            ngx_http_sfu_refuse(check, &ngx_sfu_metered_invalid_field,
                                "\"type\" is neither offer nor answer");
        }
    }

    return json_incref(sdp);
}
