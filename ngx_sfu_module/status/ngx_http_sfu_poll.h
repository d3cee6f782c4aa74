
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Asks every worker for its figures, all at once.
 */


#ifndef _NGX_HTTP_SFU_POLL_H_INCLUDED_
#define _NGX_HTTP_SFU_POLL_H_INCLUDED_


#include <ngx_http_sfu_module.h>


typedef struct ngx_http_sfu_poll_s  ngx_http_sfu_poll_t;

typedef ngx_int_t (*ngx_http_sfu_poll_pt)(ngx_http_request_t *r,
    ngx_http_sfu_poll_t *poll);


typedef struct {
    ngx_sfu_ipc_request_t     request;
    ngx_http_sfu_poll_t      *poll;
    ngx_sfu_ipc_peer_t       *peer;
    json_t                   *reply;       /* or NULL */
    const char               *error;       /* or NULL */
} ngx_http_sfu_poll_entry_t;


struct ngx_http_sfu_poll_s {
    ngx_http_request_t         *request;
    ngx_http_sfu_poll_pt        handler;
    ngx_http_sfu_poll_entry_t  *entries;
    ngx_uint_t                  nentries;
    ngx_uint_t                  left;
};


/* for content handlers */
ngx_int_t ngx_http_sfu_poll(ngx_http_request_t *r,
    ngx_http_sfu_poll_pt handler);


#endif /* _NGX_HTTP_SFU_POLL_H_INCLUDED_ */
