
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * A WebSocket of a master or of a viewer.
 */


#ifndef _NGX_SFU_KVS_CLIENT_H_INCLUDED_
#define _NGX_SFU_KVS_CLIENT_H_INCLUDED_


#include <ngx_sfu_feed.h>
#include <ngx_sfu_kvs.h>
#include <ngx_sfu_kvs_message.h>
#include <ngx_sfu_ws.h>


/* requests of one client that wait for the worker; then it is not read */
#define NGX_SFU_KVS_ASKED_MAX  64


/* in the request's pool, until the WebSocket is closed */

typedef struct {
    ngx_sfu_feed_member_t      member;
    ngx_http_request_t        *request;
    ngx_sfu_ws_t              *ws;             /* NULL: not accepted yet */
    ngx_sfu_kvs_loc_conf_t    *conf;
    ngx_http_sfu_loc_conf_t   *common;

    ngx_str_t                  app;
    ngx_str_t                  scope;
    ngx_str_t                  name;
    uint64_t                   created;
    ngx_str_t                  id;             /* empty: the master */

    ngx_sfu_kvs_bucket_t       buckets[NGX_SFU_KVS_NKINDS];
    ngx_queue_t                waiting;        /* of ngx_sfu_kvs_waiting_t */
    json_t                    *early;          /* events before the 101 */
    json_t                    *correlation;    /* of the last description */
    ngx_event_t                orphaned;       /* when that has to end */

    unsigned                   fanout:1;
    unsigned                   served:1;       /* the worker is its peer */
    unsigned                   storage:1;
    unsigned                   orphan:1;       /* nothing to the worker */
    unsigned                   lost:1;         /* before the 101 */
} ngx_sfu_kvs_client_t;


/* a message whose sender wants to be told of a failure */

typedef struct {
    ngx_queue_t                queue;
    size_t                     len;
    u_char                     correlation[1];
} ngx_sfu_kvs_waiting_t;


/* ngx_sfu_kvs_client.c */

extern const ngx_sfu_ws_handlers_t  ngx_sfu_kvs_handlers;

/* what the worker is told of it; NULL: no memory */
json_t *ngx_sfu_kvs_client_connect(ngx_sfu_kvs_client_t *client,
    ngx_uint_t again);
void ngx_sfu_kvs_client_lost(ngx_sfu_feed_member_t *member);
/* as SFU_IPC_REQ_CHANNEL_CONNECT was answered */
void ngx_sfu_kvs_client_mode(ngx_sfu_kvs_client_t *client, json_t *reply);
/* forgets all that it has, once it is nothing to the worker any more */
void ngx_sfu_kvs_client_free(ngx_sfu_kvs_client_t *client);
void ngx_sfu_kvs_client_orphan(ngx_sfu_kvs_client_t *client);


/* ngx_sfu_kvs_relay.c */

void ngx_sfu_kvs_relay_message(ngx_sfu_ws_t *ws, u_char *data, size_t len,
    ngx_uint_t binary);
/* correlation: the client is told by it; data is NULL: it is not */
void ngx_sfu_kvs_relay_refuse(ngx_sfu_kvs_client_t *client,
    ngx_str_t *correlation, const ngx_http_sfu_error_t *error,
    const char *text);


/* ngx_sfu_kvs_event.c */

void ngx_sfu_kvs_event(ngx_sfu_feed_member_t *member, const char *name,
    json_t *event);
/* those that came before the 101 */
void ngx_sfu_kvs_event_flush(ngx_sfu_kvs_client_t *client);


#endif /* _NGX_SFU_KVS_CLIENT_H_INCLUDED_ */
