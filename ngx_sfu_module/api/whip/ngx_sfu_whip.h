
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep): one POST with an offer
 * makes a session that publishes, or watches, a stream.  docs/whip.md
 * describes them; section numbers in the comments of this folder are those of
 * RFC 9725.
 */


#ifndef _NGX_SFU_WHIP_H_INCLUDED_
#define _NGX_SFU_WHIP_H_INCLUDED_


#include <ngx_http_sfu_module.h>


typedef enum {
    NGX_SFU_WHIP_NONE = 0,
    NGX_SFU_WHIP_PREFLIGHT,
    NGX_SFU_WHIP_CREATE,
    NGX_SFU_WHIP_TRICKLE,
    NGX_SFU_WHIP_END
} ngx_sfu_whip_call_e;


/* "{app}/{stream}[/{session}]" */
typedef struct {
    ngx_str_t                  app;
    ngx_str_t                  stream;
    ngx_str_t                  session;
    ngx_uint_t                 valid;      /* unsigned  valid:1 */
} ngx_sfu_whip_path_t;


/* ngx_sfu_whip_path.c */

ngx_int_t ngx_sfu_whip_path(ngx_http_request_t *r, ngx_sfu_whip_path_t *path);
/* the address of the session that was made: the request's, and its id */
ngx_int_t ngx_sfu_whip_location(ngx_http_request_t *r, ngx_str_t *session,
    ngx_str_t *location);
/* of the Content-Type, whatever its parameters */
ngx_uint_t ngx_sfu_whip_is_type(ngx_http_request_t *r, const char *type);


/* ngx_sfu_whip_error.c */

json_t *ngx_sfu_whip_document(const ngx_http_sfu_error_t *error,
    const char *text);

extern const ngx_http_sfu_failure_t  ngx_sfu_whip_failures[];

extern const ngx_http_sfu_error_t  ngx_sfu_whip_malformed;
extern const ngx_http_sfu_error_t  ngx_sfu_whip_unauthorized;
extern const ngx_http_sfu_error_t  ngx_sfu_whip_not_found;
extern const ngx_http_sfu_error_t  ngx_sfu_whip_no_stream;
extern const ngx_http_sfu_error_t  ngx_sfu_whip_bad_method;
extern const ngx_http_sfu_error_t  ngx_sfu_whip_bad_type;
extern const ngx_http_sfu_error_t  ngx_sfu_whip_internal;


/* ngx_sfu_whip_link.c */

/* those of "sfu_ice_servers", if any, for this session */
ngx_int_t ngx_sfu_whip_links(ngx_http_request_t *r, ngx_str_t *session);


/* ngx_sfu_whip_response.c */

ngx_int_t ngx_sfu_whip_created(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    json_t *reply);
ngx_int_t ngx_sfu_whip_trickled(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, json_t *reply);
ngx_int_t ngx_sfu_whip_ended(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    json_t *reply);


#endif /* _NGX_SFU_WHIP_H_INCLUDED_ */
