
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * What all nginx processes count together, in shared memory.
 */


#ifndef _NGX_SFU_COUNTERS_H_INCLUDED_
#define _NGX_SFU_COUNTERS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


#define NGX_SFU_COUNTERS_STATUSES  22
#define NGX_SFU_COUNTERS_BUCKETS   12


typedef struct {
    ngx_atomic_t              status[NGX_SFU_COUNTERS_STATUSES];
    ngx_atomic_t              bucket[NGX_SFU_COUNTERS_BUCKETS + 1];
    ngx_atomic_t              msec;
} ngx_sfu_counters_call_t;


/* why a WebSocket was closed */

typedef enum {
    NGX_SFU_COUNTERS_WS_CLIENT = 0,      /* it did so */
    NGX_SFU_COUNTERS_WS_SERVER,          /* the dialect did */
    NGX_SFU_COUNTERS_WS_LOST,            /* without a close frame */
    NGX_SFU_COUNTERS_WS_DEAD,            /* no answer to pings */
    NGX_SFU_COUNTERS_WS_SLOW,            /* does not read */
    NGX_SFU_COUNTERS_WS_IDLE,
    NGX_SFU_COUNTERS_WS_LIFE,
    NGX_SFU_COUNTERS_WS_QUIT,            /* this process does */
    NGX_SFU_COUNTERS_WS_PROTOCOL,
    NGX_SFU_COUNTERS_WS_NOT_UTF8,
    NGX_SFU_COUNTERS_WS_TOO_LARGE,
    NGX_SFU_COUNTERS_WS_INTERNAL,
    NGX_SFU_COUNTERS_WS_CAUSES
} ngx_sfu_counters_ws_e;


typedef struct {
    ngx_atomic_t              opened;
    ngx_atomic_t              messages_in;
    ngx_atomic_t              messages_out;
    ngx_atomic_t              bytes_in;
    ngx_atomic_t              bytes_out;
    ngx_atomic_t              closed[NGX_SFU_COUNTERS_WS_CAUSES];
} ngx_sfu_counters_ws_t;


typedef struct {
    /* requests that wait for a worker, by process: it dies, they go */
    ngx_atomic_t              pending[NGX_MAX_PROCESSES];
    ngx_atomic_t              ws_open[NGX_MAX_PROCESSES];

    ngx_sfu_counters_ws_t     ws;

    ngx_uint_t                ncalls;
    ngx_sfu_counters_call_t   call[1];
} ngx_sfu_counters_t;


ngx_shm_zone_t *ngx_sfu_counters_zone(ngx_conf_t *cf, ngx_uint_t ncalls,
    void *tag);

void ngx_sfu_counters_count(ngx_sfu_counters_call_t *call, ngx_uint_t status,
    ngx_msec_t elapsed);
/* of all processes */
ngx_uint_t ngx_sfu_counters_sum(ngx_atomic_t *of_process);


/* the last one, 0, stands for all others */
extern const ngx_uint_t  ngx_sfu_counters_statuses[NGX_SFU_COUNTERS_STATUSES];

/* upper limits in milliseconds; one more bucket is for all above */
extern const ngx_msec_t  ngx_sfu_counters_limits[NGX_SFU_COUNTERS_BUCKETS];

extern const char  *ngx_sfu_counters_ws_causes[NGX_SFU_COUNTERS_WS_CAUSES];


#endif /* _NGX_SFU_COUNTERS_H_INCLUDED_ */
