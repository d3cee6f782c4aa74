/*
 * sctp/receive.c - what an association is sent: messages, and news of it.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <stdlib.h>
#include <usrsctp.h>

#include "sctp/sctp_priv.h"

enum {
    READS = 64,                 /* before the next association has its turn */
};

static void
on_change(struct sfu_sctp_association *a, const struct sctp_assoc_change *c)
{
    switch (c->sac_state) {

    case SCTP_COMM_UP:
        if (!a->up) {
            a->up = true;
            a->events->up(a->ctx, c->sac_outbound_streams
                                          < c->sac_inbound_streams
                                      ? c->sac_outbound_streams
                                      : c->sac_inbound_streams);
        }

        return;

    case SCTP_COMM_LOST:
    case SCTP_SHUTDOWN_COMP:
    case SCTP_CANT_STR_ASSOC:
        if (!a->down) {
            a->down = true;
            a->events->down(a->ctx);
        }

        return;
    }
}

static void
on_reset(struct sfu_sctp_association *a,
         const struct sctp_stream_reset_event *e)
{
    size_t count = (e->strreset_length - sizeof(*e))
                   / sizeof(e->strreset_stream_list[0]);

    /* refused: our streams stay as they are, and so do those who ask */
    if (e->strreset_flags
        & (SCTP_STREAM_RESET_DENIED | SCTP_STREAM_RESET_FAILED)) {
        return;
    }

    for (size_t i = 0; i < count; i++) {
        if (e->strreset_flags & SCTP_STREAM_RESET_INCOMING_SSN) {
            a->events->reset(a->ctx, e->strreset_stream_list[i], true);
        }

        if (e->strreset_flags & SCTP_STREAM_RESET_OUTGOING_SSN) {
            a->events->reset(a->ctx, e->strreset_stream_list[i], false);
        }
    }
}

static void
on_notification(struct sfu_sctp_association *a, size_t len)
{
    const union sctp_notification *n = (const void *)a->stack->buffer;

    if (len < sizeof(n->sn_header) || n->sn_header.sn_length != len) {
        return;
    }

    if (n->sn_header.sn_type == SCTP_ASSOC_CHANGE) {
        on_change(a, &n->sn_assoc_change);
    } else if (n->sn_header.sn_type == SCTP_STREAM_RESET_EVENT) {
        on_reset(a, &n->sn_strreset_event);
    }
}

/* a piece; those of one message come one after another */
static void
keep_piece(struct sfu_sctp_association *a, size_t len)
{
    size_t max = a->stack->settings->message_max;
    uint8_t *grown = NULL;

    if (!a->partial_lost && a->partial_len + len <= max) {
        grown = realloc(a->partial, a->partial_len + len);
    }

    if (grown == NULL) {
        a->partial_lost = true;
        return;
    }

    memcpy(grown + a->partial_len, a->stack->buffer, len);
    a->partial = grown;
    a->partial_len += len;
}

static void
on_data(struct sfu_sctp_association *a, size_t len, bool last,
        const struct sctp_rcvinfo *info)
{
    struct span whole = span_of(a->stack->buffer, len);
    bool lost;

    if (a->partial != NULL || a->partial_lost || !last
        || len > a->stack->settings->message_max) {
        keep_piece(a, len);
        whole = span_of(a->partial, a->partial_len);
    }

    if (!last) {
        return;
    }

    lost = a->partial_lost;

    if (lost) {
        a->events->too_long(a->ctx, info->rcv_sid);
    } else {
        a->events->message(a->ctx, info->rcv_sid, ntohl(info->rcv_ppid),
                           whole);
    }

    free(a->partial);
    a->partial = NULL;
    a->partial_len = 0;
    a->partial_lost = false;
}

/* whether there was something */
static bool
read_one(struct sfu_sctp_association *a)
{
    struct sctp_rcvinfo info = { 0 };
    socklen_t info_len = sizeof(info);
    struct sockaddr_conn from;
    socklen_t from_len = sizeof(from);
    unsigned int type = 0;
    int flags = 0;
    ssize_t n = usrsctp_recvv(a->socket, a->stack->buffer,
                              a->stack->settings->message_max + 1,
                              (struct sockaddr *)&from, &from_len, &info,
                              &info_len, &type, &flags);

    if (n <= 0) {
        return false;
    }

    if (flags & MSG_NOTIFICATION) {
        on_notification(a, (size_t)n);
    } else if (type == SCTP_RECVV_RCVINFO) {
        on_data(a, (size_t)n, flags & MSG_EOR, &info);
    }

    return true;
}

void
sfu_sctp_association_work(struct sfu_sctp_association *association)
{
    struct sfu_sctp_association *a = association;
    int left = READS;

    while (!a->down && read_one(a)) {
        if (--left == 0) {
            sfu_sctp_ready(a);  /* behind the others */
            break;
        }
    }

    if (a->up && !a->down) {
        sfu_sctp_try_resets(a);
        a->events->writable(a->ctx);
    }

    /*
     * At once: usrsctp 0.9.5 frees what failed with a timer, which takes a
     * reference to a socket that is still open and never gives it back.
     */
    if (a->down) {
        sfu_sctp_close_socket(a);
    }
}
