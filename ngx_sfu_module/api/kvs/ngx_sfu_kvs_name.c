
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * ARNs, read:
 * arn:partition:kinesisvideo:region:account:channel/name/created (1, 11.1).
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sfu_kvs_name.h>


#define NGX_SFU_KVS_LOWER   1
#define NGX_SFU_KVS_UPPER   2
#define NGX_SFU_KVS_DIGIT   4
#define NGX_SFU_KVS_DASH    8
#define NGX_SFU_KVS_DOT     16      /* and "_" */


static ngx_int_t ngx_sfu_kvs_cut(ngx_str_t *rest, u_char end, ngx_uint_t set,
    ngx_str_t *part);
static ngx_uint_t ngx_sfu_kvs_in_set(u_char ch, ngx_uint_t set);


ngx_int_t
ngx_sfu_kvs_parse_arn(ngx_str_t *text, ngx_sfu_kvs_arn_t *arn)
{
    size_t     i;
    ngx_str_t  rest, part;

    rest = *text;

    if (text->len == 0 || text->len > NGX_SFU_KVS_ARN_MAX
        || ngx_sfu_kvs_cut(&rest, ':', NGX_SFU_KVS_LOWER, &part) != NGX_OK
        || part.len != 3 || ngx_memcmp(part.data, "arn", 3) != 0
        || ngx_sfu_kvs_cut(&rest, ':', NGX_SFU_KVS_LOWER|NGX_SFU_KVS_DIGIT
                                       |NGX_SFU_KVS_DASH, &arn->partition)
           != NGX_OK
        || ngx_sfu_kvs_cut(&rest, ':', NGX_SFU_KVS_LOWER, &part) != NGX_OK
        || part.len != 12 || ngx_memcmp(part.data, "kinesisvideo", 12) != 0
        || ngx_sfu_kvs_cut(&rest, ':', NGX_SFU_KVS_LOWER|NGX_SFU_KVS_DIGIT
                                       |NGX_SFU_KVS_DASH, &arn->region)
           != NGX_OK
        || ngx_sfu_kvs_cut(&rest, ':', NGX_SFU_KVS_DIGIT, &arn->account)
           != NGX_OK
        || ngx_sfu_kvs_cut(&rest, '/', NGX_SFU_KVS_LOWER, &arn->type)
           != NGX_OK
        || ngx_sfu_kvs_cut(&rest, '/', NGX_SFU_KVS_LOWER|NGX_SFU_KVS_UPPER
                                       |NGX_SFU_KVS_DIGIT|NGX_SFU_KVS_DASH
                                       |NGX_SFU_KVS_DOT, &arn->name)
           != NGX_OK
        || ngx_sfu_kvs_cut(&rest, '\0', NGX_SFU_KVS_DIGIT, &part) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    arn->created = 0;

    for (i = 0; i < part.len; i++) {

        /* no channel has one of that many digits */

        if (i == 15) {
            arn->created = (uint64_t) -1;
            break;
        }

        arn->created = arn->created * 10 + (part.data[i] - '0');
    }

    return NGX_OK;
}


/* one or more of the set, up to the end, which is taken, too */

static ngx_int_t
ngx_sfu_kvs_cut(ngx_str_t *rest, u_char end, ngx_uint_t set, ngx_str_t *part)
{
    size_t  i;

    for (i = 0; i < rest->len; i++) {
        if (!ngx_sfu_kvs_in_set(rest->data[i], set)) {
            break;
        }
    }

    part->data = rest->data;
    part->len = i;

    if (i == 0) {
        return NGX_DECLINED;
    }

    if (end == '\0') {
        return i == rest->len ? NGX_OK : NGX_DECLINED;
    }

    if (i == rest->len || rest->data[i] != end) {
        return NGX_DECLINED;
    }

    rest->data += i + 1;
    rest->len -= i + 1;

    return NGX_OK;
}


static ngx_uint_t
ngx_sfu_kvs_in_set(u_char ch, ngx_uint_t set)
{
    return (ch >= 'a' && ch <= 'z') ? set & NGX_SFU_KVS_LOWER
           : (ch >= 'A' && ch <= 'Z') ? set & NGX_SFU_KVS_UPPER
           : (ch >= '0' && ch <= '9') ? set & NGX_SFU_KVS_DIGIT
           : ch == '-' ? set & NGX_SFU_KVS_DASH
           : (ch == '.' || ch == '_') ? set & NGX_SFU_KVS_DOT : 0;
}
