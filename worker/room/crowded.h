/*
 * room/crowded.h - who joins while the worker has no time for more.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Clients of rooms offer once, and wait for what they are offered; none comes
 * again.  So what was refused because too many join at once is tried again: a
 * participant's own offer, and what it has to be offered of others.
 */

#ifndef SFU_ROOM_CROWDED_H
#define SFU_ROOM_CROWDED_H

#include "base/timer.h"
#include "sfu/request.h"

struct room_agreed;
struct room_member;

struct room_crowded {
    struct timer timer;
    struct room_waiting *waiting;       /* owned; its own offer, or NULL */
};

void room_crowded_init(struct room_crowded *crowded);
/* nothing of it is tried again */
void room_crowded_fini(struct room_member *member);

/* what became of a subscription */
bool room_is_crowded(const struct sfu_reply *reply);

/*
 * Its own offer, in the place of an older one.  SFU_ERR_NOMEM: there is no
 * memory, or too much waits already.
 */
int room_crowded_keep(struct room_member *member, const char *sdp,
                      const struct room_agreed *channels,
                      size_t channel_count);
/* its own offer is answered, or there is a newer one */
void room_crowded_drop(struct room_member *member);
/* others have to be offered to it, which is looked for then */
void room_crowded_wait(struct room_member *member);

#endif
