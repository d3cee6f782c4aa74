/*
 * media/layers.c - which encoding of a simulcast track a subscription follows.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/layers.h"

#include "media/loop.h"
#include "media/peer.h"

/* in 1/256, as reports have it */
enum {
    LOSS_NONE = 5,              /* 2 %: there is room for more */
    LOSS_BAD = 26,              /* 10 %: this was too much */
};

/* of an encoding whose key frames are not recognized, being encrypted */
#define KEYFRAME_PATIENCE (2 * USEC_PER_SEC)
#define PATIENCE_MAX (64 * USEC_PER_SEC)

/* encodings in an order, best first */
struct ladder {
    struct media_source *at[MEDIA_LAYERS_MAX];
    size_t count;
};

void
layers_init(struct media_sink *sink)
{
    list_init(&sink->layers.in_next);
    sink->layers.patience = LAYERS_STEP_UP;
}

static struct media_source *
next_sibling(const struct media_source *source)
{
    return container_of(source->siblings.next, struct media_source, siblings);
}

static bool
is_alone(const struct media_source *source)
{
    return list_empty(&source->siblings);
}

usec_t
layers_newest(const struct media_source *source)
{
    const struct media_source *s = source;
    usec_t newest = source->last_packet;

    do {
        if (s->began && s->last_packet > newest) {
            newest = s->last_packet;
        }

        s = next_sibling(s);
    } while (s != source);

    return newest;
}

/* where all stopped (muted, or its publisher has a bad time) none has */
bool
layers_available(const struct media_source *source)
{
    return source->began
           && layers_newest(source) - source->last_packet <= LAYERS_STOPPED;
}

typedef bool (*before)(struct media_source *a, struct media_source *b);

/* Cloudflare's "asciibetical": best is what sorts first */
static bool
sorts_before(struct media_source *a, struct media_source *b)
{
    return strcmp(a->params.rid, b->params.rid) < 0;
}

/* names tell nothing for sure; rates do, once there are any */
static bool
costs_more(struct media_source *a, struct media_source *b)
{
    uint64_t rate_a = rtp_rate_bits(&a->rate, a->loop->now);
    uint64_t rate_b = rtp_rate_bits(&b->rate, b->loop->now);

    return rate_a != rate_b ? rate_a > rate_b : sorts_before(a, b);
}

/* those that can be had */
static struct ladder
ladder_of(struct media_source *source, before is_before)
{
    struct ladder l = { .count = 0 };
    struct media_source *s = source;

    do {
        size_t at = l.count;

        if (layers_available(s) && l.count < MEDIA_LAYERS_MAX) {
            for (; at && is_before(s, l.at[at - 1]); at--) {
                l.at[at] = l.at[at - 1];
            }

            l.at[at] = s;
            l.count++;
        }

        s = next_sibling(s);
    } while (s != source);

    return l;
}

/* false: it is not on the ladder */
static bool
find_on(const struct ladder *l, const struct media_source *source, size_t *at)
{
    for (size_t i = 0; i < l->count; i++) {
        if (l->at[i] == source) {
            *at = i;
            return true;
        }
    }

    return false;
}

size_t
layers_list(struct media_source *source,
            char rids[MEDIA_LAYERS_MAX][MEDIA_RID_SIZE])
{
    struct ladder l = ladder_of(source, sorts_before);

    if (source->params.rid[0] == '\0') {
        return 0;
    }

    for (size_t i = 0; i < l.count; i++) {
        memcpy(rids[i], l.at[i]->params.rid, MEDIA_RID_SIZE);
    }

    return l.count;
}

static bool
lost(const struct media_sink *sink, unsigned most)
{
    return sink->fraction_lost > most;
}

/* the peer told of this encoding, not of the one before */
static bool
has_told(const struct media_sink *sink)
{
    return sink->layers.reported > sink->layers.since + USEC_PER_SEC;
}

static struct media_source *
step_down(struct media_sink *sink, const struct ladder *l, size_t at)
{
    if (sink->layers.patience < PATIENCE_MAX) {
        sink->layers.patience *= 2;
    }

    return l->at[at + 1];
}

/* the neighbour that loss, and the lack of it, speak for; or the same */
static struct media_source *
step(struct media_sink *sink, const struct ladder *l, size_t at, size_t best)
{
    struct media_sink_layers *state = &sink->layers;
    usec_t now = sink->peer->loop->now;
    size_t next;

    if (state->next != NULL && find_on(l, state->next, &next)) {
        return state->next;     /* decided, and its key frame is awaited */
    }

    if (!has_told(sink)) {
        return l->at[at];
    }

    if (lost(sink, LOSS_BAD) && at + 1 < l->count) {
        return step_down(sink, l, at);
    }

    if (lost(sink, LOSS_NONE) || at <= best
        || now - state->since < state->patience) {
        return l->at[at];
    }

    return l->at[at - 1];
}

static struct media_source *
pick_automatic(struct media_sink *sink, struct media_source *source)
{
    struct ladder l = ladder_of(source, costs_more);
    usec_t now = source->loop->now;
    struct media_source *better;
    size_t at;

    if (l.count == 0) {
        return source;
    }

    if (!find_on(&l, source, &at) || !sink->follows) {
        return l.at[l.count - 1];
    }

    better = step(sink, &l, at, 0);

    /* two of nearly the same rate would take turns */
    if (at && better == l.at[at - 1] && sink->layers.next == NULL
        && rtp_rate_bits(&better->rate, now)
               < rtp_rate_bits(&source->rate, now) / 4 * 5) {
        return source;
    }

    return better;
}

/* of those that can be had the next in the order of names, or the last one */
static struct media_source *
nearest(const struct ladder *l, const char *rid)
{
    for (size_t i = 0; i < l->count; i++) {
        if (strcmp(l->at[i]->params.rid, rid) >= 0) {
            return l->at[i];
        }
    }

    return l->at[l->count - 1];
}

static struct media_source *
pick_preferred(struct media_sink *sink, struct media_source *source)
{
    const struct media_choice *choice = &sink->params.choice;
    struct ladder l = ladder_of(source, sorts_before);
    struct media_source *best;
    size_t at, ceiling;

    if (l.count == 0) {
        return source;
    }

    best = nearest(&l, choice->rid);

    if (strcmp(best->params.rid, choice->rid) != 0
        && sink->layers.preferred_sent && !choice->by_availability) {
        return source;          /* it stopped: the picture stays */
    }

    if (!choice->by_priority || !sink->follows
        || !find_on(&l, source, &at) || !find_on(&l, best, &ceiling)
        || at < ceiling) {
        return best;
    }

    return step(sink, &l, at, ceiling);
}

static struct media_source *
pick(struct media_sink *sink, struct media_source *source)
{
    if (is_alone(source)) {
        return source;
    }

    return sink->params.choice.rid[0] ? pick_preferred(sink, source)
                                      : pick_automatic(sink, source);
}

struct media_source *
layers_first(struct media_sink *sink, struct media_source *source)
{
    return pick(sink, source);
}

void
layers_give_up(struct media_sink *sink)
{
    list_remove(&sink->layers.in_next);
    sink->layers.next = NULL;
}

static void
wait_for(struct media_sink *sink, struct media_source *source)
{
    layers_give_up(sink);
    sink->layers.next = source;
    sink->layers.next_since = source->loop->now;
    list_append(&source->joining, &sink->layers.in_next);
    media_source_want_keyframe(source);
}

/* from then on an encoding that stops is missed */
static void
note_preferred(struct media_sink *sink)
{
    if (sink->follows && !sink->wants_keyframe
        && strcmp(sink->source->params.rid, sink->params.choice.rid) == 0) {
        sink->layers.preferred_sent = true;
    }
}

void
layers_choose(struct media_sink *sink)
{
    struct media_source *source;

    if (sink->source == NULL || is_alone(sink->source) || !sink->active
        || !media_transport_connected(&sink->peer->transport)) {
        return;
    }

    note_preferred(sink);
    source = pick(sink, sink->source);

    if (source == sink->source) {
        layers_give_up(sink);
    } else if (!sink->follows) {
        layers_give_up(sink);
        media_sink_follow(sink, source);
        media_sink_want_keyframe(sink);
    } else if (source != sink->layers.next) {
        wait_for(sink, source);
    }
}

void
layers_set_choice(struct media_sink *sink, const struct media_choice *choice)
{
    struct media_choice *old = &sink->params.choice;
    bool other = strcmp(old->rid, choice->rid) != 0;

    if (old->spatial_layers != choice->spatial_layers
        || old->temporal_layers != choice->temporal_layers) {
        thin_set(sink, choice);

        /* a larger picture begins with a key frame only */
        if (sink->source != NULL && sink->follows
            && old->spatial_layers != choice->spatial_layers) {
            media_source_want_keyframe(sink->source);
        }
    }

    *old = *choice;

    if (other) {
        sink->layers.preferred_sent = false;
        sink->layers.patience = LAYERS_STEP_UP;
        layers_give_up(sink);
    }

    layers_choose(sink);
}

void
layers_began(struct media_source *source)
{
    struct media_source *s = source;

    do {
        list_each(node, next, &s->sinks) {
            layers_choose(container_of(node, struct media_sink, in_source));
        }

        s = next_sibling(s);
    } while (s != source);
}

static bool
may_join(const struct media_sink *sink, const struct media_source *source,
         const struct media_packet *packet)
{
    return packet->keyframe
           || (source->keyframes == 0
               && source->loop->now - sink->layers.next_since
                      > KEYFRAME_PATIENCE);
}

void
layers_join(struct media_source *source, const struct media_packet *packet)
{
    list_each(node, next, &source->joining) {
        struct media_sink *sink = container_of(node, struct media_sink,
                                               layers.in_next);

        if (!may_join(sink, source, packet)) {
            continue;
        }

        /* what is due of the other encoding goes first */
        burst_run(source->loop);
        layers_give_up(sink);
        media_sink_follow(sink, source);
        sink->wants_keyframe = false;
        sink->layers.since = source->loop->now;
        counter_add(&source->loop->counters.layer_switches, 1);
    }
}
