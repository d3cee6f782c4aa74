/*
 * sfu/renegotiate.c - the client's answer, or a new offer.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <stdlib.h>

#include "base/error.h"
#include "sfu/operation.h"
#include "sfu/thirdparty.h"

static void
apply_answer(struct sfu_session *session, const char *answer,
             struct sfu_reply *reply)
{
    struct sdp_negotiation *copy = NULL;
    const char *why = "";
    char *kept;
    int error;

    if (sdp_negotiation_state(session->negotiation) != SDP_LOCAL_OFFER) {
        /* the reply to it may have been lost */
        if (session->last_answer == NULL
            || strcmp(session->last_answer, answer) != 0) {
            sfu_reply_error(reply, SFU_IPC_ERR_NO_OFFER,
                            "no offer of ours is waiting for an answer");
        }

        return;
    }

    kept = strdup(answer);
    error = kept != NULL ? sdp_negotiation_clone(&copy, session->negotiation)
                         : SFU_ERR_NOMEM;

    if (!error) {
        error = sdp_negotiation_apply_answer(copy, span_str(answer), &why);
    }

    switch (error) {

    case 0:
        free(session->last_answer);
        session->last_answer = kept;
        sfu_session_commit(session, copy);
        thirdparty_follow(session, answer);
        return;

    case SFU_ERR_NOMEM:
        sfu_reply_error(reply, SFU_IPC_ERR_INTERNAL, "out of memory");
        break;

    case SFU_ERR_MALFORMED:
    case SFU_ERR_LIMIT:
    case SFU_ERR_TRUNCATED:
        sfu_reply_error(reply, SFU_IPC_ERR_SDP_MALFORMED, why);
        break;

    default:
        sfu_reply_error(reply, SFU_IPC_ERR_SDP_UNACCEPTABLE, why);
        break;
    }

    sdp_negotiation_destroy(copy);
    free(kept);
}

void
operation_tell_description(const struct sfu_session *session,
                           struct sfu_request *request)
{
    bool repeated = session->last_answer != NULL
                    && strcmp(session->last_answer, request->description)
                           == 0;

    if (repeated
        || sdp_negotiation_state(session->negotiation) == SDP_LOCAL_OFFER) {
        request->answer = request->description;
    } else {
        request->offer = request->description;
    }

    request->description = NULL;
}

enum operation_result
operation_renegotiate(struct sfu_session *session,
                      const struct sfu_request *request,
                      struct sfu_reply *reply)
{
    struct sdp_negotiation *copy;

    if (request->answer != NULL) {
        apply_answer(session, request->answer, reply);
        return OPERATION_DONE;
    }

    operation_supersede(session, request);

    if (request->offer == NULL) {
        sfu_reply_error(reply, SFU_IPC_ERR_INVALID, "no description");

    } else if (operation_apply_offer(session, request->offer, &copy, reply)
               == 0) {
        operation_answer(session, copy, reply);
    }

    return OPERATION_DONE;
}
