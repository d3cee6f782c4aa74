/*
 * data/forward.c - a message that came in, and where it goes.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "data/forward.h"

#include <stdlib.h>
#include <string.h>

#include "data/group.h"
#include "data/loop.h"
#include "data/open.h"

static bool
is_forwarded(uint32_t ppid)
{
    return ppid == SFU_SCTP_PPID_STRING || ppid == SFU_SCTP_PPID_BINARY
           || ppid == SFU_SCTP_PPID_STRING_EMPTY
           || ppid == SFU_SCTP_PPID_BINARY_EMPTY;
}

/* of a publisher: to all who subscribe */
static void
fan_out(struct data_channel *ch, struct data_message *m)
{
    list_each(node, next, &ch->subscribers) {
        data_channel_send(container_of(node, struct data_channel,
                                       in_publication), m);
    }
}

/* of a subscriber: its acknowledgement, or a reply, if it may */
static void
reply(struct data_channel *ch, struct data_message *m)
{
    struct data_counters *counters = &ch->peer->loop->counters;

    if (ch->waits_for_ack) {
        data_channel_start(ch);
        return;
    }

    if (ch->publication == NULL) {
        data_drop(counters, DATA_DROP_no_publisher);
        return;
    }

    if (ch->publication->replier != ch) {
        data_drop(counters, DATA_DROP_not_allowed);
        return;
    }

    data_channel_send(ch->publication, m);
}

/* each is a task, and more, for the control thread */
static bool
may_tell(struct data_peer *peer)
{
    struct data_loop *loop = peer->loop;

    if (loop->now - peer->tells_since >= USEC_PER_SEC) {
        peer->tells_since = loop->now;
        peer->tells = 0;
    }

    return ++peer->tells <= loop->settings->tells_per_second;
}

static void
tell(struct data_channel *ch, const struct data_message *m)
{
    struct data_peer *peer = ch->peer;
    struct data_counters *counters = &peer->loop->counters;
    struct data_event *event;

    if (m->ppid != SFU_SCTP_PPID_STRING
        || memchr(m->bytes.data, '\0', m->bytes.len) != NULL) {
        data_drop(counters, DATA_DROP_kind);
    } else if (m->bytes.len > peer->loop->settings->tell_max) {
        data_drop(counters, DATA_DROP_too_long);
    } else if (!may_tell(peer)) {
        data_drop(counters, DATA_DROP_tells_limit);
    } else if ((event = data_peer_event(peer, DATA_EVENT_TOLD)) != NULL) {
        event->channel = ch->params.id;
        event->text = strndup((const char *)m->bytes.data, m->bytes.len);

        if (event->text != NULL) {
            data_peer_post(peer, event);
        } else {
            data_drop(counters, DATA_DROP_memory_full);
            free(event);
        }
    }
}

void
forward_message(struct data_peer *peer, uint16_t stream, uint32_t ppid,
                struct span bytes)
{
    struct data_channel *ch = data_peer_channel(peer, stream);
    struct data_counters *counters = &peer->loop->counters;
    struct data_message m = { .ppid = ppid, .bytes = bytes };

    if (ppid == SFU_SCTP_PPID_DCEP) {
        open_message(peer, ch, stream, bytes);
        return;
    }

    counter_add(&counters->messages_in, 1);
    counter_add(&counters->bytes_in, bytes.len);

    if (ch == NULL) {
        data_drop(counters, DATA_DROP_no_channel);
    } else if (ch->closing) {
        data_drop(counters, DATA_DROP_closed);
    } else if (!is_forwarded(ppid)) {
        data_drop(counters, DATA_DROP_kind);
    } else if (ch->params.tells) {
        tell(ch, &m);
    } else if (ch->group != NULL) {
        data_group_send(ch, &m);
    } else if (ch->subscribes) {
        reply(ch, &m);
    } else {
        fan_out(ch, &m);
    }
}
