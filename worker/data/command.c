/*
 * data/command.c - what the control thread tells the data loop, as tasks.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "data/command.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "data/loop.h"

static void
begin_peer(struct task *task, void *owner)
{
    struct data_peer *peer = container_of(task, struct data_peer, begin);

    if (owner != NULL) {
        data_peer_init(peer);
    }
}

static void
end_peer(struct task *task, void *owner)
{
    struct data_peer *peer = container_of(task, struct data_peer, end);

    if (owner != NULL) {
        data_peer_fini(peer);
    }

    map_fini(&peer->channels);
    free(peer);
}

int
data_peer_create(struct data_peer **peer, struct data_loop *loop,
                 const struct data_peer_params *params)
{
    struct data_peer *p = calloc(1, sizeof(*p));

    *peer = NULL;

    if (p == NULL || map_init(&p->channels)) {
        free(p);
        return SFU_ERR_NOMEM;
    }

    p->begin.run = begin_peer;
    p->end.run = end_peer;
    p->loop = loop;
    p->params = *params;
    mailbox_post(&loop->mailbox, &p->begin);
    *peer = p;

    return 0;
}

void
data_peer_destroy(struct data_peer *peer)
{
    if (peer != NULL) {
        mailbox_post(&peer->loop->mailbox, &peer->end);
    }
}

static void
begin_channel(struct task *task, void *owner)
{
    struct data_channel *ch = container_of(task, struct data_channel, begin);

    if (owner != NULL) {
        data_channel_init(ch);
    }
}

static void
end_channel(struct task *task, void *owner)
{
    struct data_channel *ch = container_of(task, struct data_channel, end);

    if (owner != NULL) {
        data_channel_fini(ch);
    }

    free(ch);
}

void
data_channel_make(struct data_channel *channel, struct data_peer *peer,
                  const struct data_channel_params *params)
{
    *channel = (struct data_channel){ .peer = peer, .params = *params };
    channel->begin.run = begin_channel;
    channel->end.run = end_channel;
}

int
data_channel_create(struct data_channel **channel, struct data_peer *peer,
                    const struct data_channel_params *params)
{
    struct data_channel *ch = malloc(sizeof(*ch));

    *channel = ch;

    if (ch == NULL) {
        return SFU_ERR_NOMEM;
    }

    data_channel_make(ch, peer, params);
    mailbox_post(&peer->loop->mailbox, &ch->begin);

    return 0;
}

void
data_channel_destroy(struct data_channel *channel)
{
    if (channel != NULL) {
        mailbox_post(&channel->peer->loop->mailbox, &channel->end);
    }
}


/* changes of what is there */

struct data_change {
    struct task task;
    struct data_channel *channel;
    bool may_reply;
    void (*apply)(struct data_change *change);
    size_t len;
    uint8_t text[];
};

static void
run_change(struct task *task, void *owner)
{
    struct data_change *change = container_of(task, struct data_change, task);

    if (owner != NULL) {
        change->apply(change);
    }

    free(change);
}

static int
post_change(struct data_channel *channel, void (*apply)(struct data_change *),
            bool may_reply, struct span text)
{
    struct data_change *change = calloc(1, sizeof(*change) + text.len);

    if (change == NULL) {
        return SFU_ERR_NOMEM;
    }

    change->task.run = run_change;
    change->channel = channel;
    change->may_reply = may_reply;
    change->apply = apply;
    change->len = text.len;

    if (text.len) {
        memcpy(change->text, text.data, text.len);
    }

    mailbox_post(&channel->peer->loop->mailbox, &change->task);

    return 0;
}

static void
apply_end(struct data_change *change)
{
    data_channel_close(change->channel, DATA_END_ASKED);
}

int
data_channel_end(struct data_channel *channel)
{
    return post_change(channel, apply_end, false, span_of(NULL, 0));
}

static void
apply_say(struct data_change *change)
{
    struct data_message m = {
        .ppid = SFU_SCTP_PPID_STRING,
        .bytes = span_of(change->text, change->len),
    };

    if (!change->channel->closing) {
        data_channel_send(change->channel, &m);
    }
}

int
data_channel_say(struct data_channel *channel, struct span text)
{
    return text.len ? post_change(channel, apply_say, false, text) : 0;
}

static void
apply_reply(struct data_change *change)
{
    struct data_channel *publication = change->channel->publication;

    if (publication == NULL) {
        return;
    }

    if (change->may_reply) {
        publication->replier = change->channel;
    } else if (publication->replier == change->channel) {
        publication->replier = NULL;
    }
}

int
data_channel_set_reply(struct data_channel *subscriber, bool may_reply)
{
    return post_change(subscriber, apply_reply, may_reply,
                       span_of(NULL, 0));
}
