/*
 * ipc/message.c - the JSON of include/sfu_ipc.h, both ways.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ipc/message.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/error.h"
#include "ipc/channels.h"
#include "ipc/ipc_priv.h"

enum {
    TIMEOUT_MAX = 3600 * 1000,  /* ms; more is a mistake */
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
take_tracks(struct ipc_message *m, struct fields *f)
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

static int
type_of(struct ipc_message *m, const char *type)
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

    if (strcmp(type, SFU_IPC_REQ_HELLO) == 0) {
        m->type = IPC_HELLO;
        return 0;
    }

    if (strcmp(type, SFU_IPC_REQ_STATUS) == 0) {
        m->type = IPC_STATUS;
        return 0;
    }

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(type, rows[i].name) == 0) {
            m->type = IPC_ASK;
            m->request.type = rows[i].type;
            return 0;
        }
    }

    return SFU_ERR_UNSUPPORTED;
}

static void
take_request(struct ipc_message *m, struct fields *f)
{
    struct sfu_request *r = &m->request;

    r->id = take_string(f, "request", TEXT_MAX, "\"request\"");
    r->id = r->id != NULL ? r->id : "-";
    r->app = take_string(f, "app", SFU_IPC_APP_ID_MAX, "\"app\"");
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
    r->timeout = take_integer(f, "timeout", TIMEOUT_MAX, "\"timeout\"")
                 * USEC_PER_MS;
    m->version = (int)take_integer(f, "version", 1 << 20, "\"version\"");
    m->peer = take_string(f, "peer", TEXT_MAX, "\"peer\"");
    m->peer = m->peer != NULL ? m->peer : "-";
    take_tracks(m, f);
    ipc_take_channels(f, &m->request, m->channels);
}

int
ipc_message_parse(struct ipc_message *m, struct span text, const char **error,
                  const char **detail)
{
    struct fields f = { NULL, NULL };
    const char *type;

    *m = (struct ipc_message){ 0 };
    *error = SFU_IPC_ERR_MALFORMED;
    *detail = "not a JSON object";
    m->root = json_loadb((const char *)text.data, text.len,
                         JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);

    if (!json_is_object(m->root)) {
        return SFU_ERR_MALFORMED;
    }

    f.object = m->root;
    type = take_string(&f, "type", TEXT_MAX, "\"type\"");

    if (type == NULL) {
        *detail = "\"type\"";
        return SFU_ERR_MALFORMED;
    }

    if (type_of(m, type)) {
        *error = SFU_IPC_ERR_UNKNOWN_TYPE;
        *detail = "this worker knows no such request";
        return SFU_ERR_MALFORMED;
    }

    take_request(m, &f);

    if (f.wrong != NULL) {
        *detail = f.wrong;
        return SFU_ERR_MALFORMED;
    }

    if (m->type != IPC_ASK) {
        return 0;
    }

    if (m->request.app == NULL
        || (m->request.session == NULL
            && m->request.type != SFU_REQUEST_CREATE
            && m->request.type != SFU_REQUEST_LIST)) {
        *detail = "\"app\" or \"session\" is missing";
        return SFU_ERR_MALFORMED;
    }

    if ((m->request.stream != NULL && m->request.stream[0] == '\0')
        || (m->request.watch != NULL && m->request.watch[0] == '\0')) {
        *detail = "a stream has an empty name";
        return SFU_ERR_MALFORMED;
    }

    if (!tracks_are_complete(&m->request)) {
        *detail = "a track lacks its name, mid or publisher";
        return SFU_ERR_MALFORMED;
    }

    if (!ipc_channels_are_complete(&m->request)) {
        *detail = "a data channel lacks its name, id or publisher";
        return SFU_ERR_MALFORMED;
    }

    return 0;
}

void
ipc_message_fini(struct ipc_message *m)
{
    json_decref(m->root);
    m->root = NULL;
}

json_t *
ipc_message_error(const char *error, const char *detail)
{
    return json_pack("{s:s, s:s}", "error", error, "detail",
                     detail != NULL && detail[0] ? detail : error);
}

/* a reply that is put together; what could not be put in is remembered */
struct reply_object {
    json_t *json;
    bool failed;
};

static void
put(struct reply_object *o, const char *name, json_t *value)
{
    o->failed |= json_object_set_new(o->json, name, value) == -1;
}

static void
put_string(struct reply_object *o, const char *name, const char *value)
{
    if (value != NULL) {
        put(o, name, json_string(value));
    }
}

/* without memory, or with text that is no UTF-8, there is no reply */
static json_t *
finish(struct reply_object *o)
{
    if (o->failed) {
        json_decref(o->json);
        return NULL;
    }

    return o->json;
}

static json_t *
track_object(const struct sfu_request *request, const struct sfu_reply_track *t)
{
    struct reply_object o = { json_object(), false };

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
        put(&o, "active", json_boolean(t->active));
    }

    return finish(&o);
}

static json_t *
session_object(const struct sfu_reply_session *s)
{
    struct reply_object o = { json_object(), false };

    put_string(&o, "session", s->id);
    put_string(&o, "state", s->state);
    put_string(&o, "metadata", s->metadata);

    return finish(&o);
}

static void
put_sessions(struct reply_object *o, const struct sfu_reply *reply)
{
    json_t *sessions = json_array();

    for (size_t i = 0; i < reply->session_count; i++) {
        o->failed |= json_array_append_new(
                         sessions, session_object(&reply->sessions[i]))
                     == -1;
    }

    put(o, "sessions", sessions);

    if (reply->after) {
        put(o, "after", json_integer((json_int_t)reply->after));
    }
}

json_t *
ipc_message_reply(const struct sfu_request *request,
                  const struct sfu_reply *reply)
{
    struct reply_object o;
    json_t *tracks;

    if (reply->error != NULL) {
        return ipc_message_error(reply->error, reply->detail);
    }

    o = (struct reply_object){ json_object(), false };
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
            o.failed |= json_array_append_new(
                            tracks, track_object(request, &reply->tracks[i]))
                        == -1;
        }

        put(&o, "tracks", tracks);
    }

    if (reply->channel_count || request->channel_count) {
        put(&o, "channels", ipc_channels_reply(request, reply));
    }

    return finish(&o);
}
