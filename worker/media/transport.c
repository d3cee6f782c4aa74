/*
 * media/transport.c - a session's ICE, DTLS and SRTP, wired together.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/transport.h"

#include <stdlib.h>

#include "base/error.h"
#include "media/checks.h"
#include "media/handshake.h"
#include "media/loop.h"

/* our offer may be answered late, and the client moves when it does so */
enum { RENEWALS_TIME = 30 * USEC_PER_SEC };

void
media_transport_end(struct media_transport *t, enum media_end cause)
{
    if (t->end == MEDIA_END_NONE) {
        t->end = cause;
        media_handshake_stop(t);
        media_checks_stop(t);
        consent_forget(&t->loop->consent, t);
        t->events->ended(t, cause);
    }
}

/*
 * Checks come every few seconds, and they alone are consent (RFC 7675).  But
 * when our own queue overflows, ten of them may be lost in a row, and those who
 * send us most would be ended first.  Since then, what opens under the keys of
 * the session tells as well that somebody is there.
 */
static bool
checks_were_lost(const struct media_transport *t)
{
    return t->loop->overflowed > t->ice.last_check;
}

static usec_t
last_heard(const struct media_transport *t)
{
    return checks_were_lost(t) && t->last_authentic > t->ice.last_check
               ? t->last_authentic
               : t->ice.last_check;
}

/* only then can silence have become worth telling of */
static usec_t
silence_matters(const struct media_transport *t, usec_t now)
{
    const struct media_settings *s = t->loop->settings;
    usec_t heard = now - media_loop_silence(t->loop, last_heard(t), now);
    usec_t limit = s->consent_expired;

    if (!t->consent_lost && s->consent_lost < limit) {
        limit = s->consent_lost;
    }

    return heard + limit;
}

static void
move_consent(struct media_transport *t, usec_t now)
{
    consent_move(&t->loop->consent, t, silence_matters(t, now));
}

void
media_transport_silent(struct media_transport *t, usec_t now)
{
    usec_t silence = media_loop_silence(t->loop, last_heard(t), now);

    if (silence >= t->loop->settings->consent_expired) {
        media_transport_end(t, MEDIA_END_EXPIRED);
        return;
    }

    if (!t->consent_lost && silence >= t->loop->settings->consent_lost) {
        t->consent_lost = true;
        t->events->consent(t, false);
    }

    move_consent(t, now);
}

void
media_transport_init(struct media_transport *t, struct media_loop *loop,
                     const struct media_transport_events *events,
                     const struct ice_credentials *credentials)
{
    *t = (struct media_transport){ .loop = loop, .events = events };
    ice_agent_init(&t->ice, &loop->ice, credentials, t);
    outbox_queue_init(&t->queue, &t->ice);
    media_handshake_init(t);
    t->consent_row = CONSENT_NO_ROW;
    counter_add(&loop->counters.transports, 1);
}

void
media_transport_fini(struct media_transport *t)
{
    media_handshake_close(t);
    media_checks_stop(t);
    consent_forget(&t->loop->consent, t);

    for (int i = 0; i < ICE_PAIRS_MAX; i++) {
        struct tcp_connection *tcp = t->ice.pairs[i].tcp;

        if (tcp != NULL) {
            tcp->user = NULL;
            tcp_connection_close(tcp);
        }
    }

    outbox_queue_fini(&t->loop->outbox, &t->queue);
    ice_agent_fini(&t->ice);
    media_handshake_fini(t);
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
    media_handshake_begin(t);
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

        if (consent_watch(&t->loop->consent, t, t->loop->now,
                          silence_matters(t, t->loop->now))) {
            media_transport_end(t, MEDIA_END_MEMORY);
            return;
        }
    }

    if (t->consent_lost) {
        t->consent_lost = false;
        t->events->consent(t, true);
    }

    move_consent(t, t->loop->now);
    media_handshake_begin(t);
}

void
media_transport_let_renew(struct media_transport *t)
{
    if (t->loop->now >= t->renewals_end) {
        t->renewals = 0;
    }

    if (t->dtls != NULL && t->renewals < UINT8_MAX) {
        t->renewals++;
        t->ice.epoch++;
        t->renewals_end = t->loop->now + RENEWALS_TIME;
    }
}

static void
authentic(struct media_transport *t)
{
    t->last_authentic = t->loop->now;

    if (t->consent_lost && checks_were_lost(t)) {
        t->consent_lost = false;
        move_consent(t, t->loop->now);
        t->events->consent(t, true);
    }
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

    error = srtp_opener_open(t->opener, data, &len);

    if (error) {
        count_srtp_error(t, error);
        return;
    }

    authentic(t);
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

    error = srtp_rtcp_opener_open(t->rtcp_opener, data, &len);

    if (error) {
        count_srtp_error(t, error);
        return;
    }

    authentic(t);
    t->events->rtcp(t, span_of(data, len));
}

static void
sealed(struct media_transport *t, struct outbox_slot *slot, size_t len,
       int error)
{
    if (error) {
        media_drop(&t->loop->counters, MEDIA_DROP_seal_failed);
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
    int error = srtp_rtcp_sealer_seal(t->rtcp_sealer, slot->data, &len);

    sealed(t, slot, len, error);
}
