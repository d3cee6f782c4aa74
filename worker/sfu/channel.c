/*
 * sfu/channel.c - a data channel that a session publishes, or subscribes to.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sfu/channel.h"

#include <stdlib.h>

#include "sfu/session.h"

static struct sfu_channel *
make(struct sfu_data *data, const struct sfu_channel_params *p)
{
    struct sfu_channel *ch = calloc(1, sizeof(*ch));

    if (ch == NULL) {
        return NULL;
    }

    ch->data = data;
    ch->stream = p->stream;
    ch->policy = p->policy;
    ch->name = p->name != NULL ? strdup(p->name) : NULL;
    ch->publisher = p->publisher != NULL ? strdup(p->publisher) : NULL;
    list_init(&ch->subscriptions);
    list_init(&ch->in_publication);

    if ((p->name != NULL && ch->name == NULL)
        || (p->publisher != NULL && ch->publisher == NULL)) {
        free(ch->name);
        free(ch->publisher);
        free(ch);
        return NULL;
    }

    return ch;
}

static void
add(struct sfu_channel *ch, struct sfu_channel *publication, const char *how)
{
    struct sfu_session *session = ch->data->session;

    list_append(&ch->data->channels, &ch->node);

    if (publication != NULL) {
        ch->publication = publication;
        list_append(&publication->subscriptions, &ch->in_publication);
    }

    log_info(session->sfu->log, "session %s: channel \"%s\"%s%s, id %u: %s",
             session->id, ch->name != NULL ? ch->name : "",
             ch->publisher != NULL ? " of " : "",
             ch->publisher != NULL ? ch->publisher : "", ch->stream, how);
}

struct sfu_channel *
sfu_channel_create(struct sfu_data *data, const struct sfu_channel_params *p)
{
    struct sfu_channel *ch = make(data, p);
    struct data_channel_params params = {
        .stream = p->stream,
        .policy = p->policy,
        .in_band = p->label != NULL,
        .wait_ack = p->wait_ack,
        .group = p->group,
        .tells = p->tells,
        .publication = p->publication != NULL ? p->publication->id : 0,
    };

    if (ch == NULL) {
        return NULL;
    }

    if (p->label != NULL) {
        snprintf(params.label, sizeof(params.label), "%s", p->label);
    }

    ch->id = params.id = data->session->sfu->next_number++;

    if (data_channel_create(&ch->handle, data->peer, &params)) {
        free(ch->name);
        free(ch->publisher);
        free(ch);
        return NULL;
    }

    add(ch, p->publication, p->publication != NULL ? "subscribed"
                            : p->group || p->tells ? "agreed on"
                                                   : "published");

    return ch;
}

struct sfu_channel *
sfu_channel_adopt(struct sfu_data *data, const struct data_event *event,
                  const char *name)
{
    struct sfu_channel *ch = make(data, &(struct sfu_channel_params){
                                            .name = name,
                                            .stream = event->stream,
                                            .policy = event->policy,
                                        });

    if (ch != NULL) {
        ch->id = event->channel;
        ch->handle = event->opened;
        add(ch, NULL, "opened by its peer");
    }

    return ch;
}

static void
part(struct sfu_channel *ch)
{
    if (ch->publication != NULL) {
        list_remove(&ch->in_publication);
        ch->publication = NULL;
    }

    /* they stay open, and silent; nobody is told */
    list_each(node, next, &ch->subscriptions) {
        container_of(node, struct sfu_channel, in_publication)->publication =
            NULL;
        list_remove(node);
    }
}

void
sfu_channel_end(struct sfu_channel *channel, const char *why)
{
    struct sfu_session *session = channel->data->session;

    if (channel->closing) {
        return;
    }

    channel->closing = true;
    part(channel);
    log_info(session->sfu->log, "session %s: channel \"%s\", id %u: ended, %s",
             session->id, channel->name != NULL ? channel->name : "",
             channel->stream, why);
}

void
sfu_channel_free(struct sfu_channel *channel, bool destroy)
{
    part(channel);
    list_remove(&channel->node);

    if (destroy) {
        data_channel_destroy(channel->handle);
    }

    free(channel->name);
    free(channel->publisher);
    free(channel);
}

struct sfu_channel *
sfu_channel_find(const struct sfu_session *session, const char *name)
{
    if (session->data == NULL) {
        return NULL;
    }

    list_each(node, next, &session->data->channels) {
        struct sfu_channel *ch = container_of(node, struct sfu_channel, node);

        if (!ch->closing && ch->publisher == NULL && ch->name != NULL
            && strcmp(ch->name, name) == 0) {
            return ch;
        }
    }

    return NULL;
}
