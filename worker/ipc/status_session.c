/*
 * ipc/status_session.c - the figures of a session, and of an app, as JSON.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ipc/status.h"

#include <string.h>

#include "ipc/status_priv.h"
#include "sfu/channel.h"

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
