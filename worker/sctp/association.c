/*
 * sctp/association.c - one SCTP association over DTLS, on usrsctp.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sctp/association.h"

#include <errno.h>
#include <stdlib.h>
#include <usrsctp.h>

#include "base/error.h"
#include "sctp/sctp_priv.h"

enum {
    LOCAL_PORT = 5000,          /* of all: DTLS tells sessions apart */
    RTO_INITIAL = 1000,         /* ms; a session without checks */
    RTO_MIN = 200,              /* is over after half a minute, so what is */
    RTO_MAX = 5000,             /* lost must not wait for a whole one */
    ATTEMPTS = 10,              /* of INIT, and of data, before it is down */
    READS = 64,                 /* before the next association has its turn */
    RESETS = 32,                /* streams in one request */
};

static void
ready(struct sfu_sctp_association *a)
{
    if (a->ready.next == &a->ready) {
        list_append(&a->stack->ready, &a->ready);
    }
}

static void
upcall(struct socket *socket, void *arg, int flags)
{
    (void)socket;
    (void)flags;
    ready(arg);
}

static struct sockaddr_conn
address(const struct sfu_sctp_association *a, uint16_t port)
{
    return (struct sockaddr_conn){
        .sconn_family = AF_CONN,
        .sconn_port = htons(port),
        .sconn_addr = a->address,
    };
}

static bool
set(struct sfu_sctp_association *a, int option, const void *value, size_t len)
{
    return usrsctp_setsockopt(a->socket, IPPROTO_SCTP, option, value,
                              (socklen_t)len) == 0;
}

static bool
notify_of(struct sfu_sctp_association *a, uint16_t type)
{
    struct sctp_event event = {
        .se_assoc_id = SCTP_ALL_ASSOC, .se_type = type, .se_on = 1,
    };

    return set(a, SCTP_EVENT, &event, sizeof(event));
}

/*
 * A message goes in whole where the buffer has room for it, so that messages
 * of several streams never have to be put together side by side.
 */
static bool
set_buffers(struct sfu_sctp_association *a)
{
    int bytes = (int)(2 * a->stack->settings->message_max);

    return usrsctp_setsockopt(a->socket, SOL_SOCKET, SO_SNDBUF, &bytes,
                              sizeof(bytes)) == 0
           && usrsctp_setsockopt(a->socket, SOL_SOCKET, SO_RCVBUF, &bytes,
                                 sizeof(bytes)) == 0;
}

static bool
configure(struct sfu_sctp_association *a)
{
    const struct sfu_sctp_settings *settings = a->stack->settings;
    struct linger linger = { .l_onoff = 1, .l_linger = 0 };
    struct sctp_initmsg init = {
        .sinit_num_ostreams = (uint16_t)settings->streams,
        .sinit_max_instreams = (uint16_t)settings->streams,
        .sinit_max_attempts = ATTEMPTS,
        .sinit_max_init_timeo = RTO_MAX,
    };
    struct sctp_rtoinfo rto = {
        .srto_assoc_id = SCTP_FUTURE_ASSOC, .srto_initial = RTO_INITIAL,
        .srto_max = RTO_MAX, .srto_min = RTO_MIN,
    };
    struct sctp_assoc_value reset = {
        .assoc_id = SCTP_FUTURE_ASSOC,
        .assoc_value = SCTP_ENABLE_RESET_STREAM_REQ,
    };
    int on = 1;

    return set_buffers(a)
           && usrsctp_setsockopt(a->socket, SOL_SOCKET, SO_LINGER, &linger,
                                 sizeof(linger)) == 0
           && set(a, SCTP_NODELAY, &on, sizeof(on))
           && set(a, SCTP_RECVRCVINFO, &on, sizeof(on))
           && set(a, SCTP_INITMSG, &init, sizeof(init))
           && set(a, SCTP_RTOINFO, &rto, sizeof(rto))
           && set(a, SCTP_ENABLE_STREAM_RESET, &reset, sizeof(reset))
           && notify_of(a, SCTP_ASSOC_CHANGE)
           && notify_of(a, SCTP_STREAM_RESET_EVENT)
           && usrsctp_set_non_blocking(a->socket, 1) == 0
           && usrsctp_set_upcall(a->socket, upcall, a) == 0;
}

int
sfu_sctp_create(struct sfu_sctp_association **association,
                struct sfu_sctp_stack *stack,
                const struct sfu_sctp_events *events, void *ctx)
{
    struct sfu_sctp_association *a = calloc(1, sizeof(*a));
    struct sockaddr_conn local;

    *association = NULL;

    if (a == NULL) {
        return SFU_ERR_NOMEM;
    }

    a->stack = stack;
    a->events = events;
    a->ctx = ctx;
    list_init(&a->ready);
    stack->associations++;
    a->address = sfu_sctp_address_take(stack);

    if (a->address == NULL) {
        sfu_sctp_destroy(a);
        return SFU_ERR_NOMEM;
    }

    a->address->association = a;
    usrsctp_register_address(a->address);
    local = address(a, LOCAL_PORT);
    a->socket = usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, NULL, NULL,
                               0, NULL);

    if (a->socket == NULL || !configure(a)
        || usrsctp_bind(a->socket, (struct sockaddr *)&local, sizeof(local))) {
        sfu_sctp_destroy(a);
        return SFU_ERR_LIBRARY;
    }

    *association = a;

    return 0;
}

static void
close_socket(struct sfu_sctp_association *a)
{
    if (a->socket != NULL) {
        usrsctp_set_upcall(a->socket, NULL, NULL);
        usrsctp_close(a->socket);
        a->socket = NULL;
    }

    if (a->address != NULL) {
        usrsctp_deregister_address(a->address);
        sfu_sctp_address_leave(a->stack, a->address);
        a->address = NULL;
    }
}

void
sfu_sctp_destroy(struct sfu_sctp_association *association)
{
    struct sfu_sctp_association *a = association;

    if (a == NULL) {
        return;
    }

    close_socket(a);
    list_remove(&a->ready);
    a->stack->associations--;
    free(a->partial);
    free(a->resets);
    free(a);
}

int
sfu_sctp_connect(struct sfu_sctp_association *association,
                 uint16_t remote_port)
{
    struct sfu_sctp_association *a = association;
    struct sockaddr_conn remote = address(a, remote_port);
    struct sctp_paddrparams path = {
        .spp_pathmtu = SFU_SCTP_PACKET_MAX,
        /* ICE asks for consent already (RFC 8831, 6.2; RFC 7675) */
        .spp_flags = SPP_PMTUD_DISABLE | SPP_HB_DISABLE,
    };

    if (usrsctp_connect(a->socket, (struct sockaddr *)&remote, sizeof(remote))
            == -1
        && errno != EINPROGRESS) {
        return SFU_ERR_LIBRARY;
    }

    memcpy(&path.spp_address, &remote, sizeof(remote));
    set(a, SCTP_PEER_ADDR_PARAMS, &path, sizeof(path));
    a->stack->active = a->stack->now;
    sfu_sctp_stack_work(a->stack);

    return 0;
}

void
sfu_sctp_receive(struct sfu_sctp_association *association, struct span packet)
{
    struct sfu_sctp_association *a = association;

    if (a->down) {
        return;
    }

    a->stack->active = a->stack->now;
    usrsctp_conninput(a->address, packet.data, packet.len, 0);
    /* it may have acknowledged something, which has no upcall of its own */
    ready(a);
    sfu_sctp_stack_work(a->stack);
}


/* out */

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
static void
try_resets(struct sfu_sctp_association *a)
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

    if (set(a, SCTP_RESET_STREAMS, request, sizeof(head) + len)
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
    try_resets(a);

    return 0;
}


/* in */

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
            ready(a);           /* behind the others */
            break;
        }
    }

    if (a->up && !a->down) {
        try_resets(a);
        a->events->writable(a->ctx);
    }

    /*
     * At once: usrsctp 0.9.5 frees what failed with a timer, which takes a
     * reference to a socket that is still open and never gives it back.
     */
    if (a->down) {
        close_socket(a);
    }
}
