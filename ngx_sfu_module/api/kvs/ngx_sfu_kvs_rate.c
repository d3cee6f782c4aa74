
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * The table has a fixed size, and a key its place in one of the rows.  Where
 * all of a row are taken the one that was used least gives way, and its
 * requests count from nothing again: a limit may be missed in a crowd, memory
 * is not.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sfu_kvs_rate.h>


#define NGX_SFU_KVS_ROWS     2048
#define NGX_SFU_KVS_COLUMNS  8


typedef struct {
    uint64_t               key;
    ngx_sfu_kvs_bucket_t   bucket;
} ngx_sfu_kvs_entry_t;


typedef struct {
    ngx_sfu_kvs_entry_t    row[NGX_SFU_KVS_ROWS][NGX_SFU_KVS_COLUMNS];
} ngx_sfu_kvs_table_t;


static ngx_int_t ngx_sfu_kvs_rate_init(ngx_shm_zone_t *zone, void *data);
static ngx_uint_t ngx_sfu_kvs_bucket_used(ngx_sfu_kvs_bucket_t *bucket,
    ngx_uint_t rate, ngx_msec_t now);
static uint64_t ngx_sfu_kvs_rate_hash(uint64_t hash, ngx_str_t *s);


ngx_str_t  ngx_sfu_kvs_rate_names[] = {
    ngx_string("change"),
    ngx_string("read"),
    ngx_string("channel"),
    ngx_string("ice"),
    ngx_string("alexa"),
    ngx_string("join"),
    ngx_string("connect"),
    ngx_string("offer"),
    ngx_string("answer"),
    ngx_string("candidate")
};


ngx_sfu_kvs_rate_t  ngx_sfu_kvs_rate_defaults[] = {
    { 50, 50 }, { 300, 300 }, { 5, 10 }, { 5, 10 }, { 5, 5 }, { 5, 5 },
    { 3, 3 }, { 5, 10 }, { 5, 10 }, { 20, 100 }
};


ngx_int_t
ngx_sfu_kvs_bucket_take(ngx_sfu_kvs_bucket_t *bucket,
    ngx_sfu_kvs_rate_t *rate, ngx_msec_t now)
{
    ngx_uint_t  used;

    if (rate->rate == 0) {
        return NGX_OK;
    }

    used = ngx_sfu_kvs_bucket_used(bucket, rate->rate, now);

    if (used + 1000 > ngx_max(rate->burst, 1) * 1000) {
        return NGX_BUSY;
    }

    bucket->used = used + 1000;
    bucket->last = now;

    return NGX_OK;
}


static ngx_uint_t
ngx_sfu_kvs_bucket_used(ngx_sfu_kvs_bucket_t *bucket, ngx_uint_t rate,
    ngx_msec_t now)
{
    ngx_msec_int_t  elapsed;

    elapsed = (ngx_msec_int_t) (now - bucket->last);

    if (elapsed < 0) {
        elapsed = 0;
    }

    if ((ngx_uint_t) elapsed > bucket->used / rate) {
        return 0;
    }

    return bucket->used - elapsed * rate;
}


ngx_shm_zone_t *
ngx_sfu_kvs_rate_zone(ngx_conf_t *cf, void *tag)
{
    ngx_str_t        name = ngx_string("sfu_kvs_rates");
    ngx_shm_zone_t  *zone;

    zone = ngx_shared_memory_add(cf, &name, sizeof(ngx_sfu_kvs_table_t)
                                            + 16 * ngx_pagesize, tag);
    if (zone == NULL) {
        return NULL;
    }

    zone->init = ngx_sfu_kvs_rate_init;

    return zone;
}


static ngx_int_t
ngx_sfu_kvs_rate_init(ngx_shm_zone_t *zone, void *data)
{
    ngx_slab_pool_t  *shpool;

    /* after a reload */

    if (data != NULL) {
        zone->data = data;
        return NGX_OK;
    }

    shpool = (ngx_slab_pool_t *) zone->shm.addr;

    if (zone->shm.exists) {
        zone->data = shpool->data;
        return NGX_OK;
    }

    shpool->data = ngx_slab_calloc(shpool, sizeof(ngx_sfu_kvs_table_t));
    zone->data = shpool->data;

    return zone->data == NULL ? NGX_ERROR : NGX_OK;
}


ngx_int_t
ngx_sfu_kvs_rate_take(ngx_shm_zone_t *zone, ngx_uint_t number,
    ngx_sfu_kvs_rate_t *rate, ngx_str_t *scope, ngx_str_t *name)
{
    uint64_t              key;
    ngx_int_t             rc;
    ngx_uint_t            i;
    ngx_slab_pool_t      *shpool;
    ngx_sfu_kvs_table_t  *table;
    ngx_sfu_kvs_entry_t  *row, *entry;

    if (rate->rate == 0) {
        return NGX_OK;
    }

    /* FNV-1a; a collision makes two share a bucket, which is bearable */

    key = (14695981039346656037ULL ^ (number + 1)) * 1099511628211ULL;
    key = ngx_sfu_kvs_rate_hash(key, scope);

    if (name != NULL) {
        key = ngx_sfu_kvs_rate_hash(key, name);
    }

    shpool = (ngx_slab_pool_t *) zone->shm.addr;
    table = zone->data;

    row = table->row[key % NGX_SFU_KVS_ROWS];

    ngx_shmtx_lock(&shpool->mutex);

    entry = &row[0];

    for (i = 0; i < NGX_SFU_KVS_COLUMNS; i++) {

        if (row[i].key == key) {
            entry = &row[i];
            break;
        }

        if ((ngx_msec_int_t) (row[i].bucket.last - entry->bucket.last) < 0) {
            entry = &row[i];
        }
    }

    if (entry->key != key) {
        entry->key = key;
        entry->bucket.used = 0;
        entry->bucket.last = ngx_current_msec;
    }

    rc = ngx_sfu_kvs_bucket_take(&entry->bucket, rate, ngx_current_msec);

    ngx_shmtx_unlock(&shpool->mutex);

    return rc;
}


static uint64_t
ngx_sfu_kvs_rate_hash(uint64_t hash, ngx_str_t *s)
{
    size_t  i;

    for (i = 0; i < s->len; i++) {
        hash = (hash ^ s->data[i]) * 1099511628211ULL;
    }

    /* "ab" and "c" are not "a" and "bc" */

    return (hash ^ '/') * 1099511628211ULL;
}
