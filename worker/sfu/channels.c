/*
 * sfu/channels.c - data channels: published, subscribed to, changed, closed.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "base/error.h"
#include "sfu/channel.h"
#include "sfu/stream.h"

/* messages can flow, or the reply says why not, or it is waited for */
static bool
is_up(struct sfu_session *session, const struct sfu_request *request,
      struct sfu_reply *reply, enum operation_result *result)
{
    const struct sfu_data *data = session->data;
    const char *why = NULL;

    *result = OPERATION_DONE;

    if (data != NULL && data->up) {
        return true;
    }

    if (sdp_negotiation_data(session->negotiation) == NULL) {
        why = "no data channels were negotiated";
    } else if (data != NULL && data->down) {
        why = "the data channels of this session have ended";
    } else if (request->last_chance) {
        why = "the session is not connected";
    }

    if (why != NULL) {
        sfu_reply_error(reply, SFU_IPC_ERR_NOT_CONNECTED, why);
    } else {
        *result = OPERATION_WAIT;
    }

    return false;
}

static bool
begin(struct sfu_session *session, const struct sfu_request *request,
      struct sfu_reply *reply, enum operation_result *result)
{
    if (request->channel_count == 0) {
        *result = OPERATION_DONE;
        sfu_reply_error(reply, SFU_IPC_ERR_INVALID, "no data channels");
        return false;
    }

    if (!is_up(session, request, reply, result)) {
        return false;
    }

    if (sfu_reply_channels(reply, request)) {
        operation_no_memory(NULL, reply);
        return false;
    }

    return true;
}

/* what is not given is as before; false: two limits exclude each other */
static bool
take_policy(struct sfu_sctp_policy *policy,
            const struct sfu_request_channel *asked)
{
    if (asked->max_retransmits >= 0 && asked->max_lifetime >= 0) {
        return false;
    }

    if (asked->has_ordered) {
        policy->unordered = !asked->ordered;
    }

    if (asked->max_retransmits >= 0) {
        policy->reliability = SFU_SCTP_RETRANSMITS;
        policy->value = (uint32_t)asked->max_retransmits;
    } else if (asked->max_lifetime >= 0) {
        policy->reliability = SFU_SCTP_LIFETIME;
        policy->value = (uint32_t)asked->max_lifetime;
    }

    return true;
}

/* the stream that is asked for, or any; false: the entry says why not */
static bool
take_stream(struct sfu_data *data, const struct sfu_request_channel *asked,
            struct sfu_reply_channel *r, uint16_t *stream)
{
    if (asked->id < 0) {
        if (sfu_data_free_stream(data, stream)) {
            sfu_reply_channel_error(r, SFU_IPC_TRACK_FAILED,
                                    "too many data channels in this session");
            return false;
        }

        return true;
    }

    *stream = (uint16_t)asked->id;

    if ((size_t)asked->id >= data->streams
        || sfu_data_channel(data, *stream) != NULL) {
        sfu_reply_channel_error(r, SFU_IPC_TRACK_FAILED,
                                "the id is in use, or too high");
        return false;
    }

    return true;
}

static struct sfu_channel *
create(struct sfu_data *data, const struct sfu_request_channel *asked,
       struct sfu_reply_channel *r, struct sfu_channel_params *params)
{
    struct sfu_channel *ch;

    if (!take_policy(&params->policy, asked)) {
        sfu_reply_channel_error(r, SFU_IPC_TRACK_FAILED,
                                "either retransmissions or lifetime can be "
                                "limited");
        return NULL;
    }

    if (!take_stream(data, asked, r, &params->stream)) {
        return NULL;
    }

    ch = sfu_channel_create(data, params);

    if (ch == NULL) {
        sfu_reply_channel_error(r, SFU_IPC_TRACK_INTERNAL, "out of memory");
        return NULL;
    }

    r->id = ch->stream;

    return ch;
}

enum operation_result
operation_publish_channels(struct sfu_session *session,
                           const struct sfu_request *request,
                           struct sfu_reply *reply)
{
    enum operation_result result;

    if (!begin(session, request, reply, &result)) {
        return result;
    }

    for (size_t i = 0; i < request->channel_count; i++) {
        const struct sfu_request_channel *asked = &request->channels[i];
        struct sfu_channel_params params = { .name = asked->name };

        if (sfu_channel_find(session, asked->name) != NULL) {
            sfu_reply_channel_error(&reply->channels[i],
                                    SFU_IPC_TRACK_REPEATED,
                                    "the session publishes a data channel of "
                                    "this name already");
        } else {
            create(session->data, asked, &reply->channels[i], &params);
        }
    }

    return OPERATION_DONE;
}

static struct sfu_channel *
find_publication(struct sfu_session *session,
                 const struct sfu_request_channel *asked)
{
    struct sfu_session *publisher = stream_find(session->sfu, session->app,
                                                asked->publisher);

    return publisher != NULL ? sfu_channel_find(publisher, asked->name) : NULL;
}

static void
subscribe(struct sfu_session *session, const struct sfu_request_channel *asked,
          struct sfu_reply_channel *r)
{
    struct sfu_channel *publication = find_publication(session, asked);
    struct sfu_channel_params params = {
        .name = asked->name,
        .publisher = asked->publisher,
        .publication = publication,
        .wait_ack = asked->wait_ack,
    };
    struct sfu_channel *ch;

    if (publication == NULL) {
        sfu_reply_channel_error(r, SFU_IPC_TRACK_NOT_FOUND,
                                "no such data channel is published");
        return;
    }

    params.policy = publication->policy;
    ch = create(session->data, asked, r, &params);

    if (ch != NULL && asked->can_reply
        && data_channel_set_reply(ch->handle, true)) {
        sfu_reply_channel_error(r, SFU_IPC_TRACK_INTERNAL, "out of memory");
    }
}

enum operation_result
operation_subscribe_channels(struct sfu_session *session,
                             const struct sfu_request *request,
                             struct sfu_reply *reply)
{
    enum operation_result result;

    if (!begin(session, request, reply, &result)) {
        return result;
    }

    for (size_t i = 0; i < request->channel_count; i++) {
        subscribe(session, &request->channels[i], &reply->channels[i]);
    }

    return OPERATION_DONE;
}

/* of what the session subscribes to, or any of this id */
static struct sfu_channel *
find_open(struct sfu_session *session, const struct sfu_request_channel *asked)
{
    if (session->data == NULL) {
        return NULL;
    }

    list_each(node, next, &session->data->channels) {
        struct sfu_channel *ch = container_of(node, struct sfu_channel, node);

        if (ch->closing || (asked->id >= 0 && ch->stream != asked->id)) {
            continue;
        }

        if (asked->name == NULL
            || (ch->name != NULL && strcmp(ch->name, asked->name) == 0
                && ch->publisher != NULL && asked->publisher != NULL
                && strcmp(ch->publisher, asked->publisher) == 0)) {
            return ch;
        }
    }

    return NULL;
}

enum operation_result
operation_update_channels(struct sfu_session *session,
                          const struct sfu_request *request,
                          struct sfu_reply *reply)
{
    if (request->channel_count == 0) {
        sfu_reply_error(reply, SFU_IPC_ERR_INVALID, "no data channels");
        return OPERATION_DONE;
    }

    if (sfu_reply_channels(reply, request)) {
        operation_no_memory(NULL, reply);
        return OPERATION_DONE;
    }

    for (size_t i = 0; i < request->channel_count; i++) {
        const struct sfu_request_channel *asked = &request->channels[i];
        struct sfu_reply_channel *r = &reply->channels[i];
        struct sfu_channel *ch = find_open(session, asked);

        if (ch == NULL || ch->publisher == NULL) {
            sfu_reply_channel_error(r, SFU_IPC_TRACK_NOT_FOUND,
                                    "the session does not subscribe to it");
            continue;
        }

        r->id = ch->stream;
        r->can_reply = asked->can_reply;

        if (asked->has_reply
            && data_channel_set_reply(ch->handle, asked->can_reply)) {
            sfu_reply_channel_error(r, SFU_IPC_TRACK_INTERNAL,
                                    "out of memory");
        }
    }

    return OPERATION_DONE;
}

enum operation_result
operation_close_channels(struct sfu_session *session,
                         const struct sfu_request *request,
                         struct sfu_reply *reply)
{
    if (request->channel_count == 0) {
        sfu_reply_error(reply, SFU_IPC_ERR_INVALID, "no data channels");
        return OPERATION_DONE;
    }

    if (sfu_reply_channels(reply, request)) {
        operation_no_memory(NULL, reply);
        return OPERATION_DONE;
    }

    for (size_t i = 0; i < request->channel_count; i++) {
        struct sfu_reply_channel *r = &reply->channels[i];
        struct sfu_channel *ch = find_open(session, &request->channels[i]);

        r->id = request->channels[i].id;

        if (ch == NULL || ch->name == NULL) {
            sfu_reply_channel_error(r, SFU_IPC_TRACK_NOT_OPEN,
                                    ch == NULL ? "no data channel of this id "
                                                 "is open"
                                               : "it is the server's own");
        } else if (data_channel_end(ch->handle)) {
            sfu_reply_channel_error(r, SFU_IPC_TRACK_INTERNAL,
                                    "out of memory");
        } else {
            sfu_channel_end(ch, "as was asked for");
        }
    }

    return OPERATION_DONE;
}
