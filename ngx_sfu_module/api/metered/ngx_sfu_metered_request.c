
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * From the clients' documents to messages for the worker.  A track is known
 * by its id, which is its name there; what is called its name is a label.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_metered.h>


static ngx_int_t ngx_sfu_metered_finish(ngx_http_sfu_check_t *check,
    json_t *message, const char *type);
static ngx_int_t ngx_sfu_metered_tracks(ngx_http_sfu_check_t *check,
    json_t *document, json_t *message,
    void (*add)(ngx_http_sfu_check_t *check, json_t *track, json_t *entry));
static void ngx_sfu_metered_published(ngx_http_sfu_check_t *check,
    json_t *track, json_t *entry);
static void ngx_sfu_metered_subscribed(ngx_http_sfu_check_t *check,
    json_t *track, json_t *entry);
static void ngx_sfu_metered_closed(ngx_http_sfu_check_t *check,
    json_t *track, json_t *entry);
static void ngx_sfu_metered_mid(ngx_http_sfu_check_t *check, json_t *track,
    json_t *entry);
static void ngx_sfu_metered_copy(ngx_http_sfu_check_t *check, json_t *from,
    const char *name, json_t *to, const char *key, size_t max);


/* 3 */

ngx_int_t
ngx_sfu_metered_new_request(ngx_http_sfu_check_t *check, json_t *document,
    json_t *message)
{
    json_t  *metadata;

    if (ngx_sfu_metered_set_offer(check, document, message) != NGX_OK) {
        return NGX_ERROR;
    }

    metadata = ngx_http_sfu_member(check, document, "metadata",
                                   NGX_HTTP_SFU_STRING);

    if (json_string_length(metadata) > SFU_IPC_METADATA_MAX) {
        ngx_http_sfu_refuse(check, &ngx_sfu_metered_invalid_field,
                            "\"metadata\" has more than %d bytes",
                            SFU_IPC_METADATA_MAX);
    }

    if (metadata != NULL
        && json_object_set(message, "metadata", metadata) == -1)
    {
        return NGX_ERROR;
    }

    return ngx_sfu_metered_finish(check, message, SFU_IPC_REQ_CREATE);
}


/* 4 */

ngx_int_t
ngx_sfu_metered_publish_request(ngx_http_sfu_check_t *check, json_t *document,
    json_t *message)
{
    if (ngx_sfu_metered_tracks(check, document, message,
                               ngx_sfu_metered_published)
        != NGX_OK
        || ngx_sfu_metered_set_offer(check, document, message) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_sfu_metered_finish(check, message, SFU_IPC_REQ_PUBLISH);
}


/* 5 */

ngx_int_t
ngx_sfu_metered_subscribe_request(ngx_http_sfu_check_t *check,
    json_t *document, json_t *message)
{
    if (ngx_sfu_metered_tracks(check, document, message,
                               ngx_sfu_metered_subscribed)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_sfu_metered_finish(check, message, SFU_IPC_REQ_SUBSCRIBE);
}


/* 8: the same in reverse */

ngx_int_t
ngx_sfu_metered_unsubscribe_request(ngx_http_sfu_check_t *check,
    json_t *document, json_t *message)
{
    if (ngx_sfu_metered_tracks(check, document, message,
                               ngx_sfu_metered_subscribed)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_sfu_metered_finish(check, message, SFU_IPC_REQ_CLOSE);
}


/* 7.1 */

ngx_int_t
ngx_sfu_metered_close_request(ngx_http_sfu_check_t *check, json_t *document,
    json_t *message)
{
    if (ngx_sfu_metered_tracks(check, document, message,
                               ngx_sfu_metered_closed)
        != NGX_OK
        || ngx_sfu_metered_set_offer(check, document, message) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_sfu_metered_finish(check, message, SFU_IPC_REQ_CLOSE);
}


/* 6 */

ngx_int_t
ngx_sfu_metered_renegotiate_request(ngx_http_sfu_check_t *check,
    json_t *document, json_t *message)
{
    if (ngx_sfu_metered_set_description(check, document, message) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_sfu_metered_finish(check, message, SFU_IPC_REQ_RENEGOTIATE);
}


/* 7.3 */

ngx_int_t
ngx_sfu_metered_tracks_request(ngx_http_sfu_check_t *check, json_t *document,
    json_t *message)
{
    return ngx_sfu_metered_finish(check, message, SFU_IPC_REQ_GET);
}


/* 8 */

ngx_int_t
ngx_sfu_metered_end_request(ngx_http_sfu_check_t *check, json_t *document,
    json_t *message)
{
    return ngx_sfu_metered_finish(check, message, SFU_IPC_REQ_END);
}


static ngx_int_t
ngx_sfu_metered_finish(ngx_http_sfu_check_t *check, json_t *message,
    const char *type)
{
    if (check->error != NULL
        || json_object_set_new(message, "type", json_string(type)) == -1
        || json_object_set_new(message, "by_name", json_true()) == -1)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_sfu_metered_tracks(ngx_http_sfu_check_t *check, json_t *document,
    json_t *message,
    void (*add)(ngx_http_sfu_check_t *check, json_t *track, json_t *entry))
{
    json_t  *tracks, *track, *list, *entry;
    size_t   i;

    tracks = ngx_http_sfu_required(check, document, "tracks",
                                   NGX_HTTP_SFU_LIST);

    if (tracks != NULL && json_array_size(tracks) == 0) {
        ngx_http_sfu_refuse(check, &ngx_sfu_metered_invalid_field,
                            "\"tracks\" is empty");
    }

    if (json_array_size(tracks) > SFU_IPC_TRACKS_MAX) {
        ngx_http_sfu_refuse(check, &ngx_sfu_metered_invalid_field,
                            "more than %d tracks", SFU_IPC_TRACKS_MAX);
    }

    list = json_array();

    if (json_object_set_new(message, "tracks", list) == -1) {
        return NGX_ERROR;
    }

    json_array_foreach(tracks, i, track) {

        if (!json_is_object(track)) {
            ngx_http_sfu_refuse(check, &ngx_sfu_metered_invalid_field,
                                "track %uz is not an object", i);
        }

        if (check->error != NULL) {
            return NGX_ERROR;
        }

        entry = json_object();

        if (json_array_append_new(list, entry) == -1) {
            return NGX_ERROR;
        }

        add(check, track, entry);
    }

    return check->error ? NGX_ERROR : NGX_OK;
}


static void
ngx_sfu_metered_published(ngx_http_sfu_check_t *check, json_t *track,
    json_t *entry)
{
    ngx_sfu_metered_copy(check, track, "trackId", entry, "name",
                         SFU_IPC_TRACK_NAME_MAX);

    if (ngx_http_sfu_member(check, track, "customTrackName",
                            NGX_HTTP_SFU_STRING)
        != NULL)
    {
        ngx_sfu_metered_copy(check, track, "customTrackName", entry, "label",
                             SFU_IPC_LABEL_MAX);
    }

    ngx_sfu_metered_mid(check, track, entry);
}


static void
ngx_sfu_metered_subscribed(ngx_http_sfu_check_t *check, json_t *track,
    json_t *entry)
{
    ngx_sfu_metered_copy(check, track, "remoteSessionId", entry, "publisher",
                         SFU_IPC_STREAM_NAME_MAX);
    ngx_sfu_metered_copy(check, track, "remoteTrackId", entry, "name",
                         SFU_IPC_TRACK_NAME_MAX);
}


static void
ngx_sfu_metered_closed(ngx_http_sfu_check_t *check, json_t *track,
    json_t *entry)
{
    ngx_sfu_metered_copy(check, track, "trackId", entry, "name",
                         SFU_IPC_TRACK_NAME_MAX);
}


/* applications read it from where it is not, or make a number of it */

static void
ngx_sfu_metered_mid(ngx_http_sfu_check_t *check, json_t *track, json_t *entry)
{
    u_char   text[NGX_INT64_LEN + 1];
    json_t  *mid;

    mid = json_object_get(track, "mid");

    if (json_is_integer(mid)) {
        *ngx_sprintf(text, "%L", (int64_t) json_integer_value(mid)) = '\0';

        (void) json_object_set_new(entry, "mid", json_string((char *) text));
        return;
    }

    mid = ngx_http_sfu_member(check, track, "mid", NGX_HTTP_SFU_STRING);

    if (json_string_length(mid) > SFU_IPC_MID_MAX) {
        ngx_http_sfu_refuse(check, &ngx_sfu_metered_invalid_field,
                            "\"mid\" has more than %d bytes",
                            SFU_IPC_MID_MAX);

    } else if (json_string_length(mid) != 0) {
        (void) json_object_set(entry, "mid", mid);
    }
}


static void
ngx_sfu_metered_copy(ngx_http_sfu_check_t *check, json_t *from,
    const char *name, json_t *to, const char *key, size_t max)
{
    size_t   len;
    json_t  *value;

    value = ngx_http_sfu_required(check, from, name, NGX_HTTP_SFU_STRING);
    len = json_string_length(value);

    if (len > max || (len == 0 && ngx_strcmp(key, "label") != 0)) {
        ngx_http_sfu_refuse(check, &ngx_sfu_metered_invalid_field,
                            "\"%s\" is empty or has more than %uz bytes",
                            name, max);
    }

    if (check->error == NULL && json_object_set(to, key, value) == -1) {
        ngx_http_sfu_refuse(check, &ngx_sfu_metered_internal, "no memory");
    }
}
