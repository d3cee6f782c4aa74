/*
 * load/storm.c - visitors: they join, see a packet, and leave.
 * Copyright (C) the ngx_sfu_module authors
 *
 * They come at their rate whether the server keeps up or not, as an audience
 * does; only so many may be on their way, and the others are counted.
 */

#include "load/load.h"

enum { VISITORS_MAX = 2000 };

static void
visit(struct load *load)
{
    struct load_storm *s = &load->storm;
    struct load_peer *p;

    if (s->visitors >= VISITORS_MAX) {
        s->skipped++;
        return;
    }

    p = load_peer_create(load, 0, false);

    if (p == NULL || load_peer_watch(p, load->peers[0])) {
        if (p != NULL) {
            load_peer_destroy(p);
        }

        s->skipped++;
        return;
    }

    s->begun++;
    s->visitors++;
    p->visitor = true;
    p->watching = true;
    p->began = load->engine.now;
    p->state = LOAD_PEER_SIGNALING;
    load->dialect->watch(p);
}

void
load_storm_run(struct load *load)
{
    struct load_storm *s = &load->storm;
    double rate = load->options.rate;

    if (load->options.scenario != LOAD_STORM || rate <= 0) {
        return;
    }

    for (int i = 0; i < 64 && s->next <= load->engine.now; i++) {
        visit(load);
        s->next += (usec_t)(USEC_PER_SEC / rate);
    }
}

void
load_storm_first_packet(struct load_peer *visitor)
{
    struct load *load = visitor->load;
    struct load_storm *s = &load->storm;

    s->done++;
    load_histogram_add(&s->signaled, visitor->signaled - visitor->began);
    load_histogram_add(&s->connected,
                       visitor->endpoint.dtls_done - visitor->began);
    load_histogram_add(&s->first_packet,
                       visitor->first_packet - visitor->began);
    load->dialect->leave(visitor);
    load_peer_close(visitor);
}

void
load_storm_reap(struct load *load)
{
    list_each(node, next, &load->storm.gone) {
        struct load_peer *p = container_of(node, struct load_peer, gone);

        if (p->requests == 0) {
            load->storm.visitors--;
            load_peer_destroy(p);
        }
    }
}
