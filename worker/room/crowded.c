/*
 * room/crowded.c - who joins while the worker has no time for more.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "room/crowded.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "room/consumer.h"
#include "room/member.h"

enum { CROWDED_TIME = 500 * USEC_PER_MS };      /* until it is tried again */

/* as long as somebody may look at a page */
static const usec_t patience = 30 * USEC_PER_SEC;

struct room_waiting {
    usec_t since;
    size_t size;                        /* of all of it */
    size_t channel_count;
    struct room_agreed channels[ROOM_AGREED_MAX];
    char sdp[];
};

void
room_crowded_wait(struct room_member *member)
{
    struct sfu *sfu = member->app->rooms->sfu;
    struct timer *timer = &member->media.crowded.timer;

    if (!timer_armed(timer)) {
        timer_arm(&sfu->wheel, timer, sfu->now + CROWDED_TIME);
    }
}

/* of a subscription only the tracks have an error then, and no offer comes */
bool
room_is_crowded(const struct sfu_reply *reply)
{
    return reply->error != NULL
               ? strcmp(reply->error, SFU_IPC_ERR_LIMIT) == 0
               : reply->offer == NULL;
}

static void
destroy(struct rooms *rooms, struct room_waiting *w)
{
    rooms->waiting -= w->size;
    free(w);
}

static void
offer_again(struct room_member *m)
{
    struct room_waiting *w = m->media.crowded.waiting;
    struct rooms *rooms = m->app->rooms;
    const char *detail = NULL;
    const char *error;

    m->media.crowded.waiting = NULL;
    error = room_media_try(m, w->sdp, w->channels, w->channel_count, &detail);

    if (error != NULL && strcmp(error, SFU_IPC_ERR_LIMIT) == 0
        && rooms->sfu->now - w->since < patience) {
        m->media.crowded.waiting = w;
        room_crowded_wait(m);
        return;
    }

    if (error != NULL) {
        log_warn(rooms->log, "room \"%s\": participant \"%s\" waited for "
                             "nothing: %s (%s)", m->room->id, m->id, error,
                 detail != NULL ? detail : "");
    }

    destroy(rooms, w);
}

static void
try_again(struct timer *timer, usec_t now)
{
    struct room_member *m = container_of(timer, struct room_member,
                                         media.crowded.timer);

    (void)now;

    if (m->media.crowded.waiting != NULL) {
        offer_again(m);
    }

    list_each(node, next, &m->media.seen) {
        room_consumer_again(container_of(node, struct room_consumer,
                                         in_viewer));
    }
}

void
room_crowded_init(struct room_crowded *crowded)
{
    *crowded = (struct room_crowded){ 0 };
    timer_init(&crowded->timer, try_again);
}

void
room_crowded_drop(struct room_member *member)
{
    struct room_waiting *w = member->media.crowded.waiting;

    if (w != NULL) {
        destroy(member->app->rooms, w);
        member->media.crowded.waiting = NULL;
    }
}

void
room_crowded_fini(struct room_member *member)
{
    room_crowded_drop(member);
    timer_disarm(&member->app->rooms->sfu->wheel,
                 &member->media.crowded.timer);
}

int
room_crowded_keep(struct room_member *member, const char *sdp,
                  const struct room_agreed *channels, size_t channel_count)
{
    struct rooms *rooms = member->app->rooms;
    size_t len = strlen(sdp) + 1;
    size_t size = sizeof(struct room_waiting) + len;
    struct room_waiting *w = rooms->waiting + size <= rooms->settings->waiting_max
                                 ? malloc(size)
                                 : NULL;

    if (w == NULL) {
        return SFU_ERR_NOMEM;
    }

    *w = (struct room_waiting){ .since = rooms->sfu->now, .size = size };
    rooms->waiting += size;
    memcpy(w->sdp, sdp, len);

    /* their names are the message's, and nobody's affair here */
    for (; w->channel_count < channel_count; w->channel_count++) {
        w->channels[w->channel_count] = channels[w->channel_count];
        w->channels[w->channel_count].name = NULL;
    }

    room_crowded_drop(member);
    member->media.crowded.waiting = w;
    room_crowded_wait(member);
    log_info(rooms->log,
             "room \"%s\": participant \"%s\" is answered later, too many "
             "join at once", member->room->id, member->id);

    return 0;
}
