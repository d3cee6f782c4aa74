
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * The HTTP API of Cloudflare Realtime SFU.  docs/cloudflare.md describes it;
 * section numbers in the comments of this folder are that page's.
 */


#ifndef _NGX_SFU_CLOUDFLARE_H_INCLUDED_
#define _NGX_SFU_CLOUDFLARE_H_INCLUDED_


#include <ngx_http_sfu_module.h>


typedef ngx_http_sfu_check_t  ngx_sfu_cloudflare_check_t;


typedef enum {
    NGX_SFU_CLOUDFLARE_NONE = 0,
    NGX_SFU_CLOUDFLARE_PREFLIGHT,
    NGX_SFU_CLOUDFLARE_SESSIONS_NEW,
    NGX_SFU_CLOUDFLARE_TRACKS_NEW,
    NGX_SFU_CLOUDFLARE_RENEGOTIATE,
    NGX_SFU_CLOUDFLARE_TRACKS_CLOSE,
    NGX_SFU_CLOUDFLARE_CHANNELS_ESTABLISH,
    NGX_SFU_CLOUDFLARE_CHANNELS_NEW,
    NGX_SFU_CLOUDFLARE_CHANNELS_UPDATE,
    NGX_SFU_CLOUDFLARE_CHANNELS_CLOSE,
    NGX_SFU_CLOUDFLARE_TRACKS_UPDATE,
    NGX_SFU_CLOUDFLARE_SESSION
} ngx_sfu_cloudflare_call_e;


/*
 * Adds what the client asked for to the message for the worker, "type"
 * included.  NGX_ERROR: check->error tells what is wrong.
 */
typedef ngx_int_t (*ngx_sfu_cloudflare_request_pt)(
    ngx_sfu_cloudflare_check_t *check, json_t *document, json_t *message);

/*
 * The document for the client from the worker's reply and what was asked for.
 * NULL: the reply makes no sense.
 */
typedef json_t *(*ngx_sfu_cloudflare_response_pt)(ngx_http_sfu_ctx_t *ctx,
    json_t *reply);


typedef struct {
    ngx_str_t                          path;    /* below the session's */
    ngx_uint_t                         method;
    const char                        *allow;
    ngx_uint_t                         status;
    ngx_sfu_cloudflare_request_pt      request;
    ngx_sfu_cloudflare_response_pt     response;
} ngx_sfu_cloudflare_call_t;


/* ngx_sfu_cloudflare_error.c */

json_t *ngx_sfu_cloudflare_document(const ngx_http_sfu_error_t *error,
    const char *text);

/* adds the members of a failed entry */
ngx_int_t ngx_sfu_cloudflare_track_error(json_t *entry, json_t *reply);
ngx_int_t ngx_sfu_cloudflare_channel_error(json_t *entry, json_t *reply);

extern const ngx_http_sfu_failure_t  ngx_sfu_cloudflare_failures[];

extern const ngx_http_sfu_error_t  ngx_sfu_cloudflare_not_found;
extern const ngx_http_sfu_error_t  ngx_sfu_cloudflare_bad_method;
extern const ngx_http_sfu_error_t  ngx_sfu_cloudflare_unauthorized;
extern const ngx_http_sfu_error_t  ngx_sfu_cloudflare_decoding;
extern const ngx_http_sfu_error_t  ngx_sfu_cloudflare_invalid_params;
extern const ngx_http_sfu_error_t  ngx_sfu_cloudflare_invalid_sdp;
extern const ngx_http_sfu_error_t  ngx_sfu_cloudflare_gone;
extern const ngx_http_sfu_error_t  ngx_sfu_cloudflare_internal;


/* ngx_sfu_cloudflare_request.c */

ngx_int_t ngx_sfu_cloudflare_new_request(ngx_sfu_cloudflare_check_t *check,
    json_t *document, json_t *message);
ngx_int_t ngx_sfu_cloudflare_tracks_request(ngx_sfu_cloudflare_check_t *check,
    json_t *document, json_t *message);
ngx_int_t ngx_sfu_cloudflare_renegotiate_request(
    ngx_sfu_cloudflare_check_t *check, json_t *document, json_t *message);
ngx_int_t ngx_sfu_cloudflare_close_request(ngx_sfu_cloudflare_check_t *check,
    json_t *document, json_t *message);
ngx_int_t ngx_sfu_cloudflare_get_request(ngx_sfu_cloudflare_check_t *check,
    json_t *document, json_t *message);


ngx_int_t ngx_sfu_cloudflare_set_type(json_t *message, const char *type);
ngx_int_t ngx_sfu_cloudflare_set_offer(ngx_sfu_cloudflare_check_t *check,
    json_t *document, json_t *message);
/* a value that is not there is not copied */
void ngx_sfu_cloudflare_copy(ngx_sfu_cloudflare_check_t *check, json_t *to,
    const char *key, json_t *value);
void ngx_sfu_cloudflare_copy_text(ngx_sfu_cloudflare_check_t *check,
    json_t *to, const char *key, json_t *value, size_t max);
/* one of the values of "location" in all entries; they must not be mixed */
ngx_uint_t ngx_sfu_cloudflare_is_remote(ngx_sfu_cloudflare_check_t *check,
    json_t *entries);
/* one more object in a list of the message */
json_t *ngx_sfu_cloudflare_append(ngx_sfu_cloudflare_check_t *check,
    json_t *list);


/* ngx_sfu_cloudflare_channel_request.c */

ngx_int_t ngx_sfu_cloudflare_establish_request(
    ngx_sfu_cloudflare_check_t *check, json_t *document, json_t *message);
ngx_int_t ngx_sfu_cloudflare_channels_request(
    ngx_sfu_cloudflare_check_t *check, json_t *document, json_t *message);
ngx_int_t ngx_sfu_cloudflare_channels_update_request(
    ngx_sfu_cloudflare_check_t *check, json_t *document, json_t *message);
ngx_int_t ngx_sfu_cloudflare_channels_close_request(
    ngx_sfu_cloudflare_check_t *check, json_t *document, json_t *message);


/* ngx_sfu_cloudflare_channel_response.c */

json_t *ngx_sfu_cloudflare_establish_response(ngx_http_sfu_ctx_t *ctx,
    json_t *reply);
json_t *ngx_sfu_cloudflare_channels_response(ngx_http_sfu_ctx_t *ctx,
    json_t *reply);
/* of GET: the list, NULL without memory */
json_t *ngx_sfu_cloudflare_channels_listed(json_t *reply);
ngx_int_t ngx_sfu_cloudflare_update_request(ngx_sfu_cloudflare_check_t *check,
    json_t *document, json_t *message);
/* of a remote track; refuses what has the wrong type */
void ngx_sfu_cloudflare_remote_track(ngx_sfu_cloudflare_check_t *check,
    json_t *track, json_t *to);


/* ngx_sfu_cloudflare_simulcast.c */

/* "simulcast" of a remote track, as "layers" of the worker's */
void ngx_sfu_cloudflare_simulcast(ngx_sfu_cloudflare_check_t *check,
    json_t *track, json_t *to);


/* ngx_sfu_cloudflare_member.c */

void ngx_sfu_cloudflare_check_init(ngx_sfu_cloudflare_check_t *check,
    ngx_pool_t *pool);

/* the "sdp" of "sessionDescription", NULL when there is none; type: or NULL */
json_t *ngx_sfu_cloudflare_description(ngx_sfu_cloudflare_check_t *check,
    json_t *document, const char **type);


/* ngx_sfu_cloudflare_response.c */

json_t *ngx_sfu_cloudflare_new_response(ngx_http_sfu_ctx_t *ctx,
    json_t *reply);
json_t *ngx_sfu_cloudflare_tracks_response(ngx_http_sfu_ctx_t *ctx,
    json_t *reply);
json_t *ngx_sfu_cloudflare_renegotiate_response(ngx_http_sfu_ctx_t *ctx,
    json_t *reply);
json_t *ngx_sfu_cloudflare_close_response(ngx_http_sfu_ctx_t *ctx,
    json_t *reply);
json_t *ngx_sfu_cloudflare_update_response(ngx_http_sfu_ctx_t *ctx,
    json_t *reply);
json_t *ngx_sfu_cloudflare_get_response(ngx_http_sfu_ctx_t *ctx,
    json_t *reply);

ngx_int_t ngx_sfu_cloudflare_set_description(json_t *document,
    json_t *reply);
ngx_int_t ngx_sfu_cloudflare_set_flag(json_t *document, json_t *reply);
ngx_int_t ngx_sfu_cloudflare_set(json_t *document, const char *key,
    json_t *value);


#endif /* _NGX_SFU_CLOUDFLARE_H_INCLUDED_ */
