
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * What a worker tells connections of this nginx process by itself, as
 * include/sfu_ipc_events.h defines it.  There is a feed for each worker; while
 * it has members, one request waits at the worker for what happens next.
 *
 *     ngx_sfu_feed_join(ipc, &home, member);
 *     ngx_sfu_feed_ask(member, a message that connects it, ...);
 *     ... event(), event(), lost(): it has to be connected again ...
 *     ngx_sfu_feed_leave(member, SFU_IPC_REQ_ROOM_LEAVE);
 */


#ifndef _NGX_SFU_FEED_H_INCLUDED_
#define _NGX_SFU_FEED_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_sfu_ipc.h>
#include <sfu_ipc_events.h>


typedef struct ngx_sfu_feed_member_s  ngx_sfu_feed_member_t;


/* all handlers may leave, ask, and end their member */

typedef void (*ngx_sfu_feed_reply_pt)(ngx_sfu_feed_member_t *member,
    void *data, ngx_sfu_ipc_result_e result, json_t *reply);


struct ngx_sfu_feed_member_s {
    /* set by who joins, and keeps the structure until it has left */

    /* the event is borrowed; after "end" the worker says nothing more */
    void                      (*event)(ngx_sfu_feed_member_t *member,
                                       const char *name, json_t *event);

    /*
     * The worker does not know it any more, because one of the two was away
     * too long.  The worker is up again; events from before are lost.
     */
    void                      (*lost)(ngx_sfu_feed_member_t *member);
    void                       *data;
    ngx_str_t                   id;        /* in the logs of both sides */
    ngx_log_t                  *log;

    /* ours */

    ngx_sfu_feed_t             *feed;      /* NULL: is no member */
    ngx_rbtree_node_t           node;      /* the key is its number */
    ngx_queue_t                 queue;     /* of the feed */
    ngx_queue_t                 asked;     /* its requests */
    ngx_uint_t                  nasked;    /* how many, for who asks */
    uint64_t                    born;      /* ms since 1970 */
};


ngx_int_t ngx_sfu_feed_create(ngx_sfu_ipc_t *ipc, ngx_pool_t *pool);
/* the process ends: the workers forget all members at once */
void ngx_sfu_feed_destroy(ngx_sfu_ipc_t *ipc);

/*
 * At the worker that "home" belongs to.  NGX_DECLINED: that one is down;
 * NGX_ERROR: no memory.
 */
ngx_int_t ngx_sfu_feed_join(ngx_sfu_ipc_t *ipc, ngx_str_t *home,
    ngx_sfu_feed_member_t *member);

/*
 * Its requests are cancelled.  "type" asks the worker to forget it; NULL: it
 * never knew it, or does so already.  Does nothing when it is no member.
 */
void ngx_sfu_feed_leave(ngx_sfu_feed_member_t *member, const char *type);

/*
 * "feed", "connection", "born" and "request" are added to the message, which is
 * taken over; NULL: there was no memory for it, and its answer is
 * NGX_SFU_IPC_FAILED.  Requests of a member reach the worker in their order.
 * The handler, which may be NULL, is called later, never from within, and not
 * when the member left before.  NGX_ERROR: no memory, it will not be called.
 */
ngx_int_t ngx_sfu_feed_ask(ngx_sfu_feed_member_t *member, json_t *message,
    ngx_msec_t timeout, ngx_sfu_feed_reply_pt handler, void *data);

/* lost() is called once more in a moment: the worker could not be reached */
void ngx_sfu_feed_retry(ngx_sfu_feed_member_t *member);

/* within ipc/: it is another process than before */
void ngx_sfu_feed_restarted(ngx_sfu_ipc_peer_t *peer);


#endif /* _NGX_SFU_FEED_H_INCLUDED_ */
