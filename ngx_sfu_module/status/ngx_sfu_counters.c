
/*
 * Copyright (C) the ngx_sfu_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sfu_counters.h>


static ngx_int_t ngx_sfu_counters_init_zone(ngx_shm_zone_t *zone, void *data);


const ngx_uint_t  ngx_sfu_counters_statuses[NGX_SFU_COUNTERS_STATUSES] = {
    101, 200, 201, 204, 400, 401, 403, 404, 405, 406, 408, 409, 410, 413, 425,
    426, 429, 499, 500, 501, 503, 0
};


const ngx_msec_t  ngx_sfu_counters_limits[NGX_SFU_COUNTERS_BUCKETS] = {
    1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000
};


const char  *ngx_sfu_counters_ws_causes[NGX_SFU_COUNTERS_WS_CAUSES] = {
    "client", "server", "lost", "dead", "slow", "idle", "life", "quit",
    "protocol", "utf8", "too_large", "internal"
};


ngx_shm_zone_t *
ngx_sfu_counters_zone(ngx_conf_t *cf, ngx_uint_t ncalls, void *tag)
{
    size_t           size;
    ngx_str_t        name = ngx_string("sfu_counters");
    ngx_shm_zone_t  *zone;

    size = sizeof(ngx_sfu_counters_t)
           + ncalls * sizeof(ngx_sfu_counters_call_t);

    /* the slab allocator gives whole pages for it, and needs some itself */
    size = ngx_align(size, ngx_pagesize) + 8 * ngx_pagesize;

    zone = ngx_shared_memory_add(cf, &name, size, tag);
    if (zone == NULL) {
        return NULL;
    }

    zone->init = ngx_sfu_counters_init_zone;
    zone->data = (void *) ncalls;

    return zone;
}


static ngx_int_t
ngx_sfu_counters_init_zone(ngx_shm_zone_t *zone, void *data)
{
    size_t               size;
    ngx_uint_t           ncalls;
    ngx_slab_pool_t     *pool;
    ngx_sfu_counters_t  *counters;

    ncalls = (ngx_uint_t) zone->data;
    pool = (ngx_slab_pool_t *) zone->shm.addr;

    if (data != NULL) {
        /* a reload: counting goes on */
        zone->data = data;
        return NGX_OK;
    }

    if (zone->shm.exists) {
        zone->data = pool->data;
        return NGX_OK;
    }

    size = sizeof(ngx_sfu_counters_t)
           + ncalls * sizeof(ngx_sfu_counters_call_t);

    counters = ngx_slab_calloc(pool, size);
    if (counters == NULL) {
        return NGX_ERROR;
    }

    counters->ncalls = ncalls;

    pool->data = counters;
    zone->data = counters;

    return NGX_OK;
}


void
ngx_sfu_counters_count(ngx_sfu_counters_call_t *call, ngx_uint_t status,
    ngx_msec_t elapsed)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_SFU_COUNTERS_STATUSES - 1; i++) {
        if (ngx_sfu_counters_statuses[i] == status) {
            break;
        }
    }

    (void) ngx_atomic_fetch_add(&call->status[i], 1);

    for (i = 0; i < NGX_SFU_COUNTERS_BUCKETS; i++) {
        if (elapsed <= ngx_sfu_counters_limits[i]) {
            break;
        }
    }

    (void) ngx_atomic_fetch_add(&call->bucket[i], 1);
    (void) ngx_atomic_fetch_add(&call->msec, elapsed);
}


ngx_uint_t
ngx_sfu_counters_sum(ngx_atomic_t *of_process)
{
    ngx_uint_t  i, n;

    n = 0;

    for (i = 0; i < NGX_MAX_PROCESSES; i++) {
        n += of_process[i];
    }

    return n;
}
