/*
 * sfu/data.c - the data channels of a session.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sfu/data.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "data/loop.h"
#include "sfu/channel.h"
#include "sfu/queue.h"
#include "sfu/session.h"

/* as long as a transport may take to follow another (media/transport.c) */
enum { RENEWAL_TIME = 30 * USEC_PER_SEC };

static void renewal_timed_out(struct timer *timer, usec_t now);

struct sfu_data *
sfu_data_ensure(struct sfu_session *session)
{
    struct sfu_data *data = session->data;

    if (data == NULL) {
        data = calloc(1, sizeof(*data));

        if (data != NULL) {
            data->session = session;
            list_init(&data->channels);
            timer_init(&data->renewal, renewal_timed_out);
            session->data = data;
        }
    }

    return data;
}

static void
open_event(struct sfu_data *data)
{
    struct sfu_channel_params params = {
        .label = data->event_name,
        .stream = data->event_stream,
    };

    if (data->opens_event && sfu_channel_create(data, &params) == NULL) {
        log_error(data->session->sfu->log, "session %s: out of memory",
                  data->session->id);
    }
}

static void
begin(struct sfu_data *data, const struct sdp_section *section)
{
    struct sfu_session *session = data->session;
    struct sfu *sfu = session->sfu;
    uint64_t max = section->max_message_size;
    struct data_peer_params params = {
        .id = sfu->next_number++,
        .session = session->number,
        .media_loop = (unsigned)session->loop,
        .remote_port = section->sctp_port,
        .remote_max = max == 0 || max > SIZE_MAX ? SIZE_MAX : (size_t)max,
        .on_event = sfu_data_event,
    };

    snprintf(params.name, sizeof(params.name), "%s", session->id);
    data->id = params.id;
    data->up = data->down = false;
    data->streams = sfu->data->settings->sctp.streams;
    snprintf(data->mid, sizeof(data->mid), "%s", section->mid);

    /* the data loop first: packets name its peer */
    if (data_peer_create(&data->peer, sfu->data, &params)
        || media_peer_set_sctp(session->peer, params.id)) {
        log_error(sfu->log, "session %s: no memory for data channels",
                  session->id);
        data->down = true;
        return;
    }

    open_event(data);
}

/* all channels at once: the data loop frees them with its peer */
static void
forget_channels(struct sfu_data *data)
{
    list_each(node, next, &data->channels) {
        sfu_channel_free(container_of(node, struct sfu_channel, node), false);
    }
}

static void
finish(struct sfu_data *data)
{
    timer_disarm(&data->session->sfu->wheel, &data->renewal);
    data->renews_until = 0;

    if (data->peer != NULL) {
        forget_channels(data);
        data_peer_destroy(data->peer);
        data->peer = NULL;
        data->up = false;
    }
}

void
sfu_data_follow(struct sfu_session *session)
{
    const struct sdp_section *s = sdp_negotiation_data(session->negotiation);
    struct sfu_data *data = session->data;

    if (data != NULL && data->peer != NULL
        && (s == NULL || strcmp(s->mid, data->mid) != 0)) {
        log_info(session->sfu->log, "session %s: no data channels any more",
                 session->id);
        finish(data);
    }

    if (s == NULL || !s->has_data || session->peer == NULL) {
        return;
    }

    data = sfu_data_ensure(session);

    if (data == NULL) {
        log_error(session->sfu->log, "session %s: no memory for data "
                                     "channels", session->id);
    } else if (data->peer == NULL) {
        begin(data, s);
    }
}

void
sfu_data_destroy(struct sfu_data *data)
{
    if (data != NULL) {
        finish(data);
        free(data->event_name);
        free(data);
    }
}

struct sfu_channel *
sfu_data_channel(const struct sfu_data *data, uint16_t stream)
{
    list_each(node, next, &data->channels) {
        struct sfu_channel *ch = container_of(node, struct sfu_channel, node);

        if (ch->stream == stream) {
            return ch;
        }
    }

    return NULL;
}

int
sfu_data_free_stream(const struct sfu_data *data, uint16_t *stream)
{
    uint8_t used[65536 / 8] = { 0 };

    list_each(node, next, &data->channels) {
        uint16_t id = container_of(node, struct sfu_channel, node)->stream;

        used[id / 8] |= (uint8_t)(1 << id % 8);
    }

    for (size_t id = 1; id < data->streams; id++) {
        if (!(used[id / 8] >> id % 8 & 1)) {
            *stream = (uint16_t)id;
            return 0;
        }
    }

    return SFU_ERR_LIMIT;
}


/* what the data loop tells */

static struct sfu_channel *
find(const struct sfu_data *data, uint64_t id)
{
    list_each(node, next, &data->channels) {
        struct sfu_channel *ch = container_of(node, struct sfu_channel, node);

        if (ch->id == id) {
            return ch;
        }
    }

    return NULL;
}

static void
up(struct sfu_data *data, const struct data_event *event)
{
    data->up = true;
    timer_disarm(&data->session->sfu->wheel, &data->renewal);
    data->streams = event->streams < data->streams ? event->streams
                                                   : data->streams;
    log_info(data->session->sfu->log,
             "session %s: data channels are up, %zu streams",
             data->session->id, data->streams);
    queue_run(data->session);
}

/* requests that waited for this may have ended the session */
static void
tell_up(struct sfu *sfu, uint64_t number)
{
    struct sfu_session *session = sfu_by_number(sfu, number);

    if (session != NULL && session->observer != NULL
        && session->observer->data_up != NULL) {
        session->observer->data_up(session->observer);
    }
}

static void
told(struct sfu_data *data, const struct data_event *event)
{
    struct sfu_channel *ch = find(data, event->channel);
    struct sfu_observer *observer = data->session->observer;

    if (ch != NULL && !ch->closing && observer != NULL
        && observer->told != NULL) {
        observer->told(observer, ch->stream, event->text);
    }
}

static void
end_all(struct sfu_data *data)
{
    log_info(data->session->sfu->log, "session %s: data channels are down",
             data->session->id);
    data->up = false;
    data->down = true;

    list_each(node, next, &data->channels) {
        sfu_channel_end(container_of(node, struct sfu_channel, node),
                        "the association ended");
    }

    queue_run(data->session);
}

static void
renewal_timed_out(struct timer *timer, usec_t now)
{
    (void)now;
    end_all(container_of(timer, struct sfu_data, renewal));
}

/* a client that changes its transport keeps its channels open meanwhile */
static void
down(struct sfu_data *data)
{
    struct sfu *sfu = data->session->sfu;

    if (sfu->now >= data->renews_until) {
        end_all(data);
        return;
    }

    log_info(sfu->log, "session %s: data channels wait for another transport",
             data->session->id);
    data->up = false;
    timer_arm(&sfu->wheel, &data->renewal, data->renews_until);
}

void
sfu_data_let_renew(struct sfu_data *data)
{
    if (data != NULL) {
        data->renews_until = data->session->sfu->now + RENEWAL_TIME;
    }
}

/* under its label, unless that is taken, or means something else */
static void
opened(struct sfu_data *data, const struct data_event *event)
{
    bool is_event = data->event_name != NULL
                    && strcmp(event->label, data->event_name) == 0;
    bool has_name = event->label[0] != '\0'
                    && strlen(event->label) <= SFU_IPC_TRACK_NAME_MAX
                    && !is_event
                    && sfu_channel_find(data->session, event->label) == NULL;

    if (sfu_channel_adopt(data, event, has_name ? event->label : NULL)
        == NULL) {
        log_error(data->session->sfu->log, "session %s: out of memory",
                  data->session->id);
        data_channel_destroy(event->opened);
    }
}

static void
closing(struct sfu_data *data, const struct data_event *event)
{
    static const char *const reasons[] = {
        [DATA_END_ASKED] = "as was asked for",
        [DATA_END_PEER] = "by its peer",
        [DATA_END_OVERFLOW] = "it is too slow",
        [DATA_END_NO_ACK] = "no first message came",
    };
    struct sfu_channel *ch = find(data, event->channel);

    if (ch != NULL) {
        sfu_channel_end(ch, reasons[event->end]);
    }
}

static void
closed(struct sfu_data *data, const struct data_event *event)
{
    struct sfu_channel *ch = find(data, event->channel);

    if (ch != NULL) {
        sfu_channel_free(ch, true);
    }
}

static void
handle(struct sfu_data *data, const struct data_event *event)
{
    struct sfu *sfu = data->session->sfu;

    switch (event->type) {
    case DATA_EVENT_UP:
        up(data, event);
        tell_up(sfu, event->session);
        return;
    case DATA_EVENT_DOWN:
        down(data);
        return;
    case DATA_EVENT_OPENED:
        opened(data, event);
        return;
    case DATA_EVENT_CLOSING:
        closing(data, event);
        return;
    case DATA_EVENT_CLOSED:
        closed(data, event);
        return;
    case DATA_EVENT_TOLD:
        told(data, event);
        return;
    }
}

void
sfu_data_event(struct task *task, void *owner)
{
    struct data_event *event = container_of(task, struct data_event, task);
    struct sfu *sfu = owner;
    struct sfu_session *session = sfu != NULL
                                      ? sfu_by_number(sfu, event->session)
                                      : NULL;

    /* what a peer opened that is gone by now, went with it */
    if (session != NULL && session->data != NULL
        && session->data->peer != NULL && session->data->id == event->peer) {
        handle(session->data, event);
    }

    free(event->label);
    free(event->text);
    free(event);
}
