
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Names of channels, clients and resources (11.1).
 */


#ifndef _NGX_SFU_KVS_NAME_H_INCLUDED_
#define _NGX_SFU_KVS_NAME_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


#define NGX_SFU_KVS_NAME_MAX  256
#define NGX_SFU_KVS_ARN_MAX   1024


typedef struct {
    ngx_str_t   region;
    ngx_str_t   account;
    ngx_str_t   partition;
    ngx_str_t   type;
    ngx_str_t   name;
    uint64_t    created;     /* ms since 1970 */
} ngx_sfu_kvs_arn_t;


/* parts of the text; NGX_DECLINED: it is none */
ngx_int_t ngx_sfu_kvs_parse_arn(ngx_str_t *text, ngx_sfu_kvs_arn_t *arn);


/* [a-zA-Z0-9_.-]{1,256} */

static ngx_inline ngx_uint_t
ngx_sfu_kvs_is_name(ngx_str_t *text)
{
    size_t  i;
    u_char  ch;

    for (i = 0; i < text->len; i++) {

        ch = text->data[i];

        if (!isalnum(ch) && ch != '_' && ch != '.' && ch != '-') {
            return 0;
        }
    }

    return i >= 1 && i <= NGX_SFU_KVS_NAME_MAX;
}


/* those that begin with "AWS_" are the server's own */

static ngx_inline ngx_uint_t
ngx_sfu_kvs_is_reserved(ngx_str_t *id)
{
    return id->len >= 4
           && (id->data[0] | 0x20) == 'a' && (id->data[1] | 0x20) == 'w'
           && (id->data[2] | 0x20) == 's' && id->data[3] == '_';
}


static ngx_inline ngx_uint_t
ngx_sfu_kvs_equal(ngx_str_t *text, const char *word)
{
    return text->len == ngx_strlen(word)
           && ngx_memcmp(text->data, word, text->len) == 0;
}


#endif /* _NGX_SFU_KVS_NAME_H_INCLUDED_ */
