
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Members of the clients' documents: a missing or mistyped one is a
 * decoding_error.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_cloudflare.h>


void
ngx_sfu_cloudflare_check_init(ngx_sfu_cloudflare_check_t *check,
    ngx_pool_t *pool)
{
    check->pool = pool;
    check->error = NULL;
    check->detail = NULL;
    check->mistyped = &ngx_sfu_cloudflare_decoding;
    check->missing = &ngx_sfu_cloudflare_decoding;
}


json_t *
ngx_sfu_cloudflare_description(ngx_sfu_cloudflare_check_t *check,
    json_t *document, const char **type)
{
    json_t  *description, *sdp, *value;

    *type = NULL;

    description = ngx_http_sfu_member(check, document,
                                      "sessionDescription",
                                      NGX_HTTP_SFU_OBJECT);
    if (description == NULL) {
        return NULL;
    }

    sdp = ngx_http_sfu_required(check, description, "sdp",
                                NGX_HTTP_SFU_STRING);
    value = ngx_http_sfu_required(check, description, "type",
                                  NGX_HTTP_SFU_STRING);

    if (sdp == NULL || value == NULL) {
        return NULL;
    }

    *type = json_string_value(value);

    if (ngx_strcmp(*type, "offer") != 0 && ngx_strcmp(*type, "answer") != 0) {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_decoding,
                            "\"type\" is neither offer nor answer");
    }

    return sdp;
}
