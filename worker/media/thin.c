/*
 * media/thin.c - which spatial and temporal layers a subscription is sent.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/thin.h"

#include "media/loop.h"
#include "media/peer.h"

enum { FRAMES = 64 };           /* that are remembered as sent */

static uint8_t
highest(uint8_t layers)
{
    return layers ? (uint8_t)(layers - 1) : MEDIA_LAYER_ALL;
}

static bool
is_limited(const struct media_thin *thin)
{
    return thin->spatial_max != MEDIA_LAYER_ALL
           || thin->temporal_max != MEDIA_LAYER_ALL;
}

void
thin_set(struct media_sink *sink, const struct media_choice *choice)
{
    struct media_thin *thin = &sink->thin;

    if (!sink->thins) {
        /* all that there is was sent so far */
        *thin = (struct media_thin){
            .spatial = MEDIA_LAYER_ALL, .temporal = MEDIA_LAYER_ALL,
            .all_sent = true,
        };
    }

    thin->spatial_max = highest(choice->spatial_layers);
    thin->temporal_max = highest(choice->temporal_layers);
    thin->version = 0;
    sink->thins = sink->thins || is_limited(thin);
    sink->thinned = sink->thinned || sink->thins;
}

static void
take_all_wanted(struct media_thin *thin)
{
    thin->spatial = thin->spatial_max;
    thin->temporal = thin->temporal_max;
}

void
thin_reset(struct media_sink *sink)
{
    struct media_thin *thin = &sink->thin;

    take_all_wanted(thin);
    thin->has_target = thin->any_frame = thin->any_left_out = false;
    thin->all_sent = false;
    thin->version = 0;
    sink->thins = is_limited(thin);
}


/* by the payload's own layers */

static void
go_to_payload_layers(struct media_thin *thin, const struct codec_picture *p)
{
    if (p->keyframe) {
        take_all_wanted(thin);
        return;
    }

    /* a picture begins with its lowest layer */
    if (p->spatial == 0) {
        if (thin->spatial > thin->spatial_max) {
            thin->spatial = thin->spatial_max;
        }

        if (thin->temporal > thin->temporal_max) {
            thin->temporal = thin->temporal_max;
        }
    }

    if (p->has_spatial && p->starts && !p->predicted
        && p->spatial == thin->spatial + 1
        && p->spatial <= thin->spatial_max) {
        thin->spatial = p->spatial;
    }

    if (p->sync && p->temporal == thin->temporal + 1
        && p->temporal <= thin->temporal_max) {
        thin->temporal = p->temporal;
    }
}

static bool
takes_payload_layers(struct media_thin *thin, const struct codec_picture *p)
{
    go_to_payload_layers(thin, p);

    return (!p->has_spatial || p->spatial <= thin->spatial)
           && (!p->has_temporal || p->temporal <= thin->temporal);
}


/* by the dependency descriptor */

/* that all frames were sent which this one refers to */
static bool
has_references(const struct media_thin *thin, const struct rtp_dependency *d)
{
    for (size_t i = 0; i < d->frame.fdiff_count; i++) {
        uint16_t back = (uint16_t)(thin->frame
                                   - (d->frame_number - d->frame.fdiffs[i]));

        if (!thin->any_frame
                ? !thin->all_sent
                : back >= FRAMES || !(thin->sent >> back & 1)) {
            return false;
        }
    }

    return true;
}

static void
find_wanted(struct media_thin *thin,
            const struct rtp_dependency_structure *structure)
{
    if (thin->version != structure->version + 1) {
        thin->version = structure->version + 1;
        thin->wanted = (int8_t)rtp_dependency_target(
            structure, thin->spatial_max, thin->temporal_max);
    }
}

/* the best target of all is what was sent before there was a limit */
static void
find_target(struct media_thin *thin,
            const struct rtp_dependency_structure *structure,
            const struct rtp_dependency *d)
{
    if (!thin->has_target) {
        thin->target = (int8_t)rtp_dependency_target(
            structure, MEDIA_LAYER_ALL, MEDIA_LAYER_ALL);
        thin->has_target = true;
    }

    find_wanted(thin, structure);

    if (d->has_structure
        || (thin->wanted >= 0 && thin->wanted != thin->target
            && rtp_dependency_dti(&d->frame, (size_t)thin->wanted)
                   == RTP_DTI_SWITCH
            && has_references(thin, d))) {
        thin->target = thin->wanted;
    }
}

static void
note_frame(struct media_thin *thin, uint16_t number, bool sent)
{
    uint16_t ahead = (uint16_t)(number - thin->frame);

    if (!thin->any_frame) {
        thin->any_frame = true;
        thin->sent = thin->all_sent ? UINT64_MAX << 1 : 0;
    } else if (ahead >= FRAMES && ahead < 0x8000) {
        thin->sent = 0;
    } else if (ahead >= 0x8000) {
        uint16_t back = (uint16_t)-ahead;

        if (back < FRAMES && sent) {
            thin->sent |= (uint64_t)1 << back;
        }

        return;
    } else {
        thin->sent = ahead ? thin->sent << ahead : thin->sent;
    }

    thin->frame = number;
    thin->sent |= sent ? 1 : 0;
}

static bool
takes_dependency(struct media_thin *thin,
                 const struct rtp_dependency_structure *structure,
                 const struct rtp_dependency *d)
{
    bool takes;

    if (d->start) {
        find_target(thin, structure, d);
    }

    /* without a target in the limits, better too much than nothing */
    takes = !thin->has_target || thin->target < 0
            || rtp_dependency_dti(&d->frame, (size_t)thin->target)
                   != RTP_DTI_NOT_PRESENT;

    if (d->start) {
        note_frame(thin, d->frame_number, takes);
    }

    return takes;
}

bool
thin_takes(struct media_sink *sink, const struct media_packet *packet)
{
    struct media_thin *thin = &sink->thin;

    if (packet->keyframe && !is_limited(thin)) {
        thin_reset(sink);       /* all is wanted, and all can be had */
        return true;
    }

    return packet->has_dependency
               ? takes_dependency(thin, &sink->source->structure,
                                  &packet->dependency)
               : takes_payload_layers(thin, &packet->picture);
}

bool
thin_leave_out(struct media_sink *sink, const struct media_packet *packet)
{
    struct media_thin *thin = &sink->thin;
    struct rtp_rewrite *rw = &sink->rewrite;

    /* what is late has its number already; it does no harm to be sent */
    if (!rw->switching && packet->seq < rw->next_in) {
        return false;
    }

    if (packet->format->codec == CODEC_VP8 && packet->picture.has_id
        && (!thin->any_left_out || thin->left_out != packet->picture.id)) {
        struct rtp_rewrite_shift shift = rw->shift;

        shift.picture++;
        rtp_rewrite_set_shift(rw, shift);
        thin->any_left_out = true;
        thin->left_out = packet->picture.id;
    }

    counter_add(&sink->peer->loop->counters.layers_left_out, 1);

    return rtp_rewrite_skip(rw, packet->seq);
}

bool
thin_ends_picture(const struct media_sink *sink,
                  const struct media_packet *packet)
{
    const struct media_thin *thin = &sink->thin;
    const struct rtp_dependency_structure *s = &sink->source->structure;

    if (packet->has_dependency) {
        return packet->dependency.end && thin->has_target && thin->target >= 0
               && packet->dependency.frame.spatial
                      == s->target_spatial[thin->target & 31];
    }

    return packet->picture.has_spatial && packet->picture.ends
           && packet->picture.spatial == thin->spatial;
}

bool
thin_waits(const struct media_sink *sink)
{
    const struct media_thin *thin = &sink->thin;

    if (!sink->thins || sink->source == NULL) {
        return false;
    }

    if (thin->has_target) {
        return thin->wanted != thin->target;
    }

    return thin->spatial < thin->spatial_max
           || thin->temporal < thin->temporal_max;
}
