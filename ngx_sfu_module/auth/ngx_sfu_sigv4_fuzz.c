
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Any request, with two lines before its target: "Authorization", and the
 * names of the headers.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sfu_sigv4.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static ngx_str_t *
header(void *data, ngx_str_t *name, ngx_uint_t n)
{
    return n == 0 && name->len != 1 ? data : NULL;
}


static ngx_str_t
line(ngx_str_t *rest)
{
    size_t     i;
    ngx_str_t  s;

    for (i = 0; i < rest->len && rest->data[i] != LF; i++) { /* void */ }

    s.data = rest->data;
    s.len = i;

    i += i < rest->len;
    rest->data += i;
    rest->len -= i;

    return s;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    u_char                   *copy, *buf;
    ngx_str_t                 rest, value, query, token, time;
    ngx_str_t                 service = ngx_string("kinesisvideo");
    ngx_sfu_sigv4_t           sig;
    ngx_sfu_sigv4_key_t       key;
    ngx_sfu_sigv4_request_t   req;

    /* so that not a byte behind it is read */

    copy = malloc(size + 1);
    buf = malloc(size + 1);

    if (copy == NULL || buf == NULL) {
        free(copy);
        free(buf);
        return 0;
    }

    ngx_memcpy(copy, data, size);
    copy = realloc(copy, size ? size : 1);

    ngx_memzero(&req, sizeof(req));
    ngx_memzero(&key, sizeof(key));

    rest.data = copy;
    rest.len = size;

    value = line(&rest);
    token = line(&rest);

    ngx_str_set(&key.secret, "secret");
    ngx_str_set(&req.method, "GET");
    ngx_str_set(&time, "20250102T030405Z");

    req.target = rest;
    req.host = token;
    req.header = header;
    req.data = &token;

    query = rest;
    (void) line(&query);

    if (ngx_sfu_sigv4_parse_header(&sig, &value, &time, &token, &service)
        == NGX_SFU_SIGV4_OK)
    {
        if (ngx_sfu_sigv4_verify(&sig, &req, &key, &service)
            == NGX_SFU_SIGV4_OK)
        {
            abort();
        }
    }

    if (ngx_sfu_sigv4_parse_query(&sig, &rest, &service, buf)
        == NGX_SFU_SIGV4_OK)
    {
        (void) ngx_sfu_sigv4_check_time(&sig, 1735787045);

        if (ngx_sfu_sigv4_verify(&sig, &req, &key, &service)
            == NGX_SFU_SIGV4_OK)
        {
            abort();
        }
    }

    free(copy);
    free(buf);

    return 0;
}
