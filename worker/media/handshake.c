/*
 * media/handshake.c - DTLS of the transports of a loop, in small portions.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/handshake.h"

#include <stdlib.h>

#include "base/error.h"
#include "media/loop.h"

enum {
    DATAGRAM_MAX = 2048,
    /*
     * Of handshakes in one turn of the loop, microseconds; the last step may
     * go beyond.  A turn that took long already has room for more: else a
     * loop with a thousand viewers would let in a few dozen a second.
     */
    PORTION = 500,
    PORTION_MAX = 2500,
    PORTION_SHARE = 8,
    /* from the end of one association to the first word of the next */
    RENEWAL_TIME = 3 * USEC_PER_SEC,
    /* RFC 6347, 4.1 and 4.2.2: type, version, epoch, ... and the message */
    RECORD_HANDSHAKE = 22,
    MESSAGE_AT = 13,
    CLIENT_HELLO = 1,
    RANDOM_AT = MESSAGE_AT + 12 + 2,
    RANDOM_LEN = 32,
};

/* DTLS speaks rarely, and its datagrams need no sealing */
static void
send_dtls(void *ctx, struct span datagram)
{
    struct media_transport *t = ctx;
    struct outbox_slot *slot;

    if (t->ice.selected == NULL || datagram.len > OUTBOX_SLOT) {
        return;
    }

    slot = outbox_reserve(&t->loop->outbox);
    memcpy(slot->data, datagram.data, datagram.len);
    outbox_commit(&t->loop->outbox, &t->queue, slot, datagram.len);
}

static int
make_srtp(struct media_transport *t)
{
    struct srtp_key_material receive;
    struct srtp_key_material send;
    int error = dtls_srtp_keys(t->dtls, &receive, &send);

    if (!error) {
        error = srtp_opener_create(&t->opener, t->loop->srtp, &receive,
                                   t->loop->settings->streams_max);
    }

    if (!error) {
        error = srtp_rtcp_opener_create(&t->rtcp_opener, t->loop->srtp,
                                        &receive,
                                        t->loop->settings->streams_max);
    }

    if (!error) {
        error = srtp_sealer_create(&t->sealer, t->loop->srtp, &send);
    }

    if (!error) {
        error = srtp_rtcp_sealer_create(&t->rtcp_sealer, t->loop->srtp, &send);
    }

    if (!error) {
        t->profile = send.profile;
    }

    OPENSSL_cleanse(&receive, sizeof(receive));
    OPENSSL_cleanse(&send, sizeof(send));

    return error;
}

static void
failed(struct media_transport *t, const char *reason)
{
    counter_add(&t->loop->counters.handshakes_failed, 1);
    log_info(t->loop->log, "dtls: transport \"%s\": %s",
             t->ice.current.credentials.ufrag, reason);
    media_transport_end(t, MEDIA_END_HANDSHAKE);
}

static void
forget_waiting(struct media_transport *t)
{
    for (size_t i = 0; i < t->waiting_count; i++) {
        free(t->waiting[i]);
    }

    t->waiting_count = 0;
    list_remove(&t->in_handshakes);
}

/* the association, its keys, and all that was made of them */
static void
forget_keys(struct media_transport *t)
{
    dtls_destroy(t->dtls);
    srtp_sealer_destroy(t->sealer);
    srtp_opener_destroy(t->opener);
    srtp_rtcp_opener_destroy(t->rtcp_opener);
    srtp_rtcp_sealer_destroy(t->rtcp_sealer);
    t->dtls = NULL;
    t->sealer = NULL;
    t->opener = NULL;
    t->rtcp_opener = NULL;
    t->rtcp_sealer = NULL;
}

/* sources and sinks stay */
static void
start_over(struct media_transport *t)
{
    forget_waiting(t);
    forget_keys(t);
    t->hello = 0;
    t->renewing = true;
    t->handshake_began = t->loop->now;
    timer_arm(&t->loop->wheel, &t->dtls_timer, t->loop->now + RENEWAL_TIME);
    t->events->renewing(t);
    media_handshake_begin(t);
}

/* whether one of the transports that a client leaves is over */
static bool
renew(struct media_transport *t)
{
    if (!t->renewals || t->loop->now >= t->renewals_end
        || t->end != MEDIA_END_NONE) {
        return false;
    }

    t->renewals--;
    start_over(t);

    return true;
}

static void
moved(struct media_transport *t, enum dtls_state state)
{
    usec_t wait;

    switch (state) {

    case DTLS_HANDSHAKE:
        wait = dtls_wait(t->dtls);

        if (wait >= 0) {
            timer_arm(&t->loop->wheel, &t->dtls_timer, t->loop->now + wait);
        }

        return;

    case DTLS_CONNECTED:
        if (t->rtcp_sealer == NULL && t->end == MEDIA_END_NONE) {
            timer_disarm(&t->loop->wheel, &t->dtls_timer);

            if (make_srtp(t)) {
                failed(t, "no SRTP profile in common");
                return;
            }

            counter_add(&t->loop->counters.handshakes, 1);
            t->renewing = false;
            t->events->connected(t);
        }

        return;

    case DTLS_CLOSED:
        if (!renew(t)) {
            media_transport_end(t, MEDIA_END_CLOSED);
        }

        return;

    case DTLS_FAILED:
        /* what a transport that was left still sends may have spoilt it */
        if (t->renewing && t->loop->now < t->renewals_end) {
            start_over(t);
        } else if (t->end == MEDIA_END_NONE) {
            failed(t, dtls_reason(t->dtls));
        }

        return;
    }
}

static void
timer_fired(struct timer *timer, usec_t now)
{
    struct media_transport *t = container_of(timer, struct media_transport,
                                             dtls_timer);

    if (t->renewing && t->hello == 0
        && media_loop_silence(t->loop, t->handshake_began, now)
               >= RENEWAL_TIME) {
        media_transport_end(t, MEDIA_END_CLOSED);
        return;
    }

    if (media_loop_silence(t->loop, t->handshake_began, now)
        > t->loop->settings->handshake_time) {
        failed(t, "handshake timed out");
        return;
    }

    if (t->dtls != NULL) {
        moved(t, dtls_timeout(t->dtls));
    }
}

void
media_handshake_init(struct media_transport *t)
{
    list_init(&t->in_handshakes);
    timer_init(&t->dtls_timer, timer_fired);
}

void
media_handshake_stop(struct media_transport *t)
{
    timer_disarm(&t->loop->wheel, &t->dtls_timer);
    list_remove(&t->in_handshakes);
}

void
media_handshake_close(struct media_transport *t)
{
    /* pc.close() on the other side: tell it, as some stacks listen */
    if (t->dtls != NULL) {
        dtls_close(t->dtls);
        outbox_flush(&t->loop->outbox);
    }
}

void
media_handshake_fini(struct media_transport *t)
{
    media_handshake_stop(t);
    forget_keys(t);
    forget_waiting(t);
}

/* lets DTLS read, and takes that time from the portion */
static void
step(struct media_transport *t, struct span datagram)
{
    usec_t began = clock_now();

    moved(t, dtls_receive(t->dtls, datagram));
    t->loop->handshake_portion -= clock_now() - began;
}

/* what came first of what waits */
static void
step_first(struct media_transport *t)
{
    uint8_t *first = t->waiting[0];
    size_t len = t->waiting_len[0];

    t->waiting_count--;

    for (size_t i = 0; i < t->waiting_count; i++) {
        t->waiting[i] = t->waiting[i + 1];
        t->waiting_len[i] = t->waiting_len[i + 1];
    }

    step(t, span_of(first, len));
    free(first);
}

/*
 * What comes after the handshake is no work, and must not wait for others': it
 * may say that the peer leaves, and until then media goes to nobody.
 */
static void
step_rest(struct media_transport *t)
{
    while (t->waiting_count && media_transport_connected(t)) {
        step_first(t);
    }
}

/* not past those that wait: newcomers would take the portion of every turn */
static bool
may_step(const struct media_transport *t)
{
    return t->loop->handshake_portion > 0 && t->waiting_count == 0
           && list_empty(&t->loop->handshakes);
}

/*
 * A client may shake hands as soon as it has our offer, while its answer is
 * still on its way through nginx.  Waiting for its retransmission would cost
 * a second, so the first datagrams are kept.  Whether this one was.
 */
static bool
keep(struct media_transport *t, struct span datagram)
{
    uint8_t *copy = NULL;

    if (t->waiting_count < TRANSPORT_WAITING_MAX
        && datagram.len <= DATAGRAM_MAX) {
        copy = malloc(datagram.len);
    }

    if (copy == NULL) {
        media_drop(&t->loop->counters, MEDIA_DROP_not_ready);
        return false;
    }

    memcpy(copy, datagram.data, datagram.len);
    t->waiting[t->waiting_count] = copy;
    t->waiting_len[t->waiting_count] = datagram.len;
    t->waiting_count++;

    return true;
}

static void
wait_for_turn(struct media_transport *t)
{
    list_remove(&t->in_handshakes);
    list_append(&t->loop->handshakes, &t->in_handshakes);
    t->waits_since = t->loop->now;
}

void
media_handshake_begin(struct media_transport *t)
{
    if (t->dtls != NULL || !t->remote_known || t->ice.selected == NULL
        || t->end != MEDIA_END_NONE) {
        return;
    }

    if (dtls_create(&t->dtls, t->loop->dtls, t->dtls_active, &t->fingerprint,
                    send_dtls, t)) {
        failed(t, "cannot begin");
        return;
    }

    moved(t, dtls_start(t->dtls));

    if (t->waiting_count && t->end == MEDIA_END_NONE) {
        wait_for_turn(t);
    }
}

/* some number for the random one of a ClientHello; 0: it is none */
static uint32_t
hello_of(struct span datagram)
{
    const uint8_t *d = datagram.data;
    uint32_t hash = 1;

    /* of the epoch in which there are no keys yet */
    if (datagram.len < RANDOM_AT + RANDOM_LEN || d[0] != RECORD_HANDSHAKE
        || d[3] != 0 || d[4] != 0 || d[MESSAGE_AT] != CLIENT_HELLO) {
        return 0;
    }

    for (size_t i = 0; i < RANDOM_LEN; i++) {
        hash = hash * 31 + d[RANDOM_AT + i];
    }

    return hash ? hash : 1;
}

/*
 * Whoever shakes hands anew has left the association before, whose
 * close_notify is late or lost, or which never came about.  Until the new one
 * stands, what still comes from that transport would disturb it: false.
 */
static bool
look_for_hello(struct media_transport *t, struct span datagram,
               const struct address *from)
{
    uint32_t hello = hello_of(datagram);
    const struct ice_pair *pair;
    uint8_t epoch;

    if (hello == 0 && !t->renewing) {
        return true;            /* nearly always */
    }

    pair = ice_agent_pair(&t->ice, from);
    epoch = pair != NULL ? pair->epoch : t->ice.epoch;

    if (hello != 0 && hello != t->hello) {
        if (t->hello != 0) {
            renew(t);
        }

        if (t->hello == 0) {
            t->hello = hello;
            t->hello_epoch = epoch;
        }
    }

    return !t->renewing || (t->hello != 0 && epoch == t->hello_epoch);
}

void
media_handshake_datagram(struct media_transport *t, struct span datagram,
                         const struct address *from)
{
    if (t->end != MEDIA_END_NONE) {
        return;
    }

    if (!look_for_hello(t, datagram, from)) {
        media_drop(&t->loop->counters, MEDIA_DROP_not_ready);
        return;
    }

    if (t->dtls == NULL) {
        keep(t, datagram);
        return;
    }

    step_rest(t);

    /* no step of a handshake any more: it costs no more than a packet */
    if (media_transport_connected(t)) {
        moved(t, dtls_receive(t->dtls, datagram));
        return;
    }

    if (may_step(t)) {
        step(t, datagram);
        return;
    }

    /* a place in the queue is for something that waits, and is not lost */
    if (t->end == MEDIA_END_NONE && keep(t, datagram)
        && t->waiting_count == 1) {
        wait_for_turn(t);
    }
}

static void
take_turn(struct media_transport *t)
{
    /* behind the others, before it may be taken out for good */
    if (t->waiting_count > 1) {
        wait_for_turn(t);
    }

    step_first(t);
    step_rest(t);

    if (t->waiting_count == 0) {
        list_remove(&t->in_handshakes);
    }
}

/* the queue is in order of time, but for those that were taken out */
static usec_t
longest_wait(const struct media_loop *loop)
{
    const struct list *first = loop->handshakes.next;

    return list_empty(&loop->handshakes)
               ? 0
               : loop->now - container_of(first, struct media_transport,
                                          in_handshakes)->waits_since;
}

static usec_t
next_portion(const struct media_loop *loop)
{
    usec_t turn = loop->woke ? loop->now - loop->woke : 0;
    usec_t portion = turn / PORTION_SHARE;

    return portion < PORTION ? PORTION
           : portion > PORTION_MAX ? PORTION_MAX
                                   : portion;
}

bool
media_handshakes_run(struct media_loop *loop)
{
    struct list *node;

    while (loop->handshake_portion > 0
           && (node = list_shift(&loop->handshakes)) != NULL) {
        take_turn(container_of(node, struct media_transport, in_handshakes));
    }

    loop->handshake_portion = next_portion(loop);
    counter_set(&loop->counters.handshake_wait, (uint64_t)longest_wait(loop));

    return !list_empty(&loop->handshakes);
}
