/*
 * load/peer.c - one PeerConnection of the generator: its life.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "load/peer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/random.h"
#include "load/load.h"

static const char cname[] = "sfu-load";

static struct load_peer *
peer_of(struct load_endpoint *e)
{
    return container_of(e, struct load_peer, endpoint);
}

static void
on_connected(struct load_endpoint *e)
{
    struct load_peer *p = peer_of(e);
    struct load *load = p->load;
    const struct srtp_profile *profile = e->profile;

    p->state = LOAD_PEER_UP;

    if (load->summary.profile == NULL) {
        load->summary.profile = profile->name;
    } else if (load->summary.profile != profile->name) {
        load->summary.profiles_differ = true;
    }

    if (!p->visitor && (p->publishes || p->silent)) {
        load->joining--;
    }

    timer_arm(&load->engine.wheel, &p->report_timer,
              load->engine.now + load_engine_random(&load->engine,
                                                    USEC_PER_SEC));
}

static void
on_closed(struct load_endpoint *e, const char *why)
{
    load_peer_fail(peer_of(e), "%s", why);
}

void
load_peer_settle(const struct load_peer *p, struct load_figures *f)
{
    for (size_t i = 0; i < p->receiver_count; i++) {
        const struct load_receiver *r = p->receivers[i];

        if (r->interval == f->interval && r->sender != NULL) {
            load_receiver_settle(r, &f->tally[load_receiver_class(r)],
                                 r->sender->packets);
        }
    }
}

/* sections, streams and rates of what it publishes */
static int
prepare(struct load_peer *p)
{
    const struct load_options *o = &p->load->options;

    p->senders = calloc(LOAD_PEER_SENDERS, sizeof(*p->senders));

    if (p->senders == NULL) {
        return SFU_ERR_NOMEM;
    }

    for (size_t i = 0; i < o->codec_count; i++) {
        struct load_media *m = &p->media[p->media_count];

        m->codec = o->codecs[i];
        m->kind = m->codec == CODEC_OPUS ? MEDIA_AUDIO : MEDIA_VIDEO;
        m->sends = true;
        m->layers = o->simulcast && m->kind == MEDIA_VIDEO ? LOAD_LAYERS_MAX
                                                           : 1;
        snprintf(m->mid, sizeof(m->mid), "%zu", p->media_count++);

        for (size_t k = 0; k < m->layers; k++) {
            m->ssrc[k] = random_u32() | 1;
            m->rtx_ssrc[k] = random_u32() | 1;
        }
    }

    return 0;
}

struct load_peer *
load_peer_create(struct load *load, size_t room, bool publishes)
{
    struct load_peer *p = calloc(1, sizeof(*p));

    if (p == NULL) {
        return NULL;
    }

    p->load = load;
    p->room = room;
    p->publishes = publishes;
    p->ssrc = random_u32() | 1;
    list_init(&p->gone);
    timer_init(&p->report_timer, load_peer_report);
    timer_init(&p->feedback_timer, load_peer_feedback);
    timer_init(&p->nack_timer, load_peer_nack);
    rtp_extension_map_init(&p->agreement.extensions);
    load_endpoint_init(&p->endpoint, &load->engine);
    p->endpoint.connected = on_connected;
    p->endpoint.closed = on_closed;
    p->endpoint.rtp = load_peer_rtp;
    p->endpoint.rtcp = load_peer_rtcp;

    if (publishes && prepare(p)) {
        load_peer_destroy(p);
        return NULL;
    }

    return p;
}

void
load_peer_destroy(struct load_peer *p)
{
    load_peer_close(p);
    list_remove(&p->gone);

    for (size_t i = 0; i < p->receiver_count; i++) {
        load_receiver_fini(p->receivers[i]);
        free(p->receivers[i]);
    }

    for (size_t i = 0; i < p->sender_count; i++) {
        load_sender_fini(&p->senders[i]);
    }

    free(p->receivers);
    free(p->senders);
    free(p->watched);
    free(p->transport_cc);
    free(p);
}

int
load_peer_watch(struct load_peer *p, struct load_peer *publisher)
{
    struct load_peer **list = realloc(p->watched, (p->watched_count + 1)
                                                      * sizeof(*list));

    if (list == NULL) {
        return SFU_ERR_NOMEM;
    }

    p->watched = list;
    list[p->watched_count++] = publisher;

    return 0;
}

struct load_local
load_peer_local(const struct load_peer *p, bool offer)
{
    const struct load_options *o = &p->load->options;
    enum sdp_setup setup = o->dtls_role;

    /* browsers leave the choice to the other side, and then are active */
    if (setup == SDP_SETUP_NONE || setup == SDP_SETUP_ACTPASS) {
        setup = offer ? SDP_SETUP_ACTPASS : SDP_SETUP_ACTIVE;
    }

    return (struct load_local){
        .credentials = &p->endpoint.local,
        .fingerprint = &p->load->engine.fingerprint,
        .setup = setup,
        .cname = cname,
        .transport_cc = o->feedback > 0,
        .rtx = o->rtx,
    };
}

/* the streams of what the server has accepted */
static int
make_senders(struct load_peer *p)
{
    const struct load_options *o = &p->load->options;
    bool overloaded = o->overload > 0 && p->index == 0;

    for (size_t i = 0; i < p->media_count; i++) {
        struct load_media *m = &p->media[i];

        for (size_t k = 0; m->sends && m->accepted && k < m->layers; k++) {
            struct load_sender *s = &p->senders[p->sender_count];
            uint64_t bitrate = o->bitrate >> 2 * (m->layers - 1 - k);
            struct load_sender_rate rate = load_sender_rate(
                m->codec, (uint64_t)((double)bitrate
                                     * (overloaded ? o->overload : 1)),
                o->fps, o->packet_size);

            if (overloaded && m->kind == MEDIA_AUDIO) {
                rate.fps = (unsigned)(rate.fps * o->overload);
            }

            if (load_sender_init(s, &rate)) {
                return SFU_ERR_NOMEM;
            }

            p->sender_count++;
            s->endpoint = &p->endpoint;
            s->agreement = &p->agreement;
            s->media = m;
            s->transport_cc_seq = &p->transport_cc_seq;
            s->layer = k;
            s->ssrc = m->ssrc[k];
            s->rtx_ssrc = m->rtx_ssrc[k];
            s->overloaded = overloaded;

            if (load_add_stream(p->load, s)) {
                return SFU_ERR_NOMEM;
            }
        }
    }

    return 0;
}

void
load_peer_connect(struct load_peer *p, const struct load_remote *remote)
{
    if (p->state == LOAD_PEER_GONE || p->state == LOAD_PEER_UP) {
        return;
    }

    p->state = LOAD_PEER_CONNECTING;
    p->signaled = p->load->engine.now;

    if (p->publishes && p->sender_count == 0) {
        if (make_senders(p)) {
            load_peer_fail(p, "out of memory");
            return;
        }

        if (p->sender_count == 0) {
            load_peer_fail(p, "the server accepted none of our codecs");
            return;
        }
    }

    if (load_endpoint_start(&p->endpoint, remote)) {
        load_peer_fail(p, "no socket for another peer");
    }
}

void
load_peer_fail(struct load_peer *p, const char *format, ...)
{
    struct load *load = p->load;
    bool was_up = p->state == LOAD_PEER_UP;
    va_list args;

    if (p->state == LOAD_PEER_GONE) {
        return;
    }

    va_start(args, format);
    vsnprintf(p->why, sizeof(p->why), format, args);
    va_end(args);
    p->failed = true;

    if (p->visitor) {
        load->storm.failed += p->first_packet == 0;
    } else {
        load->summary.failed++;
        load->joining -= !was_up || (p->watching && p->first_packet == 0);
    }

    if (load->summary.first_failure[0] == '\0') {
        snprintf(load->summary.first_failure,
                 sizeof(load->summary.first_failure), "%s", p->why);
    }

    load_peer_close(p);
}

void
load_peer_close(struct load_peer *p)
{
    struct timer_wheel *wheel = &p->load->engine.wheel;

    load_peer_stop(p);
    timer_disarm(wheel, &p->report_timer);
    timer_disarm(wheel, &p->feedback_timer);
    timer_disarm(wheel, &p->nack_timer);
    load_endpoint_close(&p->endpoint);
    p->state = LOAD_PEER_GONE;

    /* freed outside of all callbacks, and when no request is out */
    if (p->visitor && list_empty(&p->gone)) {
        list_append(&p->load->storm.gone, &p->gone);
    }
}

void
load_peer_send(struct load_peer *p, usec_t start)
{
    for (size_t i = 0; i < p->sender_count && !p->silent; i++) {
        if (load_sender_start(&p->senders[i], start)) {
            load_peer_fail(p, "out of memory");
            return;
        }
    }
}

void
load_peer_stop(struct load_peer *p)
{
    for (size_t i = 0; i < p->sender_count; i++) {
        load_sender_stop(&p->senders[i]);
    }
}
