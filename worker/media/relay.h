/*
 * media/relay.h - a source carried to another loop.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Decrypted packets go over once per loop, through a ring, to a replica that
 * fans them out there.  Records and requests name the source by id, so either
 * end may go first.
 */

#ifndef SFU_MEDIA_RELAY_H
#define SFU_MEDIA_RELAY_H

#include <stdbool.h>

#include "base/list.h"

struct media_loop;
struct media_packet;
struct media_source;

/* the sending end, owned by the source */
struct relay {
    struct list node;                   /* in media_source.relays */
    struct media_source *source;        /* borrowed */
    struct media_loop *to;              /* borrowed */
};

/* the ring exists (media_loop_connect()).  NULL: out of memory */
struct relay *relay_create(struct media_source *source, struct media_loop *to);
void relay_destroy(struct relay *relay);
bool relay_exists(const struct media_source *source,
                  const struct media_loop *to);

void relay_packet(struct relay *relay, const struct media_packet *packet);
void relay_sender_report(struct relay *relay);

/* from a replica, to the publisher's loop */
void relay_want_keyframe(struct media_source *replica);

/* everything that other loops sent to this one */
void relay_receive(struct media_loop *loop);

/* the loops that were sent something since: they can begin */
void relay_wake(struct media_loop *loop);

#endif
