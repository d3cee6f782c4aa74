
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Requests to the workers, as include/sfu_ipc.h defines them.  An nginx
 * process has one socket to each worker and any number of requests waiting;
 * each has a deadline, and each is answered exactly once unless it is
 * cancelled.  Nothing here knows HTTP.
 */


#ifndef _NGX_SFU_IPC_H_INCLUDED_
#define _NGX_SFU_IPC_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <jansson.h>

#include <ngx_sfu_ipc_socket.h>
#include <sfu_ipc.h>


typedef struct ngx_sfu_ipc_s          ngx_sfu_ipc_t;
typedef struct ngx_sfu_ipc_peer_s     ngx_sfu_ipc_peer_t;
typedef struct ngx_sfu_ipc_request_s  ngx_sfu_ipc_request_t;
typedef struct ngx_sfu_feed_s         ngx_sfu_feed_t;


typedef enum {
    NGX_SFU_IPC_REPLIED = 0,
    NGX_SFU_IPC_GONE,          /* no worker can have this session */
    NGX_SFU_IPC_UNAVAILABLE,   /* nobody to ask, or lost with its worker */
    NGX_SFU_IPC_TIMEOUT,
    NGX_SFU_IPC_FAILED         /* not sent: no memory, or too large */
} ngx_sfu_ipc_result_e;


/*
 * The reply is borrowed, and NULL unless NGX_SFU_IPC_REPLIED.  It is an
 * object with a proper "worker"; the rest is for the handler to check.  The
 * request is nobody's any more when the handler is called.
 */
typedef void (*ngx_sfu_ipc_handler_pt)(ngx_sfu_ipc_request_t *req,
    ngx_sfu_ipc_result_e result, json_t *reply);


struct ngx_sfu_ipc_request_s {
    /* set by the asker, who keeps the structure until the handler is called */

    json_t                  *message;    /* taken over; without "timeout" */
    ngx_str_t                session;    /* who owns it is asked, or empty */
    ngx_str_t                home;       /* else its worker and no other */
    ngx_str_t                stream;     /* else the one for it, or empty */
    ngx_sfu_ipc_peer_t      *peer;       /* this one is asked, or NULL */
    ngx_msec_t               timeout;
    ngx_uint_t               background; /* nobody waits for the answer */

    ngx_sfu_ipc_handler_pt   handler;
    void                    *data;
    ngx_log_t               *log;

    /* ours */

    ngx_sfu_ipc_t           *ipc;
    ngx_sfu_ipc_peer_t      *to;
    ngx_rbtree_node_t        node;       /* while sent; the key is its id */
    ngx_queue_t              queue;
    ngx_event_t              timer;
    ngx_msec_t               deadline;
    uint64_t                 epoch;      /* the connection it was sent over */
    ngx_uint_t               asked;      /* ipc->tick when it came */
    ngx_sfu_ipc_result_e     result;     /* when the timer fires */

    unsigned                 active:1;
    unsigned                 queued:1;
    unsigned                 sent:1;
    unsigned                 counted:1;
    unsigned                 deferred:1;
};


typedef enum {
    NGX_SFU_IPC_PEER_UNKNOWN = 0,        /* this process has just started */
    NGX_SFU_IPC_PEER_UP,
    NGX_SFU_IPC_PEER_DOWN
} ngx_sfu_ipc_peer_state_e;


struct ngx_sfu_ipc_peer_s {
    ngx_sfu_ipc_t             *ipc;
    ngx_str_t                  address;

    ngx_sfu_ipc_peer_state_e   state;
    u_char                     id[SFU_IPC_WORKER_ID_LEN];
    ngx_uint_t                 sessions;
    ngx_uint_t                 missed;   /* hellos in a row */
    ngx_uint_t                 answered; /* ipc->tick of the last answered */

    ngx_sfu_ipc_socket_t       socket;
    ngx_connection_t          *recv;
    ngx_connection_t          *send;
    ngx_event_t                timer;
    ngx_sfu_ipc_request_t      hello;
    ngx_queue_t                sent;     /* requests it has */
    ngx_queue_t                waiting;  /* requests it will get */
    uint64_t                   epoch;
    ngx_sfu_feed_t            *feed;

    unsigned                   known:1;  /* id is set */
    unsigned                   draining:1;
    unsigned                   incompatible:1;
    unsigned                   blocked:1;
};


struct ngx_sfu_ipc_s {
    ngx_array_t                peers;    /* of ngx_sfu_ipc_peer_t */
    ngx_rbtree_t               sent;
    ngx_rbtree_node_t          sentinel;
    ngx_queue_t                held;     /* until we know whom to ask */
    ngx_log_t                 *log;
    uint32_t                   last_id;
    ngx_uint_t                 tick;
    ngx_uint_t                 npending;
    ngx_atomic_t              *pending;  /* a copy for others to read */
};


/* addresses: of ngx_str_t, zero-terminated, kept by the caller */
ngx_sfu_ipc_t *ngx_sfu_ipc_create(ngx_pool_t *pool, ngx_array_t *addresses,
    ngx_atomic_t *pending, ngx_log_t *log);
void ngx_sfu_ipc_destroy(ngx_sfu_ipc_t *ipc);

/* the handler is called later, never from within */
void ngx_sfu_ipc_ask(ngx_sfu_ipc_t *ipc, ngx_sfu_ipc_request_t *req);

/*
 * The worker that has what goes by this name, up or down: always the same one
 * while the same workers are configured.
 */
ngx_sfu_ipc_peer_t *ngx_sfu_ipc_home(ngx_sfu_ipc_t *ipc, ngx_str_t *name);

/* its handler is not called, a late reply is dropped */
void ngx_sfu_ipc_cancel(ngx_sfu_ipc_request_t *req);


/* within ipc/ */

ngx_int_t ngx_sfu_ipc_transmit(ngx_sfu_ipc_peer_t *peer,
    ngx_sfu_ipc_request_t *req);
void ngx_sfu_ipc_receive(ngx_sfu_ipc_peer_t *peer,
    ngx_sfu_ipc_message_t *message);
void ngx_sfu_ipc_finish(ngx_sfu_ipc_request_t *req,
    ngx_sfu_ipc_result_e result, json_t *reply);

void ngx_sfu_ipc_route(ngx_sfu_ipc_t *ipc, ngx_sfu_ipc_request_t *req);
void ngx_sfu_ipc_route_held(ngx_sfu_ipc_t *ipc);

ngx_int_t ngx_sfu_ipc_peer_open(ngx_sfu_ipc_peer_t *peer, ngx_log_t *log);
void ngx_sfu_ipc_peer_close(ngx_sfu_ipc_peer_t *peer);
void ngx_sfu_ipc_peer_send(ngx_sfu_ipc_peer_t *peer,
    ngx_sfu_ipc_request_t *req);
void ngx_sfu_ipc_peer_hello(ngx_sfu_ipc_peer_t *peer);
void ngx_sfu_ipc_peer_seen(ngx_sfu_ipc_peer_t *peer, const char *id);


#endif /* _NGX_SFU_IPC_H_INCLUDED_ */
