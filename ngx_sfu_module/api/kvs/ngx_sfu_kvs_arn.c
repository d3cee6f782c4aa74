
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Whose an ARN is, and what it is of a channel.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_kvs.h>


static ngx_str_t ngx_sfu_kvs_partition(ngx_str_t *region);


ngx_uint_t
ngx_sfu_kvs_is_callers(ngx_sfu_kvs_t *kvs, ngx_sfu_kvs_arn_t *arn)
{
    ngx_str_t  *region, *account;

    region = &kvs->signature.sig.region;
    account = &kvs->signature.key->account;

    return arn->region.len == region->len
           && ngx_memcmp(arn->region.data, region->data, region->len) == 0
           && arn->account.len == account->len
           && ngx_memcmp(arn->account.data, account->data, account->len) == 0;
}


ngx_uint_t
ngx_sfu_kvs_is_channel(ngx_sfu_kvs_arn_t *arn)
{
    ngx_str_t  partition;

    partition = ngx_sfu_kvs_partition(&arn->region);

    return ngx_sfu_kvs_equal(&arn->type, "channel")
           && ngx_sfu_kvs_equal(&arn->partition, (char *) partition.data)
           && ngx_sfu_kvs_is_name(&arn->name)
           && arn->created != 0 && arn->created != (uint64_t) -1;
}


ngx_int_t
ngx_sfu_kvs_make_arn(ngx_pool_t *pool, ngx_sfu_kvs_t *kvs, ngx_str_t *name,
    uint64_t created, ngx_str_t *arn)
{
    ngx_str_t  partition, *region, *account;

    region = &kvs->signature.sig.region;
    account = &kvs->signature.key->account;
    partition = ngx_sfu_kvs_partition(region);

    arn->data = ngx_pnalloc(pool, sizeof("arn::kinesisvideo:::channel//")
                                  + partition.len + region->len + account->len
                                  + name->len + NGX_INT64_LEN);
    if (arn->data == NULL) {
        return NGX_ERROR;
    }

    arn->len = ngx_sprintf(arn->data, "arn:%V:kinesisvideo:%V:%V:channel/%V/"
                           "%uL", &partition, region, account, name, created)
               - arn->data;

    return NGX_OK;
}


/* "aws", unless the region is one of those that stand apart */

static ngx_str_t
ngx_sfu_kvs_partition(ngx_str_t *region)
{
    ngx_str_t  aws = ngx_string("aws");
    ngx_str_t  china = ngx_string("aws-cn");
    ngx_str_t  gov = ngx_string("aws-us-gov");

    if (region->len > 3 && ngx_strncmp(region->data, "cn-", 3) == 0) {
        return china;
    }

    if (region->len > 7 && ngx_strncmp(region->data, "us-gov-", 7) == 0) {
        return gov;
    }

    return aws;
}
