/*
 * sctp/send.c - what an association sends: messages, and ends of streams.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <errno.h>
#include <stdlib.h>
#include <usrsctp.h>

#include "base/error.h"
#include "sctp/sctp_priv.h"

enum {
    RESETS = 32,                /* streams in one request */
};

int
sfu_sctp_send(struct sfu_sctp_association *association, uint16_t stream,
              uint32_t ppid, const struct sfu_sctp_policy *policy,
              struct span bytes)
{
    struct sfu_sctp_association *a = association;
    struct sctp_sendv_spa info = {
        .sendv_flags = SCTP_SEND_SNDINFO_VALID,
        .sendv_sndinfo = {
            .snd_sid = stream,
            .snd_flags = SCTP_EOR | (policy->unordered ? SCTP_UNORDERED : 0),
            .snd_ppid = htonl(ppid),
        },
    };

    if (!a->up || a->down) {
        return SFU_ERR_STATE;
    }

    if (policy->reliability != SFU_SCTP_RELIABLE) {
        info.sendv_flags |= SCTP_SEND_PRINFO_VALID;
        info.sendv_prinfo.pr_policy =
            policy->reliability == SFU_SCTP_RETRANSMITS ? SCTP_PR_SCTP_RTX
                                                        : SCTP_PR_SCTP_TTL;
        info.sendv_prinfo.pr_value = policy->value;

        /* no time at all would mean for ever */
        if (policy->reliability == SFU_SCTP_LIFETIME && policy->value == 0) {
            info.sendv_prinfo.pr_value = 1;
        }
    }

    if (usrsctp_sendv(a->socket, bytes.data, bytes.len, NULL, 0, &info,
                      sizeof(info), SCTP_SENDV_SPA, 0) >= 0) {
        return 0;
    }

    /* short of memory is as good as full */
    return errno == EWOULDBLOCK || errno == EAGAIN || errno == ENOBUFS
                   || errno == ENOMEM
               ? SFU_ERR_AGAIN
               : SFU_ERR_LIBRARY;
}

/* as many as there are, in one request, unless one is on its way */
void
sfu_sctp_try_resets(struct sfu_sctp_association *a)
{
    struct sctp_reset_streams head = {
        .srs_flags = SCTP_STREAM_RESET_OUTGOING,
    };
    size_t count = a->reset_count < RESETS ? a->reset_count : RESETS;
    size_t len = count * sizeof(a->resets[0]);
    uint8_t request[sizeof(head) + RESETS * sizeof(a->resets[0])];

    if (count == 0 || !a->up || a->down) {
        return;
    }

    head.srs_number_streams = (uint16_t)count;
    memcpy(request, &head, sizeof(head));
    memcpy(request + sizeof(head), a->resets, len);

    if (sfu_sctp_set(a, SCTP_RESET_STREAMS, request, sizeof(head) + len)
        || (errno != EALREADY && errno != EAGAIN && errno != EBUSY)) {
        a->reset_count -= count;
        memmove(a->resets, a->resets + count,
                a->reset_count * sizeof(a->resets[0]));
    }
}

int
sfu_sctp_reset(struct sfu_sctp_association *association, uint16_t stream)
{
    struct sfu_sctp_association *a = association;

    if (a->reset_count == a->reset_room) {
        size_t room = a->reset_room ? 2 * a->reset_room : 8;
        uint16_t *resets = realloc(a->resets, room * sizeof(*resets));

        if (resets == NULL) {
            return SFU_ERR_NOMEM;
        }

        a->resets = resets;
        a->reset_room = room;
    }

    a->resets[a->reset_count++] = stream;
    sfu_sctp_try_resets(a);

    return 0;
}
