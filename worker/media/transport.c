/*
 * media/transport.c - a session's ICE, DTLS and SRTP, wired together.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/transport.h"

#include <stdlib.h>

#include "base/error.h"
#include "media/loop.h"

enum {
    EARLY_BYTES_MAX = 2048,
    CONSENT_CHECK = USEC_PER_SEC,
};

void
media_transport_end(struct media_transport *t, enum media_end cause)
{
    if (t->end == MEDIA_END_NONE) {
        t->end = cause;
        timer_disarm(&t->loop->wheel, &t->dtls_timer);
        timer_disarm(&t->loop->wheel, &t->consent_timer);
        t->events->ended(t, cause);
    }
}

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
        error = sfu_srtp_create(&t->srtp_in, SRTP_RECEIVE, &receive,
                                t->loop->settings->streams_max);
    }

    if (!error) {
        error = srtp_sealer_create(&t->sealer, t->loop->srtp, &send);
    }

    if (!error) {
        error = sfu_srtp_create(&t->srtp_out, SRTP_SEND, &send, 0);
    }

    if (!error) {
        t->profile = send.profile;
    }

    OPENSSL_cleanse(&receive, sizeof(receive));
    OPENSSL_cleanse(&send, sizeof(send));

    return error;
}

static void
handshake_failed(struct media_transport *t, const char *reason)
{
    counter_add(&t->loop->counters.handshakes_failed, 1);
    log_info(t->loop->log, "dtls: transport \"%s\": %s",
             t->ice.current.credentials.ufrag, reason);
    media_transport_end(t, MEDIA_END_HANDSHAKE);
}

static void
dtls_moved(struct media_transport *t, enum dtls_state state)
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
        if (t->srtp_out == NULL && t->end == MEDIA_END_NONE) {
            timer_disarm(&t->loop->wheel, &t->dtls_timer);

            if (make_srtp(t)) {
                handshake_failed(t, "no SRTP profile in common");
                return;
            }

            counter_add(&t->loop->counters.handshakes, 1);
            t->events->connected(t);
        }

        return;

    case DTLS_CLOSED:
        media_transport_end(t, MEDIA_END_CLOSED);
        return;

    case DTLS_FAILED:
        if (t->end == MEDIA_END_NONE) {
            handshake_failed(t, dtls_reason(t->dtls));
        }

        return;
    }
}

/* both a proven address and a fingerprint are needed to begin */
static void
begin_dtls(struct media_transport *t)
{
    if (t->dtls != NULL || !t->remote_known || t->ice.selected == NULL
        || t->end != MEDIA_END_NONE) {
        return;
    }

    if (dtls_create(&t->dtls, t->loop->dtls, t->dtls_active, &t->fingerprint,
                    send_dtls, t)) {
        handshake_failed(t, "cannot begin");
        return;
    }

    dtls_moved(t, dtls_start(t->dtls));

    for (int i = 0; i < TRANSPORT_EARLY_MAX && t->early[i] != NULL; i++) {
        dtls_moved(t, dtls_receive(t->dtls, span_of(t->early[i],
                                                    t->early_len[i])));
        free(t->early[i]);
        t->early[i] = NULL;
    }
}

static void
dtls_timer_fired(struct timer *timer, usec_t now)
{
    struct media_transport *t = container_of(timer, struct media_transport,
                                             dtls_timer);

    if (media_loop_silence(t->loop, t->handshake_began, now)
        > t->loop->settings->handshake_time) {
        handshake_failed(t, "handshake timed out");
        return;
    }

    dtls_moved(t, dtls_timeout(t->dtls));
}

static void
consent_timer_fired(struct timer *timer, usec_t now)
{
    struct media_transport *t = container_of(timer, struct media_transport,
                                             consent_timer);
    usec_t silence = media_loop_silence(t->loop, t->ice.last_check, now);

    if (silence > t->loop->settings->consent_expired) {
        media_transport_end(t, MEDIA_END_EXPIRED);
        return;
    }

    if (!t->consent_lost && silence > t->loop->settings->consent_lost) {
        t->consent_lost = true;
        t->events->consent(t, false);
    }

    timer_arm(&t->loop->wheel, &t->consent_timer, now + CONSENT_CHECK);
}

void
media_transport_init(struct media_transport *t, struct media_loop *loop,
                     const struct media_transport_events *events,
                     const struct ice_credentials *credentials)
{
    *t = (struct media_transport){ .loop = loop, .events = events };
    ice_agent_init(&t->ice, &loop->ice, credentials, t);
    outbox_queue_init(&t->queue, &t->ice);
    timer_init(&t->dtls_timer, dtls_timer_fired);
    timer_init(&t->consent_timer, consent_timer_fired);
    counter_add(&loop->counters.transports, 1);
}

void
media_transport_fini(struct media_transport *t)
{
    /* pc.close() on the other side: tell it, as some stacks listen */
    if (t->dtls != NULL) {
        dtls_close(t->dtls);
        outbox_flush(&t->loop->outbox);
    }

    timer_disarm(&t->loop->wheel, &t->dtls_timer);
    timer_disarm(&t->loop->wheel, &t->consent_timer);

    for (int i = 0; i < ICE_PAIRS_MAX; i++) {
        struct tcp_connection *tcp = t->ice.pairs[i].tcp;

        if (tcp != NULL) {
            tcp->user = NULL;
            tcp_connection_close(tcp);
        }
    }

    outbox_queue_fini(&t->loop->outbox, &t->queue);
    ice_agent_fini(&t->ice);
    dtls_destroy(t->dtls);
    sfu_srtp_destroy(t->srtp_in);
    sfu_srtp_destroy(t->srtp_out);
    srtp_sealer_destroy(t->sealer);

    for (int i = 0; i < TRANSPORT_EARLY_MAX; i++) {
        free(t->early[i]);
    }

    counter_add(&t->loop->counters.transports, (uint64_t)-1);
}

void
media_transport_set_remote(struct media_transport *t, bool dtls_active,
                           const struct dtls_fingerprint *fingerprint)
{
    if (t->remote_known) {
        return;
    }

    t->remote_known = true;
    t->dtls_active = dtls_active;
    t->fingerprint = *fingerprint;
    t->handshake_began = t->loop->now;
    begin_dtls(t);
}

void
media_transport_checked(struct media_transport *t, struct ice_generation *by,
                        const struct address *remote,
                        const struct address *local,
                        struct tcp_connection *tcp, bool use_candidate)
{
    bool first = t->ice.last_check == 0;
    struct tcp_connection *displaced;

    displaced = ice_agent_checked(&t->ice, by, remote, local, tcp,
                                  use_candidate, t->loop->now);

    /* what no pair names would outlive us, and still point here */
    if (displaced != NULL) {
        displaced->user = NULL;
        tcp_connection_close(displaced);
    }

    if (first) {
        t->handshake_began = t->loop->now;
        timer_arm(&t->loop->wheel, &t->consent_timer,
                  t->loop->now + CONSENT_CHECK);
    }

    if (t->consent_lost) {
        t->consent_lost = false;
        t->events->consent(t, true);
    }

    begin_dtls(t);
}

/*
 * A client may shake hands as soon as it has our offer, while its answer is
 * still on its way through nginx.  Waiting for its retransmission would cost
 * a second, so the first datagrams are kept.
 */
static void
keep_early(struct media_transport *t, struct span datagram)
{
    for (int i = 0; i < TRANSPORT_EARLY_MAX; i++) {
        if (t->early[i] != NULL) {
            continue;
        }

        if (datagram.len <= EARLY_BYTES_MAX) {
            t->early[i] = malloc(datagram.len);
        }

        if (t->early[i] != NULL) {
            memcpy(t->early[i], datagram.data, datagram.len);
            t->early_len[i] = datagram.len;
            return;
        }

        break;
    }

    media_drop(&t->loop->counters, MEDIA_DROP_not_ready);
}

void
media_transport_dtls(struct media_transport *t, struct span datagram)
{
    if (t->end != MEDIA_END_NONE) {
        return;
    }

    if (t->dtls == NULL) {
        keep_early(t, datagram);
        return;
    }

    dtls_moved(t, dtls_receive(t->dtls, datagram));
}

static void
count_srtp_error(struct media_transport *t, int error)
{
    media_drop(&t->loop->counters, error == SFU_ERR_EXISTS
                                       ? MEDIA_DROP_srtp_replay
                                       : MEDIA_DROP_srtp_auth);
}

void
media_transport_srtp(struct media_transport *t, uint8_t *data, size_t len)
{
    int error;

    if (!media_transport_connected(t)) {
        media_drop(&t->loop->counters, MEDIA_DROP_not_ready);
        return;
    }

    if (len < 12 || len > MEDIA_PACKET_MAX) {
        media_drop(&t->loop->counters, len < 12 ? MEDIA_DROP_malformed
                                                : MEDIA_DROP_too_long);
        return;
    }

    error = sfu_srtp_open(t->srtp_in, data, &len);

    if (error) {
        count_srtp_error(t, error);
        return;
    }

    t->events->rtp(t, data, len);
}

void
media_transport_srtcp(struct media_transport *t, uint8_t *data, size_t len)
{
    int error;

    if (!media_transport_connected(t)) {
        media_drop(&t->loop->counters, MEDIA_DROP_not_ready);
        return;
    }

    error = sfu_srtp_open_rtcp(t->srtp_in, data, &len);

    if (error) {
        count_srtp_error(t, error);
        return;
    }

    t->events->rtcp(t, span_of(data, len));
}

static void
sealed(struct media_transport *t, struct outbox_slot *slot, size_t len,
       int error)
{
    if (error) {
        media_drop(&t->loop->counters, MEDIA_DROP_send_failed);
        outbox_return(&t->loop->outbox, slot);
        return;
    }

    outbox_commit(&t->loop->outbox, &t->queue, slot, len);
}

void
media_transport_send_rtp(struct media_transport *t, struct outbox_slot *slot,
                         size_t header_len, size_t payload_len,
                         uint64_t index)
{
    struct span payload = span_of(slot->data + header_len, payload_len);
    int error = srtp_sealer_add(t->sealer, slot->data, header_len, payload,
                                index);

    if (srtp_engine_finish(t->loop->srtp)) {
        error = SFU_ERR_LIBRARY;
    }

    sealed(t, slot,
           header_len + payload_len + srtp_sealer_tag_len(t->sealer), error);
}

void
media_transport_send_rtcp(struct media_transport *t, struct outbox_slot *slot,
                          size_t len)
{
    int error = sfu_srtp_seal_rtcp(t->srtp_out, slot->data, &len);

    sealed(t, slot, len, error);
}
