
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * What all nginx processes count together, in shared memory.
 */


#ifndef _NGX_SFU_COUNTERS_H_INCLUDED_
#define _NGX_SFU_COUNTERS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


#define NGX_SFU_COUNTERS_STATUSES  20
#define NGX_SFU_COUNTERS_BUCKETS   12


typedef struct {
    ngx_atomic_t              status[NGX_SFU_COUNTERS_STATUSES];
    ngx_atomic_t              bucket[NGX_SFU_COUNTERS_BUCKETS + 1];
    ngx_atomic_t              msec;
} ngx_sfu_counters_call_t;


typedef struct {
    /* requests that wait for a worker, by process: it dies, they go */
    ngx_atomic_t              pending[NGX_MAX_PROCESSES];

    ngx_uint_t                ncalls;
    ngx_sfu_counters_call_t   call[1];
} ngx_sfu_counters_t;


ngx_shm_zone_t *ngx_sfu_counters_zone(ngx_conf_t *cf, ngx_uint_t ncalls,
    void *tag);

void ngx_sfu_counters_count(ngx_sfu_counters_call_t *call, ngx_uint_t status,
    ngx_msec_t elapsed);
ngx_uint_t ngx_sfu_counters_pending(ngx_sfu_counters_t *counters);


/* the last one, 0, stands for all others */
extern const ngx_uint_t  ngx_sfu_counters_statuses[NGX_SFU_COUNTERS_STATUSES];

/* upper limits in milliseconds; one more bucket is for all above */
extern const ngx_msec_t  ngx_sfu_counters_limits[NGX_SFU_COUNTERS_BUCKETS];


#endif /* _NGX_SFU_COUNTERS_H_INCLUDED_ */
