
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * From the clients' documents (section 3) to messages for the worker.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_cloudflare.h>


static json_t *ngx_sfu_cloudflare_tracks(ngx_sfu_cloudflare_check_t *check,
    json_t *document, json_t *message);
static void ngx_sfu_cloudflare_local_track(ngx_sfu_cloudflare_check_t *check,
    json_t *track, json_t *to, ngx_uint_t offered);
static void ngx_sfu_cloudflare_kind(ngx_sfu_cloudflare_check_t *check,
    json_t *track, json_t *to);


ngx_int_t
ngx_sfu_cloudflare_new_request(ngx_sfu_cloudflare_check_t *check,
    json_t *document, json_t *message)
{
    if (ngx_sfu_cloudflare_set_offer(check, document, message) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_sfu_cloudflare_set_type(message, SFU_IPC_REQ_CREATE);
}


ngx_int_t
ngx_sfu_cloudflare_get_request(ngx_sfu_cloudflare_check_t *check,
    json_t *document, json_t *message)
{
    return ngx_sfu_cloudflare_set_type(message, SFU_IPC_REQ_GET);
}


/* 5.3: an answer to our offer, or an offer of the client's own */

ngx_int_t
ngx_sfu_cloudflare_renegotiate_request(ngx_sfu_cloudflare_check_t *check,
    json_t *document, json_t *message)
{
    json_t      *sdp;
    const char  *type;

    sdp = ngx_sfu_cloudflare_description(check, document, &type);

    if (sdp == NULL) {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_decoding,
                            "\"sessionDescription\" is missing");
    }

    if (check->error != NULL) {
        return NGX_ERROR;
    }

    ngx_sfu_cloudflare_copy(check, message, type, sdp);

    return ngx_sfu_cloudflare_set_type(message, SFU_IPC_REQ_RENEGOTIATE);
}


/* 5.2 */

ngx_int_t
ngx_sfu_cloudflare_tracks_request(ngx_sfu_cloudflare_check_t *check,
    json_t *document, json_t *message)
{
    json_t      *tracks, *list, *entry, *track, *discover;
    size_t       i;
    ngx_uint_t   offered, remote;

    discover = ngx_http_sfu_member(check, document, "autoDiscover",
                                   NGX_HTTP_SFU_BOOLEAN);

    if (ngx_sfu_cloudflare_set_offer(check, document, message) != NGX_OK) {
        return NGX_ERROR;
    }

    offered = json_object_get(message, "offer") != NULL;

    if (json_is_true(discover) && !offered) {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_invalid_params,
                            "\"autoDiscover\" needs an offer");
        return NGX_ERROR;
    }

    tracks = ngx_sfu_cloudflare_tracks(check, document, message);

    if (check->error != NULL) {
        return NGX_ERROR;
    }

    if (json_array_size(tracks) == 0 && !json_is_true(discover)) {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_invalid_params,
                            "there are no tracks");
        return NGX_ERROR;
    }

    remote = ngx_sfu_cloudflare_is_remote(check, tracks);

    if (remote && json_is_true(discover)) {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_invalid_params,
                            "\"autoDiscover\" is for local tracks");
    }

    if (check->error != NULL) {
        return NGX_ERROR;
    }

    list = json_object_get(message, "tracks");

    json_array_foreach(tracks, i, track) {

        entry = ngx_sfu_cloudflare_append(check, list);
        if (entry == NULL) {
            return NGX_ERROR;
        }

        if (remote) {
            ngx_sfu_cloudflare_remote_track(check, track, entry);

        } else {
            ngx_sfu_cloudflare_local_track(check, track, entry, offered);
        }

        if (check->error != NULL) {
            return NGX_ERROR;
        }
    }

    if (json_is_true(discover)) {
        ngx_sfu_cloudflare_copy(check, message, "discover", discover);
    }

    return ngx_sfu_cloudflare_set_type(message,
                                       remote ? SFU_IPC_REQ_SUBSCRIBE
                                              : SFU_IPC_REQ_PUBLISH);
}


/* 5.4; by name, and without description or force: 16 */

ngx_int_t
ngx_sfu_cloudflare_close_request(ngx_sfu_cloudflare_check_t *check,
    json_t *document, json_t *message)
{
    json_t  *tracks, *list, *entry, *track, *force, *mid, *name;
    size_t   i;

    force = ngx_http_sfu_member(check, document, "force",
                                NGX_HTTP_SFU_BOOLEAN);

    (void) ngx_http_sfu_required(check, document, "tracks",
                                 NGX_HTTP_SFU_LIST);

    if (ngx_sfu_cloudflare_set_offer(check, document, message) != NGX_OK) {
        return NGX_ERROR;
    }

    if (json_is_true(force)) {
        ngx_sfu_cloudflare_copy(check, message, "force", force);
        (void) json_object_del(message, "offer");
    }

    tracks = ngx_sfu_cloudflare_tracks(check, document, message);

    if (check->error != NULL) {
        return NGX_ERROR;
    }

    if (json_array_size(tracks) == 0) {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_invalid_params,
                            "there are no tracks");
        return NGX_ERROR;
    }

    list = json_object_get(message, "tracks");

    json_array_foreach(tracks, i, track) {

        entry = ngx_sfu_cloudflare_append(check, list);
        if (entry == NULL) {
            return NGX_ERROR;
        }

        mid = ngx_http_sfu_member(check, track, "mid",
                                  NGX_HTTP_SFU_STRING);
        name = ngx_http_sfu_member(check, track, "trackName",
                                   NGX_HTTP_SFU_STRING);

        if (mid == NULL && name == NULL) {
            ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_decoding,
                                "\"mid\" is missing");
        }

        ngx_sfu_cloudflare_copy_text(check, entry, "mid", mid,
                                     SFU_IPC_MID_MAX);

        /* a mid says it all, so a name beside it is not looked up */

        if (mid == NULL) {
            ngx_sfu_cloudflare_copy_text(check, entry, "name", name,
                                         SFU_IPC_TRACK_NAME_MAX);
            ngx_sfu_cloudflare_copy(check, entry, "publisher",
                                    ngx_http_sfu_member(check, track,
                                                "sessionId",
                                                NGX_HTTP_SFU_STRING));
        }

        if (check->error != NULL) {
            return NGX_ERROR;
        }
    }

    return ngx_sfu_cloudflare_set_type(message, SFU_IPC_REQ_CLOSE);
}


/* 5.5 */

ngx_int_t
ngx_sfu_cloudflare_update_request(ngx_sfu_cloudflare_check_t *check,
    json_t *document, json_t *message)
{
    json_t  *tracks, *list, *entry, *track;
    size_t   i;

    (void) ngx_http_sfu_required(check, document, "tracks",
                                 NGX_HTTP_SFU_LIST);

    tracks = ngx_sfu_cloudflare_tracks(check, document, message);

    if (check->error != NULL) {
        return NGX_ERROR;
    }

    if (json_array_size(tracks) == 0) {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_invalid_params,
                            "there are no tracks");
        return NGX_ERROR;
    }

    list = json_object_get(message, "tracks");

    json_array_foreach(tracks, i, track) {

        entry = ngx_sfu_cloudflare_append(check, list);
        if (entry == NULL) {
            return NGX_ERROR;
        }

        ngx_sfu_cloudflare_remote_track(check, track, entry);

        if (check->error != NULL) {
            return NGX_ERROR;
        }
    }

    return ngx_sfu_cloudflare_set_type(message, SFU_IPC_REQ_UPDATE);
}


ngx_int_t
ngx_sfu_cloudflare_set_type(json_t *message, const char *type)
{
    if (json_object_set_new(message, "type", json_string(type)) == -1) {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* where only an offer can be meant */

ngx_int_t
ngx_sfu_cloudflare_set_offer(ngx_sfu_cloudflare_check_t *check,
    json_t *document, json_t *message)
{
    json_t      *sdp;
    const char  *type;

    sdp = ngx_sfu_cloudflare_description(check, document, &type);

    if (check->error != NULL) {
        return NGX_ERROR;
    }

    if (sdp == NULL) {
        return NGX_OK;
    }

    if (ngx_strcmp(type, "offer") != 0) {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_invalid_sdp,
                            "an answer goes to \"renegotiate\"");
        return NGX_ERROR;
    }

    ngx_sfu_cloudflare_copy(check, message, "offer", sdp);

    return check->error ? NGX_ERROR : NGX_OK;
}


void
ngx_sfu_cloudflare_copy(ngx_sfu_cloudflare_check_t *check, json_t *to,
    const char *key, json_t *value)
{
    if (value != NULL && json_object_set(to, key, value) == -1) {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_internal,
                            "no memory");
    }
}


void
ngx_sfu_cloudflare_copy_text(ngx_sfu_cloudflare_check_t *check, json_t *to,
    const char *key, json_t *value, size_t max)
{
    if (value == NULL) {
        return;
    }

    if (json_string_length(value) == 0 || json_string_length(value) > max) {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_invalid_params,
                            "a %s has 1 to %uz bytes", key, max);
        return;
    }

    ngx_sfu_cloudflare_copy(check, to, key, value);
}


/* the client's list; the message gets an empty one */

static json_t *
ngx_sfu_cloudflare_tracks(ngx_sfu_cloudflare_check_t *check, json_t *document,
    json_t *message)
{
    json_t  *tracks, *track;
    size_t   i;

    tracks = ngx_http_sfu_member(check, document, "tracks",
                                 NGX_HTTP_SFU_LIST);

    if (json_array_size(tracks) > SFU_IPC_TRACKS_MAX) {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_invalid_params,
                            "more than %d tracks", SFU_IPC_TRACKS_MAX);
    }

    json_array_foreach(tracks, i, track) {

        if (!json_is_object(track)) {
            ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_decoding,
                                "track %uz is not an object", i);
        }
    }

    if (json_object_set_new(message, "tracks", json_array()) == -1) {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_internal,
                            "no memory");
    }

    return tracks;
}


ngx_uint_t
ngx_sfu_cloudflare_is_remote(ngx_sfu_cloudflare_check_t *check, json_t *tracks)
{
    json_t      *track, *value;
    size_t       i;
    ngx_uint_t   local, remote;
    const char  *location;

    local = 0;
    remote = 0;

    json_array_foreach(tracks, i, track) {

        value = ngx_http_sfu_required(check, track, "location",
                                      NGX_HTTP_SFU_STRING);
        if (value == NULL) {
            return 0;
        }

        location = json_string_value(value);

        if (ngx_strcmp(location, "local") == 0) {
            local = 1;

        } else if (ngx_strcmp(location, "remote") == 0) {
            remote = 1;

        } else {
            ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_decoding,
                                  "\"location\" is neither local nor remote");
            return 0;
        }
    }

    if (local && remote) {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_invalid_params,
                            "local and remote entries are mixed");
    }

    return remote;
}


static void
ngx_sfu_cloudflare_local_track(ngx_sfu_cloudflare_check_t *check,
    json_t *track, json_t *to, ngx_uint_t offered)
{
    ngx_sfu_cloudflare_copy_text(check, to, "name",
                                 ngx_http_sfu_required(check, track,
                                                "trackName",
                                                NGX_HTTP_SFU_STRING),
                                 SFU_IPC_TRACK_NAME_MAX);

    ngx_sfu_cloudflare_copy_text(check, to, "mid",
                                 ngx_http_sfu_member(check, track, "mid",
                                                NGX_HTTP_SFU_STRING),
                                 SFU_IPC_MID_MAX);

    ngx_sfu_cloudflare_kind(check, track, to);

    ngx_sfu_cloudflare_copy(check, to, "bidirectional",
                            ngx_http_sfu_member(check, track,
                                                "bidirectionalMediaStream",
                                                NGX_HTTP_SFU_BOOLEAN));

    if (!offered && json_object_get(to, "kind") == NULL) {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_invalid_params,
                            "without an offer a local track needs "
                            "a \"kind\"");
    }
}


void
ngx_sfu_cloudflare_remote_track(ngx_sfu_cloudflare_check_t *check,
    json_t *track, json_t *to)
{
    json_t  *mid;

    ngx_sfu_cloudflare_copy(check, to, "publisher",
                            ngx_http_sfu_required(check, track,
                                                "sessionId",
                                                NGX_HTTP_SFU_STRING));

    ngx_sfu_cloudflare_copy_text(check, to, "name",
                                 ngx_http_sfu_required(check, track,
                                                "trackName",
                                                NGX_HTTP_SFU_STRING),
                                 SFU_IPC_TRACK_NAME_MAX);

    ngx_sfu_cloudflare_kind(check, track, to);

    /*
     * A mid, or "#" and the name of a track (6.6).  An empty one comes from
     * clients that return what a failed pull had given them.
     */

    mid = ngx_http_sfu_member(check, track, "mid",
                              NGX_HTTP_SFU_STRING);

    if (json_string_length(mid) != 0) {
        ngx_sfu_cloudflare_copy_text(check, to, "mid", mid,
                                     json_string_value(mid)[0] == '#'
                                     ? SFU_IPC_TRACK_NAME_MAX + 1
                                     : SFU_IPC_MID_MAX);
    }

    ngx_sfu_cloudflare_simulcast(check, track, to);
}


static void
ngx_sfu_cloudflare_kind(ngx_sfu_cloudflare_check_t *check, json_t *track,
    json_t *to)
{
    json_t      *value;
    const char  *kind;

    value = ngx_http_sfu_member(check, track, "kind",
                                NGX_HTTP_SFU_STRING);
    if (value == NULL) {
        return;
    }

    kind = json_string_value(value);

    if (ngx_strcmp(kind, "audio") != 0 && ngx_strcmp(kind, "video") != 0) {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_decoding,
                            "\"kind\" is neither audio nor video");
        return;
    }

    ngx_sfu_cloudflare_copy(check, to, "kind", value);
}


json_t *
ngx_sfu_cloudflare_append(ngx_sfu_cloudflare_check_t *check, json_t *list)
{
    json_t  *entry;

    entry = json_object();

    if (entry == NULL || json_array_append_new(list, entry) == -1) {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_internal,
                            "no memory");
        return NULL;
    }

    return entry;
}
