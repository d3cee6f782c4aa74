/*
 * media/thin.h - which spatial and temporal layers a subscription is sent.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Layers of one stream (SVC): what is above the limit is left out.  Decided by
 * the dependency descriptor where there is one, else by the payload's own
 * (VP8, VP9, H.264, H.265); a packet that tells nothing is forwarded.
 *
 * Going down is possible at any picture, going up where a frame says so, or at
 * a key frame.
 */

#ifndef SFU_MEDIA_THIN_H
#define SFU_MEDIA_THIN_H

#include <stdbool.h>
#include <stdint.h>

struct media_choice;
struct media_packet;
struct media_sink;

struct media_thin {
    uint8_t spatial_max;                /* asked for */
    uint8_t temporal_max;
    uint8_t spatial;                    /* sent now */
    uint8_t temporal;

    /* by the dependency descriptor */
    bool has_target;
    int8_t target;                      /* decode target that is sent */
    int8_t wanted;
    uint32_t version;                   /* of the structure, for "wanted" */
    bool all_sent;                      /* before the first one seen */
    bool any_frame;
    uint16_t frame;                     /* the newest one seen */
    uint64_t sent;                      /* a bit for it and those before */

    /* VP8: frames left out must leave no gap between picture ids */
    bool any_left_out;
    uint16_t left_out;                  /* picture id */
};

/* what is asked for; takes effect as soon as pictures allow it */
void thin_set(struct media_sink *sink, const struct media_choice *choice);
/* what follows is another source's, from a key frame on */
void thin_reset(struct media_sink *sink);

/* whether a packet is sent; of those of a sink that thins, in their order */
bool thin_takes(struct media_sink *sink, const struct media_packet *packet);
/* it is left out: numbers close up.  false: it is too late for that */
bool thin_leave_out(struct media_sink *sink,
                    const struct media_packet *packet);
/* nothing of its picture follows: it is the last one, whatever it says */
bool thin_ends_picture(const struct media_sink *sink,
                       const struct media_packet *packet);

/* more is wanted than is sent, and only a key frame may help */
bool thin_waits(const struct media_sink *sink);

#endif
