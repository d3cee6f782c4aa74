/*
 * ipc/status.c - the figures of the worker, an app and a session, as JSON.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ipc/status.h"

#include <string.h>

#include "data/loop.h"
#include "sfu/channel.h"
#include "sfu_version.h"
#include "srtp/session.h"

static void
set_count(json_t *o, const char *name, uint64_t value)
{
    json_object_set_new(o, name, json_integer((json_int_t)value));
}

static void
set_seconds(json_t *o, const char *name, usec_t time)
{
    json_object_set_new(o, name, json_real((double)time / USEC_PER_SEC));
}

static json_t *
of_loop(const struct media_loop *loop, size_t sessions)
{
    static const char *const drops[] = {
#define X(name) #name,
        MEDIA_DROPS(X)
#undef X
    };
    const struct media_counters *c = &loop->counters;
    json_t *o = json_object();
    json_t *d = json_object();

    set_count(o, "loop", loop->index);
    set_count(o, "port", media_loop_port(loop));
    set_count(o, "sessions", sessions);
    json_object_set_new(
        o, "utilisation",
        json_real((double)counter_get(&c->utilisation) / 1000));
    set_seconds(o, "handshake_wait",
                (usec_t)counter_get(&c->handshake_wait));

#define X(name) set_count(o, #name, counter_get(&c->name));
    MEDIA_COUNTERS(X)
#undef X

    for (int i = 0; i < MEDIA_DROP_COUNT; i++) {
        set_count(d, drops[i], counter_get(&c->drops[i]));
    }

    json_object_set_new(o, "drops", d);

    return o;
}

/* each beside the figures of the worker, since there is one such loop */
static void
add_data(json_t *o, const struct data_loop *data)
{
    static const char *const drops[] = {
#define X(name) #name,
        DATA_DROPS(X)
#undef X
    };
    const struct data_counters *c = &data->counters;
    json_t *d = json_object();

#define X(name) set_count(o, "data_" #name, counter_get(&c->name));
    DATA_COUNTERS(X)
#undef X

    for (int i = 0; i < DATA_DROP_COUNT; i++) {
        set_count(d, drops[i], counter_get(&c->drops[i]));
    }

    json_object_set_new(o, "data_drops", d);
}

static void
add_rooms(json_t *o, const struct rooms *rooms)
{
    set_count(o, "rooms", rooms->own);
    set_count(o, "room_members", rooms->members);
    set_count(o, "room_messages_relayed", rooms->relayed);
}

static void
add_feeds(json_t *o, const struct feeds *feeds)
{
    set_count(o, "feeds", feeds->by_id.count);
    set_count(o, "feeds_expired", feeds->expired);
    set_count(o, "feed_connections", feeds->connections);
    set_count(o, "feed_events", feeds->events);
    set_count(o, "feed_bytes", feeds->bytes);
    set_count(o, "feed_overflows", feeds->overflows);
}

static void
add_channels(json_t *o, const struct channels *channels)
{
    static const char *const drops[] = {
#define X(name) #name,
        CHANNEL_DROPS(X)
#undef X
    };
    const struct channel_figures *f = &channels->figures;
    json_t *d = json_object();

    set_count(o, "signaling_channels", channels->by_key.count);
    set_count(o, "signaling_masters", f->masters);
    set_count(o, "signaling_viewers", f->viewers);
    set_count(o, "signaling_connects", f->connects);
    set_count(o, "signaling_connects_refused", f->connects_refused);
    set_count(o, "signaling_replaced", f->replaced);
    set_count(o, "signaling_relayed", f->relayed);
    set_count(o, "signaling_stored", f->stored);
    set_count(o, "signaling_waiting", f->waiting);
    set_count(o, "signaling_waiting_bytes", channels->bytes);
    set_count(o, "signaling_calls", f->calls);
    set_count(o, "signaling_cameras", f->cameras);
    set_count(o, "signaling_watchers", f->watchers);

    for (int i = 0; i < CHANNEL_DROP_COUNT; i++) {
        set_count(d, drops[i], f->drops[i]);
    }

    json_object_set_new(o, "signaling_drops", d);
    set_count(o, "store_failures", store_failures(channels->store));
}

json_t *
status_worker(const struct ipc_served *serves)
{
    const struct sfu *sfu = serves->sfu;
    const struct sfu_figures *f = &sfu->figures;
    json_t *o = json_object();
    json_t *ended = json_object();
    json_t *loops = json_array();

    json_object_set_new(o, "version", json_string(SFU_VERSION));
    json_object_set_new(o, "srtp", json_string(sfu_srtp_library_name()));
    set_seconds(o, "uptime", sfu->now - sfu->started);
    json_object_set_new(o, "draining", json_boolean(sfu->draining));
    set_count(o, "sessions", sfu->sessions.count);
    set_count(o, "sessions_created", f->sessions_created);
    set_count(o, "sessions_connected", f->sessions_connected);
    json_object_set_new(o, "connect_seconds", json_real(f->connect_seconds));

    for (int i = 0; i < SFU_END_COUNT; i++) {
        set_count(ended, sfu_session_end_name((enum sfu_session_end)i),
                  f->sessions_ended[i]);
    }

    json_object_set_new(o, "sessions_ended", ended);
    set_count(o, "joins_refused", f->joins_refused);
    set_count(o, "tracks", f->publications);
    set_count(o, "subscriptions", f->subscriptions);
    json_object_set_new(o, "requests",
                        json_pack("{s:I, s:I, s:I}",
                                  "total", (json_int_t)f->requests,
                                  "failed", (json_int_t)f->requests_failed,
                                  "held", (json_int_t)f->requests_held));

    add_feeds(o, serves->feeds);
    add_rooms(o, serves->rooms);
    add_channels(o, serves->channels);

    if (sfu->data != NULL) {
        add_data(o, sfu->data);
    }

    for (size_t i = 0; i < sfu->loop_count; i++) {
        json_array_append_new(loops, of_loop(&sfu->loops[i],
                                             sfu->loop_sessions[i]));
    }

    json_object_set_new(o, "loops", loops);

    return o;
}

static const struct media_track_figures *
find(const struct media_figures *figures, uint64_t id)
{
    for (size_t i = 0; figures != NULL && i < figures->count; i++) {
        if (figures->tracks[i].id == id) {
            return &figures->tracks[i];
        }
    }

    return NULL;
}

/* of all encodings of a track; its losses are those of the worst */
static struct media_track_figures
sum_of(const struct media_figures *figures, uint64_t group)
{
    struct media_track_figures sum = { .rtt = -1 };

    for (size_t i = 0; figures != NULL && i < figures->count; i++) {
        const struct media_track_figures *f = &figures->tracks[i];

        if (f->group != group) {
            continue;
        }

        sum.codec = f->codec != CODEC_NONE ? f->codec : sum.codec;
        sum.rtt = f->rtt;
        sum.packets += f->packets;
        sum.bytes += f->bytes;
        sum.bitrate += f->bitrate;
        sum.lost += f->lost;
        sum.nacks += f->nacks;
        sum.resent += f->resent;
        sum.keyframes += f->keyframes;
        sum.jitter = f->jitter > sum.jitter ? f->jitter : sum.jitter;
        sum.fraction_lost = f->fraction_lost > sum.fraction_lost
                                ? f->fraction_lost
                                : sum.fraction_lost;
    }

    return sum;
}

/* simulcast: what is published, and of a subscription what it could have */
static json_t *
of_encoding(const struct media_track_figures *f)
{
    json_t *o = json_object();

    json_object_set_new(o, "rid", json_string(f->rid));
    json_object_set_new(o, "available", json_boolean(f->available));
    set_count(o, "packets", f->packets);
    set_count(o, "bitrate", f->bitrate);
    set_count(o, "keyframes", f->keyframes);
    set_count(o, "subscribers", f->sinks);

    return o;
}

static json_t *
of_encodings(const struct media_figures *figures, uint64_t group)
{
    json_t *list = json_array();

    for (size_t i = 0; figures != NULL && i < figures->count; i++) {
        const struct media_track_figures *f = &figures->tracks[i];

        if (f->group == group && f->rid[0]) {
            json_array_append_new(list, of_encoding(f));
        }
    }

    return list;
}

static void
set_layers(json_t *o, const struct media_track_figures *f)
{
    json_t *rids = json_array();

    for (size_t i = 0; i < f->rid_count; i++) {
        json_array_append_new(rids, json_string(f->rids[i]));
    }

    if (f->rid[0]) {
        json_object_set_new(o, "layer", json_string(f->rid));
        json_object_set(o, "layers_available", rids);
    }

    if (f->spatial != MEDIA_LAYER_ALL) {
        set_count(o, "spatial_layer", f->spatial);
    }

    if (f->temporal != MEDIA_LAYER_ALL) {
        set_count(o, "temporal_layer", f->temporal);
    }

    json_decref(rids);
}

static json_t *
of_track(const char *name, const char *publisher, const char *mid,
         enum media_kind kind, size_t subscribers,
         const struct media_track_figures *f)
{
    json_t *o = json_object();

    json_object_set_new(o, "direction",
                        json_string(publisher != NULL ? "remote" : "local"));
    json_object_set_new(o, "name", json_string(name));
    json_object_set_new(o, "mid", json_string(mid));
    json_object_set_new(o, "kind",
                        json_string(kind == MEDIA_VIDEO ? "video" : "audio"));

    if (publisher != NULL) {
        json_object_set_new(o, "publisher", json_string(publisher));
    } else {
        set_count(o, "subscribers", subscribers);
    }

    if (f == NULL) {
        return o;
    }

    json_object_set_new(o, "codec", json_string(codec_name(f->codec)));
    set_count(o, "packets", f->packets);
    set_count(o, "bytes", f->bytes);
    json_object_set_new(o, "lost", json_integer(f->lost));
    json_object_set_new(o, "fraction_lost", json_real(f->fraction_lost));
    set_seconds(o, "jitter", f->jitter);
    set_count(o, "nacks", f->nacks);
    set_count(o, f->sends ? "resent" : "recovered", f->resent);

    if (f->rtt >= 0) {
        set_seconds(o, "rtt", f->rtt);
    }

    if (f->sends) {
        set_layers(o, f);
    } else {
        set_count(o, "bitrate", f->bitrate);
        set_count(o, "keyframes", f->keyframes);
    }

    return o;
}

static size_t
subscribers(const struct sfu_publication *p)
{
    size_t n = 0;

    for (const struct list *node = p->subscriptions.next;
         node != &p->subscriptions; node = node->next) {
        n++;
    }

    return n;
}

static json_t *
of_channel(const struct sfu_channel *ch)
{
    json_t *o = json_object();
    size_t count = 0;

    json_object_set_new(o, "direction",
                        json_string(ch->publisher != NULL ? "remote"
                                                          : "local"));
    json_object_set_new(o, "name", json_string(ch->name));
    set_count(o, "id", ch->stream);

    if (ch->publisher != NULL) {
        json_object_set_new(o, "publisher", json_string(ch->publisher));
        return o;
    }

    list_each(node, next, &ch->subscriptions) {
        count++;
    }

    set_count(o, "subscribers", count);

    return o;
}

/* those that a client may know of */
static json_t *
channels_of(const struct sfu_session *session)
{
    json_t *channels = json_array();

    if (session->data == NULL) {
        return channels;
    }

    list_each(node, next, &session->data->channels) {
        struct sfu_channel *ch = container_of(node, struct sfu_channel, node);

        if (!ch->closing && ch->name != NULL) {
            json_array_append_new(channels, of_channel(ch));
        }
    }

    return channels;
}

json_t *
status_session(const struct sfu_session *session,
               const struct media_figures *figures)
{
    json_t *o = json_object();
    json_t *tracks = json_array();
    struct media_track_figures sum;

    json_object_set_new(o, "session", json_string(session->id));
    json_object_set_new(o, "app", json_string(session->app));
    json_object_set_new(o, "state",
                        json_string(sfu_session_state_name(session)));
    set_seconds(o, "age", session->sfu->now - session->created);
    set_count(o, "loop", session->loop);

    if (figures != NULL && figures->profile != NULL) {
        json_object_set_new(o, "srtp_profile", json_string(figures->profile));
        json_object_set_new(o, "remote", json_string(figures->remote));
        json_object_set_new(o, "transport",
                            json_string(figures->tcp ? "tcp" : "udp"));
        set_seconds(o, "rtt", figures->rtt);
    }

    list_each(node, next, &session->publications) {
        struct sfu_publication *p = container_of(node, struct sfu_publication,
                                                 node);

        json_t *track;

        sum = sum_of(figures, p->id);
        track = of_track(p->name, NULL, p->mid, p->kind, subscribers(p),
                         find(figures, p->id) != NULL ? &sum : NULL);

        if (sfu_publication_is_simulcast(p)) {
            json_object_set_new(track, "layers", of_encodings(figures, p->id));
        }

        json_array_append_new(tracks, track);
    }

    list_each(node, next, &session->subscriptions) {
        struct sfu_subscription *s = container_of(node,
                                                  struct sfu_subscription,
                                                  in_session);

        json_array_append_new(tracks,
                              of_track(s->name, s->publisher, s->mid, s->kind,
                                       0, find(figures, s->id)));
    }

    json_object_set_new(o, "tracks", tracks);
    json_object_set_new(o, "channels", channels_of(session));

    return o;
}

/* who watches takes a picture and its sound: the most of one track is near */
static void
add_kinds(json_t *o, const struct sfu_session *session)
{
    size_t published = 0;
    size_t watchers = 0;
    size_t subscribed = 0;
    size_t n;
    struct sfu_publication *p;

    list_each(node, next, &session->publications) {
        p = container_of(node, struct sfu_publication, node);
        n = subscribers(p);
        watchers = n > watchers ? n : watchers;
        published++;
    }

    list_each(node, next, &session->subscriptions) {
        subscribed++;
    }

    set_count(o, "published", published);
    set_count(o, "watchers", watchers);
    set_count(o, "subscribed", subscribed);
}

static json_t *
in_short(const struct sfu_session *session)
{
    json_t *o = json_object();

    json_object_set_new(o, "session", json_string(session->id));
    json_object_set_new(o, "state",
                        json_string(sfu_session_state_name(session)));
    set_seconds(o, "age", session->sfu->now - session->created);

    if (session->stream_key[0]) {
        json_object_set_new(o, "stream",
                            json_string(strchr(session->stream_key, '/') + 1));
    }

    add_kinds(o, session);

    return o;
}

/* puts it where it belongs among the newest, which are in order */
static size_t
keep_newest(const struct sfu_session **newest, size_t count,
            const struct sfu_session *session)
{
    size_t at = count;

    if (count == STATUS_APP_SESSIONS) {
        if (newest[count - 1]->number > session->number) {
            return count;
        }

        at--;
    } else {
        count++;
    }

    for (; at > 0 && newest[at - 1]->number < session->number; at--) {
        newest[at] = newest[at - 1];
    }

    newest[at] = session;

    return count;
}

json_t *
status_app(const struct sfu *sfu, const char *app)
{
    const struct sfu_session *newest[STATUS_APP_SESSIONS];
    json_t *o = json_object();
    json_t *list = json_array();
    size_t all = 0;
    size_t count = 0;

    for (struct map_entry *e = map_next(&sfu->sessions, NULL); e != NULL;
         e = map_next(&sfu->sessions, e)) {
        const struct sfu_session *session =
            container_of(e, struct sfu_session, by_id);

        if (strcmp(session->app, app) == 0) {
            count = keep_newest(newest, count, session);
            all++;
        }
    }

    for (size_t i = 0; i < count; i++) {
        json_array_append_new(list, in_short(newest[i]));
    }

    json_object_set_new(o, "app", json_string(app));
    set_count(o, "sessions", all);
    json_object_set_new(o, "newest", list);

    return o;
}
