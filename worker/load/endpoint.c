/*
 * load/endpoint.c - one WebRTC transport: ICE, DTLS and SRTP over a socket.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "load/endpoint.h"

#include <stdio.h>

#include "base/error.h"
#include "base/list.h"
#include "base/random.h"
#include "rtp/demux.h"

enum {
    CHECK_FIRST = 50 * USEC_PER_MS,     /* RFC 8445, 14.2: Ta */
    CHECK_SLOWEST = 1600 * USEC_PER_MS,
    CONNECT_TIME = 20 * USEC_PER_SEC,   /* for ICE and DTLS together */
    DTLS_FIRST = 50 * USEC_PER_MS,      /* as browsers do */
    CONSENT_EVERY = 5 * USEC_PER_SEC,   /* RFC 7675, 5.1 */
    CONSENT_LOST = 30 * USEC_PER_SEC,
    SSRCS_MAX = 256,
    /* priority of a peer-reflexive candidate, RFC 8445, 5.1.2.1 */
    PRIORITY = 110 << 24 | 65535 << 8 | 255,
};

static void
fail(struct load_endpoint *e, const char *why)
{
    load_endpoint_close(e);
    e->closed(e, why);
}

static void
send_datagram(void *ctx, struct span datagram)
{
    struct load_endpoint *e = ctx;

    load_port_send(&e->port, datagram);
}

static void
send_check(struct load_endpoint *e)
{
    char username[2 * LOAD_CREDENTIAL_MAX];
    uint8_t buffer[ICE_CHECK_MAX];
    struct ice_check check = {
        .username = username,
        .password = e->remote.pwd,
        .controlling = e->remote.controlling,
        .use_candidate = e->remote.controlling,
        .priority = PRIORITY,
    };
    size_t len;

    snprintf(username, sizeof(username), "%s:%s", e->remote.ufrag,
             e->local.ufrag);
    len = ice_check_write(&check, buffer, e->check_id);

    if (len) {
        load_port_send(&e->port, span_of(buffer, len));
    }
}

static void
next_candidate(struct load_endpoint *e)
{
    if (e->remote.candidate_count > 1) {
        e->candidate = (e->candidate + 1) % e->remote.candidate_count;
        load_port_connect(&e->port, &e->remote.candidates[e->candidate]);
    }
}

static void
on_timer(struct timer *timer, usec_t now)
{
    struct load_endpoint *e = container_of(timer, struct load_endpoint, timer);

    if (e->state == LOAD_ENDPOINT_CHECKING) {
        next_candidate(e);
        send_check(e);
        timer_arm(&e->engine->wheel, timer, now + e->check_interval);

        if (e->check_interval < CHECK_SLOWEST) {
            e->check_interval *= 2;
        }
    }

    if (e->state != LOAD_ENDPOINT_CONNECTED
        && now - e->began > CONNECT_TIME) {
        fail(e, e->state == LOAD_ENDPOINT_CHECKING
                    ? "no answer to connectivity checks"
                    : "the DTLS handshake takes too long");
        return;
    }

    if (e->state == LOAD_ENDPOINT_CHECKING) {
        return;
    }

    if (now - e->consented > CONSENT_LOST) {
        fail(e, "consent was lost: checks are not answered");
        return;
    }

    send_check(e);
    timer_arm(&e->engine->wheel, timer,
              now + CONSENT_EVERY * 4 / 5
                  + load_engine_random(e->engine, CONSENT_EVERY * 2 / 5));
}

static void
arm_dtls(struct load_endpoint *e)
{
    usec_t wait = dtls_wait(e->dtls);

    if (wait < 0) {
        timer_disarm(&e->engine->wheel, &e->dtls_timer);
    } else {
        timer_arm(&e->engine->wheel, &e->dtls_timer, e->engine->now + wait);
    }
}

static void
dtls_connected(struct load_endpoint *e)
{
    struct srtp_key_material receive;
    struct srtp_key_material send;

    timer_disarm(&e->engine->wheel, &e->dtls_timer);

    if (dtls_srtp_keys(e->dtls, &receive, &send)) {
        fail(e, "DTLS agreed on no SRTP profile");
        return;
    }

    if (sfu_srtp_create(&e->in, SRTP_RECEIVE, &receive, SSRCS_MAX)
        || sfu_srtp_create(&e->out, SRTP_SEND, &send, 0)) {
        fail(e, "no SRTP context");
        return;
    }

    e->profile = receive.profile;
    e->state = LOAD_ENDPOINT_CONNECTED;
    e->dtls_done = e->engine->now;
    e->connected(e);
}

static void
dtls_advanced(struct load_endpoint *e, enum dtls_state state)
{
    switch (state) {
    case DTLS_HANDSHAKE:
        arm_dtls(e);
        break;
    case DTLS_CONNECTED:
        if (e->state != LOAD_ENDPOINT_CONNECTED) {
            dtls_connected(e);
        }

        break;
    case DTLS_CLOSED:
        fail(e, "the server ended the session");
        break;
    case DTLS_FAILED:
        /* close destroys the endpoint that the reason is in */
        fprintf(stderr, "sfu-load: dtls: %s\n", dtls_reason(e->dtls));
        fail(e, "the DTLS handshake failed");
        break;
    }
}

static void
on_dtls_timer(struct timer *timer, usec_t now)
{
    struct load_endpoint *e = container_of(timer, struct load_endpoint,
                                           dtls_timer);

    (void)now;
    dtls_advanced(e, dtls_timeout(e->dtls));
}

static void
ice_connected(struct load_endpoint *e)
{
    e->state = LOAD_ENDPOINT_HANDSHAKE;
    e->ice_done = e->engine->now;
    /* from now on the timer is about consent, and the time to connect */
    timer_arm(&e->engine->wheel, &e->timer, e->engine->now + CONSENT_EVERY);
    dtls_advanced(e, dtls_start(e->dtls));
}

static void
receive_stun(struct load_endpoint *e, struct span datagram)
{
    struct sfu_stun *stun = e->remote.controlling ? e->engine->controlling
                                                  : e->engine->controlled;
    struct sfu_stun_check check;

    switch (ice_check_answered(datagram, e->remote.pwd, e->check_id)) {
    case 0:
        e->consented = e->engine->now;

        if (e->state == LOAD_ENDPOINT_CHECKING) {
            ice_connected(e);
        }

        return;

    case SFU_ERR_STATE:
        e->remote.controlling = !e->remote.controlling;
        send_check(e);
        return;

    case SFU_ERR_NOT_FOUND:
        break;

    default:
        return;
    }

    if (sfu_stun_answer(stun, datagram, e->local.pwd,
                        &e->remote.candidates[e->candidate], &check) == 0
        && check.reply_len) {
        load_port_send(&e->port, span_of(check.reply, check.reply_len));
    }
}

static bool
on_datagram(void *ctx, uint8_t *data, size_t len, int64_t arrival)
{
    struct load_endpoint *e = ctx;
    struct span datagram = span_of(data, len);

    switch (rtp_demux(datagram)) {
    case RTP_DEMUX_RTP:
        if (e->in != NULL) {
            e->rtp(e, data, len, arrival);
        }

        break;
    case RTP_DEMUX_RTCP:
        if (e->in != NULL && sfu_srtp_open_rtcp(e->in, data, &len) == 0) {
            e->rtcp(e, data, len);
        }

        break;
    case RTP_DEMUX_STUN:
        receive_stun(e, datagram);
        break;
    case RTP_DEMUX_DTLS:
        if (e->state >= LOAD_ENDPOINT_HANDSHAKE) {
            dtls_advanced(e, dtls_receive(e->dtls, datagram));
        }

        break;
    default:
        break;
    }

    return e->state != LOAD_ENDPOINT_CLOSED;
}

static void
ready(struct poll_source *source, uint32_t events)
{
    struct load_port *port = container_of(source, struct load_port, source);

    (void)events;
    load_port_receive(port, on_datagram,
                      container_of(port, struct load_endpoint, port));
}

void
load_endpoint_init(struct load_endpoint *e, struct load_engine *engine)
{
    *e = (struct load_endpoint){ .engine = engine };
    e->port.engine = engine;
    e->port.source.fd = -1;
    random_text(e->local.ufrag, ICE_UFRAG_LEN);
    random_text(e->local.pwd, ICE_PWD_LEN);
    timer_init(&e->timer, on_timer);
    timer_init(&e->dtls_timer, on_dtls_timer);
}

void
load_endpoint_close(struct load_endpoint *e)
{
    e->state = LOAD_ENDPOINT_CLOSED;
    timer_disarm(&e->engine->wheel, &e->timer);
    timer_disarm(&e->engine->wheel, &e->dtls_timer);

    if (e->dtls != NULL) {
        dtls_close(e->dtls);
        dtls_destroy(e->dtls);
        e->dtls = NULL;
    }

    sfu_srtp_destroy(e->in);
    sfu_srtp_destroy(e->out);
    e->in = NULL;
    e->out = NULL;
    load_port_close(&e->port);
}

int
load_endpoint_start(struct load_endpoint *e, const struct load_remote *remote)
{
    e->remote = *remote;
    e->began = e->consented = e->engine->now;

    if (dtls_create(&e->dtls, e->engine->dtls, remote->active,
                    &remote->fingerprint, send_datagram, e)
        || load_port_open(&e->port, e->engine, &remote->candidates[0], ready)) {
        return SFU_ERR_SYSTEM;
    }

    dtls_set_first_timeout(e->dtls, DTLS_FIRST);
    e->state = LOAD_ENDPOINT_CHECKING;
    e->check_interval = CHECK_FIRST;
    send_check(e);
    timer_arm(&e->engine->wheel, &e->timer, e->began + e->check_interval);

    return 0;
}

void
load_endpoint_send_rtp(struct load_endpoint *e, uint8_t *packet, size_t len)
{
    if (e->out != NULL && sfu_srtp_seal(e->out, packet, &len) == 0) {
        load_port_send(&e->port, span_of(packet, len));
    }
}

void
load_endpoint_send_rtcp(struct load_endpoint *e, uint8_t *compound, size_t len)
{
    if (e->out != NULL && sfu_srtp_seal_rtcp(e->out, compound, &len) == 0) {
        load_port_send(&e->port, span_of(compound, len));
    }
}
