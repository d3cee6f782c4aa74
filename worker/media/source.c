/*
 * media/source.c - a published track, inside a loop.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/source.h"

#include "base/error.h"
#include "media/burst.h"
#include "media/describe.h"
#include "media/layers.h"
#include "media/loop.h"
#include "media/peer.h"
#include "media/relay.h"
#include "media/sink.h"

enum {
    /* while a subscriber has no picture */
    KEYFRAME_RETRY = USEC_PER_SEC,
};

static void
release(void *owner, void *packet)
{
    media_buffer_release(owner, packet);
}

static void
index_formats(struct media_source *source)
{
    struct media_source_params *p = &source->params;

    memset(source->by_pt, 0, sizeof(source->by_pt));
    memset(source->rtx_pt, 0, sizeof(source->rtx_pt));

    for (size_t i = 0; i < p->format_count; i++) {
        source->by_pt[p->formats[i].pt & RTP_PT] = &p->formats[i];

        if (p->formats[i].rtx_pt != MEDIA_PT_NONE) {
            source->rtx_pt[p->formats[i].rtx_pt & RTP_PT] = true;
        }
    }
}

static bool
keyframe_is_waited_for(const struct media_source *source)
{
    if (!list_empty(&source->joining)) {
        return true;
    }

    for (struct list *n = source->sinks.next; n != &source->sinks;
         n = n->next) {
        if (container_of(n, struct media_sink, in_source)->wants_keyframe) {
            return true;
        }
    }

    return false;
}

static void
ask_keyframe(struct media_source *source, usec_t now)
{
    source->keyframe_pending = false;
    source->keyframe_asked = now;

    if (source->peer == NULL) {
        relay_want_keyframe(source);
    } else {
        media_peer_ask_keyframe(source->peer, source);
    }

    timer_arm(&source->loop->wheel, &source->keyframe_timer,
              now + (keyframe_is_waited_for(source)
                         ? KEYFRAME_RETRY
                         : source->loop->settings->keyframe_interval));
}

static void
keyframe_timer_fired(struct timer *timer, usec_t now)
{
    struct media_source *source = container_of(timer, struct media_source,
                                               keyframe_timer);

    if (source->keyframe_pending || keyframe_is_waited_for(source)) {
        ask_keyframe(source, now);
    }
}

void
media_source_want_keyframe(struct media_source *source)
{
    usec_t now = source->loop->now;
    usec_t next = source->keyframe_asked
                  + source->loop->settings->keyframe_interval;

    if (source->params.kind != MEDIA_VIDEO) {
        return;
    }

    if (now >= next || source->keyframe_asked == 0) {
        ask_keyframe(source, now);
        return;
    }

    source->keyframe_pending = true;
    timer_arm(&source->loop->wheel, &source->keyframe_timer, next);
}

/* the group's first source is there before the others, and goes first */
static void
join_group(struct media_source *source)
{
    struct media_source *first;

    if (source->params.group == 0) {
        source->params.group = source->params.id;
    }

    first = media_source_find(source->loop, source->params.group);

    if (first != NULL) {
        list_append(&first->siblings, &source->siblings);
    }
}

int
media_source_init(struct media_source *source, struct media_loop *loop,
                  struct media_peer *peer, struct mailbox *origin,
                  const struct media_source_params *params)
{
    int error = 0;

    *source = (struct media_source){
        .loop = loop, .peer = peer, .origin = origin, .params = *params,
    };
    list_init(&source->node);
    list_init(&source->in_burst);
    list_init(&source->waiting);
    list_init(&source->sinks);
    list_init(&source->relays);
    list_init(&source->siblings);
    list_init(&source->joining);
    join_group(source);
    timer_init(&source->keyframe_timer, keyframe_timer_fired);
    index_formats(source);

    if (params->kind == MEDIA_VIDEO) {
        error = rtp_history_init(&source->history,
                                 loop->settings->history_packets, release,
                                 &loop->buffers);

        if (!error) {
            error = media_backlog_init(&source->backlog,
                                       source->history.capacity);
        }
    }

    source->last_packet = loop->now;
    map_insert(&loop->sources, &source->by_id,
               span_of(&source->params.id, sizeof(source->params.id)));

    return error;
}

void
media_source_fini(struct media_source *source)
{
    list_each(node, next, &source->sinks) {
        media_sink_lose_source(container_of(node, struct media_sink,
                                            in_source));
    }

    list_each(node, next, &source->joining) {
        layers_give_up(container_of(node, struct media_sink,
                                    layers.in_next));
    }

    list_remove(&source->siblings);

    list_each(node, next, &source->relays) {
        relay_destroy(container_of(node, struct relay, node));
    }

    timer_disarm(&source->loop->wheel, &source->keyframe_timer);
    list_remove(&source->in_burst);
    list_remove(&source->waiting);
    media_backlog_fini(&source->backlog);
    map_remove(&source->loop->sources, &source->by_id);
    rtp_history_fini(&source->history);
}

void
media_source_update(struct media_source *source,
                    const struct media_source_params *params)
{
    uint64_t id = source->params.id;
    uint64_t group = source->params.group;

    source->params = *params;
    source->params.id = id;
    source->params.group = group;
    index_formats(source);
}

struct media_source *
media_source_find(const struct media_loop *loop, uint64_t id)
{
    struct map_entry *e = map_find(&loop->sources, span_of(&id, sizeof(id)));

    return e != NULL ? container_of(e, struct media_source, by_id) : NULL;
}

int
media_source_parse(const struct media_source *source, struct span bytes,
                   struct media_packet *packet)
{
    int error = rtp_packet_parse(&packet->rtp, bytes);

    if (!error) {
        error = rtp_packet_unpad(&packet->rtp);
    }

    if (!error) {
        error = rtp_extensions_parse(&packet->extensions,
                                     &source->params.extensions, &packet->rtp);
    }

    if (error) {
        return SFU_ERR_MALFORMED;
    }

    packet->bytes = bytes;
    packet->format = source->by_pt[packet->rtp.payload_type];

    return packet->format != NULL ? 0 : SFU_ERR_NOT_FOUND;
}

static void
keep(struct media_source *source, const struct media_packet *packet)
{
    struct media_buffer *buffer = media_buffer_keep(&source->loop->buffers,
                                                    packet->bytes);

    if (buffer == NULL) {
        media_drop(&source->loop->counters, MEDIA_DROP_no_buffer);
        return;
    }

    rtp_history_put(&source->history, packet->seq, buffer);
}

static void
start_anew(struct media_source *source, uint32_t generation)
{
    list_each(node, next, &source->sinks) {
        media_sink_note_last(container_of(node, struct media_sink,
                                          in_source));
    }

    burst_forget(source);       /* what came before is of the other stream */
    source->generation = generation;
    source->clock.time = 0;
    source->picture = (struct codec_picture){ 0 };
    source->has_frame = false;
    source->structure.known = false;
    rtp_history_clear(&source->history);
}

static void
note_newest(struct media_source *source, const struct media_packet *packet)
{
    /* the sign of a difference of 15 bits, or 7 */
    int shift = packet->picture.id_long ? 1 : 9;
    uint16_t distance = (uint16_t)(packet->picture.id - source->picture.id);
    int16_t ahead = (int16_t)(uint16_t)(distance << shift);

    if (packet->picture.has_id && (ahead >= 0 || !source->picture.has_id)) {
        source->picture = packet->picture;
    }

    if (packet->has_dependency
        && (!source->has_frame
            || (int16_t)(packet->dependency.frame_number - source->frame)
                   >= 0)) {
        source->has_frame = true;
        source->frame = packet->dependency.frame_number;
    }
}

static void
count_keyframe(struct media_source *source, usec_t now)
{
    if (now - source->last_keyframe > 50 * USEC_PER_MS) {
        source->keyframes++;
        source->last_keyframe = now;
    }
}

void
media_source_packet(struct media_source *source, struct media_packet *packet,
                    uint32_t generation)
{
    usec_t now = source->loop->now;
    bool resumed = !source->began
                   || now - source->last_packet > LAYERS_STOPPED;

    if (generation != source->generation) {
        start_anew(source, generation);
    }

    if (source->params.kind == MEDIA_VIDEO) {
        describe_packet(packet, &source->structure);

        if (packet->keyframe) {
            count_keyframe(source, now);
        }
    } else {
        packet->keyframe = packet->has_dependency = false;
        packet->picture = (struct codec_picture){ 0 };
    }

    source->began = true;
    source->last_packet = now;
    source->last_pt = packet->rtp.payload_type;
    rtp_rate_add(&source->rate, packet->bytes.len, now);

    if (source->history.capacity) {
        keep(source, packet);
    }

    if (resumed && !list_empty(&source->siblings)) {
        layers_began(source);
    }

    /* before it becomes the newest: who joins continues from the other */
    if (!list_empty(&source->joining)) {
        layers_join(source, packet);
    }

    note_newest(source, packet);

    if (source->sink_count) {
        burst_add(source->loop, source, packet);
    }

    list_each(node, next, &source->relays) {
        relay_packet(container_of(node, struct relay, node), packet);
    }
}

int
media_source_recall(const struct media_source *source, uint64_t seq,
                    struct media_packet *packet)
{
    const struct media_buffer *buffer = rtp_history_get(&source->history, seq);

    if (buffer == NULL
        || media_source_parse(source, span_of(buffer->data, buffer->len),
                              packet)) {
        return SFU_ERR_NOT_FOUND;
    }

    packet->seq = seq;
    describe_again(packet, &source->structure);

    return 0;
}

void
media_source_sender_report(struct media_source *source, usec_t time,
                           uint32_t timestamp)
{
    source->clock = (struct media_source_clock){ time, timestamp };

    list_each(node, next, &source->relays) {
        relay_sender_report(container_of(node, struct relay, node));
    }
}
