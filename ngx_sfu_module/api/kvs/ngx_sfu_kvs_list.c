
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * ListSignalingChannels (11.2).  A channel is known to its own worker, so all
 * are asked, and their lists, which are in the order of the names, become one.
 * A page ends with a name, in base64, where the next one goes on.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_http_sfu_poll.h>
#include <ngx_sfu_kvs.h>


#define NGX_SFU_KVS_LIST_DEFAULT  500
#define NGX_SFU_KVS_LIST_MAX      10000
/* what fits into a worker's reply, whatever the names */
#define NGX_SFU_KVS_LIST_PAGE     1000


static ngx_int_t ngx_sfu_kvs_list_members(ngx_http_request_t *r,
    ngx_http_sfu_check_t *check, json_t *document);
static ngx_int_t ngx_sfu_kvs_list_token(ngx_http_request_t *r,
    ngx_http_sfu_check_t *check, json_t *document);
static json_t *ngx_sfu_kvs_list_message(ngx_http_request_t *r,
    ngx_http_sfu_poll_entry_t *entry, json_t *reply);
static ngx_int_t ngx_sfu_kvs_list_handler(ngx_http_request_t *r,
    ngx_http_sfu_poll_t *poll);
static json_t *ngx_sfu_kvs_list_next(ngx_http_sfu_poll_t *poll,
    size_t *taken);
static json_t *ngx_sfu_kvs_list_page(ngx_http_sfu_ctx_t *ctx,
    ngx_http_sfu_poll_t *poll);
static ngx_int_t ngx_sfu_kvs_list_add_token(ngx_http_sfu_ctx_t *ctx,
    json_t *document, json_t *channel);


ngx_int_t
ngx_sfu_kvs_list(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    ngx_http_sfu_check_t *check)
{
    ngx_int_t  rc;

    if (ngx_sfu_kvs_list_members(r, check, ctx->document) != NGX_OK) {
        return ngx_http_sfu_fail(r, ctx, check->error ? check->error
                                                      : &ngx_sfu_kvs_internal,
                                 check->detail);
    }

    rc = ngx_http_sfu_poll_all(r, ngx_sfu_kvs_list_message,
                               ngx_sfu_kvs_list_handler);

    return rc == NGX_DONE ? rc
                          : ngx_http_sfu_fail(r, ctx, &ngx_sfu_kvs_unavailable,
                                              NULL);
}


static ngx_int_t
ngx_sfu_kvs_list_members(ngx_http_request_t *r, ngx_http_sfu_check_t *check,
    json_t *document)
{
    json_t              *condition;
    ngx_str_t            operator;
    ngx_sfu_kvs_t       *kvs;
    ngx_http_sfu_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_sfu_module);
    kvs = ctx->data;

    kvs->max = NGX_SFU_KVS_LIST_DEFAULT;

    if (ngx_sfu_kvs_integer(check, document, "MaxResults", 1,
                            NGX_SFU_KVS_LIST_MAX, &kvs->max)
        == NGX_ERROR)
    {
        return NGX_ERROR;
    }

    kvs->max = ngx_min(kvs->max, NGX_SFU_KVS_LIST_PAGE);

    if (ngx_sfu_kvs_list_token(r, check, document) != NGX_OK) {
        return NGX_ERROR;
    }

    condition = ngx_http_sfu_member(check, document, "ChannelNameCondition",
                                    NGX_HTTP_SFU_OBJECT);
    if (condition == NULL) {
        return check->error ? NGX_ERROR : NGX_OK;
    }

    if (ngx_sfu_kvs_text(check, condition, "ComparisonOperator", 1, 64,
                         &operator)
        == NGX_ERROR
        || ngx_sfu_kvs_name(check, condition, "ComparisonValue", &kvs->prefix)
           == NGX_ERROR)
    {
        return NGX_ERROR;
    }

    if (operator.len != 0 && !ngx_sfu_kvs_equal(&operator, "BEGINS_WITH")) {
        ngx_http_sfu_refuse(check, &ngx_sfu_kvs_invalid,
                            "\"ComparisonOperator\" is not BEGINS_WITH");
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_sfu_kvs_list_token(ngx_http_request_t *r, ngx_http_sfu_check_t *check,
    json_t *document)
{
    ngx_int_t            rc;
    ngx_str_t            token;
    ngx_sfu_kvs_t       *kvs;
    ngx_http_sfu_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_sfu_module);
    kvs = ctx->data;

    rc = ngx_sfu_kvs_text(check, document, "NextToken", 0, 1024, &token);

    if (rc == NGX_ERROR || token.len == 0) {
        return rc == NGX_ERROR ? NGX_ERROR : NGX_OK;
    }

    kvs->after.data = ngx_pnalloc(r->pool,
                                  ngx_base64_decoded_length(token.len));
    if (kvs->after.data == NULL) {
        return NGX_ERROR;
    }

    if (ngx_decode_base64(&kvs->after, &token) != NGX_OK
        || !ngx_sfu_kvs_is_name(&kvs->after))
    {
        ngx_http_sfu_refuse(check, &ngx_sfu_kvs_invalid,
                            "\"NextToken\" is none of ours");
        return NGX_ERROR;
    }

    return NGX_OK;
}


static json_t *
ngx_sfu_kvs_list_message(ngx_http_request_t *r,
    ngx_http_sfu_poll_entry_t *entry, json_t *reply)
{
    json_t              *message;
    ngx_sfu_kvs_t       *kvs;
    ngx_http_sfu_ctx_t  *ctx;

    if (reply != NULL) {
        return NULL;
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_sfu_module);
    kvs = ctx->data;

    message = json_pack("{s:s, s:s%, s:s%, s:s%, s:I}",
                        "type", SFU_IPC_REQ_CHANNEL_LIST,
                        "request", ctx->id.data, ctx->id.len,
                        "app", ctx->app.data, ctx->app.len,
                        "scope", kvs->scope.data, kvs->scope.len,
                        "max", kvs->max);

    if (message != NULL && kvs->prefix.len != 0) {
        (void) ngx_sfu_kvs_set_text(message, "prefix", &kvs->prefix);
    }

    if (message != NULL && kvs->after.len != 0) {
        (void) ngx_sfu_kvs_set_text(message, "after", &kvs->after);
    }

    return message;
}


static ngx_int_t
ngx_sfu_kvs_list_handler(ngx_http_request_t *r, ngx_http_sfu_poll_t *poll)
{
    json_t                     *document;
    ngx_uint_t                  i;
    ngx_http_sfu_ctx_t         *ctx;
    ngx_http_sfu_poll_entry_t  *entry;

    ctx = ngx_http_get_module_ctx(r, ngx_http_sfu_module);

    /* without one of the workers channels would seem to be gone */

    for (i = 0; i < poll->nentries; i++) {

        entry = &poll->entries[i];

        if (entry->error != NULL || entry->result != NGX_SFU_IPC_REPLIED) {
            return ngx_http_sfu_fail(r, ctx, &ngx_sfu_kvs_unavailable, NULL);
        }

        if (!json_is_array(json_object_get(entry->reply, "channels"))) {
            return ngx_http_sfu_fail(r, ctx, &ngx_sfu_kvs_internal, NULL);
        }
    }

    document = ngx_sfu_kvs_list_page(ctx, poll);

    if (document == NULL) {
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_kvs_internal, NULL);
    }

    return ngx_http_sfu_reply(r, ctx, NGX_HTTP_OK, document);
}


static json_t *
ngx_sfu_kvs_list_page(ngx_http_sfu_ctx_t *ctx, ngx_http_sfu_poll_t *poll)
{
    size_t         *taken;
    json_t         *document, *list, *channel, *last;
    json_int_t      n;
    ngx_uint_t      i, more;
    ngx_sfu_kvs_t  *kvs;

    kvs = ctx->data;
    last = NULL;
    more = 0;

    list = json_array();
    document = json_pack("{s:o}", "ChannelInfoList", list);
    taken = ngx_pcalloc(ctx->pool, poll->nentries * sizeof(size_t));

    if (document == NULL || taken == NULL) {
        goto failed;
    }

    for (n = 0; n < kvs->max; n++) {

        channel = ngx_sfu_kvs_list_next(poll, taken);
        if (channel == NULL) {
            break;
        }

        if (json_array_append_new(list, ngx_sfu_kvs_channel_info(ctx, channel))
            == -1)
        {
            goto failed;
        }

        last = channel;
    }

    for (i = 0; i < poll->nentries; i++) {
        more |= json_is_true(json_object_get(poll->entries[i].reply, "more"))
                || taken[i] < json_array_size(
                          json_object_get(poll->entries[i].reply, "channels"));
    }

    if (more && last != NULL
        && ngx_sfu_kvs_list_add_token(ctx, document, last) != NGX_OK)
    {
        goto failed;
    }

    return document;

failed:

    json_decref(document);

    return NULL;
}


/* the first name of those that are left */

static json_t *
ngx_sfu_kvs_list_next(ngx_http_sfu_poll_t *poll, size_t *taken)
{
    json_t      *channel, *first;
    ngx_uint_t   i, from;
    const char  *name, *least;

    from = 0;
    first = NULL;
    least = NULL;

    for (i = 0; i < poll->nentries; i++) {

        channel = json_array_get(json_object_get(poll->entries[i].reply,
                                                 "channels"), taken[i]);
        name = json_string_value(json_object_get(channel, "name"));

        if (name != NULL && (least == NULL || ngx_strcmp(name, least) < 0)) {
            first = channel;
            least = name;
            from = i;
        }
    }

    if (first != NULL) {
        taken[from]++;
    }

    return first;
}


static ngx_int_t
ngx_sfu_kvs_list_add_token(ngx_http_sfu_ctx_t *ctx, json_t *document,
    json_t *channel)
{
    json_t     *name;
    ngx_str_t   text, token;

    name = json_object_get(channel, "name");

    text.data = (u_char *) json_string_value(name);
    text.len = json_string_length(name);

    token.data = ngx_pnalloc(ctx->pool, ngx_base64_encoded_length(text.len));
    if (token.data == NULL) {
        return NGX_ERROR;
    }

    ngx_encode_base64(&token, &text);

    return ngx_sfu_kvs_set_text(document, "NextToken", &token);
}
