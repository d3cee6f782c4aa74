/*
 * channel/client.c - who is connected to a channel.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "channel/client.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "channel/camera.h"
#include "channel/mailbox.h"

static bool
is_master(const struct channel_client *client)
{
    return client->id[0] == '\0';
}

struct channel_client *
channel_client_find(const struct channel *channel, const char *id)
{
    struct map_entry *e;

    if (id[0] == '\0') {
        return channel->master;
    }

    e = map_find(&channel->viewers, span_str(id));

    return e != NULL ? container_of(e, struct channel_client, by_id) : NULL;
}

static void
put_in(struct channel_client *client)
{
    struct channel *ch = client->channel;

    if (is_master(client)) {
        ch->master = client;
        ch->masters++;
        ch->channels->figures.masters++;
        return;
    }

    map_insert(&ch->viewers, &client->by_id, span_str(client->id));
    ch->channels->figures.viewers++;
}

static void
take_out(struct channel_client *client)
{
    struct channel *ch = client->channel;

    if (is_master(client)) {
        ch->master = NULL;
        ch->channels->figures.masters--;
        return;
    }

    map_remove(&ch->viewers, &client->by_id);
    ch->channels->figures.viewers--;
}

/* it left, or is dead: what waits for it stays, and more will */
static void
gone(struct feed_owner *owner)
{
    struct channel_client *client = container_of(owner, struct channel_client,
                                                 owner);
    struct channel *ch = client->channel;

    take_out(client);
    free(client);
    channel_settle(ch);
}

void
channel_client_end(struct channel_client *client, const char *reason)
{
    struct channel *ch = client->channel;

    feed_connection_end(client->connection, reason);
    take_out(client);
    free(client);
    channel_settle(ch);
}

struct channel_client *
channel_client_of(const struct channels *channels, const char *feed,
                  uint64_t number)
{
    struct feed_connection *c = feed_connection_find(channels->feeds, feed,
                                                     number);

    /* it may be in a room */
    if (c == NULL || c->owner == NULL || c->owner->gone != gone) {
        return NULL;
    }

    return container_of(c->owner, struct channel_client, owner);
}

void
channel_client_tell(struct channel_client *client,
                    const struct channel_words *words)
{
    static const char *const kinds[] = { "offer", "answer", "candidate" };
    /* a viewer hears nobody but the master, who has no name */
    const char *from = is_master(client) && words->from[0] ? words->from
                                                           : NULL;
    struct feed_member message[] = {
        feed_text("kind", kinds[words->kind]),
        feed_text("payload", words->payload),
        feed_text("from", from),
    };
    struct feed_member description[] = {
        feed_text("sdp", words->payload), feed_text("from", from),
    };

    if (words->ours) {
        feed_connection_tell(client->connection,
                             words->kind == CHANNEL_OFFER
                                 ? SFU_IPC_EVENT_OFFER
                                 : SFU_IPC_EVENT_ANSWER,
                             description, 2);
        return;
    }

    feed_connection_tell(client->connection, SFU_IPC_EVENT_MESSAGE, message,
                         3);
    client->channel->channels->figures.relayed++;
}

int
channel_client_reach(struct channel *ch, const char *id,
                     const struct channel_words *words)
{
    struct channel_client *client = channel_client_find(ch, id);

    if (client != NULL) {
        channel_client_tell(client, words);
        return 0;
    }

    return channel_mailbox_put(ch, id, words,
                               *ch->channels->now
                                   + (usec_t)ch->ttl * USEC_PER_SEC);
}

/* NULL, or why it may not connect; a viewer that comes again takes no place */
static const char *
refusal(struct channel *ch, const struct channel_request *r)
{
    struct bucket *rate = r->master ? &ch->masters_rate : &ch->viewers_rate;

    if (!r->again
        && !bucket_take(rate, r->limits.rate, *ch->channels->now)) {
        return SFU_IPC_ERR_RATE;
    }

    if (!r->master && r->limits.viewers
        && ch->viewers.count >= r->limits.viewers
        && channel_client_find(ch, r->client) == NULL) {
        return SFU_IPC_ERR_LIMIT;
    }

    return NULL;
}

static enum channel_mode
mode_of(const struct channel *ch, const struct channel_request *r)
{
    if (ch->storage) {
        return CHANNEL_STORAGE;
    }

    return r->fanout ? CHANNEL_FANOUT : CHANNEL_RELAY;
}

static int
enter(struct channel *ch, const struct channel_request *r,
      struct channel_client **out)
{
    struct channels *channels = ch->channels;
    struct channel_client *client = calloc(1, sizeof(*client));
    int error;

    if (client == NULL) {
        return SFU_ERR_NOMEM;
    }

    client->channel = ch;
    client->mode = mode_of(ch, r);
    client->owner.gone = gone;
    snprintf(client->id, sizeof(client->id), "%s", r->master ? "" : r->client);
    snprintf(client->as, sizeof(client->as), "%s",
             r->as != NULL ? r->as : "");
    error = feed_connection_enter(channels->feeds, r->feed, r->connection,
                                  r->born, &client->owner,
                                  &client->connection);

    if (error) {
        free(client);
        return error;
    }

    *out = client;

    return 0;
}

/*
 * Whether it is the current one now; an older one is freed.  Who is new is the
 * youngest; who comes again has its time, which says more than the order.
 */
static bool
take_place(struct channel_client *client, bool again)
{
    struct channels *channels = client->channel->channels;
    struct channel_client *before = channel_client_find(client->channel,
                                                        client->id);

    if (before != NULL) {
        channels->figures.replaced++;

        if (again && before->connection->born > client->connection->born) {
            feed_connection_end(client->connection, "replaced");
            free(client);
            return false;
        }

        channel_client_end(before, "replaced");
    }

    put_in(client);

    return true;
}

void
channel_connect(struct channels *channels, struct channel_request *r)
{
    struct channel_client *client;
    enum channel_mode mode;
    struct channel *ch;
    const char *refused;
    int error = !r->master && r->client[0] == CHANNEL_WORKER[0]
                    ? SFU_ERR_MALFORMED
                    : channel_open(channels, &r->key, r->created, &ch);

    if (error) {
        channel_answer_failure(channels, r, error);
        return;
    }

    ch->limits = r->limits;
    refused = refusal(ch, r);

    if (refused != NULL) {
        channels->figures.connects_refused++;
        channel_answer_error(channels, r, refused,
                             r->master ? "a master" : "a viewer");
        return;
    }

    error = enter(ch, r, &client);

    if (error) {
        channel_answer_failure(channels, r, error);
        return;
    }

    channels->figures.connects++;
    mode = client->mode;
    log_info(channels->log, "channel \"%s\": %s%s%s connected%s, request %s",
             ch->key.name, r->master ? "the master" : "viewer \"",
             client->id, r->master ? "" : "\"", r->again ? " again" : "",
             r->id);

    if (take_place(client, r->again)) {
        channel_mailbox_deliver(client);

        /* the feed was lost, and the media was not */
        if (mode == CHANNEL_FANOUT && r->master
            && !(r->again && channel_camera_is_up(ch))) {
            channel_camera_offer(ch, false);
        }
    }

    channel_answer(r, &(struct channel_reply){ .mode = mode });
}

void
channel_disconnect(struct channels *channels, struct channel_request *r)
{
    struct channel_client *client = channel_client_of(channels, r->feed,
                                                      r->connection);

    /* one that was replaced is forgotten already */
    if (client != NULL) {
        feed_connection_leave(client->connection);
    }

    channel_answer(r, &(struct channel_reply){ 0 });
}
