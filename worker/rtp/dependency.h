/*
 * rtp/dependency.h - the dependency descriptor (AOM, RTP Payload Format For
 * AV1, appendix A).
 * Copyright (C) the ngx_sfu_module authors
 *
 * Says in the header which layer a frame is of and what it is needed for,
 * whatever the codec, and also where the payload is encrypted end to end.
 * Most descriptors name a template only; the templates come with key frames,
 * so a reader has to keep the structure that came last.
 */

#ifndef SFU_RTP_DEPENDENCY_H
#define SFU_RTP_DEPENDENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

enum {
    RTP_DEPENDENCY_TARGETS = 32,        /* decode targets */
    RTP_DEPENDENCY_TEMPLATES = 64,
    RTP_DEPENDENCY_FDIFFS = 8,          /* of a frame; more is malformed */
    RTP_DEPENDENCY_MIN = 3,             /* bytes */
    RTP_DEPENDENCY_MAX = 255,
};

/* decode target indications: what a frame is to a decode target */
enum rtp_dti {
    RTP_DTI_NOT_PRESENT,
    RTP_DTI_DISCARDABLE,
    RTP_DTI_SWITCH,             /* who decodes it can go on with the target */
    RTP_DTI_REQUIRED,
};

struct rtp_dependency_frame {
    uint8_t spatial;
    uint8_t temporal;
    uint8_t fdiff_count;
    uint16_t fdiffs[RTP_DEPENDENCY_FDIFFS];     /* frames back */
    uint64_t dtis;              /* two bits for each decode target */
};

struct rtp_dependency_structure {
    bool known;                 /* false: none was seen */
    uint8_t offset;             /* template_id_offset */
    uint8_t targets;
    uint8_t templates;
    uint8_t spatial_max;
    uint32_t version;           /* the caller's: counts structures */
    uint32_t active;            /* a bit for each decode target */
    struct rtp_dependency_frame frames[RTP_DEPENDENCY_TEMPLATES];
    uint8_t target_spatial[RTP_DEPENDENCY_TARGETS];
    uint8_t target_temporal[RTP_DEPENDENCY_TARGETS];
};

struct rtp_dependency {
    bool start;                 /* of the frame */
    bool end;
    bool has_structure;         /* a new one: a key frame */
    uint16_t frame_number;
    struct rtp_dependency_frame frame;
};

/*
 * With the structure that came last, which is replaced when the descriptor
 * has one, and only then.  SFU_ERR_TRUNCATED, SFU_ERR_MALFORMED;
 * SFU_ERR_NOT_FOUND: no template of this number, all but .frame is valid.
 */
int rtp_dependency_parse(struct rtp_dependency *d,
    struct rtp_dependency_structure *structure, struct span extension);

static inline enum rtp_dti
rtp_dependency_dti(const struct rtp_dependency_frame *frame, size_t target)
{
    return (enum rtp_dti)(frame->dtis >> 2 * target & 3);
}

/*
 * The best decode target within these layers, of those that are active; -1
 * when there is none.
 */
int rtp_dependency_target(const struct rtp_dependency_structure *structure,
    uint8_t spatial_max, uint8_t temporal_max);

/* the frame number in a copy of the extension */
void rtp_dependency_set_number(uint8_t *extension, uint16_t frame_number);

#endif
