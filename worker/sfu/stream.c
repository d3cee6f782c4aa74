/*
 * sfu/stream.c - sessions that have a name of their own in an app.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sfu/stream.h"

#include <stdio.h>

#include "base/error.h"

/* an app's id has no slash */
static struct span
make_key(char *key, size_t size, const char *app, const char *name)
{
    int len = snprintf(key, size, "%s/%s", app, name);

    return len > 0 && (size_t)len < size ? span_of(key, (size_t)len)
                                         : span_of(NULL, 0);
}

struct sfu_session *
stream_find(struct sfu *sfu, const char *app, const char *publisher)
{
    char key[sizeof(((struct sfu_session *)0)->stream_key)];
    struct sfu_session *session = sfu_session_find(sfu, app, publisher);
    struct map_entry *e;
    struct span k;

    if (session != NULL) {
        return session;
    }

    k = make_key(key, sizeof(key), app, publisher);
    e = k.len ? map_find(&sfu->streams, k) : NULL;

    return e != NULL ? container_of(e, struct sfu_session, by_stream) : NULL;
}

void
stream_track_name(char name[SFU_IPC_TRACK_NAME_MAX + 1], enum media_kind kind,
                  size_t nth)
{
    const char *word = kind == MEDIA_VIDEO ? "video" : "audio";

    if (nth < 2) {
        snprintf(name, SFU_IPC_TRACK_NAME_MAX + 1, "%s", word);
    } else {
        snprintf(name, SFU_IPC_TRACK_NAME_MAX + 1, "%s-%zu", word, nth);
    }
}

/* the entity tag changes when our credentials do */
static bool
tell_session(const struct sfu_session *session, struct sfu_reply *reply)
{
    if (sfu_reply_set(&reply->session, session->id)
        || sfu_reply_set(&reply->etag, session->credentials.ufrag)) {
        sfu_reply_error(reply, SFU_IPC_ERR_INTERNAL, "out of memory");
        return false;
    }

    return true;
}

static size_t
tracks_that_work(const struct sfu_reply *reply)
{
    size_t n = 0;

    for (size_t i = 0; i < reply->track_count; i++) {
        n += reply->tracks[i].error == NULL;
    }

    return n;
}

void
stream_take_name(struct sfu_session *session, const char *name)
{
    struct sfu *sfu = session->sfu;
    struct span key;
    struct map_entry *e;

    if (session->stream_key[0]) {
        return;
    }

    key = make_key(session->stream_key, sizeof(session->stream_key),
                   session->app, name);
    e = map_find(&sfu->streams, key);

    if (e != NULL) {
        sfu_session_end(container_of(e, struct sfu_session, by_stream),
                        SFU_END_replaced, session->id);
    }

    map_insert(&sfu->streams, &session->by_stream, key);
    log_info(sfu->log, "session %s: publishes stream \"%s\"", session->id,
             name);
}

void
stream_publish(struct sfu_session *session, const struct sfu_request *request,
               struct sfu_reply *reply)
{
    struct sfu_request publish = *request;

    publish.discover = true;
    publish.tracks = NULL;
    publish.track_count = 0;
    session->named = true;
    operation_publish(session, &publish, reply);

    if (reply->error != NULL || !tell_session(session, reply)) {
        return;
    }

    if (tracks_that_work(reply) == 0) {
        sfu_reply_error(reply, SFU_IPC_ERR_SDP_UNACCEPTABLE,
                        "the offer sends nothing that can be forwarded");
        return;
    }

    stream_take_name(session, request->stream);
}

/* it is in the middle of its queue, so the next turn of timers ends it */
static enum operation_result
refuse(struct sfu_session *session)
{
    timer_arm(&session->sfu->wheel, &session->connect_timer,
              session->sfu->now);

    return OPERATION_DONE;
}

enum operation_result
stream_watch(struct sfu_session *session, const struct sfu_request *request,
             struct sfu_reply *reply)
{
    struct sfu_session *stream = stream_find(session->sfu, session->app,
                                             request->watch);
    struct sfu_request_track tracks[SFU_IPC_TRACKS_MAX] = { { 0 } };
    struct sfu_request subscribe = *request;

    if (stream == NULL) {
        sfu_reply_error(reply, SFU_IPC_ERR_STREAM_NOT_FOUND,
                        "nobody publishes this stream");
        return refuse(session);
    }

    subscribe.track_count = 0;
    subscribe.tracks = tracks;

    list_each(node, next, &stream->publications) {
        if (subscribe.track_count < SFU_IPC_TRACKS_MAX) {
            tracks[subscribe.track_count++] = (struct sfu_request_track){
                .publisher = stream->id,
                .name = container_of(node, struct sfu_publication, node)->name,
            };
        }
    }

    if (operation_subscribe(session, &subscribe, reply) == OPERATION_WAIT) {
        return OPERATION_WAIT;
    }

    if (reply->error != NULL || !tell_session(session, reply)) {
        return refuse(session);
    }

    if (tracks_that_work(reply) == 0) {
        sfu_reply_error(reply, SFU_IPC_ERR_STREAM_NOT_FOUND,
                        "nothing of this stream can be sent to the offer");
        return refuse(session);
    }

    return OPERATION_DONE;
}
