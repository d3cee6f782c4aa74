
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Prometheus' text format, version 0.0.4.  Its parser wants all samples of a
 * name together, below one TYPE, so they are collected by name first.
 */


#ifndef _NGX_SFU_EXPOSITION_H_INCLUDED_
#define _NGX_SFU_EXPOSITION_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* text that grows; what does not fit into memory is remembered as failed */

typedef struct {
    ngx_pool_t    *pool;
    u_char        *data;
    size_t         len;
    size_t         size;
    ngx_uint_t     failed;     /* unsigned  failed:1 */
} ngx_sfu_text_t;


typedef struct {
    ngx_pool_t    *pool;
    ngx_array_t    families;   /* of ngx_sfu_family_t */
    ngx_uint_t     failed;     /* unsigned  failed:1 */
} ngx_sfu_exposition_t;


void ngx_sfu_text_init(ngx_sfu_text_t *text, ngx_pool_t *pool);
void ngx_sfu_text_append(ngx_sfu_text_t *text, const char *data, size_t len);

/* appends name="value", and a comma before it where one is due */
void ngx_sfu_text_label(ngx_sfu_text_t *labels, const char *name,
    const char *value, size_t len);


ngx_int_t ngx_sfu_exposition_init(ngx_sfu_exposition_t *e, ngx_pool_t *pool);

/*
 * A sample "prefix" "name" "suffix" {labels} value, which belongs to the
 * family "prefix" "name".  Characters that are not allowed in a name become
 * underscores.
 */
void ngx_sfu_exposition_add(ngx_sfu_exposition_t *e, const char *prefix,
    const char *name, const char *suffix, ngx_sfu_text_t *labels,
    double value);

ngx_int_t ngx_sfu_exposition_print(ngx_sfu_exposition_t *e,
    ngx_str_t *text);


#endif /* _NGX_SFU_EXPOSITION_H_INCLUDED_ */
