
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Failures (3.7, 4.4, 11.3).  Clients take the name from a header, or else
 * from the document, and the words from "Message", or else from "message".
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_kvs.h>


const ngx_http_sfu_error_t  ngx_sfu_kvs_invalid = {
    400, "InvalidArgumentException", "the value of a member is not valid"
};

const ngx_http_sfu_error_t  ngx_sfu_kvs_limit = {
    400, "ClientLimitExceededException", "too many requests, try again later"
};

const ngx_http_sfu_error_t  ngx_sfu_kvs_channel_limit = {
    400, "AccountChannelLimitExceededException",
    "the account has as many channels as it may have"
};

const ngx_http_sfu_error_t  ngx_sfu_kvs_tag_limit = {
    400, "TagsPerResourceExceededLimitException",
    "a channel has 50 tags at most"
};

static const ngx_http_sfu_error_t  ngx_sfu_kvs_in_use = {
    400, "ResourceInUseException", "a channel of this name exists"
};

static const ngx_http_sfu_error_t  ngx_sfu_kvs_version = {
    400, "VersionMismatchException", "the channel has another version"
};

const ngx_http_sfu_error_t  ngx_sfu_kvs_serialization = {
    400, "SerializationException", "the body could not be read"
};

static const ngx_http_sfu_error_t  ngx_sfu_kvs_no_answer = {
    400, "InvalidArgumentException", "no answer came from the master"
};

const ngx_http_sfu_error_t  ngx_sfu_kvs_denied = {
    401, "AccessDeniedException", "the key is not allowed to do this"
};

const ngx_http_sfu_error_t  ngx_sfu_kvs_not_authorized = {
    401, "NotAuthorizedException", "the key is not allowed to do this"
};

const ngx_http_sfu_error_t  ngx_sfu_kvs_forbidden = {
    403, "AccessDeniedException", "the key is not allowed to do this"
};

const ngx_http_sfu_error_t  ngx_sfu_kvs_not_found = {
    404, "ResourceNotFoundException", "the channel is not found"
};

const ngx_http_sfu_error_t  ngx_sfu_kvs_unknown = {
    404, "UnknownOperationException", "there is no such operation"
};

const ngx_http_sfu_error_t  ngx_sfu_kvs_bad_method = {
    405, "UnknownOperationException", "the operation has another method"
};

const ngx_http_sfu_error_t  ngx_sfu_kvs_upgrade = {
    426, "UnknownOperationException", "a WebSocket is served here"
};

static const ngx_http_sfu_error_t  ngx_sfu_kvs_slow = {
    408, "RequestTimeoutException", "the body did not arrive in time"
};

static const ngx_http_sfu_error_t  ngx_sfu_kvs_too_large = {
    413, "RequestEntityTooLargeException", "the body is too large"
};

const ngx_http_sfu_error_t  ngx_sfu_kvs_internal = {
    500, "InternalFailure", "something is wrong with the server"
};

const ngx_http_sfu_error_t  ngx_sfu_kvs_unavailable = {
    503, "ServiceUnavailable", "no worker can answer now"
};


const ngx_http_sfu_failure_t  ngx_sfu_kvs_failures[] = {
    { NGX_HTTP_SFU_BAD_REQUEST, &ngx_sfu_kvs_serialization },
    { NGX_HTTP_SFU_UNAUTHORIZED, &ngx_sfu_kvs_denied },
    { NGX_HTTP_SFU_FORBIDDEN, &ngx_sfu_kvs_forbidden },
    { NGX_HTTP_SFU_NOT_FOUND, &ngx_sfu_kvs_unknown },
    { NGX_HTTP_SFU_BAD_METHOD, &ngx_sfu_kvs_bad_method },
    { NGX_HTTP_SFU_UPGRADE, &ngx_sfu_kvs_upgrade },
    { NGX_HTTP_SFU_SLOW, &ngx_sfu_kvs_slow },
    { NGX_HTTP_SFU_TOO_LARGE, &ngx_sfu_kvs_too_large },
    { NGX_HTTP_SFU_UNAVAILABLE, &ngx_sfu_kvs_unavailable },
    { NGX_HTTP_SFU_LATE, &ngx_sfu_kvs_unavailable },

    { SFU_IPC_ERR_INVALID, &ngx_sfu_kvs_invalid },
    { SFU_IPC_ERR_CHANNEL_NOT_FOUND, &ngx_sfu_kvs_not_found },
    { SFU_IPC_ERR_EXISTS, &ngx_sfu_kvs_in_use },
    { SFU_IPC_ERR_VERSION_MISMATCH, &ngx_sfu_kvs_version },
    { SFU_IPC_ERR_NO_ANSWER, &ngx_sfu_kvs_no_answer },
    { SFU_IPC_ERR_RATE, &ngx_sfu_kvs_limit },
    { SFU_IPC_ERR_LIMIT, &ngx_sfu_kvs_limit },
    { SFU_IPC_ERR_DRAINING, &ngx_sfu_kvs_unavailable },

    { NULL, &ngx_sfu_kvs_internal }
};


json_t *
ngx_sfu_kvs_document(const ngx_http_sfu_error_t *error, const char *text)
{
    return json_pack("{s:s, s:s, s:s}", "__type", error->code,
                     "Message", text, "message", text);
}


/* pages see the name of an error only if they are told that they may */

ngx_int_t
ngx_sfu_kvs_headers(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx)
{
    u_char                   *p;
    ngx_str_t                 value;
    ngx_http_sfu_loc_conf_t  *slcf;

    static ngx_str_t  exposed =
        ngx_string("x-amzn-errortype, x-amzn-requestid, date");

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_sfu_module);

    if (slcf->origin != NGX_HTTP_SFU_ORIGIN_OFF
        && ngx_http_sfu_add_header(r, "Access-Control-Expose-Headers",
                                   &exposed)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ctx->error != NULL) {
        value.data = (u_char *) ctx->error;
        value.len = ngx_strlen(ctx->error);

        if (ngx_http_sfu_add_header(r, "x-amzn-ErrorType", &value) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    p = ngx_pnalloc(r->pool, sizeof("01234567-89ab-4cde-8f01-23456789abcd"));
    if (p == NULL) {
        return NGX_ERROR;
    }

    /* RFC 4122, version 4; nobody relies on that it cannot be guessed */

    value.data = p;
    value.len = ngx_sprintf(p, "%08xD-%04xD-4%03xD-%04xD-%08xD%04xD",
                            (uint32_t) ngx_random() << 1
                            ^ (uint32_t) ngx_random(),
                            (uint32_t) ngx_random() & 0xffff,
                            (uint32_t) ngx_random() & 0xfff,
                            ((uint32_t) ngx_random() & 0x3fff) | 0x8000,
                            (uint32_t) ngx_random() << 1
                            ^ (uint32_t) ngx_random(),
                            (uint32_t) ngx_random() & 0xffff)
                - p;

    return ngx_http_sfu_add_header(r, "x-amzn-RequestId", &value);
}
