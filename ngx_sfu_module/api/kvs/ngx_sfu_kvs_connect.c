
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * ConnectAsMaster, ConnectAsViewer: the checks before the 101, in their order
 * (4.4).  The worker is asked twice: whether there is such a channel, which
 * who may not connect to it is told, too; and to connect.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_kvs_client.h>


static const ngx_http_sfu_error_t *ngx_sfu_kvs_connect_check(
    ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx, const char **detail);
static const ngx_http_sfu_error_t *ngx_sfu_kvs_connect_arguments(
    ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx, const char **detail);
static ngx_int_t ngx_sfu_kvs_connect_argument(ngx_http_request_t *r,
    ngx_sfu_kvs_t *kvs, const char *name, ngx_str_t *value);
static ngx_int_t ngx_sfu_kvs_connect_find(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx);
static ngx_int_t ngx_sfu_kvs_connect_found(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, ngx_sfu_ipc_result_e result, json_t *reply);
static ngx_int_t ngx_sfu_kvs_connect_join(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, json_t *reply);
static ngx_uint_t ngx_sfu_kvs_connect_fanout(ngx_sfu_kvs_loc_conf_t *klcf,
    json_t *reply);
static void ngx_sfu_kvs_connect_joined(ngx_sfu_feed_member_t *member,
    void *data, ngx_sfu_ipc_result_e result, json_t *reply);
static void ngx_sfu_kvs_connect_cleanup(void *data);


ngx_int_t
ngx_sfu_kvs_connect(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    ngx_str_t *role)
{
    ngx_int_t                    rc;
    ngx_str_t                    id;
    ngx_uint_t                   status, viewer;
    const char                  *detail;
    ngx_sfu_kvs_t               *kvs;
    const ngx_http_sfu_error_t  *error;

    kvs = ctx->data;
    detail = NULL;

    /* a presigned URL has its role in its path, or in what it has besides */

    ngx_http_sfu_signature_query(r, &kvs->signature.query);

    viewer = ngx_sfu_kvs_equal(role, "v")
             || (role->len == 0
                 && ngx_sfu_kvs_connect_argument(r, kvs, "X-Amz-ClientId", &id)
                    == NGX_OK);

    ctx->call = viewer ? NGX_SFU_KVS_VIEWER : NGX_SFU_KVS_MASTER;

    status = ngx_sfu_ws_check(r);

    if (status != 0) {
        return ngx_http_sfu_fail(r, ctx,
                            ngx_http_sfu_status_failure(ngx_sfu_kvs_failures,
                                                        status),
                                 NULL);
    }

    error = ngx_sfu_kvs_connect_check(r, ctx, &detail);

    if (error != NULL) {
        return ngx_http_sfu_fail(r, ctx, error, detail);
    }

    rc = ngx_sfu_kvs_connect_find(r, ctx);

    if (rc == NGX_DONE) {
        r->main->count++;
    }

    return rc;
}


static const ngx_http_sfu_error_t *
ngx_sfu_kvs_connect_check(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    const char **detail)
{
    ngx_str_t                    none = ngx_null_string;
    ngx_sfu_kvs_t               *kvs;
    ngx_sfu_sigv4_e              result;
    ngx_sfu_kvs_main_conf_t     *kmcf;
    const ngx_http_sfu_error_t  *error;

    kmcf = ngx_http_get_module_main_conf(r, ngx_http_sfu_kvs_module);
    kvs = ctx->data;

    result = ngx_http_sfu_signature_read(r, &kvs->signature, &kmcf->keys);

    if (result == NGX_SFU_SIGV4_OK) {
        result = ngx_http_sfu_signature_verify(r, &kvs->signature, &none);
    }

    error = ngx_sfu_kvs_signature_error(r, kvs, result, detail);

    if (error == NULL) {
        error = ngx_sfu_kvs_caller_error(r, ctx, detail);
    }

    return error ? error : ngx_sfu_kvs_connect_arguments(r, ctx, detail);
}


/* 4.1, 4.2 */

static const ngx_http_sfu_error_t *
ngx_sfu_kvs_connect_arguments(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    const char **detail)
{
    ngx_sfu_kvs_t      *kvs;
    ngx_sfu_kvs_arn_t   arn;

    kvs = ctx->data;

    if (ngx_sfu_kvs_connect_argument(r, kvs, "X-Amz-ChannelARN", &kvs->arn)
        != NGX_OK
        || ngx_sfu_kvs_parse_arn(&kvs->arn, &arn) != NGX_OK)
    {
        *detail = "X-Amz-ChannelARN is not an ARN";
        return &ngx_sfu_kvs_invalid;
    }

    if (ctx->call == NGX_SFU_KVS_VIEWER
        && (ngx_sfu_kvs_connect_argument(r, kvs, "X-Amz-ClientId",
                                         &kvs->client)
            != NGX_OK
            || !ngx_sfu_kvs_is_name(&kvs->client)
            || ngx_sfu_kvs_is_reserved(&kvs->client)))
    {
        *detail = "X-Amz-ClientId is not a client's id";
        return &ngx_sfu_kvs_invalid;
    }

    if (!ngx_sfu_kvs_is_callers(kvs, &arn)) {
        *detail = "the channel is of another account or region";
        return &ngx_sfu_kvs_forbidden;
    }

    if (!ngx_sfu_kvs_is_channel(&arn)) {
        return &ngx_sfu_kvs_not_found;
    }

    kvs->name = arn.name;
    kvs->created = arn.created;
    ctx->label = arn.name;

    return NULL;
}


static ngx_int_t
ngx_sfu_kvs_connect_argument(ngx_http_request_t *r, ngx_sfu_kvs_t *kvs,
    const char *name, ngx_str_t *value)
{
    u_char  *buf;

    buf = ngx_pnalloc(r->pool, kvs->signature.query.len + 1);

    if (buf == NULL) {
        return NGX_ERROR;
    }

    return ngx_sfu_sigv4_argument(&kvs->signature.query, name, buf, value);
}


static ngx_int_t
ngx_sfu_kvs_connect_find(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx)
{
    json_t         *message;
    ngx_sfu_kvs_t  *kvs;

    kvs = ctx->data;

    message = json_pack("{s:s%, s:s%, s:s%}",
                        "request", ctx->id.data, ctx->id.len,
                        "app", ctx->app.data, ctx->app.len,
                        "scope", kvs->scope.data, kvs->scope.len);

    if (message == NULL
        || ngx_sfu_kvs_set_channel(r, message, SFU_IPC_REQ_CHANNEL_GET)
           != NGX_OK)
    {
        json_decref(message);
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_sfu_ask(r, ctx, message, ngx_sfu_kvs_connect_found);
}


static ngx_int_t
ngx_sfu_kvs_connect_found(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    ngx_sfu_ipc_result_e result, json_t *reply)
{
    const char                  *detail;
    ngx_sfu_kvs_t               *kvs;
    const ngx_http_sfu_error_t  *error;

    kvs = ctx->data;

    error = ngx_http_sfu_outcome(r, ctx, ngx_sfu_kvs_failures, result, reply,
                                 &detail);
    if (error != NULL) {
        return ngx_http_sfu_fail(r, ctx, error, detail);
    }

    if (!ngx_sfu_kvs_may(kvs, &ngx_sfu_kvs_names[ctx->call])
        || !ngx_sfu_kvs_may_to(r, kvs, &kvs->name, kvs->created))
    {
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_kvs_forbidden, NULL);
    }

    return ngx_sfu_kvs_connect_join(r, ctx, reply);
}


static ngx_int_t
ngx_sfu_kvs_connect_join(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    json_t *reply)
{
    ngx_int_t                  rc;
    ngx_sfu_kvs_t             *kvs;
    ngx_http_cleanup_t        *cln;
    ngx_sfu_kvs_client_t      *client;
    ngx_http_sfu_main_conf_t  *smcf;

    smcf = ngx_http_get_module_main_conf(r, ngx_http_sfu_module);
    kvs = ctx->data;

    client = ngx_pcalloc(r->pool, sizeof(ngx_sfu_kvs_client_t));
    cln = ngx_http_cleanup_add(r, 0);

    if (client == NULL || cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_queue_init(&client->waiting);

    client->request = r;
    client->conf = ngx_http_get_module_loc_conf(r, ngx_http_sfu_kvs_module);
    client->common = ngx_http_get_module_loc_conf(r, ngx_http_sfu_module);
    client->app = ctx->app;
    client->scope = kvs->scope;
    client->name = kvs->name;
    client->created = kvs->created;
    client->id = kvs->client;
    client->fanout = ngx_sfu_kvs_connect_fanout(client->conf, reply);
    client->storage = json_string_length(
                         json_object_get(json_object_get(reply, "channel"),
                                         "storage")) != 0;

    client->member.event = ngx_sfu_kvs_event;
    client->member.lost = ngx_sfu_kvs_client_lost;
    client->member.data = client;
    client->member.id = ctx->id;
    client->member.log = r->connection->log;

    cln->handler = ngx_sfu_kvs_connect_cleanup;
    cln->data = client;

    rc = ngx_sfu_feed_join(smcf->ipc, &ctx->home, &client->member);

    if (rc == NGX_DECLINED) {
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_kvs_unavailable, NULL);
    }

    if (rc != NGX_OK
        || ngx_sfu_feed_ask(&client->member,
                            ngx_sfu_kvs_client_connect(client, 0),
                            client->common->timeout,
                            ngx_sfu_kvs_connect_joined, ctx)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* a client that leaves meanwhile */
    r->read_event_handler = ngx_http_test_reading;

    return NGX_DONE;
}


/* 15: of the configuration, or of a tag where that is left to it */

static ngx_uint_t
ngx_sfu_kvs_connect_fanout(ngx_sfu_kvs_loc_conf_t *klcf, json_t *reply)
{
    const char  *mode;

    if (klcf->fanout != NGX_SFU_KVS_FANOUT_TAG) {
        return klcf->fanout == NGX_SFU_KVS_FANOUT_ON;
    }

    mode = json_string_value(json_object_get(json_object_get(reply, "tags"),
                                             "sfu:mode"));

    return mode != NULL && ngx_strcmp(mode, "fanout") == 0;
}


static void
ngx_sfu_kvs_connect_joined(ngx_sfu_feed_member_t *member, void *data,
    ngx_sfu_ipc_result_e result, json_t *reply)
{
    ngx_http_sfu_ctx_t *ctx = data;

    ngx_int_t                    rc;
    const char                  *detail;
    ngx_connection_t            *c;
    ngx_http_request_t          *r;
    ngx_sfu_kvs_client_t        *client;
    const ngx_http_sfu_error_t  *error;

    client = member->data;

    r = client->request;
    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    r->read_event_handler = ngx_http_block_reading;

    error = ngx_http_sfu_outcome(r, ctx, ngx_sfu_kvs_failures, result, reply,
                                 &detail);

    if (error != NULL) {
        ngx_sfu_feed_leave(member, result == NGX_SFU_IPC_REPLIED
                                   ? NULL : SFU_IPC_REQ_CHANNEL_DISCONNECT);

        rc = ngx_http_sfu_fail(r, ctx, error, detail);

    } else {
        ngx_sfu_kvs_client_mode(client, reply);

        rc = ngx_sfu_ws_accept(r, &client->common->ws, &ngx_sfu_kvs_handlers,
                               client, &client->ws);
    }

    if (rc != NGX_DONE) {
        ngx_http_finalize_request(r, rc);

    } else {
        ngx_sfu_kvs_event_flush(client);

        if (client->lost && !client->orphan) {
            ngx_sfu_kvs_client_lost(member);
        }
    }

    ngx_http_run_posted_requests(c);
}


/* the request ends, however that came about */

static void
ngx_sfu_kvs_connect_cleanup(void *data)
{
    ngx_sfu_kvs_client_t *client = data;

    ngx_sfu_feed_leave(&client->member, SFU_IPC_REQ_CHANNEL_DISCONNECT);
    ngx_sfu_kvs_client_free(client);
}
