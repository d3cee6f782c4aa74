/*
 * ipc/session.c - session.*: what is asked of the model.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ipc/session.h"

#include <stdio.h>

#include "base/error.h"
#include "ipc/data_channels.h"
#include "ipc/object.h"
#include "ipc/server.h"

enum {
    TEXT_MAX = 256,             /* of what only log lines show */
};

static void
take_choice(struct fields *f, struct sfu_request_track *t)
{
    const json_t *layers = member(f, "layers");
    struct fields l = { layers, NULL };
    struct media_choice *c = &t->choice;
    const char *rid;

    if (layers == NULL) {
        return;
    }

    if (!json_is_object(layers)) {
        f->wrong = f->wrong != NULL ? f->wrong : "\"layers\" of a track";
        return;
    }

    t->has_choice = true;
    rid = take_string(&l, "rid", TEXT_MAX, "\"rid\" of layers");
    c->by_priority = take_bool(&l, "by_priority",
                               "\"by_priority\" of layers");
    c->by_availability = take_bool(&l, "by_availability",
                                   "\"by_availability\" of layers");
    c->spatial_layers = (uint8_t)take_integer(&l, "spatial",
                                              SFU_IPC_LAYERS_MAX,
                                              "\"spatial\" of layers");
    c->temporal_layers = (uint8_t)take_integer(&l, "temporal",
                                               SFU_IPC_LAYERS_MAX,
                                               "\"temporal\" of layers");
    f->wrong = f->wrong != NULL ? f->wrong : l.wrong;

    /* what is cut off is longer than any rid that can be published */
    if (rid != NULL) {
        snprintf(c->rid, sizeof(c->rid), "%s", rid);
    }
}

static void
take_track(struct fields *f, struct sfu_request_track *t)
{
    const char *kind;

    *t = (struct sfu_request_track){ 0 };
    t->name = take_string(f, "name", SFU_IPC_TRACK_NAME_MAX,
                          "\"name\" of a track");
    t->mid = take_string(f, "mid",
                         SFU_IPC_TRACK_NAME_MAX + 1, "\"mid\" of a track");
    /* a name that is too long is that of nobody */
    t->publisher = take_string(f, "publisher", 0, "\"publisher\" of a track");
    t->bidirectional = take_bool(f, "bidirectional",
                                 "\"bidirectional\" of a track");
    take_choice(f, t);
    t->label = take_string(f, "label", SFU_IPC_LABEL_MAX,
                           "\"label\" of a track");
    kind = take_string(f, "kind", TEXT_MAX, "\"kind\" of a track");

    if (kind != NULL) {
        t->has_kind = true;
        t->kind = strcmp(kind, "video") == 0 ? MEDIA_VIDEO : MEDIA_AUDIO;

        if (t->kind == MEDIA_AUDIO && strcmp(kind, "audio") != 0) {
            f->wrong = f->wrong != NULL ? f->wrong : "\"kind\" of a track";
        }
    }
}

static void
take_tracks(struct ipc_session *m, struct fields *f)
{
    const json_t *tracks = member(f, "tracks");
    size_t count = json_array_size(tracks);

    if (tracks == NULL) {
        return;
    }

    if (!json_is_array(tracks) || count > SFU_IPC_TRACKS_MAX) {
        f->wrong = f->wrong != NULL ? f->wrong : "\"tracks\"";
        return;
    }

    for (size_t i = 0; i < count; i++) {
        struct fields t = { json_array_get(tracks, i), NULL };

        if (!json_is_object(t.object)) {
            f->wrong = f->wrong != NULL ? f->wrong : "\"tracks\"";
            return;
        }

        take_track(&t, &m->tracks[i]);
        f->wrong = f->wrong != NULL ? f->wrong : t.wrong;
    }

    m->request.tracks = m->tracks;
    m->request.track_count = count;
}

/* every entry of these needs a name; of subscriptions, a publisher too */
static bool
tracks_are_complete(const struct sfu_request *r)
{
    for (size_t i = 0; i < r->track_count; i++) {
        const struct sfu_request_track *t = &r->tracks[i];

        if (r->type == SFU_REQUEST_CLOSE) {
            if (t->mid == NULL && t->name == NULL) {
                return false;
            }
        } else if (t->name == NULL || t->name[0] == '\0'
                   || ((r->type == SFU_REQUEST_SUBSCRIBE
                        || r->type == SFU_REQUEST_UPDATE)
                       && t->publisher == NULL)) {
            return false;
        }
    }

    return true;
}

static bool
take_type(struct sfu_request *r, const char *type)
{
    static const struct {
        const char *name;
        enum sfu_request_type type;
    } rows[] = {
        { SFU_IPC_REQ_CREATE, SFU_REQUEST_CREATE },
        { SFU_IPC_REQ_PUBLISH, SFU_REQUEST_PUBLISH },
        { SFU_IPC_REQ_SUBSCRIBE, SFU_REQUEST_SUBSCRIBE },
        { SFU_IPC_REQ_RENEGOTIATE, SFU_REQUEST_RENEGOTIATE },
        { SFU_IPC_REQ_CLOSE, SFU_REQUEST_CLOSE },
        { SFU_IPC_REQ_UPDATE, SFU_REQUEST_UPDATE },
        { SFU_IPC_REQ_GET, SFU_REQUEST_GET },
        { SFU_IPC_REQ_TRICKLE, SFU_REQUEST_TRICKLE },
        { SFU_IPC_REQ_END, SFU_REQUEST_END },
        { SFU_IPC_REQ_ESTABLISH, SFU_REQUEST_ESTABLISH },
        { SFU_IPC_REQ_PUBLISH_CHANNELS, SFU_REQUEST_PUBLISH_CHANNELS },
        { SFU_IPC_REQ_SUBSCRIBE_CHANNELS, SFU_REQUEST_SUBSCRIBE_CHANNELS },
        { SFU_IPC_REQ_UPDATE_CHANNELS, SFU_REQUEST_UPDATE_CHANNELS },
        { SFU_IPC_REQ_CLOSE_CHANNELS, SFU_REQUEST_CLOSE_CHANNELS },
        { SFU_IPC_REQ_LIST, SFU_REQUEST_LIST },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(type, rows[i].name) == 0) {
            r->type = rows[i].type;
            return true;
        }
    }

    return false;
}

static void
take_request(struct ipc_session *s, struct fields *f)
{
    struct sfu_request *r = &s->request;

    r->id = s->pending.message.id;
    r->app = s->pending.message.app;
    r->timeout = s->pending.message.timeout;
    r->session = take_string(f, "session", TEXT_MAX, "\"session\"");
    r->label = take_string(f, "label", TEXT_MAX, "\"label\"");
    r->metadata = take_string(f, "metadata", SFU_IPC_METADATA_MAX,
                              "\"metadata\"");
    r->stream = take_string(f, "stream", SFU_IPC_STREAM_NAME_MAX,
                            "\"stream\"");
    r->watch = take_string(f, "watch", TEXT_MAX, "\"watch\"");
    r->fragment = take_string(f, "fragment", 0, "\"fragment\"");
    r->match = take_string(f, "match", TEXT_MAX, "\"match\"");
    r->offer = take_string(f, "offer", 0, "\"offer\"");
    r->answer = take_string(f, "answer", 0, "\"answer\"");
    r->controlling = take_bool(f, "controlling", "\"controlling\"");
    r->description = take_string(f, "description", 0, "\"description\"");
    r->by_name = take_bool(f, "by_name", "\"by_name\"");
    r->after = (uint64_t)take_integer(f, "after", INT64_MAX, "\"after\"");
    r->force = take_bool(f, "force", "\"force\"");
    r->discover = take_bool(f, "discover", "\"discover\"");
    take_tracks(s, f);
    ipc_take_data_channels(f, r, s->channels);
}

/* NULL, or what is missing */
static const char *
lacks(const struct sfu_request *r)
{
    if (r->app == NULL
        || (r->session == NULL && r->type != SFU_REQUEST_CREATE
            && r->type != SFU_REQUEST_LIST)) {
        return "\"app\" or \"session\" is missing";
    }

    if ((r->stream != NULL && r->stream[0] == '\0')
        || (r->watch != NULL && r->watch[0] == '\0')) {
        return "a stream has an empty name";
    }

    if (!tracks_are_complete(r)) {
        return "a track lacks its name, mid or publisher";
    }

    return ipc_data_channels_are_complete(r)
               ? NULL
               : "a data channel lacks its name, id or publisher";
}

static const char *
take(struct ipc_pending *p, struct fields *f, const char **detail)
{
    struct ipc_session *s = container_of(p, struct ipc_session, pending);

    if (!take_type(&s->request, p->message.type)) {
        *detail = "this worker knows no such request";
        return SFU_IPC_ERR_UNKNOWN_TYPE;
    }

    take_request(s, f);
    *detail = lacks(&s->request);

    return *detail != NULL ? SFU_IPC_ERR_MALFORMED : NULL;
}

static json_t *
track_object(const struct sfu_request *request, const struct sfu_reply_track *t)
{
    struct object o = object_new();

    if (t->error != NULL) {
        put_string(&o, "error", t->error);
        put_string(&o, "detail", t->detail);
    } else if (t->has_kind) {
        put_string(&o, "kind", t->kind == MEDIA_VIDEO ? "video" : "audio");
    }

    if (t->error == NULL || request->type == SFU_REQUEST_CLOSE) {
        put_string(&o, "mid", t->mid);
    }

    put_string(&o, "name", t->name);
    put_string(&o, "publisher", t->publisher);
    put_string(&o, "label", t->label);

    if (request->type == SFU_REQUEST_GET) {
        put_string(&o, "direction", t->remote ? "remote" : "local");
        put_bool(&o, "active", t->active);
    }

    return finish(&o);
}

static json_t *
session_object(const struct sfu_reply_session *s)
{
    struct object o = object_new();

    put_string(&o, "session", s->id);
    put_string(&o, "state", s->state);
    put_string(&o, "metadata", s->metadata);

    return finish(&o);
}

static void
put_sessions(struct object *o, const struct sfu_reply *reply)
{
    json_t *sessions = json_array();

    for (size_t i = 0; i < reply->session_count; i++) {
        add_to(o, sessions, session_object(&reply->sessions[i]));
    }

    put(o, "sessions", sessions);

    if (reply->after) {
        put_number(o, "after", (int64_t)reply->after);
    }
}

json_t *
ipc_session_reply(const struct sfu_request *request,
                  const struct sfu_reply *reply)
{
    struct object o;
    json_t *tracks;

    if (reply->error != NULL) {
        return ipc_message_error(reply->error, reply->detail);
    }

    o = object_new();
    put_string(&o, "session", reply->session);
    put_string(&o, "answer", reply->answer);
    put_string(&o, "offer", reply->offer);
    put_string(&o, "etag", reply->etag);
    put_string(&o, "fragment", reply->fragment);
    put_string(&o, "state", reply->state);

    if (request->type == SFU_REQUEST_LIST) {
        put_sessions(&o, reply);
    }

    if (reply->track_count || request->type == SFU_REQUEST_GET
        || request->track_count || request->discover) {
        tracks = json_array();

        for (size_t i = 0; i < reply->track_count; i++) {
            add_to(&o, tracks, track_object(request, &reply->tracks[i]));
        }

        put(&o, "tracks", tracks);
    }

    if (reply->channel_count || request->channel_count) {
        put(&o, "channels", ipc_data_channels_reply(request, reply));
    }

    return finish(&o);
}

static void
request_done(struct sfu_request *request, struct sfu_reply *reply)
{
    struct ipc_session *s = container_of(request, struct ipc_session, request);

    ipc_answer(&s->pending, ipc_session_reply(request, reply));
}

static void
ask(struct ipc_pending *p)
{
    struct ipc_session *s = container_of(p, struct ipc_session, pending);

    s->request.done = request_done;
    sfu_ask(p->server->serves.sfu, &s->request);
}

const struct ipc_family *
ipc_session_family(void)
{
    static const struct ipc_family family = {
        "session.", sizeof(struct ipc_session), take, ask,
    };

    return &family;
}
