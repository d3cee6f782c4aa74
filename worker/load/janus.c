/*
 * load/janus.c - joining a VideoRoom of Janus over its HTTP API.
 * Copyright (C) the ngx_sfu_module authors
 *
 * One Janus session with a handle for each PeerConnection.  What a plugin
 * has to say comes as events through one long poll, which names the handle;
 * what a request is answered with at once is only that it was taken.
 */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "load/janus_priv.h"

enum {
    POLL_TIME = 60 * USEC_PER_SEC,      /* Janus answers after 30 s */
    EVENTS_MAX = 64,                    /* a long poll */
};

/* finds the peer that an event is about */
struct handle {
    struct map_entry entry;
    uint64_t id;
    struct load_peer *peer;             /* NULL: it has left */
};

static json_t *
pack_message(json_t *body, const char *type, const char *sdp)
{
    json_t *message = json_pack("{s:s, s:o}", "janus", "message", "body",
                                body);

    if (sdp != NULL) {
        json_object_set_new(message, "jsep",
                            json_pack("{s:s, s:s}", "type", type, "sdp",
                                      sdp));
    }

    return message;
}

static uint64_t
id_of(json_t *reply)
{
    return (uint64_t)json_integer_value(json_object_get(
        json_object_get(reply, "data"), "id"));
}


/* events */

static void
acknowledged(struct load_janus *j, struct load_peer *p, json_t *reply)
{
    (void)j;
    (void)p;
    (void)reply;
}

static void
got_answer(struct load_peer *p, json_t *data, const char *sdp)
{
    json_t *id = json_object_get(data, "id");
    const char *why = "";
    struct load_remote remote;

    if (json_is_integer(id)) {
        snprintf(p->id, sizeof(p->id), "%lld",
                 (long long)json_integer_value(id));
    }

    if (load_answer_read(span_str(sdp), p->media, p->media_count,
                         &p->agreement, &remote, &why)) {
        load_peer_fail(p, "publish: %s", why);
        return;
    }

    load_peer_connect(p, &remote);
}

static void
got_offer(struct load_janus *j, struct load_peer *p, const char *sdp)
{
    struct load_local local = load_peer_local(p, false);
    struct load_remote remote;
    const char *why = "";
    char *answer;

    if (load_answer_write(span_str(sdp), &local, p->media, p->media_count,
                          &p->agreement, &remote, &answer, &why)) {
        load_peer_fail(p, "watch: %s", why);
        return;
    }

    load_janus_ask(j, p, p->handle, "start",
                   pack_message(json_pack("{s:s}", "request", "start"),
                                "answer", answer), acknowledged);
    free(answer);
    load_peer_connect(p, &remote);
}

static void
on_event(struct load_janus *j, json_t *event)
{
    uint64_t sender = (uint64_t)json_integer_value(
        json_object_get(event, "sender"));
    const char *kind = json_string_value(json_object_get(event, "janus"));
    json_t *data = json_object_get(json_object_get(event, "plugindata"),
                                   "data");
    json_t *jsep = json_object_get(event, "jsep");
    const char *type = json_string_value(json_object_get(jsep, "type"));
    const char *sdp = json_string_value(json_object_get(jsep, "sdp"));
    struct map_entry *found = map_find(&j->handles, span_of(&sender,
                                                            sizeof(sender)));
    struct load_peer *p = found != NULL
                              ? container_of(found, struct handle, entry)->peer
                              : NULL;
    const char *error = load_janus_error(event);

    if (p == NULL || p->state == LOAD_PEER_GONE || kind == NULL) {
        return;
    }

    if (error != NULL) {
        load_peer_fail(p, "janus: %s", error);
    } else if (strcmp(kind, "hangup") == 0 || strcmp(kind, "detached") == 0) {
        load_peer_fail(p, "janus: %s", kind);
    } else if (type != NULL && sdp != NULL && strcmp(type, "answer") == 0) {
        got_answer(p, data, sdp);
    } else if (type != NULL && sdp != NULL && strcmp(type, "offer") == 0) {
        got_offer(j, p, sdp);
    }
}

static void poll_events(struct load_janus *j);

static void
polled(void *ctx, const struct load_http_response *response)
{
    struct load_janus *j = ctx;
    json_t *events;

    if (j->ending) {
        return;
    }

    if (response->status != 200) {
        load_janus_give_up(j, NULL, "long poll",
                           response->status ? "not status 200"
                                            : response->error);
        return;
    }

    events = json_loadb((const char *)response->body.data, response->body.len,
                        0, NULL);

    for (size_t i = 0; i < json_array_size(events); i++) {
        on_event(j, json_array_get(events, i));
    }

    if (json_is_object(events)) {
        on_event(j, events);
    }

    json_decref(events);
    poll_events(j);
}

static void
poll_events(struct load_janus *j)
{
    char url[LOAD_JANUS_URL_MAX];
    char full[LOAD_JANUS_URL_MAX + 64];
    struct load_http_request request = {
        .method = "GET", .url = full, .timeout = POLL_TIME,
        .background = true, .done = polled, .ctx = j,
    };

    load_janus_url(j, 0, url);
    snprintf(full, sizeof(full), "%s?maxev=%d%s%s", url, EVENTS_MAX,
             j->load->options.secret[0] ? "&apisecret=" : "",
             j->load->options.secret);
    load_http_send(&j->load->http, &request);
}


/* the session and its rooms */

static void
room_made(struct load_janus *j, struct load_peer *p, json_t *reply)
{
    (void)p;
    (void)reply;

    if (--j->rooms_left == 0) {
        load_dialect_ready(j->load, NULL);
    }
}

static const char *
codec_in_lower_case(enum codec_id codec)
{
    return codec == CODEC_H264 ? "h264" : "vp8";
}

static void
make_rooms(struct load_janus *j, struct load_peer *p, json_t *reply)
{
    const struct load_options *o = &j->load->options;
    const char *video = "vp8";
    size_t rooms = o->scenario == LOAD_ROOMS ? o->rooms : 1;

    (void)p;
    j->handle = id_of(reply);
    j->rooms_left = rooms;

    for (size_t i = 0; i < o->codec_count; i++) {
        if (o->codecs[i] != CODEC_OPUS) {
            video = codec_in_lower_case(o->codecs[i]);
        }
    }

    for (size_t i = 0; i < rooms; i++) {
        json_t *body = json_pack(
            "{s:s, s:I, s:i, s:i, s:s, s:s, s:b}", "request", "create",
            "room", (json_int_t)(o->room + i), "publishers", 100000,
            "bitrate", 0, "audiocodec", "opus", "videocodec", video,
            "notify_joining", 0);

        load_janus_ask(j, NULL, j->handle, "create",
                       pack_message(body, NULL, NULL), room_made);
    }
}

static void
session_made(struct load_janus *j, struct load_peer *p, json_t *reply)
{
    (void)p;
    j->session = id_of(reply);
    poll_events(j);
    load_janus_ask(j, NULL, 0, "attach",
                   json_pack("{s:s, s:s}", "janus", "attach", "plugin",
                             "janus.plugin.videoroom"), make_rooms);
}

static void
begin(struct load *load)
{
    struct load_janus *j = calloc(1, sizeof(*j));

    if (j == NULL || map_init(&j->handles)) {
        free(j);
        load_dialect_ready(load, "out of memory");
        return;
    }

    load->janus = j;
    j->load = load;
    load_janus_ask(j, NULL, 0, "create", json_pack("{s:s}", "janus", "create"),
                   session_made);
}


/* peers */

static bool
take_handle(struct load_janus *j, struct load_peer *p, json_t *reply)
{
    struct handle *h = calloc(1, sizeof(*h));

    if (h == NULL) {
        load_peer_fail(p, "out of memory");
        return false;
    }

    p->handle = h->id = id_of(reply);
    h->peer = p;
    map_insert(&j->handles, &h->entry, span_of(&h->id, sizeof(h->id)));

    return true;
}

static json_int_t
room_of(const struct load_peer *p)
{
    return (json_int_t)(p->load->options.room + p->room);
}

static void
publish_on(struct load_janus *j, struct load_peer *p, json_t *reply)
{
    struct load_local local = load_peer_local(p, true);
    json_t *body;
    char *offer;

    if (!take_handle(j, p, reply)) {
        return;
    }

    offer = load_offer_write(&local, p->media, p->media_count);
    body = json_pack("{s:s, s:s, s:I, s:s}", "request", "joinandconfigure",
                     "ptype", "publisher", "room", room_of(p), "display",
                     "load");
    load_janus_ask(j, p, p->handle, "joinandconfigure",
                   pack_message(body, "offer", offer != NULL ? offer : ""),
                   acknowledged);
    free(offer);
}

static void
watch_on(struct load_janus *j, struct load_peer *p, json_t *reply)
{
    json_t *streams;
    json_t *body;

    if (!take_handle(j, p, reply)) {
        return;
    }

    streams = json_array();

    for (size_t i = 0; i < p->watched_count; i++) {
        json_array_append_new(streams, json_pack(
            "{s:I}", "feed",
            (json_int_t)strtoull(p->watched[i]->id, NULL, 10)));
    }

    body = json_pack("{s:s, s:s, s:I, s:o}", "request", "join", "ptype",
                     "subscriber", "room", room_of(p), "streams", streams);
    load_janus_ask(j, p, p->handle, "join", pack_message(body, NULL, NULL),
                   acknowledged);
}

static void
attach(struct load_peer *p, load_janus_done next)
{
    load_janus_ask(p->load->janus, p, 0, "attach",
                   json_pack("{s:s, s:s}", "janus", "attach", "plugin",
                             "janus.plugin.videoroom"), next);
}

static void
publish(struct load_peer *p)
{
    attach(p, publish_on);
}

static void
watch(struct load_peer *p)
{
    attach(p, watch_on);
}

static void
leave(struct load_peer *p)
{
    struct load_janus *j = p->load->janus;
    struct map_entry *found = map_find(&j->handles, span_of(&p->handle,
                                                            sizeof(uint64_t)));

    if (found != NULL) {
        container_of(found, struct handle, entry)->peer = NULL;
        load_janus_ask(j, p, p->handle, "detach",
                       json_pack("{s:s}", "janus", "detach"), NULL);
    }
}

static void
room_gone(struct load_janus *j, struct load_peer *p, json_t *reply)
{
    (void)p;
    (void)reply;

    if (--j->rooms_left == 0) {
        load_janus_ask(j, NULL, 0, "destroy",
                       json_pack("{s:s}", "janus", "destroy"), NULL);
    }
}

/* rooms are destroyed, and then with the session everything else */
static void
end(struct load *load)
{
    struct load_janus *j = load->janus;
    const struct load_options *o = &load->options;
    size_t rooms = o->scenario == LOAD_ROOMS ? o->rooms : 1;

    if (j == NULL || j->session == 0) {
        return;
    }

    j->ending = true;
    j->rooms_left = rooms;

    for (size_t i = 0; i < rooms && j->handle; i++) {
        json_t *body = json_pack("{s:s, s:I}", "request", "destroy", "room",
                                 (json_int_t)(o->room + i));

        load_janus_ask(j, NULL, j->handle, "destroy",
                       pack_message(body, NULL, NULL), room_gone);
    }
}

static void
fini(struct load *load)
{
    struct load_janus *j = load->janus;
    struct map_entry *e;

    if (j == NULL) {
        return;
    }

    while ((e = map_next(&j->handles, NULL)) != NULL) {
        map_remove(&j->handles, e);
        free(container_of(e, struct handle, entry));
    }

    map_fini(&j->handles);
    free(j);
    load->janus = NULL;
}

const struct load_dialect load_janus = {
    .name = "janus",
    .one_connection = false,
    .many_feeds = true,
    .begin = begin,
    .publish = publish,
    .watch = watch,
    .leave = leave,
    .end = end,
    .fini = fini,
};
