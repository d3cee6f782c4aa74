
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * What the parts of the module share.  A dialect (api/) sees requests, JSON
 * documents and the workers' replies through this file, and is seen through
 * its ngx_http_sfu_api_t only.
 */


#ifndef _NGX_HTTP_SFU_MODULE_H_INCLUDED_
#define _NGX_HTTP_SFU_MODULE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <jansson.h>

#include <ngx_sfu_auth.h>
#include <ngx_sfu_ipc.h>
#include <ngx_sfu_turn.h>
#include <ngx_sfu_ws.h>


/* RFC 6750 */
#define NGX_HTTP_SFU_BEARER  "Bearer realm=\"sfu\""


typedef struct ngx_http_sfu_ctx_s  ngx_http_sfu_ctx_t;


/* which directives a directive needs */

typedef enum {
    NGX_HTTP_SFU_NEEDS_APPS = 0,        /* "sfu_worker" and "sfu_app" */
    NGX_HTTP_SFU_NEEDS_WORKERS,
    NGX_HTTP_SFU_NEEDS_KEYS             /* "sfu_turn_key" */
} ngx_http_sfu_needs_e;


/* what a failed request is answered with */

typedef struct {
    ngx_uint_t                  status;
    const char                 *code;           /* in log lines, too */
    const char                 *text;           /* if there is no better */
} ngx_http_sfu_error_t;


/* what a dialect calls a failure; the last row has no name, for the rest */

typedef struct {
    const char                 *name;
    const ngx_http_sfu_error_t *error;
} ngx_http_sfu_failure_t;


/* an entry of the table of dialects in ngx_http_sfu_module.c */

typedef struct {
    ngx_str_t                   name;

    /* names of its calls for the log and the counters; the first one is "-" */
    ngx_str_t                  *calls;
    ngx_uint_t                  ncalls;

    ngx_http_handler_pt         handler;

    /* also for errors of nginx's own, such as a refused address */
    const ngx_http_sfu_failure_t
                               *failures;
    /* NULL: the text is not UTF-8 */
    json_t                   *(*document)(const ngx_http_sfu_error_t *error,
                                   const char *text);
    ngx_str_t                   error_type;     /* application/json */

    /* those of all its responses, errors of nginx's own included; or NULL */
    ngx_int_t                 (*headers)(ngx_http_request_t *r,
                                         ngx_http_sfu_ctx_t *ctx);
    const char                 *challenge;      /* of 401, or NULL */

    /* "sfu_api" names the app, which is not in the URL then */
    ngx_uint_t                  names_app;      /* unsigned  names_app:1 */

    ngx_http_sfu_needs_e        needs;

    /* what "sfu_websocket_..." are by default; NULL: there are none */
    const ngx_sfu_ws_settings_t
                               *ws;
} ngx_http_sfu_api_t;


typedef enum {
    NGX_HTTP_SFU_ORIGIN_ANY = 0,
    NGX_HTTP_SFU_ORIGIN_OFF,
    NGX_HTTP_SFU_ORIGIN_REFLECT,
    NGX_HTTP_SFU_ORIGIN_LIST
} ngx_http_sfu_origin_e;


typedef struct {
    ngx_array_t                 workers;        /* of ngx_str_t */
    ngx_array_t                 apps;           /* of ngx_sfu_auth_app_t */
    ngx_array_t                 keys;           /* of ngx_sfu_turn_key_t */
    ngx_array_t                 uses;           /* of ngx_http_sfu_use_t */
    ngx_shm_zone_t             *zone;           /* of ngx_sfu_counters_t */
    ngx_sfu_ipc_t              *ipc;            /* of this process */
} ngx_http_sfu_main_conf_t;


typedef struct {
    ngx_http_sfu_api_t         *api;
    ngx_str_t                   app;            /* api->names_app */
    ngx_http_complex_value_t   *path;
    ngx_http_handler_pt         handler;
    ngx_msec_t                  timeout;
    size_t                      body_max;
    off_t                       body_limit;     /* client_max_body_size, too */
    time_t                      retry_after;
    ngx_uint_t                  origin;
    ngx_array_t                *origins;        /* of ngx_str_t */
    ngx_str_t                   ice_name;       /* data is NULL: not set */
    time_t                      ice_ttl;
    ngx_sfu_turn_key_t         *ice_key;        /* or NULL */
    ngx_sfu_ws_settings_t       ws_set;         /* as configured */
    ngx_sfu_ws_settings_t       ws;             /* with defaults of the api */
} ngx_http_sfu_loc_conf_t;


/*
 * Handlers return what goes to ngx_http_finalize_request(), or NGX_DONE when
 * they have asked for something and will be called again.
 */
typedef ngx_int_t (*ngx_http_sfu_body_pt)(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, ngx_int_t status);
typedef ngx_int_t (*ngx_http_sfu_reply_pt)(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, ngx_sfu_ipc_result_e result, json_t *reply);


struct ngx_http_sfu_ctx_s {
    ngx_pool_t                 *pool;           /* the request's */
    ngx_http_sfu_api_t         *api;
    ngx_uint_t                  call;           /* in api->calls */
    ngx_str_t                   app;
    ngx_str_t                   session;
    ngx_str_t                   stream;         /* its worker is asked */
    ngx_str_t                   home;           /* or this one's */
    ngx_str_t                   label;
    ngx_str_t                   id;             /* in the logs of both sides */
    const char                 *error;          /* what the dialect called it */
    const char                 *detail;

    ngx_msec_t                  start;
    ngx_msec_t                  elapsed;        /* until the reply was sent */

    ngx_str_t                   body;
    size_t                      body_size;
    ngx_http_sfu_body_pt        body_handler;

    ngx_msec_t                  timeout;        /* 0: "sfu_timeout" */
    json_t                     *document;       /* owned: the request's */
    ngx_sfu_ipc_request_t       ipc;
    ngx_http_sfu_reply_pt       reply_handler;

    ngx_buf_t                  *replacement;    /* of a page of nginx's own */
    ngx_sfu_ws_t               *ws;             /* once it was accepted */
    void                       *data;           /* the dialect's */

    unsigned                    replied:1;
};


/* a request while it is checked: the first mistake stays */

typedef struct {
    ngx_pool_t                 *pool;
    const ngx_http_sfu_error_t *error;          /* the dialect's, or NULL */
    const char                 *detail;
    const ngx_http_sfu_error_t *mistyped;       /* its errors for members */
    const ngx_http_sfu_error_t *missing;
} ngx_http_sfu_check_t;


typedef enum {
    NGX_HTTP_SFU_STRING = 0,
    NGX_HTTP_SFU_BOOLEAN,
    NGX_HTTP_SFU_INTEGER,               /* from 0 on */
    NGX_HTTP_SFU_OBJECT,
    NGX_HTTP_SFU_LIST
} ngx_http_sfu_type_e;


/* names of failures: SFU_IPC_ERR_*, SFU_IPC_TRACK_*, and these */

#define NGX_HTTP_SFU_BAD_REQUEST   "bad_request"
#define NGX_HTTP_SFU_UNAUTHORIZED  "unauthorized"
#define NGX_HTTP_SFU_FORBIDDEN     "forbidden"
#define NGX_HTTP_SFU_NOT_FOUND     "not_found"
#define NGX_HTTP_SFU_BAD_METHOD    "bad_method"
#define NGX_HTTP_SFU_SLOW          "slow"           /* the body */
#define NGX_HTTP_SFU_TOO_LARGE     "too_large"
#define NGX_HTTP_SFU_UPGRADE       "upgrade"        /* to a WebSocket */
#define NGX_HTTP_SFU_UNAVAILABLE   "unavailable"    /* no worker */
#define NGX_HTTP_SFU_LATE          "late"           /* its answer */

/* ngx_http_sfu_body.c */

/*
 * The handler gets ctx->body, zero-terminated, and status 0, or the status of
 * what went wrong: 400, 408, 413 or 500.
 */
ngx_int_t ngx_http_sfu_read_body(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, ngx_http_sfu_body_pt handler);


/* ngx_http_sfu_ask.c */

ngx_http_sfu_ctx_t *ngx_http_sfu_create_ctx(ngx_http_request_t *r,
    ngx_http_sfu_api_t *api);

/*
 * Asks who owns ctx->session; else the home of ctx->home; else the one for
 * ctx->stream; else anybody.  The message is taken over.
 */
ngx_int_t ngx_http_sfu_ask(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    json_t *message, ngx_http_sfu_reply_pt handler);


/* ngx_http_sfu_outcome.c */

/*
 * NULL when all went well; else the error of the table, with what the worker
 * says of it.  The last row's are logged: they are ours to explain.
 */
const ngx_http_sfu_error_t *ngx_http_sfu_outcome(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, const ngx_http_sfu_failure_t *table,
    ngx_sfu_ipc_result_e result, json_t *reply, const char **detail);
const ngx_http_sfu_error_t *ngx_http_sfu_status_failure(
    const ngx_http_sfu_failure_t *table, ngx_uint_t status);
/* detail: words that are better than the error's own, or NULL */
ngx_int_t ngx_http_sfu_fail(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    const ngx_http_sfu_error_t *error, const char *detail);


/* ngx_http_sfu_check.c */

/* the body, an object; NULL: refused with the error that is given */
json_t *ngx_http_sfu_parse(ngx_http_sfu_ctx_t *ctx,
    ngx_http_sfu_check_t *check, const ngx_http_sfu_error_t *error);
void ngx_http_sfu_refuse(ngx_http_sfu_check_t *check,
    const ngx_http_sfu_error_t *error, const char *fmt, ...);
/* NULL when it is absent, null, or of another type, which is refused */
json_t *ngx_http_sfu_member(ngx_http_sfu_check_t *check, json_t *object,
    const char *name, ngx_http_sfu_type_e type);
json_t *ngx_http_sfu_required(ngx_http_sfu_check_t *check, json_t *object,
    const char *name, ngx_http_sfu_type_e type);


/* ngx_http_sfu_send.c */

/* the document is taken over; without memory for it the WebSocket is closed */
void ngx_http_sfu_send(ngx_sfu_ws_t *ws, json_t *document);


/* ngx_http_sfu_reply.c */

/* the document is taken over; NULL sends no body */
ngx_int_t ngx_http_sfu_reply(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    ngx_uint_t status, json_t *document);
/* the same, with a more exact type than application/json */
ngx_int_t ngx_http_sfu_reply_type(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, ngx_uint_t status, ngx_str_t *type,
    json_t *document);
/* the text is copied */
ngx_int_t ngx_http_sfu_reply_text(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, ngx_uint_t status, ngx_str_t *type,
    ngx_str_t *text);
ngx_int_t ngx_http_sfu_send_text(ngx_http_request_t *r, ngx_uint_t status,
    ngx_str_t *type, ngx_str_t *text);
ngx_int_t ngx_http_sfu_add_header(ngx_http_request_t *r, const char *name,
    ngx_str_t *value);
ngx_int_t ngx_http_sfu_add_retry_after(ngx_http_request_t *r);
ngx_str_t *ngx_http_sfu_find_header(ngx_http_request_t *r, const char *name);


/* ngx_http_sfu_path.c */

ngx_int_t ngx_http_sfu_path(ngx_http_request_t *r, ngx_str_t *path);
/* of the form that workers give them */
ngx_uint_t ngx_http_sfu_is_session_id(ngx_str_t *id);
/* takes what is before the next slash, and the slash */
ngx_str_t ngx_http_sfu_segment(ngx_str_t *path);


/* ngx_http_sfu_cors.c */

ngx_int_t ngx_http_sfu_add_cors(ngx_http_request_t *r);
ngx_int_t ngx_http_sfu_preflight(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx);


/* ngx_http_sfu_error_filter.c */

ngx_int_t ngx_http_sfu_error_filter_init(ngx_conf_t *cf);


/* ngx_http_sfu_log.c */

ngx_int_t ngx_http_sfu_log_handler(ngx_http_request_t *r);
/* a copy that is fit for a log line, or NULL */
const char *ngx_http_sfu_log_text(ngx_pool_t *pool, const char *text);
/* the same into so many bytes, where a pool would grow with each */
const char *ngx_http_sfu_log_copy(u_char *to, size_t size, const char *text);


/* ngx_http_sfu_status.c, ngx_http_sfu_metrics.c */

ngx_int_t ngx_http_sfu_status_handler(ngx_http_request_t *r);
ngx_int_t ngx_http_sfu_metrics_handler(ngx_http_request_t *r);


extern ngx_module_t         ngx_http_sfu_module;
extern ngx_http_sfu_api_t  *ngx_http_sfu_apis[];


#endif /* _NGX_HTTP_SFU_MODULE_H_INCLUDED_ */
