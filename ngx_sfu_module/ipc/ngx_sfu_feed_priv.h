
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Shared by the files of the feed alone.
 */


#ifndef _NGX_SFU_FEED_PRIV_H_INCLUDED_
#define _NGX_SFU_FEED_PRIV_H_INCLUDED_


#include <ngx_sfu_feed.h>


/*
 * Until a worker that could not be reached is tried again: it forgets a feed
 * after five seconds.
 */
#define NGX_SFU_FEED_RETRY  500


struct ngx_sfu_feed_s {
    ngx_sfu_ipc_t           *ipc;
    ngx_sfu_ipc_peer_t      *peer;
    u_char                   id[SFU_IPC_FEED_ID_LEN];

    ngx_rbtree_t             members;      /* by number */
    ngx_rbtree_node_t        sentinel;
    ngx_queue_t              all;
    ngx_queue_t              lost;         /* those to be told so */
    ngx_uint_t               last_number;

    ngx_sfu_ipc_request_t    next;
    json_int_t               since;
    json_int_t               epoch;        /* 0: not known */
    ngx_event_t              timer;

    unsigned                 restarted:1;  /* it has to begin anew */
};


/* ngx_sfu_feed.c */

/* looks what there is to do, then */
void ngx_sfu_feed_wake(ngx_sfu_feed_t *feed, ngx_msec_t wait);


/* ngx_sfu_feed_ask.c */

/* type: NULL, the worker need not be asked to forget it */
void ngx_sfu_feed_part(ngx_sfu_feed_member_t *member, const char *type);


#endif /* _NGX_SFU_FEED_PRIV_H_INCLUDED_ */
