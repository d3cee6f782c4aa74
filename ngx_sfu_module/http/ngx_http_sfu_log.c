
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * The end of a request: one line in the error log, and the counters.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_http_sfu_module.h>
#include <ngx_sfu_counters.h>


#define NGX_HTTP_SFU_LOG_TEXT_MAX  256


static ngx_sfu_counters_call_t *ngx_http_sfu_log_call(
    ngx_http_sfu_main_conf_t *smcf, ngx_http_sfu_ctx_t *ctx);


ngx_int_t
ngx_http_sfu_log_handler(ngx_http_request_t *r)
{
    ngx_uint_t                 status;
    ngx_msec_t                 elapsed;
    ngx_str_t                  none = ngx_string("-");
    ngx_http_sfu_ctx_t        *ctx;
    ngx_http_sfu_main_conf_t  *smcf;

    ctx = ngx_http_get_module_ctx(r, ngx_http_sfu_module);

    if (ctx == NULL || ctx->api == NULL) {
        return NGX_OK;
    }

    smcf = ngx_http_get_module_main_conf(r, ngx_http_sfu_module);

    status = r->headers_out.status;
    elapsed = ctx->replied ? ctx->elapsed : ngx_current_msec - ctx->start;

    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "sfu: app \"%V\" session \"%V\" %V: %ui %s, %M ms, "
                  "request \"%V\" label \"%V\"%s%s",
                  ctx->app.len ? &ctx->app : &none,
                  ctx->session.len ? &ctx->session : &none,
                  &ctx->api->calls[ctx->call], status,
                  ctx->error ? ctx->error : "ok", elapsed, &ctx->id,
                  ctx->label.len ? &ctx->label : &none,
                  ctx->detail ? ": " : "", ctx->detail ? ctx->detail : "");

    ngx_sfu_counters_count(ngx_http_sfu_log_call(smcf, ctx), status, elapsed);

    return NGX_OK;
}


/* the calls of all dialects lie one after another */

static ngx_sfu_counters_call_t *
ngx_http_sfu_log_call(ngx_http_sfu_main_conf_t *smcf, ngx_http_sfu_ctx_t *ctx)
{
    ngx_uint_t            i, base;
    ngx_sfu_counters_t   *counters;

    base = 0;
    counters = smcf->zone->data;

    for (i = 0; ngx_http_sfu_apis[i] != ctx->api; i++) {
        base += ngx_http_sfu_apis[i]->ncalls;
    }

    return &counters->call[base + ctx->call];
}


/*
 * A copy for the log line, which comes when the worker's reply is gone.  The
 * text may quote a client, who would like to write lines of his own.
 */

const char *
ngx_http_sfu_log_text(ngx_pool_t *pool, const char *text)
{
    size_t   len;
    u_char  *p;

    len = ngx_min(ngx_strlen(text), NGX_HTTP_SFU_LOG_TEXT_MAX);

    p = ngx_pnalloc(pool, len + 1);
    if (p == NULL) {
        return NULL;
    }

    return ngx_http_sfu_log_copy(p, len + 1, text);
}


const char *
ngx_http_sfu_log_copy(u_char *to, size_t size, const char *text)
{
    size_t  i;

    for (i = 0; i < size - 1 && text[i] != '\0'; i++) {
        to[i] = ((u_char) text[i] < ' ' || text[i] == 0x7f) ? ' ' : text[i];
    }

    to[i] = '\0';

    return (char *) to;
}
