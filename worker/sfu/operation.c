/*
 * sfu/operation.c - what the operations share: the offer and answer dance.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sfu/operation.h"

#include <stdlib.h>

#include "base/error.h"
#include "sfu/admission.h"
#include "sfu/stream.h"

bool
operation_is_queued(const struct sfu_request *request)
{
    switch (request->type) {
    case SFU_REQUEST_CREATE:
        return request->watch != NULL;
    case SFU_REQUEST_GET:
    case SFU_REQUEST_END:
    case SFU_REQUEST_UPDATE:
    case SFU_REQUEST_LIST:
        return false;
    case SFU_REQUEST_RENEGOTIATE:
        /* an answer is what others may be waiting behind */
        return request->answer == NULL;
    case SFU_REQUEST_CLOSE:
        return !request->force;
    case SFU_REQUEST_PUBLISH:
    case SFU_REQUEST_SUBSCRIBE:
    case SFU_REQUEST_TRICKLE:
    case SFU_REQUEST_ESTABLISH:
    case SFU_REQUEST_PUBLISH_CHANNELS:
    case SFU_REQUEST_SUBSCRIBE_CHANNELS:
    case SFU_REQUEST_UPDATE_CHANNELS:
    case SFU_REQUEST_CLOSE_CHANNELS:
        return true;
    }

    return true;
}

void
operation_supersede(struct sfu_session *session,
                    const struct sfu_request *request)
{
    session->offer_optional = session->offer_optional || request->by_name;
}

void
operation_no_memory(struct sdp_negotiation *copy, struct sfu_reply *reply)
{
    sdp_negotiation_destroy(copy);
    sfu_reply_error(reply, SFU_IPC_ERR_INTERNAL, "out of memory");
}

static void
offer_error(struct sfu_reply *reply, int error, const char *why)
{
    switch (error) {
    case SFU_ERR_NOMEM:
        sfu_reply_error(reply, SFU_IPC_ERR_INTERNAL, "out of memory");
        return;
    case SFU_ERR_MALFORMED:
    case SFU_ERR_LIMIT:
    case SFU_ERR_TRUNCATED:
        sfu_reply_error(reply, SFU_IPC_ERR_SDP_MALFORMED, why);
        return;
    default:
        sfu_reply_error(reply, SFU_IPC_ERR_SDP_UNACCEPTABLE, why);
        return;
    }
}

int
operation_begin(struct sfu_session *session, struct sdp_negotiation **copy,
                struct sfu_reply *reply)
{
    int error = sfu_session_begin(session, copy);

    if (error) {
        operation_no_memory(NULL, reply);
        return error;
    }

    if (sdp_negotiation_state(*copy) == SDP_LOCAL_OFFER) {
        sdp_negotiation_destroy(*copy);
        *copy = NULL;
        sfu_reply_error(reply, SFU_IPC_ERR_OFFER_PENDING,
                        "an offer of ours has not been answered yet");
        return SFU_ERR_STATE;
    }

    return 0;
}

int
operation_apply_offer(struct sfu_session *session, const char *offer,
                      struct sdp_negotiation **copy, struct sfu_reply *reply)
{
    const char *why = "";
    int error = operation_begin(session, copy, reply);

    if (error) {
        return error;
    }

    error = sdp_negotiation_apply_offer(*copy, span_str(offer), &why);

    /* only who publishes by name may begin with nothing */
    if (!error && sdp_negotiation_count(*copy) == 0 && !session->by_name) {
        error = SFU_ERR_MALFORMED;
        why = "no m= section";
    }

    if (error) {
        sdp_negotiation_destroy(*copy);
        *copy = NULL;
        offer_error(reply, error, why);
    }

    return error;
}

int
operation_answer(struct sfu_session *session, struct sdp_negotiation *copy,
                 struct sfu_reply *reply)
{
    int error = sfu_session_follow_restart(session, copy);

    if (!error) {
        error = sdp_negotiation_write_answer(copy, &reply->answer);
    }

    if (error) {
        operation_no_memory(copy, reply);
        return error;
    }

    sfu_session_commit(session, copy);

    return 0;
}

int
operation_offer(struct sfu_session *session, struct sdp_negotiation *copy,
                bool optional, struct sfu_reply *reply)
{
    int error = sdp_negotiation_write_offer(copy, &reply->offer);

    if (error) {
        operation_no_memory(copy, reply);
        return error;
    }

    session->offered = session->sfu->now;
    session->offer_optional = optional;
    sfu_session_commit(session, copy);

    return 0;
}

enum operation_result
operation_run(struct sfu_session *session, struct sfu_request *request,
              struct sfu_reply *reply)
{
    if (admission_refuses(session, request, reply)) {
        return OPERATION_DONE;
    }

    switch (request->type) {
    case SFU_REQUEST_CREATE:
        return stream_watch(session, request, reply);
    case SFU_REQUEST_GET:
        return operation_get(session, request, reply);
    case SFU_REQUEST_PUBLISH:
        return operation_publish(session, request, reply);
    case SFU_REQUEST_SUBSCRIBE:
        return request->by_name
                   ? operation_subscribe_by_name(session, request, reply)
                   : operation_subscribe(session, request, reply);
    case SFU_REQUEST_RENEGOTIATE:
        return operation_renegotiate(session, request, reply);
    case SFU_REQUEST_CLOSE:
        return request->by_name
                   ? operation_close_by_name(session, request, reply)
                   : operation_close(session, request, reply);
    case SFU_REQUEST_UPDATE:
        return operation_update(session, request, reply);
    case SFU_REQUEST_TRICKLE:
        return operation_trickle(session, request, reply);
    case SFU_REQUEST_ESTABLISH:
        return operation_establish(session, request, reply);
    case SFU_REQUEST_PUBLISH_CHANNELS:
        return operation_publish_channels(session, request, reply);
    case SFU_REQUEST_SUBSCRIBE_CHANNELS:
        return operation_subscribe_channels(session, request, reply);
    case SFU_REQUEST_UPDATE_CHANNELS:
        return operation_update_channels(session, request, reply);
    case SFU_REQUEST_CLOSE_CHANNELS:
        return operation_close_channels(session, request, reply);
    case SFU_REQUEST_END:
    case SFU_REQUEST_LIST:
        break;
    }

    return OPERATION_DONE;
}
