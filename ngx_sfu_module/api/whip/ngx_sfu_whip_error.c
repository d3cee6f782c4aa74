
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Failures, as problem details (RFC 9457).
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_whip.h>


typedef struct {
    const char                  *name;
    const ngx_sfu_whip_error_t  *error;
} ngx_sfu_whip_worker_error_t;


static json_t *ngx_sfu_whip_problem(const ngx_sfu_whip_error_t *error,
    const char *detail);


const ngx_sfu_whip_error_t  ngx_sfu_whip_malformed = {
    400, "malformed", "the request makes no sense"
};

const ngx_sfu_whip_error_t  ngx_sfu_whip_unauthorized = {
    401, "unauthorized", "a bearer token of this app is needed"
};

static const ngx_sfu_whip_error_t  ngx_sfu_whip_forbidden = {
    403, "forbidden", "the server does not serve this client"
};

const ngx_sfu_whip_error_t  ngx_sfu_whip_not_found = {
    404, "not_found", "no such stream or session"
};

static const ngx_sfu_whip_error_t  ngx_sfu_whip_no_stream = {
    404, "no_stream", "nobody publishes this stream"
};

const ngx_sfu_whip_error_t  ngx_sfu_whip_bad_method = {
    405, "method_not_allowed", "this address has other methods"
};

static const ngx_sfu_whip_error_t  ngx_sfu_whip_unacceptable = {
    406, "not_acceptable", "the offer cannot be answered"
};

static const ngx_sfu_whip_error_t  ngx_sfu_whip_slow = {
    408, "request_timeout", "the body came too slowly"
};

static const ngx_sfu_whip_error_t  ngx_sfu_whip_no_match = {
    412, "precondition_failed", "ICE was restarted since"
};

static const ngx_sfu_whip_error_t  ngx_sfu_whip_too_large = {
    413, "too_large", "the body is too large"
};

const ngx_sfu_whip_error_t  ngx_sfu_whip_bad_type = {
    415, "unsupported_media_type", "the body is of another type"
};

static const ngx_sfu_whip_error_t  ngx_sfu_whip_unprocessable = {
    422, "unprocessable", "the session is not in a state for this"
};

static const ngx_sfu_whip_error_t  ngx_sfu_whip_match_needed = {
    428, "precondition_required", "the header If-Match is needed"
};

static const ngx_sfu_whip_error_t  ngx_sfu_whip_rate = {
    429, "too_many_requests", "slow down"
};

const ngx_sfu_whip_error_t  ngx_sfu_whip_internal = {
    500, "internal", "something is wrong with the server"
};

const ngx_sfu_whip_error_t  ngx_sfu_whip_unavailable = {
    503, "unavailable", "no media worker takes the request now"
};

const ngx_sfu_whip_error_t  ngx_sfu_whip_late = {
    503, "late", "the media worker did not answer in time"
};


static const ngx_sfu_whip_worker_error_t  ngx_sfu_whip_worker_errors[] = {
    { SFU_IPC_ERR_SESSION_GONE, &ngx_sfu_whip_not_found },
    { SFU_IPC_ERR_STREAM_NOT_FOUND, &ngx_sfu_whip_no_stream },
    { SFU_IPC_ERR_SDP_MALFORMED, &ngx_sfu_whip_malformed },
    { SFU_IPC_ERR_SDP_UNACCEPTABLE, &ngx_sfu_whip_unacceptable },
    { SFU_IPC_ERR_INVALID, &ngx_sfu_whip_unprocessable },
    { SFU_IPC_ERR_MATCH_MISSING, &ngx_sfu_whip_match_needed },
    { SFU_IPC_ERR_MATCH_FAILED, &ngx_sfu_whip_no_match },
    { SFU_IPC_ERR_RATE, &ngx_sfu_whip_rate },
    { SFU_IPC_ERR_LIMIT, &ngx_sfu_whip_unavailable },
    { SFU_IPC_ERR_DRAINING, &ngx_sfu_whip_unavailable },
    { NULL, &ngx_sfu_whip_internal }
};


ngx_int_t
ngx_sfu_whip_fail(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    const ngx_sfu_whip_error_t *error, const char *detail)
{
    json_t     *document;
    ngx_str_t   challenge = ngx_string("Bearer realm=\"sfu\"");
    ngx_str_t   type = ngx_string("application/problem+json");

    if (detail == NULL || *detail == '\0') {
        detail = error->text;
    }

    ctx->error = error->title;
    ctx->detail = ngx_http_sfu_log_text(r->pool, detail);

    if (error->status == 401
        && ngx_http_sfu_add_header(r, "WWW-Authenticate", &challenge)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* players ask again until somebody publishes */

    if ((error->status == 429 || error->status == 503
         || error == &ngx_sfu_whip_no_stream)
        && ngx_http_sfu_add_retry_after(r) != NGX_OK)
    {
        return NGX_ERROR;
    }

    document = ngx_sfu_whip_problem(error, detail);
    if (document == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_sfu_reply_type(r, ctx, error->status, &type, document);
}


static json_t *
ngx_sfu_whip_problem(const ngx_sfu_whip_error_t *error, const char *detail)
{
    json_t  *document;

    document = json_pack("{s:s, s:i, s:s}", "title", error->title,
                         "status", (int) error->status, "detail", detail);

    if (document == NULL && detail != error->text) {
        /* a client's words, which need not be UTF-8 */
        return ngx_sfu_whip_problem(error, error->text);
    }

    return document;
}


const ngx_sfu_whip_error_t *
ngx_sfu_whip_status_error(ngx_uint_t status)
{
    switch (status) {

    case 401:
        return &ngx_sfu_whip_unauthorized;

    case 403:
        return &ngx_sfu_whip_forbidden;

    case 404:
        return &ngx_sfu_whip_not_found;

    case 405:
        return &ngx_sfu_whip_bad_method;

    case 408:
        return &ngx_sfu_whip_slow;

    case 413:
        return &ngx_sfu_whip_too_large;

    case 429:
        return &ngx_sfu_whip_rate;

    case 502:
    case 503:
    case 504:
        return &ngx_sfu_whip_unavailable;

    default:
        return status >= 500 ? &ngx_sfu_whip_internal
                             : &ngx_sfu_whip_malformed;
    }
}


const ngx_sfu_whip_error_t *
ngx_sfu_whip_worker_error(const char *name)
{
    const ngx_sfu_whip_worker_error_t  *e;

    for (e = ngx_sfu_whip_worker_errors; e->name; e++) {
        if (name != NULL && ngx_strcmp(e->name, name) == 0) {
            break;
        }
    }

    return e->error;
}


json_t *
ngx_sfu_whip_document(ngx_uint_t status, const char **code)
{
    const ngx_sfu_whip_error_t  *error;

    error = ngx_sfu_whip_status_error(status);
    *code = error->title;

    return ngx_sfu_whip_problem(error, error->text);
}
