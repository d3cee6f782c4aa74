/*
 * data/channel.c - a data channel of a session: one stream id, both ways.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "data/channel.h"

#include <stdlib.h>

#include "base/error.h"
#include "data/loop.h"
#include "data/open.h"

static struct data_counters *
counters(const struct data_channel *ch)
{
    return &ch->peer->loop->counters;
}

/* the first of what waits, out of all books; its message is not released */
static struct data_queued *
take_first(struct data_channel *ch)
{
    struct data_queued *q = container_of(list_shift(&ch->queue),
                                         struct data_queued, node);

    ch->queued -= q->shared->len;
    counter_add(&counters(ch)->queued_bytes, -(uint64_t)q->shared->len);

    if (list_empty(&ch->queue)) {
        list_remove(&ch->in_waiting);
    }

    return q;
}

static void
release(struct data_queued *q)
{
    data_shared_release(q->shared);
    free(q);
}

static void
drop_first(struct data_channel *ch, enum data_drop cause)
{
    data_drop(counters(ch), cause);
    release(take_first(ch));
}

static void
drop_all(struct data_channel *ch)
{
    while (!list_empty(&ch->queue)) {
        drop_first(ch, DATA_DROP_closed);
    }
}

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
    list_init(&ch->queue);
    list_init(&ch->in_waiting);
    timer_init(&ch->ack_timer, ack_timed_out);
    map_insert(&ch->peer->loop->channels, &ch->by_id,
               span_of(&ch->params.id, sizeof(ch->params.id)));
    map_insert(&ch->peer->channels, &ch->by_stream,
               span_of(&ch->params.stream, sizeof(ch->params.stream)));
    counter_add(&counters(ch)->channels, 1);
    ch->begun = true;

    if (ch->params.publication) {
        subscribe(ch);
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
    drop_all(ch);
    timer_disarm(&ch->peer->loop->wheel, &ch->ack_timer);
    map_remove(&ch->peer->loop->channels, &ch->by_id);
    map_remove(&ch->peer->channels, &ch->by_stream);
    counter_add(&counters(ch)->channels, (uint64_t)-1);
    ch->begun = false;
}


/* out */

bool
data_channel_is_held(const struct data_channel *channel)
{
    return !channel->peer->up || channel->waits_for_ack;
}

/* RFC 8832, 6: until our OPEN is acknowledged, nothing may overtake it */
static int
transmit(struct data_channel *ch, uint32_t ppid, struct span bytes)
{
    static const struct sfu_sctp_policy reliable;
    struct sfu_sctp_policy policy = ch->params.policy;
    int error;

    policy.unordered = policy.unordered && !ch->unacknowledged;
    error = sfu_sctp_send(ch->peer->association, ch->params.stream, ppid,
                          ppid == SFU_SCTP_PPID_DCEP ? &reliable : &policy,
                          bytes);

    if (error == 0 && ppid != SFU_SCTP_PPID_DCEP) {
        counter_add(&counters(ch)->messages_out, 1);
        counter_add(&counters(ch)->bytes_out, bytes.len);
    } else if (error != 0 && error != SFU_ERR_AGAIN) {
        data_drop(counters(ch), DATA_DROP_send_failed);
    }

    return error;
}

static void
tell_full(struct data_channel *ch, const char *what)
{
    if (!ch->told_full) {
        ch->told_full = true;
        log_info(ch->peer->loop->log,
                 "data: session %s, channel id %u: too slow, %s",
                 ch->peer->params.name, ch->params.stream, what);
    }
}

/*
 * There is no room.  What is reliable cannot have a hole, so the channel ends;
 * but before it began, the beginning may as well be later.
 */
static bool
make_room(struct data_channel *ch, size_t len, enum data_drop cause,
          size_t max, size_t used)
{
    if (used + len <= max) {
        return true;
    }

    if (ch->params.policy.reliability == SFU_SCTP_RELIABLE
        && !data_channel_is_held(ch)) {
        tell_full(ch, "closed");
        counter_add(&counters(ch)->overflows, 1);
        data_channel_close(ch, DATA_END_OVERFLOW);
        data_drop(counters(ch), cause);
        return false;
    }

    tell_full(ch, "messages are lost");

    for (; used + len > max && !list_empty(&ch->queue);) {
        size_t before = ch->queued;

        drop_first(ch, cause);
        used -= before - ch->queued;
    }

    if (used + len > max) {
        data_drop(counters(ch), cause);
        return false;
    }

    return true;
}

static void
enqueue(struct data_channel *ch, struct data_message *m)
{
    struct data_loop *loop = ch->peer->loop;
    struct data_queued *q;

    if (!make_room(ch, m->bytes.len, DATA_DROP_queue_full,
                   loop->settings->queue_max, ch->queued)
        || !make_room(ch, m->bytes.len, DATA_DROP_memory_full,
                      loop->settings->memory_max,
                      counter_get(&loop->counters.queued_bytes))) {
        return;
    }

    q = malloc(sizeof(*q));

    if (q == NULL || (q->shared = data_message_share(m)) == NULL) {
        free(q);
        data_drop(&loop->counters, DATA_DROP_memory_full);
        return;
    }

    q->ppid = m->ppid;
    q->since = loop->now;

    if (list_empty(&ch->queue)) {
        list_append(&ch->peer->waiting, &ch->in_waiting);
    }

    list_append(&ch->queue, &q->node);
    ch->queued += q->shared->len;
    counter_add(&loop->counters.queued_bytes, q->shared->len);
}

void
data_channel_send(struct data_channel *channel, struct data_message *message)
{
    struct data_channel *ch = channel;

    if (ch->closing) {
        data_drop(counters(ch), DATA_DROP_closed);
        return;
    }

    /* RFC 8841, 6: what the peer said that it takes */
    if (message->bytes.len > ch->peer->params.remote_max) {
        data_drop(counters(ch), DATA_DROP_too_long);
        return;
    }

    if (data_channel_is_held(ch) || !list_empty(&ch->queue)
        || transmit(ch, message->ppid, message->bytes) == SFU_ERR_AGAIN) {
        enqueue(ch, message);
    }
}

/* RFC 8831, 6.1: the time that it waited here is a part of its life */
static bool
is_expired(const struct data_channel *ch, const struct data_queued *q)
{
    return ch->params.policy.reliability == SFU_SCTP_LIFETIME
           && q->ppid != SFU_SCTP_PPID_DCEP
           && ch->peer->loop->now - q->since
                  > (usec_t)ch->params.policy.value * USEC_PER_MS;
}

int
data_channel_flush_one(struct data_channel *channel)
{
    struct data_channel *ch = channel;
    struct data_queued *q = container_of(ch->queue.next, struct data_queued,
                                         node);

    if (is_expired(ch, q)) {
        drop_first(ch, DATA_DROP_expired);
        return 0;
    }

    if (transmit(ch, q->ppid, span_of(q->shared->bytes, q->shared->len))
        == SFU_ERR_AGAIN) {
        return SFU_ERR_AGAIN;
    }

    release(take_first(ch));

    return 0;
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
data_channel_close(struct data_channel *channel, enum data_end why)
{
    struct data_channel *ch = channel;

    if (ch->closing) {
        return;
    }

    ch->closing = true;
    part(ch);
    drop_all(ch);
    timer_disarm(&ch->peer->loop->wheel, &ch->ack_timer);
    tell(ch, DATA_EVENT_CLOSING, why);

    if (!ch->peer->up) {
        /* the stream was never used, so it is as new */
        ch->in_reset = ch->out_reset = true;
        reset_both(ch);
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
