
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Failures, as problem details (RFC 9457).
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_whip.h>


const ngx_http_sfu_error_t  ngx_sfu_whip_malformed = {
    400, "malformed", "the request makes no sense"
};

const ngx_http_sfu_error_t  ngx_sfu_whip_unauthorized = {
    401, "unauthorized", "a bearer token of this app is needed"
};

static const ngx_http_sfu_error_t  ngx_sfu_whip_forbidden = {
    403, "forbidden", "the server does not serve this client"
};

const ngx_http_sfu_error_t  ngx_sfu_whip_not_found = {
    404, "not_found", "no such stream or session"
};

const ngx_http_sfu_error_t  ngx_sfu_whip_no_stream = {
    404, "no_stream", "nobody publishes this stream"
};

const ngx_http_sfu_error_t  ngx_sfu_whip_bad_method = {
    405, "method_not_allowed", "this address has other methods"
};

static const ngx_http_sfu_error_t  ngx_sfu_whip_unacceptable = {
    406, "not_acceptable", "the offer cannot be answered"
};

static const ngx_http_sfu_error_t  ngx_sfu_whip_slow = {
    408, "request_timeout", "the body came too slowly"
};

static const ngx_http_sfu_error_t  ngx_sfu_whip_no_match = {
    412, "precondition_failed", "ICE was restarted since"
};

static const ngx_http_sfu_error_t  ngx_sfu_whip_too_large = {
    413, "too_large", "the body is too large"
};

const ngx_http_sfu_error_t  ngx_sfu_whip_bad_type = {
    415, "unsupported_media_type", "the body is of another type"
};

static const ngx_http_sfu_error_t  ngx_sfu_whip_unprocessable = {
    422, "unprocessable", "the session is not in a state for this"
};

static const ngx_http_sfu_error_t  ngx_sfu_whip_match_needed = {
    428, "precondition_required", "the header If-Match is needed"
};

static const ngx_http_sfu_error_t  ngx_sfu_whip_rate = {
    429, "too_many_requests", "slow down"
};

const ngx_http_sfu_error_t  ngx_sfu_whip_internal = {
    500, "internal", "something is wrong with the server"
};

static const ngx_http_sfu_error_t  ngx_sfu_whip_unavailable = {
    503, "unavailable", "no media worker takes the request now"
};

static const ngx_http_sfu_error_t  ngx_sfu_whip_late = {
    503, "late", "the media worker did not answer in time"
};


const ngx_http_sfu_failure_t  ngx_sfu_whip_failures[] = {
    { NGX_HTTP_SFU_BAD_REQUEST, &ngx_sfu_whip_malformed },
    { NGX_HTTP_SFU_UNAUTHORIZED, &ngx_sfu_whip_unauthorized },
    { NGX_HTTP_SFU_FORBIDDEN, &ngx_sfu_whip_forbidden },
    { NGX_HTTP_SFU_NOT_FOUND, &ngx_sfu_whip_not_found },
    { NGX_HTTP_SFU_BAD_METHOD, &ngx_sfu_whip_bad_method },
    { NGX_HTTP_SFU_SLOW, &ngx_sfu_whip_slow },
    { NGX_HTTP_SFU_TOO_LARGE, &ngx_sfu_whip_too_large },
    { NGX_HTTP_SFU_UNAVAILABLE, &ngx_sfu_whip_unavailable },
    { NGX_HTTP_SFU_LATE, &ngx_sfu_whip_late },
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


json_t *
ngx_sfu_whip_document(const ngx_http_sfu_error_t *error, const char *text)
{
    return json_pack("{s:s, s:i, s:s}", "title", error->code,
                     "status", (int) error->status, "detail", text);
}
