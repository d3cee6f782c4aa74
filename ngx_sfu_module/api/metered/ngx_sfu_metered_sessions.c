
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * The list of sessions (7.2).  Every worker tells its own, some at a time;
 * one that is down has none, one that is late would look as if all its users
 * had left.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_http_sfu_poll.h>
#include <ngx_sfu_metered.h>


static json_t *ngx_sfu_metered_sessions_message(ngx_http_request_t *r,
    ngx_http_sfu_poll_entry_t *entry, json_t *reply);
static ngx_int_t ngx_sfu_metered_sessions_handler(ngx_http_request_t *r,
    ngx_http_sfu_poll_t *poll);
static ngx_int_t ngx_sfu_metered_add_sessions(ngx_http_sfu_ctx_t *ctx,
    json_t *list, json_t *sessions);
static json_t *ngx_sfu_metered_session(ngx_http_sfu_ctx_t *ctx,
    json_t *session);


ngx_int_t
ngx_sfu_metered_sessions(ngx_http_request_t *r)
{
    return ngx_http_sfu_poll(r, ngx_sfu_metered_sessions_message,
                             ngx_sfu_metered_sessions_handler);
}


/* the first, and one for each part of the list that there is still */

static json_t *
ngx_sfu_metered_sessions_message(ngx_http_request_t *r,
    ngx_http_sfu_poll_entry_t *entry, json_t *reply)
{
    json_t              *message, *after, *list;
    ngx_http_sfu_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_sfu_module);
    after = NULL;

    if (reply != NULL) {
        after = json_object_get(reply, "after");
        list = json_object_get(reply, "sessions");

        /* what came before is put in front */

        if (entry->reply != NULL) {
            if (!json_is_array(list)
                || json_array_extend(json_object_get(entry->reply,
                                                     "sessions"), list)
                   == -1)
            {
                entry->result = NGX_SFU_IPC_FAILED;
                return NULL;
            }
        }

        if (!json_is_integer(after)) {
            return NULL;
        }
    }

    message = json_pack("{s:s, s:s%, s:s%}", "type", SFU_IPC_REQ_LIST,
                        "request", ctx->id.data, ctx->id.len,
                        "app", ctx->app.data, ctx->app.len);

    if (message != NULL && after != NULL) {
        (void) json_object_set(message, "after", after);
    }

    return message;
}


static ngx_int_t
ngx_sfu_metered_sessions_handler(ngx_http_request_t *r,
    ngx_http_sfu_poll_t *poll)
{
    json_t                     *list;
    ngx_uint_t                  i, answered;
    ngx_http_sfu_ctx_t         *ctx;
    ngx_http_sfu_poll_entry_t  *entry;

    ctx = ngx_http_get_module_ctx(r, ngx_http_sfu_module);
    answered = 0;

    for (i = 0; i < poll->nentries; i++) {

        entry = &poll->entries[i];

        if (entry->result == NGX_SFU_IPC_UNAVAILABLE) {
            continue;
        }

        if (entry->error != NULL || entry->result != NGX_SFU_IPC_REPLIED) {
            return ngx_http_sfu_fail(r, ctx, &ngx_sfu_metered_unavailable,
                                     entry->error);
        }

        answered++;
    }

    if (answered == 0) {
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_metered_unavailable,
                                 NULL);
    }

    list = json_array();

    for (i = 0; i < poll->nentries; i++) {

        if (ngx_sfu_metered_add_sessions(ctx, list,
                         json_object_get(poll->entries[i].reply, "sessions"))
            != NGX_OK)
        {
            json_decref(list);
            return ngx_http_sfu_fail(r, ctx, &ngx_sfu_metered_internal,
                                     NULL);
        }
    }

    return ngx_http_sfu_reply(r, ctx, NGX_HTTP_OK, list);
}


static ngx_int_t
ngx_sfu_metered_add_sessions(ngx_http_sfu_ctx_t *ctx, json_t *list,
    json_t *sessions)
{
    size_t   i;
    json_t  *session;

    json_array_foreach(sessions, i, session) {

        if (json_array_append_new(list, ngx_sfu_metered_session(ctx, session))
            == -1)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static json_t *
ngx_sfu_metered_session(ngx_http_sfu_ctx_t *ctx, json_t *session)
{
    const char  *id, *state, *metadata;

    id = json_string_value(json_object_get(session, "session"));
    state = json_string_value(json_object_get(session, "state"));
    metadata = json_string_value(json_object_get(session, "metadata"));

    if (id == NULL || state == NULL) {
        return NULL;
    }

    return json_pack("{s:s, s:s, s:s, s:s%}", "connectionState", state,
                     "metadata", metadata ? metadata : "", "sessionId", id,
                     "sfuAppId", ctx->app.data, ctx->app.len);
}
