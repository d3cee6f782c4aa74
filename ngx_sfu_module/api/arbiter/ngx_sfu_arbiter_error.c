
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Failures over HTTP: {"message": text}, with the published texts (2).
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_arbiter.h>


const ngx_http_sfu_error_t  ngx_sfu_arbiter_missing_path = {
    400, "missing_path", "missing urlPath"
};

static const ngx_http_sfu_error_t  ngx_sfu_arbiter_malformed = {
    400, "malformed", "Bad Request"
};

static const ngx_http_sfu_error_t  ngx_sfu_arbiter_forbidden = {
    403, "forbidden", "Forbidden"
};

const ngx_http_sfu_error_t  ngx_sfu_arbiter_not_found = {
    404, "not_found", "Not Found"
};

static const ngx_http_sfu_error_t  ngx_sfu_arbiter_no_room = {
    404, "no_room", "Room not found"
};

static const ngx_http_sfu_error_t  ngx_sfu_arbiter_slow = {
    408, "request_timeout", "Request Timeout"
};

static const ngx_http_sfu_error_t  ngx_sfu_arbiter_too_large = {
    413, "too_large", "Request Too Long"
};

static const ngx_http_sfu_error_t  ngx_sfu_arbiter_upgrade = {
    426, "upgrade_required", "Upgrade Required"
};

static const ngx_http_sfu_error_t  ngx_sfu_arbiter_rate = {
    429, "too_many_requests", "Too Many Requests"
};

const ngx_http_sfu_error_t  ngx_sfu_arbiter_broken = {
    500, "broken", "Something broke on the server"
};

static const ngx_http_sfu_error_t  ngx_sfu_arbiter_not_created = {
    500, "not_created", "Failed to start task."
};


const ngx_http_sfu_failure_t  ngx_sfu_arbiter_failures[] = {
    { NGX_HTTP_SFU_BAD_REQUEST, &ngx_sfu_arbiter_malformed },
    { NGX_HTTP_SFU_FORBIDDEN, &ngx_sfu_arbiter_forbidden },
    { NGX_HTTP_SFU_NOT_FOUND, &ngx_sfu_arbiter_not_found },
    { NGX_HTTP_SFU_BAD_METHOD, &ngx_sfu_arbiter_not_found },
    { NGX_HTTP_SFU_SLOW, &ngx_sfu_arbiter_slow },
    { NGX_HTTP_SFU_TOO_LARGE, &ngx_sfu_arbiter_too_large },
    { NGX_HTTP_SFU_UPGRADE, &ngx_sfu_arbiter_upgrade },
    { NGX_HTTP_SFU_UNAVAILABLE, &ngx_sfu_arbiter_broken },
    { NGX_HTTP_SFU_LATE, &ngx_sfu_arbiter_broken },
    { SFU_IPC_ERR_ROOM_NOT_FOUND, &ngx_sfu_arbiter_no_room },
    { SFU_IPC_ERR_RATE, &ngx_sfu_arbiter_rate },
    { NULL, &ngx_sfu_arbiter_broken }
};


/* 2.4: whatever it was */

const ngx_http_sfu_failure_t  ngx_sfu_arbiter_create_failures[] = {
    { SFU_IPC_ERR_LIMIT, &ngx_sfu_arbiter_not_created },
    { NGX_HTTP_SFU_UNAVAILABLE, &ngx_sfu_arbiter_not_created },
    { NGX_HTTP_SFU_LATE, &ngx_sfu_arbiter_not_created },
    { NULL, &ngx_sfu_arbiter_not_created }
};


/* there is one text for each, which clients may compare */

json_t *
ngx_sfu_arbiter_document(const ngx_http_sfu_error_t *error, const char *text)
{
    return json_pack("{s:s}", "message", error->text);
}
