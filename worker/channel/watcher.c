/*
 * channel/watcher.c - viewers whose session is with the worker.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "channel/watcher.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "channel/errand.h"
#include "sfu/sfu.h"

const char *
channel_track_name(int i)
{
    static const char *const names[] = { "video", "audio" };

    return names[i];
}

struct channel_watcher *
channel_watcher_find(const struct channel *ch, const char *viewer)
{
    struct map_entry *e = map_find(&ch->audience, span_str(viewer));

    return e != NULL ? container_of(e, struct channel_watcher, by_id) : NULL;
}

static void
forget(struct channel *ch, struct channel_watcher *w)
{
    map_remove(&ch->audience, &w->by_id);
    ch->channels->figures.watchers--;
    free(w);
}

static void
take_mids(struct channel_watcher *w, const struct sfu_reply *reply)
{
    memset(w->mids, 0, sizeof(w->mids));

    for (size_t i = 0; i < reply->track_count; i++) {
        const struct sfu_reply_track *t = &reply->tracks[i];

        if (t->error == NULL && t->mid != NULL) {
            snprintf(w->mids[t->kind == MEDIA_AUDIO], sizeof(w->mids[0]),
                     "%s", t->mid);
        }
    }
}

/* the session takes the place of one that the viewer had before */
int
channel_watcher_keep(struct channel_errand *e, const char *session)
{
    struct channel *ch = e->channel;
    struct channel_watcher *w = channel_watcher_find(ch, e->viewer);

    if (w != NULL) {
        channel_errand_end(ch, w->session);
    } else {
        w = calloc(1, sizeof(*w));

        if (w == NULL) {
            return SFU_ERR_NOMEM;
        }

        snprintf(w->id, sizeof(w->id), "%s", e->viewer);
        map_insert(&ch->audience, &w->by_id, span_str(w->id));
        ch->channels->figures.watchers++;
    }

    snprintf(w->session, sizeof(w->session), "%s", session);
    snprintf(w->source, sizeof(w->source), "%s", e->source);
    take_mids(w, &e->reply);
    channel_camera_hurry(ch);

    return 0;
}

/* what cannot be moved yet is tried again, later */
static void
moved(struct channel_errand *e)
{
    struct channel_watcher *w = channel_watcher_find(e->channel, e->viewer);
    bool silent = false;

    for (size_t i = 0; i < e->reply.track_count; i++) {
        const char *error = e->reply.tracks[i].error;

        silent = silent
                 || (error != NULL
                     && strcmp(error, SFU_IPC_TRACK_SILENT) == 0);
    }

    if (silent && w != NULL && strcmp(w->session, e->session) == 0) {
        w->source[0] = '\0';
    }
}

static void
move(struct channel *ch, struct channel_watcher *w)
{
    struct channel_errand *e = channel_errand_create(ch, SFU_REQUEST_UPDATE,
                                                     w->session, moved);

    if (e == NULL) {
        return;
    }

    snprintf(e->viewer, sizeof(e->viewer), "%s", w->id);
    snprintf(e->source, sizeof(e->source), "%s", ch->camera.current);

    for (int i = 0; i < ERRAND_TRACKS; i++) {
        /* the watcher may be gone before it is read */
        memcpy(e->mids[i], w->mids[i], sizeof(e->mids[i]));

        if (e->mids[i][0]) {
            e->tracks[e->request.track_count++] = (struct sfu_request_track){
                .publisher = e->source, .name = channel_track_name(i),
                .mid = e->mids[i],
            };
        }
    }

    snprintf(w->source, sizeof(w->source), "%s", ch->camera.current);
    channel_errand_send(e);
}

void
channel_watchers_move(struct channel *ch)
{
    if (!channel_camera_is_ready(ch)) {
        return;
    }

    for (struct map_entry *e = NULL;
         (e = map_next(&ch->audience, e)) != NULL;) {
        struct channel_watcher *w = container_of(e, struct channel_watcher,
                                                 by_id);

        if (strcmp(w->source, ch->camera.current) != 0) {
            move(ch, w);
        }
    }
}

void
channel_watchers_sweep(struct channel *ch)
{
    struct map_entry *next;

    for (struct map_entry *e = map_next(&ch->audience, NULL); e != NULL;
         e = next) {
        struct channel_watcher *w = container_of(e, struct channel_watcher,
                                                 by_id);

        next = map_next(&ch->audience, e);

        if (sfu_session_find(ch->channels->sfu, ch->key.app, w->session)
            == NULL) {
            forget(ch, w);
        }
    }
}

void
channel_watchers_end(struct channel *ch)
{
    struct map_entry *e;

    while ((e = map_next(&ch->audience, NULL)) != NULL) {
        struct channel_watcher *w = container_of(e, struct channel_watcher,
                                                 by_id);

        channel_errand_end(ch, w->session);
        forget(ch, w);
    }
}
