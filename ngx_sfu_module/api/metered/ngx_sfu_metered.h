
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * The HTTP API of Metered Global Cloud SFU.  docs/metered.md describes it;
 * section numbers in the comments of this folder are that page's.
 */


#ifndef _NGX_SFU_METERED_H_INCLUDED_
#define _NGX_SFU_METERED_H_INCLUDED_


#include <ngx_http_sfu_module.h>


typedef enum {
    NGX_SFU_METERED_NONE = 0,
    NGX_SFU_METERED_PREFLIGHT,
    NGX_SFU_METERED_NEW,
    NGX_SFU_METERED_SESSIONS,
    NGX_SFU_METERED_SESSION,
    NGX_SFU_METERED_TRACKS,
    NGX_SFU_METERED_PUBLISH,
    NGX_SFU_METERED_SUBSCRIBE,
    NGX_SFU_METERED_UNSUBSCRIBE,
    NGX_SFU_METERED_CLOSE,
    NGX_SFU_METERED_RENEGOTIATE
} ngx_sfu_metered_call_e;


/*
 * Adds what the client asked for to the message for the worker, "type"
 * included.  NGX_ERROR: check->error tells what is wrong.
 */
typedef ngx_int_t (*ngx_sfu_metered_request_pt)(ngx_http_sfu_check_t *check,
    json_t *document, json_t *message);

/* the document for the client; NULL: the worker's reply makes no sense */
typedef json_t *(*ngx_sfu_metered_response_pt)(ngx_http_sfu_ctx_t *ctx,
    json_t *reply);


typedef struct {
    ngx_str_t                       path;      /* below the session's */
    ngx_uint_t                      method;
    const char                     *allow;
    ngx_sfu_metered_request_pt      request;
    ngx_sfu_metered_response_pt     response;
} ngx_sfu_metered_call_t;


/* ngx_sfu_metered_error.c */

json_t *ngx_sfu_metered_document(const ngx_http_sfu_error_t *error,
    const char *text);

extern const ngx_http_sfu_failure_t  ngx_sfu_metered_failures[];

extern const ngx_http_sfu_error_t  ngx_sfu_metered_invalid_json;
extern const ngx_http_sfu_error_t  ngx_sfu_metered_missing_field;
extern const ngx_http_sfu_error_t  ngx_sfu_metered_invalid_field;
extern const ngx_http_sfu_error_t  ngx_sfu_metered_invalid_sdp;
extern const ngx_http_sfu_error_t  ngx_sfu_metered_unauthorized;
extern const ngx_http_sfu_error_t  ngx_sfu_metered_not_found;
extern const ngx_http_sfu_error_t  ngx_sfu_metered_no_session;
extern const ngx_http_sfu_error_t  ngx_sfu_metered_bad_method;
extern const ngx_http_sfu_error_t  ngx_sfu_metered_unavailable;
extern const ngx_http_sfu_error_t  ngx_sfu_metered_internal;


/* ngx_sfu_metered_description.c */

/*
 * 2.5: the SDP of "sessionDescription", an object of the message's under the
 * name it has there: "offer", "answer", or, where the client does not tell,
 * "description".  NGX_ERROR: refused
 */
ngx_int_t ngx_sfu_metered_set_description(ngx_http_sfu_check_t *check,
    json_t *document, json_t *message);
/* the same where only an offer can be meant */
ngx_int_t ngx_sfu_metered_set_offer(ngx_http_sfu_check_t *check,
    json_t *document, json_t *message);


/* ngx_sfu_metered_request.c */

ngx_int_t ngx_sfu_metered_new_request(ngx_http_sfu_check_t *check,
    json_t *document, json_t *message);
ngx_int_t ngx_sfu_metered_publish_request(ngx_http_sfu_check_t *check,
    json_t *document, json_t *message);
ngx_int_t ngx_sfu_metered_subscribe_request(ngx_http_sfu_check_t *check,
    json_t *document, json_t *message);
ngx_int_t ngx_sfu_metered_unsubscribe_request(ngx_http_sfu_check_t *check,
    json_t *document, json_t *message);
ngx_int_t ngx_sfu_metered_close_request(ngx_http_sfu_check_t *check,
    json_t *document, json_t *message);
ngx_int_t ngx_sfu_metered_renegotiate_request(ngx_http_sfu_check_t *check,
    json_t *document, json_t *message);
ngx_int_t ngx_sfu_metered_tracks_request(ngx_http_sfu_check_t *check,
    json_t *document, json_t *message);
ngx_int_t ngx_sfu_metered_end_request(ngx_http_sfu_check_t *check,
    json_t *document, json_t *message);


/* ngx_sfu_metered_response.c */

json_t *ngx_sfu_metered_new_response(ngx_http_sfu_ctx_t *ctx, json_t *reply);
json_t *ngx_sfu_metered_done_response(ngx_http_sfu_ctx_t *ctx, json_t *reply);
json_t *ngx_sfu_metered_tracks_response(ngx_http_sfu_ctx_t *ctx,
    json_t *reply);


/* ngx_sfu_metered_sessions.c */

/* 7.2: the sessions of ctx->app, of all workers */
ngx_int_t ngx_sfu_metered_sessions(ngx_http_request_t *r);


#endif /* _NGX_SFU_METERED_H_INCLUDED_ */
