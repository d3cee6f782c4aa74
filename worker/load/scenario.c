/*
 * load/scenario.c - who publishes, and who watches whom.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <stdlib.h>

#include "base/error.h"
#include "load/load.h"

static struct load_peer *
add_peer(struct load *load, size_t room, bool publishes)
{
    struct load_peer **list;
    struct load_peer *p;

    list = realloc(load->peers, (load->peer_count + 1) * sizeof(*list));

    if (list == NULL) {
        return NULL;
    }

    load->peers = list;
    p = load_peer_create(load, room, publishes);

    if (p != NULL) {
        p->index = load->peer_count;
        load->peers[load->peer_count++] = p;
    }

    return p;
}

/* a peer that watches those publishers, or one for each if it must be so */
static int
add_watchers(struct load *load, size_t room, struct load_peer **from,
             size_t count, const struct load_peer *not_this)
{
    struct load_peer *p = NULL;

    for (size_t i = 0; i < count; i++) {
        if (from[i] == not_this) {
            continue;
        }

        if (p == NULL || !load->dialect->many_feeds) {
            p = add_peer(load, room, false);
        }

        if (p == NULL || load_peer_watch(p, from[i])) {
            return SFU_ERR_NOMEM;
        }
    }

    return 0;
}

/* everybody watches all others */
static int
add_meeting(struct load *load, size_t room, struct load_peer **members,
            size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!load->dialect->one_connection) {
            if (add_watchers(load, room, members, count, members[i])) {
                return SFU_ERR_NOMEM;
            }

            continue;
        }

        for (size_t k = 0; k < count; k++) {
            if (k != i && load_peer_watch(members[i], members[k])) {
                return SFU_ERR_NOMEM;
            }
        }
    }

    return 0;
}

/* publishers come first in the list, so that they join first */
int
load_scenario_init(struct load *load)
{
    const struct load_options *o = &load->options;
    bool idle = o->scenario == LOAD_IDLE;
    size_t rooms = o->scenario == LOAD_ROOMS ? o->rooms : 1;
    size_t each = idle ? o->subscribers : o->publishers;
    struct load_peer **members;
    int error = 0;

    for (size_t i = 0; i < rooms * each; i++) {
        struct load_peer *p = add_peer(load, i / each, true);

        if (p == NULL) {
            return SFU_ERR_NOMEM;
        }

        p->silent = idle;
    }

    /* the list of peers moves when it grows */
    members = calloc(rooms * each, sizeof(*members));

    if (members == NULL) {
        return SFU_ERR_NOMEM;
    }

    memcpy(members, load->peers, rooms * each * sizeof(*members));

    for (size_t room = 0; room < rooms && !idle && !error; room++) {
        struct load_peer **own = members + room * each;

        if (o->scenario == LOAD_MEETING) {
            error = add_meeting(load, room, own, each);
            continue;
        }

        for (size_t i = 0; i < o->subscribers && !error; i++) {
            error = add_watchers(load, room, own, each, NULL);
        }
    }

    free(members);

    return error;
}

void
load_scenario_fini(struct load *load)
{
    for (size_t i = 0; i < load->peer_count; i++) {
        load_peer_destroy(load->peers[i]);
    }

    free(load->peers);
    free(load->streams);
    load->peer_count = 0;
}

int
load_add_stream(struct load *load, struct load_sender *sender)
{
    struct load_sender **list = realloc(load->streams,
                                        (load->stream_count + 1)
                                            * sizeof(*list));

    if (list == NULL) {
        return SFU_ERR_NOMEM;
    }

    load->streams = list;
    sender->number = (uint32_t)load->stream_count;
    list[load->stream_count++] = sender;

    return 0;
}
