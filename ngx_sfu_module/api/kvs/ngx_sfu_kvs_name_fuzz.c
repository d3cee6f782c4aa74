
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Any text as an ARN: its parts, put together again, are the text.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sfu_kvs_name.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int                 n;
    char                again[2048];
    u_char             *copy;
    ngx_str_t           text;
    ngx_sfu_kvs_arn_t   arn;

    /* so that not a byte behind it is read */

    copy = malloc(size ? size : 1);

    if (copy == NULL) {
        return 0;
    }

    ngx_memcpy(copy, data, size);

    text.data = copy;
    text.len = size;

    if (ngx_sfu_kvs_parse_arn(&text, &arn) == NGX_OK) {

        n = snprintf(again, sizeof(again),
                     "arn:%.*s:kinesisvideo:%.*s:%.*s:%.*s/%.*s/",
                     (int) arn.partition.len, arn.partition.data,
                     (int) arn.region.len, arn.region.data,
                     (int) arn.account.len, arn.account.data,
                     (int) arn.type.len, arn.type.data,
                     (int) arn.name.len, arn.name.data);

        if (size > NGX_SFU_KVS_ARN_MAX || (size_t) n >= size
            || ngx_memcmp(again, copy, n) != 0)
        {
            abort();
        }
    }

    (void) ngx_sfu_kvs_is_name(&text);
    (void) ngx_sfu_kvs_is_reserved(&text);

    free(copy);

    return 0;
}
