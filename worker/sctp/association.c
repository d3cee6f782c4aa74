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
};

void
sfu_sctp_ready(struct sfu_sctp_association *a)
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
    sfu_sctp_ready(arg);
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

bool
sfu_sctp_set(struct sfu_sctp_association *a, int option, const void *value,
             size_t len)
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

    return sfu_sctp_set(a, SCTP_EVENT, &event, sizeof(event));
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
           && sfu_sctp_set(a, SCTP_NODELAY, &on, sizeof(on))
           && sfu_sctp_set(a, SCTP_RECVRCVINFO, &on, sizeof(on))
           && sfu_sctp_set(a, SCTP_INITMSG, &init, sizeof(init))
           && sfu_sctp_set(a, SCTP_RTOINFO, &rto, sizeof(rto))
           && sfu_sctp_set(a, SCTP_ENABLE_STREAM_RESET, &reset, sizeof(reset))
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

void
sfu_sctp_close_socket(struct sfu_sctp_association *a)
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

    sfu_sctp_close_socket(a);
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
    sfu_sctp_set(a, SCTP_PEER_ADDR_PARAMS, &path, sizeof(path));
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
    sfu_sctp_ready(a);
    sfu_sctp_stack_work(a->stack);
}
