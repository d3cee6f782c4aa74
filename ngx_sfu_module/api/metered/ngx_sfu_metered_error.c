
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Failures: {"success": false, "error": code, "message": words} (8).
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_metered.h>


const ngx_http_sfu_error_t  ngx_sfu_metered_invalid_json = {
    400, "invalid_json", "the body could not be read"
};

const ngx_http_sfu_error_t  ngx_sfu_metered_missing_field = {
    400, "missing_field", "a member of the body is missing"
};

const ngx_http_sfu_error_t  ngx_sfu_metered_invalid_field = {
    400, "invalid_field", "a member of the body makes no sense"
};

const ngx_http_sfu_error_t  ngx_sfu_metered_invalid_sdp = {
    400, "invalid_sdp", "the session description is not acceptable"
};

static const ngx_http_sfu_error_t  ngx_sfu_metered_not_in_sdp = {
    400, "track_not_in_sdp", "the offer does not send this track"
};

const ngx_http_sfu_error_t  ngx_sfu_metered_unauthorized = {
    401, "unauthorized", "the secret of the app is missing or wrong"
};

static const ngx_http_sfu_error_t  ngx_sfu_metered_forbidden = {
    403, "forbidden", "access is not allowed from here"
};

const ngx_http_sfu_error_t  ngx_sfu_metered_not_found = {
    404, "not_found", "no such path"
};

const ngx_http_sfu_error_t  ngx_sfu_metered_no_session = {
    404, "session_not_found", "the session has ended or never was"
};

static const ngx_http_sfu_error_t  ngx_sfu_metered_no_track = {
    404, "track_not_found", "there is no such track"
};

const ngx_http_sfu_error_t  ngx_sfu_metered_bad_method = {
    405, "method_not_allowed", "the path has no such method"
};

static const ngx_http_sfu_error_t  ngx_sfu_metered_slow = {
    408, "request_timeout", "the body did not arrive in time"
};

static const ngx_http_sfu_error_t  ngx_sfu_metered_no_offer = {
    409, "no_pending_offer", "there is no offer to answer"
};

static const ngx_http_sfu_error_t  ngx_sfu_metered_too_large = {
    413, "body_too_large", "the body is too large"
};

static const ngx_http_sfu_error_t  ngx_sfu_metered_rate = {
    429, "too_many_requests", "too many requests for this session"
};

const ngx_http_sfu_error_t  ngx_sfu_metered_internal = {
    500, "internal_error", "something is wrong with the server"
};

const ngx_http_sfu_error_t  ngx_sfu_metered_unavailable = {
    503, "unavailable", "no media worker can answer now"
};


const ngx_http_sfu_failure_t  ngx_sfu_metered_failures[] = {
    { NGX_HTTP_SFU_BAD_REQUEST, &ngx_sfu_metered_invalid_json },
    { NGX_HTTP_SFU_UNAUTHORIZED, &ngx_sfu_metered_unauthorized },
    { NGX_HTTP_SFU_FORBIDDEN, &ngx_sfu_metered_forbidden },
    { NGX_HTTP_SFU_NOT_FOUND, &ngx_sfu_metered_not_found },
    { NGX_HTTP_SFU_BAD_METHOD, &ngx_sfu_metered_bad_method },
    { NGX_HTTP_SFU_SLOW, &ngx_sfu_metered_slow },
    { NGX_HTTP_SFU_TOO_LARGE, &ngx_sfu_metered_too_large },
    { NGX_HTTP_SFU_UNAVAILABLE, &ngx_sfu_metered_unavailable },
    { NGX_HTTP_SFU_LATE, &ngx_sfu_metered_unavailable },

    { SFU_IPC_ERR_INVALID, &ngx_sfu_metered_invalid_field },
    { SFU_IPC_ERR_SESSION_GONE, &ngx_sfu_metered_no_session },
    { SFU_IPC_ERR_NO_OFFER, &ngx_sfu_metered_no_offer },
    { SFU_IPC_ERR_SDP_MALFORMED, &ngx_sfu_metered_invalid_sdp },
    { SFU_IPC_ERR_SDP_UNACCEPTABLE, &ngx_sfu_metered_invalid_sdp },
    { SFU_IPC_ERR_LIMIT, &ngx_sfu_metered_unavailable },
    { SFU_IPC_ERR_DRAINING, &ngx_sfu_metered_unavailable },
    { SFU_IPC_ERR_RATE, &ngx_sfu_metered_rate },

    { SFU_IPC_TRACK_NOT_FOUND, &ngx_sfu_metered_no_track },
    { SFU_IPC_TRACK_NOT_OPEN, &ngx_sfu_metered_no_track },
    { SFU_IPC_TRACK_FAILED, &ngx_sfu_metered_not_in_sdp },
    { SFU_IPC_TRACK_REPEATED, &ngx_sfu_metered_invalid_field },

    { NULL, &ngx_sfu_metered_internal }
};


json_t *
ngx_sfu_metered_document(const ngx_http_sfu_error_t *error, const char *text)
{
    return json_pack("{s:b, s:s, s:s}", "success", 0, "error", error->code,
                     "message", text);
}
