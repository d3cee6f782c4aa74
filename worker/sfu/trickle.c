/*
 * sfu/trickle.c - the client's ICE, told after its offer (RFC 9725, 4.3).
 * Copyright (C) the ngx_sfu_module authors
 */

#include <stdlib.h>

#include "base/error.h"
#include "sdp/fragment.h"
#include "sfu/operation.h"

/* the same credentials: more candidates, which an ICE-lite side ignores */
static bool
is_restart(const struct sfu_session *session,
           const struct sdp_fragment *fragment)
{
    const struct sdp_remote *remote =
        sdp_negotiation_remote(session->negotiation);

    return !span_eq_str(fragment->ufrag, remote->ufrag)
           || !span_eq_str(fragment->pwd, remote->pwd);
}

static void
restart(struct sfu_session *session, const struct sdp_fragment *fragment,
        struct sfu_reply *reply)
{
    struct ice_credentials credentials;
    struct sdp_negotiation *copy = NULL;
    int error = sdp_negotiation_clone(&copy, session->negotiation);

    ice_credentials_make(&credentials);

    if (!error) {
        error = sdp_negotiation_set_remote_ice(copy, fragment->ufrag,
                                               fragment->pwd);
    }

    if (!error) {
        error = sdp_negotiation_set_ice(copy, credentials.ufrag,
                                        credentials.pwd);
    }

    if (!error) {
        error = sdp_fragment_write(copy, &reply->fragment);
    }

    if (error || sfu_reply_set(&reply->etag, credentials.ufrag)) {
        operation_no_memory(copy, reply);
        return;
    }

    sfu_session_commit(session, copy);
}

enum operation_result
operation_trickle(struct sfu_session *session,
                  const struct sfu_request *request, struct sfu_reply *reply)
{
    const char *match = request->match;
    struct sdp_fragment fragment;
    bool any = match != NULL && strcmp(match, "*") == 0;

    if (match == NULL) {
        sfu_reply_error(reply, SFU_IPC_ERR_MATCH_MISSING,
                        "an entity tag is needed");
    } else if (!sdp_negotiation_remote(session->negotiation)->known) {
        sfu_reply_error(reply, SFU_IPC_ERR_INVALID,
                        "nothing was negotiated yet");
    } else if (!any && strcmp(match, session->credentials.ufrag) != 0) {
        sfu_reply_error(reply, SFU_IPC_ERR_MATCH_FAILED,
                        "ICE was restarted since");
    } else if (request->fragment == NULL
               || sdp_fragment_parse(&fragment,
                                     span_str(request->fragment))) {
        sfu_reply_error(reply, SFU_IPC_ERR_SDP_MALFORMED,
                        "not a fragment with ICE credentials");
    } else if (is_restart(session, &fragment)) {
        restart(session, &fragment, reply);
    }

    return OPERATION_DONE;
}
