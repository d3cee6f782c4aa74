
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * From the worker's replies to the clients' documents.  An absent value is an
 * absent key: strict clients refuse null and empty strings (2.7), and others
 * send back whatever members they find in an entry, so none is invented.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_cloudflare.h>


/* an entry, from what was asked and what came of it */
typedef json_t *(*ngx_sfu_cloudflare_entry_pt)(json_t *asked, json_t *got);


static json_t *ngx_sfu_cloudflare_entries(json_t *reply, json_t *asked,
    json_t *got, ngx_sfu_cloudflare_entry_pt build);
static json_t *ngx_sfu_cloudflare_track(json_t *asked, json_t *got);
static json_t *ngx_sfu_cloudflare_closed(json_t *asked, json_t *got);
static json_t *ngx_sfu_cloudflare_updated(json_t *asked, json_t *got);
static json_t *ngx_sfu_cloudflare_listed(json_t *track);


/* 5.1 */

json_t *
ngx_sfu_cloudflare_new_response(ngx_http_sfu_ctx_t *ctx, json_t *reply)
{
    json_t  *document, *session;

    session = json_object_get(reply, "session");

    document = json_object();

    if (json_string_length(session) == 0
        || ngx_sfu_cloudflare_set(document, "sessionId", session) != NGX_OK
        || ngx_sfu_cloudflare_set_description(document, reply) != NGX_OK)
    {
        json_decref(document);
        return NULL;
    }

    /* for the log line */

    ctx->session.len = json_string_length(session);
    ctx->session.data = ngx_pnalloc(ctx->pool, ctx->session.len);

    if (ctx->session.data == NULL) {
        ctx->session.len = 0;

    } else {
        ngx_memcpy(ctx->session.data, json_string_value(session),
                   ctx->session.len);
    }

    return document;
}


/* 5.2 */

json_t *
ngx_sfu_cloudflare_tracks_response(ngx_http_sfu_ctx_t *ctx, json_t *reply)
{
    json_t  *asked, *got;
    size_t   n;

    asked = json_object_get(ctx->document, "tracks");
    got = json_object_get(reply, "tracks");
    n = json_array_size(asked);

    /* "autoDiscover" finds some that were not asked for by name */

    if (json_array_size(got) < n
        || (json_array_size(got) > n
            && !json_is_true(json_object_get(ctx->document, "autoDiscover"))))
    {
        return NULL;
    }

    return ngx_sfu_cloudflare_entries(reply, asked, got,
                                      ngx_sfu_cloudflare_track);
}


/* 5.3 */

json_t *
ngx_sfu_cloudflare_renegotiate_response(ngx_http_sfu_ctx_t *ctx, json_t *reply)
{
    json_t  *document;

    document = json_object();

    if (ngx_sfu_cloudflare_set_description(document, reply) != NGX_OK) {
        json_decref(document);
        return NULL;
    }

    return document;
}


/* 5.4 */

json_t *
ngx_sfu_cloudflare_close_response(ngx_http_sfu_ctx_t *ctx, json_t *reply)
{
    json_t  *asked, *got;

    asked = json_object_get(ctx->document, "tracks");
    got = json_object_get(reply, "tracks");

    if (json_array_size(got) != json_array_size(asked)) {
        return NULL;
    }

    return ngx_sfu_cloudflare_entries(reply, asked, got,
                                      ngx_sfu_cloudflare_closed);
}


/* 5.5 */

json_t *
ngx_sfu_cloudflare_update_response(ngx_http_sfu_ctx_t *ctx, json_t *reply)
{
    json_t  *asked, *got;

    asked = json_object_get(ctx->document, "tracks");
    got = json_object_get(reply, "tracks");

    if (json_array_size(got) != json_array_size(asked)) {
        return NULL;
    }

    return ngx_sfu_cloudflare_entries(reply, asked, got,
                                      ngx_sfu_cloudflare_updated);
}


/* 5.6; the schema wants "dataChannels" even where there are none */

json_t *
ngx_sfu_cloudflare_get_response(ngx_http_sfu_ctx_t *ctx, json_t *reply)
{
    json_t  *document, *list, *tracks;
    size_t   i;

    tracks = json_object_get(reply, "tracks");

    if (!json_is_array(tracks)) {
        return NULL;
    }

    list = json_array();

    document = json_pack("{s:s%, s:o, s:o}",
                         "sessionId", ctx->session.data, ctx->session.len,
                         "tracks", list, "dataChannels",
                         ngx_sfu_cloudflare_channels_listed(reply));
    if (document == NULL) {
        return NULL;
    }

    for (i = 0; i < json_array_size(tracks); i++) {

        if (json_array_append_new(list,
                     ngx_sfu_cloudflare_listed(json_array_get(tracks, i)))
            == -1)
        {
            json_decref(document);
            return NULL;
        }
    }

    return document;
}


/* a response with one entry for each that the worker answered */

static json_t *
ngx_sfu_cloudflare_entries(json_t *reply, json_t *asked, json_t *got,
    ngx_sfu_cloudflare_entry_pt build)
{
    json_t  *document, *list, *entry;
    size_t   i;

    document = json_object();
    list = json_array();

    if (json_object_set_new(document, "tracks", list) == -1
        || ngx_sfu_cloudflare_set_flag(document, reply) != NGX_OK
        || ngx_sfu_cloudflare_set_description(document, reply) != NGX_OK)
    {
        json_decref(document);
        return NULL;
    }

    for (i = 0; i < json_array_size(got); i++) {

        entry = build(json_array_get(asked, i), json_array_get(got, i));

        if (json_array_append_new(list, entry) == -1) {
            json_decref(document);
            return NULL;
        }
    }

    return document;
}


ngx_int_t
ngx_sfu_cloudflare_set_description(json_t *document, json_t *reply)
{
    json_t      *sdp;
    const char  *type;

    type = "offer";
    sdp = json_object_get(reply, type);

    if (!json_is_string(sdp)) {
        type = "answer";
        sdp = json_object_get(reply, type);
    }

    if (!json_is_string(sdp)) {
        return NGX_OK;
    }

    if (json_object_set_new(document, "sessionDescription",
                            json_pack("{s:O, s:s}", "sdp", sdp, "type", type))
        == -1)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* 6.2: true exactly when there is an offer to answer */

ngx_int_t
ngx_sfu_cloudflare_set_flag(json_t *document, json_t *reply)
{
    json_t  *flag;

    flag = json_boolean(json_is_string(json_object_get(reply, "offer")));

    if (json_object_set_new(document, "requiresImmediateRenegotiation", flag)
        == -1)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_sfu_cloudflare_set(json_t *document, const char *key, json_t *value)
{
    if (json_string_length(value) != 0
        && json_object_set(document, key, value) == -1)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/*
 * One result of "tracks/new".  Clients find it by the publisher and name they
 * asked for, or by its mid, so these are repeated as they came.
 */

static json_t *
ngx_sfu_cloudflare_track(json_t *asked, json_t *got)
{
    json_t     *entry, *session, *name, *mid, *kind;
    ngx_int_t   rc;

    if (!json_is_object(got)) {
        return NULL;
    }

    entry = json_object();

    session = json_object_get(asked, "sessionId");
    name = json_object_get(asked, "trackName");
    kind = NULL;

    if (asked == NULL) {
        name = json_object_get(got, "name");
        kind = json_object_get(got, "kind");

    } else if (ngx_strcmp(json_string_value(json_object_get(asked,
                                                            "location")),
                          "local")
               == 0)
    {
        session = NULL;
    }

    if (json_is_string(json_object_get(got, "error"))) {

        /* a pull that failed has no mid: that is how clients know */
        mid = session ? NULL : json_object_get(asked, "mid");

        rc = ngx_sfu_cloudflare_track_error(entry, got);

    } else {
        mid = json_object_get(got, "mid");

        rc = json_string_length(mid) ? NGX_OK : NGX_ERROR;
    }

    if (rc != NGX_OK
        || ngx_sfu_cloudflare_set(entry, "sessionId", session) != NGX_OK
        || ngx_sfu_cloudflare_set(entry, "trackName", name) != NGX_OK
        || ngx_sfu_cloudflare_set(entry, "mid", mid) != NGX_OK
        || ngx_sfu_cloudflare_set(entry, "kind", kind) != NGX_OK)
    {
        json_decref(entry);
        return NULL;
    }

    return entry;
}


static json_t *
ngx_sfu_cloudflare_closed(json_t *asked, json_t *got)
{
    json_t     *entry, *mid, *name, *session;
    ngx_int_t   rc;

    if (!json_is_object(got)) {
        return NULL;
    }

    entry = json_object();

    mid = json_object_get(asked, "mid");
    name = NULL;
    session = NULL;

    if (!json_is_string(mid)) {
        mid = json_object_get(got, "mid");
        name = json_object_get(asked, "trackName");
        session = json_object_get(asked, "sessionId");
    }

    rc = NGX_OK;

    if (json_is_string(json_object_get(got, "error"))) {
        rc = ngx_sfu_cloudflare_track_error(entry, got);
    }

    if (rc != NGX_OK
        || ngx_sfu_cloudflare_set(entry, "sessionId", session) != NGX_OK
        || ngx_sfu_cloudflare_set(entry, "trackName", name) != NGX_OK
        || ngx_sfu_cloudflare_set(entry, "mid", mid) != NGX_OK)
    {
        json_decref(entry);
        return NULL;
    }

    return entry;
}


static json_t *
ngx_sfu_cloudflare_updated(json_t *asked, json_t *got)
{
    json_t     *entry, *mid;
    ngx_int_t   rc;

    if (!json_is_object(got)) {
        return NULL;
    }

    entry = json_object();

    mid = json_object_get(asked, "mid");

    if (json_string_length(mid) == 0) {
        mid = json_object_get(got, "mid");
    }

    rc = NGX_OK;

    if (json_is_string(json_object_get(got, "error"))) {
        rc = ngx_sfu_cloudflare_track_error(entry, got);
    }

    if (rc != NGX_OK
        || ngx_sfu_cloudflare_set(entry, "sessionId",
                                  json_object_get(asked, "sessionId"))
           != NGX_OK
        || ngx_sfu_cloudflare_set(entry, "trackName",
                                  json_object_get(asked, "trackName"))
           != NGX_OK
        || ngx_sfu_cloudflare_set(entry, "mid", mid) != NGX_OK)
    {
        json_decref(entry);
        return NULL;
    }

    return entry;
}


static json_t *
ngx_sfu_cloudflare_listed(json_t *track)
{
    json_t  *entry, *active;

    active = json_object_get(track, "active");

    entry = json_pack("{s:s}", "status",
                      json_is_true(active) ? "active" : "inactive");

    if (ngx_sfu_cloudflare_set(entry, "location",
                               json_object_get(track, "direction"))
        != NGX_OK
        || ngx_sfu_cloudflare_set(entry, "trackName",
                                  json_object_get(track, "name"))
           != NGX_OK
        || ngx_sfu_cloudflare_set(entry, "mid", json_object_get(track, "mid"))
           != NGX_OK
        || ngx_sfu_cloudflare_set(entry, "kind",
                                  json_object_get(track, "kind"))
           != NGX_OK
        || ngx_sfu_cloudflare_set(entry, "sessionId",
                                  json_object_get(track, "publisher"))
           != NGX_OK)
    {
        json_decref(entry);
        return NULL;
    }

    return entry;
}
