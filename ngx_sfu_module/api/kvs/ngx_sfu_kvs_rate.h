
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Token buckets (9).  Those of accounts and channels are in shared memory,
 * since their requests come to any nginx process; those of a connection are
 * with it.
 */


#ifndef _NGX_SFU_KVS_RATE_H_INCLUDED_
#define _NGX_SFU_KVS_RATE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


typedef enum {
    NGX_SFU_KVS_RATE_CHANGE = 0,    /* of an account: create, delete, tag... */
    NGX_SFU_KVS_RATE_READ,          /* of an account: describe, endpoint */
    NGX_SFU_KVS_RATE_CHANNEL,       /* of a channel: the same */
    NGX_SFU_KVS_RATE_ICE,           /* of a channel */
    NGX_SFU_KVS_RATE_ALEXA,
    NGX_SFU_KVS_RATE_JOIN,
    NGX_SFU_KVS_RATE_CONNECT,       /* of a channel and role: the worker's */
    NGX_SFU_KVS_RATE_OFFER,         /* of a connection */
    NGX_SFU_KVS_RATE_ANSWER,
    NGX_SFU_KVS_RATE_CANDIDATE,
    NGX_SFU_KVS_NRATES
} ngx_sfu_kvs_rate_e;


typedef struct {
    ngx_uint_t           rate;      /* a second; 0: any */
    ngx_uint_t           burst;     /* so many more at once */
} ngx_sfu_kvs_rate_t;


typedef struct {
    ngx_msec_t           last;
    ngx_uint_t           used;      /* thousandths of a request */
} ngx_sfu_kvs_bucket_t;


/* in the order above */
extern ngx_str_t           ngx_sfu_kvs_rate_names[];
extern ngx_sfu_kvs_rate_t  ngx_sfu_kvs_rate_defaults[];

/* NGX_OK or NGX_BUSY */
ngx_int_t ngx_sfu_kvs_bucket_take(ngx_sfu_kvs_bucket_t *bucket,
    ngx_sfu_kvs_rate_t *rate, ngx_msec_t now);

ngx_shm_zone_t *ngx_sfu_kvs_rate_zone(ngx_conf_t *cf, void *tag);
/* whose bucket it is: the rate's number and these two */
ngx_int_t ngx_sfu_kvs_rate_take(ngx_shm_zone_t *zone, ngx_uint_t number,
    ngx_sfu_kvs_rate_t *rate, ngx_str_t *scope, ngx_str_t *name);


#endif /* _NGX_SFU_KVS_RATE_H_INCLUDED_ */
