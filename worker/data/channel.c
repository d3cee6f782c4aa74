/*
 * data/channel.c - a data channel of a session: one stream id, both ways.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "data/channel.h"

#include "data/group.h"
#include "data/loop.h"
#include "data/open.h"

static void
ack_timed_out(struct timer *timer, usec_t now)
{
    struct data_channel *ch = container_of(timer, struct data_channel,
                                           ack_timer);

    (void)now;
    data_channel_close(ch, DATA_END_NO_ACK);
}

/* the publication may have ended before we came */
static void
subscribe(struct data_channel *ch)
{
    ch->subscribes = true;
    ch->publication = data_loop_channel(ch->peer->loop,
                                        ch->params.publication);

    if (ch->publication != NULL) {
        list_append(&ch->publication->subscribers, &ch->in_publication);
    }

    if (ch->params.wait_ack) {
        ch->waits_for_ack = true;
        timer_arm(&ch->peer->loop->wheel, &ch->ack_timer,
                  ch->peer->loop->now + ch->peer->loop->settings->ack_time);
    }
}

void
data_channel_init(struct data_channel *channel)
{
    struct data_channel *ch = channel;

    list_init(&ch->subscribers);
    list_init(&ch->in_publication);
    list_init(&ch->in_group);
    list_init(&ch->queue);
    list_init(&ch->in_waiting);
    timer_init(&ch->ack_timer, ack_timed_out);
    map_insert(&ch->peer->loop->channels, &ch->by_id,
               span_of(&ch->params.id, sizeof(ch->params.id)));
    map_insert(&ch->peer->channels, &ch->by_stream,
               span_of(&ch->params.stream, sizeof(ch->params.stream)));
    counter_add(&ch->peer->loop->counters.channels, 1);
    ch->begun = true;

    if (ch->params.publication) {
        subscribe(ch);
    }

    if (ch->params.group) {
        data_group_join(ch);
    }

    if (ch->params.in_band) {
        open_send(ch);
    }
}

static void
unsubscribe(struct data_channel *ch)
{
    if (ch->publication != NULL) {
        if (ch->publication->replier == ch) {
            ch->publication->replier = NULL;
        }

        list_remove(&ch->in_publication);
        ch->publication = NULL;
    }
}

/* nobody has anything from it any more, nor it from anybody */
static void
part(struct data_channel *ch)
{
    unsubscribe(ch);
    data_group_leave(ch);

    list_each(node, next, &ch->subscribers) {
        unsubscribe(container_of(node, struct data_channel, in_publication));
    }
}

void
data_channel_fini(struct data_channel *channel)
{
    struct data_channel *ch = channel;

    if (!ch->begun) {
        return;
    }

    part(ch);
    data_channel_drop_all(ch);
    timer_disarm(&ch->peer->loop->wheel, &ch->ack_timer);
    map_remove(&ch->peer->loop->channels, &ch->by_id);
    map_remove(&ch->peer->channels, &ch->by_stream);
    counter_add(&ch->peer->loop->counters.channels, (uint64_t)-1);
    ch->begun = false;
}

void
data_channel_start(struct data_channel *channel)
{
    struct data_channel *ch = channel;

    ch->waits_for_ack = false;
    timer_disarm(&ch->peer->loop->wheel, &ch->ack_timer);
    data_peer_flush(ch->peer);
}


/* the end */

static void
tell(struct data_channel *ch, enum data_event_type type, enum data_end why)
{
    struct data_event *event = data_peer_event(ch->peer, type);

    if (event != NULL) {
        event->channel = ch->params.id;
        event->end = why;
        data_peer_post(ch->peer, event);
    }
}

static void
reset_both(struct data_channel *ch)
{
    if (ch->in_reset && ch->out_reset) {
        tell(ch, DATA_EVENT_CLOSED, DATA_END_ASKED);
    }
}

void
data_channel_unused(struct data_channel *channel)
{
    if (channel->closing && !(channel->in_reset && channel->out_reset)) {
        channel->in_reset = channel->out_reset = true;
        reset_both(channel);
    }
}

void
data_channel_close(struct data_channel *channel, enum data_end why)
{
    struct data_channel *ch = channel;

    if (ch->closing) {
        return;
    }

    ch->closing = true;
    part(ch);
    data_channel_drop_all(ch);
    timer_disarm(&ch->peer->loop->wheel, &ch->ack_timer);
    tell(ch, DATA_EVENT_CLOSING, why);

    if (!ch->peer->up) {
        data_channel_unused(ch);
        return;
    }

    if (sfu_sctp_reset(ch->peer->association, ch->params.stream)) {
        log_error(ch->peer->loop->log, "data: out of memory for a reset");
    }
}

void
data_channel_reset(struct data_channel *channel, bool incoming)
{
    struct data_channel *ch = channel;
    bool *direction = incoming ? &ch->in_reset : &ch->out_reset;

    if (*direction) {
        return;
    }

    *direction = true;

    /* RFC 8831, 6.7: who is told answers with a reset of its own */
    if (incoming) {
        data_channel_close(ch, DATA_END_PEER);
    }

    reset_both(ch);
}
