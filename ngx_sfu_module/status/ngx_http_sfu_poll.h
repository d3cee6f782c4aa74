
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Asks every worker, all at once: for its figures, or for what it has of an
 * app.
 */


#ifndef _NGX_HTTP_SFU_POLL_H_INCLUDED_
#define _NGX_HTTP_SFU_POLL_H_INCLUDED_


#include <ngx_http_sfu_module.h>


typedef struct ngx_http_sfu_poll_s  ngx_http_sfu_poll_t;

typedef struct ngx_http_sfu_poll_entry_s  ngx_http_sfu_poll_entry_t;

/*
 * What a worker is asked; reply: NULL, or its last one, which is entry->reply
 * unless there was one before.  NULL: it is asked no more
 */
typedef json_t *(*ngx_http_sfu_poll_message_pt)(ngx_http_request_t *r,
    ngx_http_sfu_poll_entry_t *entry, json_t *reply);
typedef ngx_int_t (*ngx_http_sfu_poll_pt)(ngx_http_request_t *r,
    ngx_http_sfu_poll_t *poll);


struct ngx_http_sfu_poll_entry_s {
    ngx_sfu_ipc_request_t     request;
    ngx_http_sfu_poll_t      *poll;
    ngx_sfu_ipc_peer_t       *peer;
    json_t                   *reply;       /* the first, or NULL */
    const char               *error;       /* or NULL */
    ngx_sfu_ipc_result_e      result;
};


struct ngx_http_sfu_poll_s {
    ngx_http_request_t         *request;
    ngx_http_sfu_poll_pt        handler;
    ngx_http_sfu_poll_message_pt
                                message;
    ngx_http_sfu_poll_entry_t  *entries;
    ngx_uint_t                  nentries;
    ngx_uint_t                  left;
};


/* for who has read the body */
ngx_int_t ngx_http_sfu_poll_all(ngx_http_request_t *r,
    ngx_http_sfu_poll_message_pt message, ngx_http_sfu_poll_pt handler);
/* for content handlers */
ngx_int_t ngx_http_sfu_poll(ngx_http_request_t *r,
    ngx_http_sfu_poll_message_pt message, ngx_http_sfu_poll_pt handler);
ngx_int_t ngx_http_sfu_poll_status(ngx_http_request_t *r,
    ngx_http_sfu_poll_pt handler);


#endif /* _NGX_HTTP_SFU_POLL_H_INCLUDED_ */
