
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * A request of a client that waits for a worker.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_http_sfu_module.h>


static void ngx_http_sfu_ask_handler(ngx_sfu_ipc_request_t *req,
    ngx_sfu_ipc_result_e result, json_t *reply);
static void ngx_http_sfu_cleanup(void *data);
static void ngx_http_sfu_pool_cleanup(void *data);


ngx_http_sfu_ctx_t *
ngx_http_sfu_create_ctx(ngx_http_request_t *r, ngx_http_sfu_api_t *api)
{
    u_char              *p;
    ngx_connection_t    *c;
    ngx_http_cleanup_t  *cln;
    ngx_pool_cleanup_t  *pcln;
    ngx_http_sfu_ctx_t  *ctx;

    ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_sfu_ctx_t));
    if (ctx == NULL) {
        return NULL;
    }

    cln = ngx_http_cleanup_add(r, 0);
    pcln = ngx_pool_cleanup_add(r->pool, 0);

    if (cln == NULL || pcln == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_sfu_cleanup;
    cln->data = ctx;

    /* after the log line, which quotes it */

    pcln->handler = ngx_http_sfu_pool_cleanup;
    pcln->data = ctx;

    /* as nginx's own log lines name the connection: #process *connection */

    c = r->connection;

    p = ngx_pnalloc(r->pool, NGX_INT64_LEN * 3 + 3);
    if (p == NULL) {
        return NULL;
    }

    ctx->id.data = p;
    ctx->id.len = ngx_sprintf(p, "%P*%uA.%ui", ngx_pid, c->number,
                              (ngx_uint_t) c->requests)
                  - p;

    ctx->pool = r->pool;
    ctx->api = api;
    ctx->start = ngx_current_msec;

    ngx_http_set_ctx(r, ctx, ngx_http_sfu_module);

    return ctx;
}


ngx_int_t
ngx_http_sfu_ask(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    json_t *message, ngx_http_sfu_reply_pt handler)
{
    ngx_sfu_ipc_request_t     *req;
    ngx_http_sfu_loc_conf_t   *slcf;
    ngx_http_sfu_main_conf_t  *smcf;

    smcf = ngx_http_get_module_main_conf(r, ngx_http_sfu_module);
    slcf = ngx_http_get_module_loc_conf(r, ngx_http_sfu_module);

    /* no process without init_process() but a single one after a reload */

    if (message == NULL || smcf->ipc == NULL) {
        json_decref(message);
        return handler(r, ctx, NGX_SFU_IPC_FAILED, NULL);
    }

    ctx->reply_handler = handler;

    req = &ctx->ipc;

    req->message = message;
    req->session = ctx->session;
    req->stream = ctx->stream;
    req->home = ctx->home;
    req->peer = NULL;
    req->timeout = ctx->timeout ? ctx->timeout : slcf->timeout;
    req->handler = ngx_http_sfu_ask_handler;
    req->data = r;
    req->log = r->connection->log;

    /* a client that leaves cancels its request */

    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;

    ngx_sfu_ipc_ask(smcf->ipc, req);

    return NGX_DONE;
}


static void
ngx_http_sfu_ask_handler(ngx_sfu_ipc_request_t *req,
    ngx_sfu_ipc_result_e result, json_t *reply)
{
    ngx_int_t            rc;
    ngx_connection_t    *c;
    ngx_http_request_t  *r;
    ngx_http_sfu_ctx_t  *ctx;

    r = req->data;
    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    ctx = ngx_http_get_module_ctx(r, ngx_http_sfu_module);

    r->read_event_handler = ngx_http_block_reading;

    rc = ctx->reply_handler(r, ctx, result, reply);

    if (rc != NGX_DONE) {
        ngx_http_finalize_request(r, rc);
    }

    ngx_http_run_posted_requests(c);
}


static void
ngx_http_sfu_cleanup(void *data)
{
    ngx_http_sfu_ctx_t *ctx = data;

    ngx_sfu_ipc_cancel(&ctx->ipc);
}


static void
ngx_http_sfu_pool_cleanup(void *data)
{
    ngx_http_sfu_ctx_t *ctx = data;

    json_decref(ctx->document);
}
