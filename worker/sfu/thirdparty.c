/*
 * sfu/thirdparty.c - sessions whose peer is another server.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sfu/thirdparty.h"

#include <stdio.h>

#include "sdp/candidate.h"

static bool
copy(char *to, size_t size, const char *from)
{
    int len = snprintf(to, size, "%s", from);

    return len > 0 && (size_t)len < size;
}

void
thirdparty_follow(struct sfu_session *session, const char *description)
{
    const struct sdp_remote *remote =
        sdp_negotiation_remote(session->negotiation);
    struct sfu *sfu = session->sfu;
    struct ice_remote_params params = { 0 };
    size_t max = sfu->settings->candidates_max;

    if (!session->controlling || session->peer == NULL || !remote->known) {
        return;
    }

    if (!copy(params.ufrag, sizeof(params.ufrag), remote->ufrag)
        || !copy(params.pwd, sizeof(params.pwd), remote->pwd)) {
        log_info(sfu->log, "session %s: ICE credentials of the third party "
                           "are too long", session->id);
        return;
    }

    params.candidate_count = sdp_candidates_read(
        span_str(description), params.candidates,
        max < ICE_REMOTES_MAX ? max : ICE_REMOTES_MAX);

    if (params.candidate_count == 0) {
        log_info(sfu->log, "session %s: the third party told no candidate "
                           "over UDP with a numeric address", session->id);
        return;
    }

    if (media_peer_check(session->peer, &params)) {
        log_error(sfu->log, "session %s: out of memory", session->id);
    }
}
