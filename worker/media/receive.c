/*
 * media/receive.c - datagrams and framed packets on their way into a loop.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/receive.h"

#include <time.h>

#include "ice/answer.h"
#include "media/ahead.h"
#include "media/checks.h"
#include "media/handshake.h"
#include "media/loop.h"
#include "media/relay.h"
#include "media/sctp.h"
#include "media/transport.h"
#include "rtp/demux.h"

enum {
    /* full bursts before timers and other sources get their turn */
    UDP_TURNS_MAX = 2,
    /* as many as the socket's queue holds, about; one takes microseconds */
    TRAINS_A_TURN = 8192,
    /* of the microseconds that a burst takes to be sent: one a packet */
    WAIT_SHARE = 8,
    WAIT_MIN = 10,
};

/* usual: what it was parsed as, or NULL */
static int
answer(struct media_loop *loop, const struct ice_generation *generation,
       const struct ice_request *usual, struct span datagram,
       const struct address *from, struct sfu_stun_check *check)
{
    const struct media_transport *t = generation->agent->user;
    bool controlling = t->checks != NULL;

    if (usual != NULL && usual->controlling != controlling) {
        return ice_answer(&loop->fingerprint, usual, &generation->integrity,
                          from, check);
    }

    return sfu_stun_answer(controlling ? loop->stun_controlling : loop->stun,
                           datagram, generation->credentials.pwd, from, check);
}

static void
receive_stun(struct media_loop *loop, struct span datagram,
             const struct address *from, const struct address *to,
             struct tcp_connection *tcp)
{
    struct ice_generation *generation = NULL;
    const struct ice_request *usual = NULL;
    struct ice_request request;
    struct sfu_stun_check check;
    struct media_transport *t;
    struct span ufrag;

    /* bit C1 of the type: a response, to a check of ours (RFC 8489, 5) */
    if (tcp == NULL && (datagram.data[0] & 1)) {
        media_checks_response(loop, datagram, from, to);
        return;
    }

    if (ice_request_parse(&request, datagram) == 0) {
        usual = &request;
        generation = ice_directory_ufrag(&loop->ice, request.ufrag);
    } else if (sfu_stun_local_ufrag(datagram, &ufrag) == 0) {
        generation = ice_directory_ufrag(&loop->ice, ufrag);
    }

    if (generation == NULL) {
        media_drop(&loop->counters, MEDIA_DROP_stun_invalid);
        return;
    }

    ice_agent_prefetch(generation->agent);
    t = generation->agent->user;

    if (answer(loop, generation, usual, datagram, from, &check)) {
        media_drop(&loop->counters, MEDIA_DROP_stun_invalid);
        return;
    }

    counter_add(&loop->counters.stun_checks, 1);

    /* what is to end must not be kept alive by its checks */
    if (t->end != MEDIA_END_NONE) {
        return;
    }

    /* the reply goes back the way the check came, not to the selected pair */
    if (tcp != NULL && check.reply_len) {
        tcp_connection_send(tcp, span_of(check.reply, check.reply_len));

    } else if (check.reply_len) {
        struct iovec reply = { check.reply, check.reply_len };

        udp_send_run(&loop->udp, to, from, &reply, 1);
    }

    if (!check.valid || (tcp != NULL && tcp->closing)) {
        return;
    }

    if (tcp != NULL) {
        if (tcp->user != NULL && tcp->user != t) {
            ice_agent_forget_tcp(&((struct media_transport *)tcp->user)->ice,
                                 tcp);
        }

        tcp_connection_prove(tcp);
        tcp->user = t;
    }

    media_transport_checked(t, generation, from, to, tcp, check.use_candidate);
}

/* of a pair that was proved, or t is NULL */
static void
receive_proved(struct media_transport *t, struct media_loop *loop,
               enum rtp_demux kind, uint8_t *data, size_t len,
               const struct address *from)
{
    if (t == NULL) {
        media_drop(&loop->counters, MEDIA_DROP_no_session);
        return;
    }

    switch (kind) {
    case RTP_DEMUX_RTP:
        media_transport_srtp(t, data, len);
        return;
    case RTP_DEMUX_RTCP:
        media_transport_srtcp(t, data, len);
        return;
    case RTP_DEMUX_DTLS:
        media_handshake_datagram(t, span_of(data, len), from);
        return;
    default:
        media_drop(&loop->counters, MEDIA_DROP_unknown);
        return;
    }
}

static enum rtp_demux
count_and_demux(struct media_loop *loop, struct span datagram)
{
    counter_add(&loop->counters.packets_in, 1);
    counter_add(&loop->counters.bytes_in, datagram.len);

    return rtp_demux(datagram);
}

/* it is kept if it has become a part of the burst */
static bool
udp_datagram(void *ctx, struct udp_datagram *d)
{
    struct media_loop *loop = ctx;
    struct span datagram = span_of(d->data, d->len);
    enum rtp_demux kind = count_and_demux(loop, datagram);
    uint64_t before = loop->burst.added;
    struct ice_pair *pair;

    /* a check names its session, and the address is of no help */
    if (kind == RTP_DEMUX_STUN) {
        receive_stun(loop, datagram, &d->from, &d->to, NULL);
        return false;
    }

    pair = ice_directory_address(&loop->ice, &d->from);
    receive_proved(pair != NULL ? pair->agent->user : NULL, loop, kind,
                   d->data, d->len, &d->from);

    return loop->burst.added != before;
}

void
receive_tcp(void *ctx, struct tcp_connection *c, uint8_t *data, size_t len)
{
    struct span packet = span_of(data, len);
    enum rtp_demux kind = count_and_demux(ctx, packet);

    if (kind == RTP_DEMUX_STUN) {
        receive_stun(ctx, packet, &c->from, &c->to, c);
    } else {
        receive_proved(c->user, ctx, kind, data, len, &c->from);
    }

    /* the connection moves what it has read */
    burst_run(ctx);
}

void
receive_tcp_closed(void *ctx, struct tcp_connection *c)
{
    struct media_transport *t = c->user;

    (void)ctx;

    if (t != NULL) {
        ice_agent_forget_tcp(&t->ice, c);
        c->user = NULL;
    }
}

/*
 * All that is there, as far as it can be kept; false: there may be more.  What
 * viewers tell does not count as kept.  When sending takes longer than it
 * should, there is more of that (losses are asked for again), and it fills the
 * socket's queue; what publishers send, and the checks that keep sessions
 * alive, would wait behind it for seconds, and then be lost.
 */
static bool
receive_all(struct media_loop *loop)
{
    static const struct udp_handler handler = { media_look_ahead,
                                                udp_datagram };
    int left = TRAINS_A_TURN;
    int n;

    do {
        n = udp_receive(&loop->udp, &handler, loop);
        n = n > 0 ? n : 0;
        left -= n;
        coalesce_arrived(&loop->coalesce, n);
    } while (n == UDP_BATCH && left > 0);

    return left > 0 && loop->udp.kept < UDP_TRAINS;
}

/*
 * A pacer sends a few packets at once, and the first of them wakes us.  What
 * goes to many viewers then costs more than the rest takes to come, and runs
 * of one packet cost twice as much as runs of four: so a small part of the
 * time that sending takes is spent waiting.  A loop that did not have to wait
 * for the first packet has more to do already.
 */
static void
wait_for_rest(struct media_loop *loop)
{
    usec_t wait = (usec_t)loop->burst.work / WAIT_SHARE;
    struct timespec ts;

    if (wait > loop->settings->burst_wait) {
        wait = loop->settings->burst_wait;
    }

    if (loop->woke - loop->slept < wait || wait < WAIT_MIN) {
        return;
    }

    ts = (struct timespec){ .tv_nsec = wait * 1000 };
    clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
    loop->now = clock_now();
    receive_all(loop);
}

void
receive_udp(struct poll_source *source, uint32_t events)
{
    struct media_loop *loop = container_of(source, struct media_loop,
                                           udp_source);

    (void)events;

    for (int i = 0; i < UDP_TURNS_MAX; i++) {
        bool all;

        loop->now = clock_now();

        /*
         * A session is posted before its client is told of it.  A thread that
         * was held up finds both, the task and the first check, in any order.
         */
        if (mailbox_waits(&loop->mailbox)) {
            media_loop_run_tasks(loop);
        }

        all = receive_all(loop);
        wait_for_rest(loop);

        /* they can begin while we are sending */
        relay_wake(loop);
        media_sctp_wake(loop);
        burst_run(loop);
        outbox_flush(&loop->outbox);
        udp_forget(&loop->udp);

        if (all) {
            return;
        }
    }
}
