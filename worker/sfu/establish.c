/*
 * sfu/establish.c - the m-section of data channels, with or without an offer.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <stdlib.h>

#include "base/error.h"
#include "sfu/operation.h"

static const struct sdp_section *
agreed(const struct sdp_negotiation *n)
{
    const struct sdp_section *s = sdp_negotiation_data(n);

    return s != NULL && s->has_data ? s : NULL;
}

/*
 * A channel that the client knows of from the beginning.  With an offer of
 * ours we open it, with one of the client's the client does.
 */
static int
remember_event(struct sfu_session *session, const struct sfu_request *request)
{
    const struct sfu_request_channel *asked = request->channels;
    struct sfu_data *data = sfu_data_ensure(session);

    if (data == NULL || sfu_reply_set(&data->event_name, asked->name)) {
        return SFU_ERR_NOMEM;
    }

    data->event_stream = asked->id >= 0 ? (uint16_t)asked->id : 0;
    data->opens_event = request->offer == NULL;

    return 0;
}

static int
add_section(struct sdp_negotiation *copy, struct sfu_reply *reply)
{
    size_t index;
    int error;

    /* one of an offer that got lost is offered again */
    if (sdp_negotiation_data(copy) != NULL) {
        return 0;
    }

    error = sdp_negotiation_add_data(copy, &index);

    if (error) {
        sfu_reply_error(reply,
                        error == SFU_ERR_NOMEM ? SFU_IPC_ERR_INTERNAL
                                               : SFU_IPC_ERR_INVALID,
                        error == SFU_ERR_LIMIT ? "too many m= sections"
                                               : "no data channels are to be "
                                                 "had");
    }

    return error;
}

static void
reply_event(const struct sfu_request *request, struct sfu_reply *reply)
{
    if (request->channel_count && reply->error == NULL) {
        reply->channels[0].id = request->channels[0].id >= 0
                                    ? request->channels[0].id
                                    : 0;
    }
}

enum operation_result
operation_establish(struct sfu_session *session,
                    const struct sfu_request *request,
                    struct sfu_reply *reply)
{
    struct sdp_negotiation *copy;
    int error;

    if (agreed(session->negotiation) != NULL) {
        sfu_reply_error(reply, SFU_IPC_ERR_ESTABLISHED,
                        "the session has data channels already");
        return OPERATION_DONE;
    }

    error = request->offer != NULL
                ? operation_apply_offer(session, request->offer, &copy, reply)
                : operation_begin(session, &copy, reply);

    if (error) {
        return OPERATION_DONE;
    }

    if (request->offer != NULL && agreed(copy) == NULL) {
        sdp_negotiation_destroy(copy);
        sfu_reply_error(reply, SFU_IPC_ERR_SDP_UNACCEPTABLE,
                        "the offer has no m=application for data channels");
        return OPERATION_DONE;
    }

    if (request->offer == NULL && add_section(copy, reply)) {
        sdp_negotiation_destroy(copy);
        return OPERATION_DONE;
    }

    if (sfu_reply_channels(reply, request)
        || (request->channel_count && remember_event(session, request))) {
        operation_no_memory(copy, reply);
        return OPERATION_DONE;
    }

    if (request->offer != NULL) {
        operation_answer(session, copy, reply);
    } else {
        operation_offer(session, copy, false, reply);
    }

    reply_event(request, reply);

    return OPERATION_DONE;
}
