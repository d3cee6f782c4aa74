
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Errors have two levels (4.1).  What concerns a request as a whole has a
 * status of its own; what concerns one track is a part of a 200.  Clients hang
 * when they find an error at the wrong level.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_cloudflare.h>


typedef struct {
    const char                        *name;
    const char                        *code;
    const char                        *text;
} ngx_sfu_cloudflare_track_error_t;


static ngx_int_t ngx_sfu_cloudflare_entry_error(json_t *entry, json_t *reply,
    const ngx_sfu_cloudflare_track_error_t *errors);


const ngx_http_sfu_error_t  ngx_sfu_cloudflare_not_found = {
    404, "not_found", "no such resource"
};


const ngx_http_sfu_error_t  ngx_sfu_cloudflare_bad_method = {
    405, "method_not_allowed", "the path has no such method"
};


const ngx_http_sfu_error_t  ngx_sfu_cloudflare_unauthorized = {
    401, "unauthorized", "the secret of the app is missing or wrong"
};


const ngx_http_sfu_error_t  ngx_sfu_cloudflare_decoding = {
    400, "decoding_error", "the body could not be read"
};


const ngx_http_sfu_error_t  ngx_sfu_cloudflare_invalid_params = {
    406, "invalid_params", "the request makes no sense"
};


const ngx_http_sfu_error_t  ngx_sfu_cloudflare_invalid_sdp = {
    406, "invalid_session_description",
    "the session description is not acceptable in this state"
};


const ngx_http_sfu_error_t  ngx_sfu_cloudflare_gone = {
    410, "session_error", "the session has ended or never was"
};


static const ngx_http_sfu_error_t  ngx_sfu_cloudflare_late = {
    503, "retryable_transient_error", "the media worker did not answer in time"
};


static const ngx_http_sfu_error_t  ngx_sfu_cloudflare_unavailable = {
    503, "temporarily_unavailable_error", "no media worker is available now"
};


const ngx_http_sfu_error_t  ngx_sfu_cloudflare_internal = {
    500, "internal_error", "something is wrong with the server"
};


static const ngx_http_sfu_error_t  ngx_sfu_cloudflare_forbidden = {
    403, "forbidden", "access is not allowed from here"
};


static const ngx_http_sfu_error_t  ngx_sfu_cloudflare_slow = {
    408, "decoding_error", "the body did not arrive in time"
};


static const ngx_http_sfu_error_t  ngx_sfu_cloudflare_too_large = {
    413, "payload_too_large", "the body is too large"
};


static const ngx_http_sfu_error_t  ngx_sfu_cloudflare_malformed_sdp = {
    400, "invalid_session_description",
    "the session description could not be read"
};


static const ngx_http_sfu_error_t  ngx_sfu_cloudflare_no_offer = {
    406, "invalid_session_description", "there is no offer to answer"
};


static const ngx_http_sfu_error_t  ngx_sfu_cloudflare_offer_pending = {
    406, "signaling_state_not_stable",
    "an offer of the server has not been answered yet"
};


static const ngx_http_sfu_error_t  ngx_sfu_cloudflare_not_connected = {
    425, "session_error", "the session is not connected yet"
};


static const ngx_http_sfu_error_t  ngx_sfu_cloudflare_established = {
    400, "decoding_error", "the session has data channels already"
};


static const ngx_http_sfu_error_t  ngx_sfu_cloudflare_rate = {
    429, "too_many_requests", "too many requests for this session"
};


const ngx_http_sfu_failure_t  ngx_sfu_cloudflare_failures[] = {
    { NGX_HTTP_SFU_BAD_REQUEST, &ngx_sfu_cloudflare_decoding },
    { NGX_HTTP_SFU_UNAUTHORIZED, &ngx_sfu_cloudflare_unauthorized },
    { NGX_HTTP_SFU_FORBIDDEN, &ngx_sfu_cloudflare_forbidden },
    { NGX_HTTP_SFU_NOT_FOUND, &ngx_sfu_cloudflare_not_found },
    { NGX_HTTP_SFU_BAD_METHOD, &ngx_sfu_cloudflare_bad_method },
    { NGX_HTTP_SFU_SLOW, &ngx_sfu_cloudflare_slow },
    { NGX_HTTP_SFU_TOO_LARGE, &ngx_sfu_cloudflare_too_large },
    { NGX_HTTP_SFU_UNAVAILABLE, &ngx_sfu_cloudflare_unavailable },
    { NGX_HTTP_SFU_LATE, &ngx_sfu_cloudflare_late },
    { SFU_IPC_ERR_INVALID, &ngx_sfu_cloudflare_invalid_params },
    { SFU_IPC_ERR_SESSION_GONE, &ngx_sfu_cloudflare_gone },
    { SFU_IPC_ERR_NOT_CONNECTED, &ngx_sfu_cloudflare_not_connected },
    { SFU_IPC_ERR_OFFER_PENDING, &ngx_sfu_cloudflare_offer_pending },
    { SFU_IPC_ERR_NO_OFFER, &ngx_sfu_cloudflare_no_offer },
    { SFU_IPC_ERR_SDP_MALFORMED, &ngx_sfu_cloudflare_malformed_sdp },
    { SFU_IPC_ERR_SDP_UNACCEPTABLE, &ngx_sfu_cloudflare_invalid_sdp },
    { SFU_IPC_ERR_ESTABLISHED, &ngx_sfu_cloudflare_established },
    { SFU_IPC_ERR_LIMIT, &ngx_sfu_cloudflare_unavailable },
    { SFU_IPC_ERR_RATE, &ngx_sfu_cloudflare_rate },
    { SFU_IPC_ERR_DRAINING, &ngx_sfu_cloudflare_unavailable },

    /* "malformed", "unknown_type" and "internal" are ours to explain */
    { NULL, &ngx_sfu_cloudflare_internal }
};


static const ngx_sfu_cloudflare_track_error_t
    ngx_sfu_cloudflare_track_errors[] =
{
    { SFU_IPC_TRACK_NOT_FOUND, "not_found_track_error",
      "no such track; make sure that its publisher is connected and sends" },

    { SFU_IPC_TRACK_SILENT, "empty_track_error",
      "the track is published, but no media has arrived" },

    { SFU_IPC_TRACK_REPEATED, "repeated_local_track_error",
      "the session publishes a track of this name already" },

    { SFU_IPC_TRACK_NOT_OPEN, "close_track_error",
      "no such track is open" },

    { SFU_IPC_TRACK_NO_LAYERS, "update_track_error",
      "there is nothing to choose from, and no other source" },

    { SFU_IPC_TRACK_INTERNAL, "internal_error",
      "something is wrong with the server" },

    { NULL, "track_error", "the track could not be set up" }
};


static const ngx_sfu_cloudflare_track_error_t
    ngx_sfu_cloudflare_channel_errors[] =
{
    { SFU_IPC_TRACK_NOT_FOUND, "not_found_track_error",
      "no such data channel is published" },

    { SFU_IPC_TRACK_REPEATED, "repeated_local_track_error",
      "the session publishes a data channel of this name already" },

    { SFU_IPC_TRACK_NOT_OPEN, "close_track_error",
      "no such data channel is open" },

    { SFU_IPC_TRACK_INTERNAL, "internal_error",
      "something is wrong with the server" },

    { NULL, "track_error", "the data channel could not be set up" }
};


json_t *
ngx_sfu_cloudflare_document(const ngx_http_sfu_error_t *error,
    const char *text)
{
    json_t      *document;
    const char  *subcode;

    document = json_pack("{s:s, s:s}", "errorCode", error->code,
                         "errorDescription", text);

    subcode = error == &ngx_sfu_cloudflare_no_offer
              ? "invalid_modification_stable"
              : error == &ngx_sfu_cloudflare_offer_pending
                ? "invalid_modification_have_local_offer" : NULL;

    if (document != NULL && subcode != NULL) {
        (void) json_object_set_new(document, "errorSubcode",
                                   json_string(subcode));
    }

    return document;
}


ngx_int_t
ngx_sfu_cloudflare_track_error(json_t *entry, json_t *reply)
{
    return ngx_sfu_cloudflare_entry_error(entry, reply,
                                          ngx_sfu_cloudflare_track_errors);
}


ngx_int_t
ngx_sfu_cloudflare_channel_error(json_t *entry, json_t *reply)
{
    return ngx_sfu_cloudflare_entry_error(entry, reply,
                                          ngx_sfu_cloudflare_channel_errors);
}


static ngx_int_t
ngx_sfu_cloudflare_entry_error(json_t *entry, json_t *reply,
    const ngx_sfu_cloudflare_track_error_t *errors)
{
    const char                              *name, *detail;
    const ngx_sfu_cloudflare_track_error_t  *e;

    name = json_string_value(json_object_get(reply, "error"));
    detail = json_string_value(json_object_get(reply, "detail"));

    for (e = errors; e->name; e++) {
        if (name != NULL && ngx_strcmp(e->name, name) == 0) {
            break;
        }
    }

    if (detail == NULL || *detail == '\0') {
        detail = e->text;
    }

    if (json_object_set_new(entry, "errorCode", json_string(e->code)) == -1
        || json_object_set_new(entry, "errorDescription", json_string(detail))
           == -1)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}
