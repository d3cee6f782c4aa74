/*
 * data/send.c - what goes out on a channel: now, later, or not at all.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <stdlib.h>

#include "base/error.h"
#include "data/channel.h"
#include "data/loop.h"

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
    ch->peer->queued -= q->shared->len;
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

void
data_channel_drop_all(struct data_channel *channel)
{
    while (!list_empty(&channel->queue)) {
        drop_first(channel, DATA_DROP_closed);
    }
}

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
        || !make_room(ch, m->bytes.len, DATA_DROP_queue_full,
                      loop->settings->session_max, ch->peer->queued)
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
    ch->peer->queued += q->shared->len;
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
