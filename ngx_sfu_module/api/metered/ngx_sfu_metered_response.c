
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * From the worker's replies to the clients' documents.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_metered.h>


static ngx_int_t ngx_sfu_metered_add_description(json_t *document,
    json_t *reply, const char *type);
static json_t *ngx_sfu_metered_track(ngx_http_sfu_ctx_t *ctx, json_t *track);
static ngx_int_t ngx_sfu_metered_add_text(json_t *to, const char *key,
    json_t *from, const char *name);


/* 3 */

json_t *
ngx_sfu_metered_new_response(ngx_http_sfu_ctx_t *ctx, json_t *reply)
{
    json_t  *document, *session;

    session = json_object_get(reply, "session");

    if (json_string_length(session) == 0
        || !json_is_string(json_object_get(reply, "answer")))
    {
        return NULL;
    }

    document = json_pack("{s:O}", "sessionId", session);

    if (document == NULL
        || ngx_sfu_metered_add_description(document, reply, "answer")
           != NGX_OK)
    {
        json_decref(document);
        return NULL;
    }

    /* for the log line */

    ctx->session.data = ngx_pnalloc(ctx->pool, json_string_length(session));

    if (ctx->session.data != NULL) {
        ctx->session.len = json_string_length(session);
        ngx_memcpy(ctx->session.data, json_string_value(session),
                   ctx->session.len);
    }

    return document;
}


/* all others that change something */

json_t *
ngx_sfu_metered_done_response(ngx_http_sfu_ctx_t *ctx, json_t *reply)
{
    json_t  *document;

    document = json_pack("{s:s%, s:b}", "sessionId", ctx->session.data,
                         ctx->session.len, "success", 1);

    if (document == NULL
        || ngx_sfu_metered_add_description(document, reply, "answer")
           != NGX_OK
        || ngx_sfu_metered_add_description(document, reply, "offer")
           != NGX_OK)
    {
        json_decref(document);
        return NULL;
    }

    return document;
}


static ngx_int_t
ngx_sfu_metered_add_description(json_t *document, json_t *reply,
    const char *type)
{
    json_t  *sdp;

    sdp = json_object_get(reply, type);

    if (!json_is_string(sdp)) {
        return NGX_OK;
    }

    if (json_object_set_new(document, "sessionDescription",
                            json_pack("{s:s, s:O}", "type", type, "sdp", sdp))
        == -1)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* 7.3: those that it publishes */

json_t *
ngx_sfu_metered_tracks_response(ngx_http_sfu_ctx_t *ctx, json_t *reply)
{
    json_t      *list, *tracks, *track;
    size_t       i;
    const char  *direction;

    tracks = json_object_get(reply, "tracks");

    if (!json_is_array(tracks)) {
        return NULL;
    }

    list = json_array();

    json_array_foreach(tracks, i, track) {

        direction = json_string_value(json_object_get(track, "direction"));

        if (direction == NULL || ngx_strcmp(direction, "local") != 0) {
            continue;
        }

        if (json_array_append_new(list, ngx_sfu_metered_track(ctx, track))
            == -1)
        {
            json_decref(list);
            return NULL;
        }
    }

    return list;
}


static json_t *
ngx_sfu_metered_track(ngx_http_sfu_ctx_t *ctx, json_t *track)
{
    json_t  *entry;

    entry = json_pack("{s:s%, s:s%}",
                      "sessionId", ctx->session.data, ctx->session.len,
                      "sfuAppId", ctx->app.data, ctx->app.len);

    if (entry == NULL
        || ngx_sfu_metered_add_text(entry, "trackId", track, "name") != NGX_OK
        || ngx_sfu_metered_add_text(entry, "customTrackName", track, "label")
           != NGX_OK
        || ngx_sfu_metered_add_text(entry, "mid", track, "mid") != NGX_OK
        || ngx_sfu_metered_add_text(entry, "trackKind", track, "kind")
           != NGX_OK)
    {
        json_decref(entry);
        return NULL;
    }

    return entry;
}


/* "" where there is none: all members are always there */

static ngx_int_t
ngx_sfu_metered_add_text(json_t *to, const char *key, json_t *from,
    const char *name)
{
    json_t  *value;

    value = json_object_get(from, name);

    value = json_is_string(value) ? json_incref(value) : json_string("");

    return json_object_set_new(to, key, value) == 0 ? NGX_OK : NGX_ERROR;
}
