/*
 * rtp/dependency.c - the dependency descriptor (AOM, RTP Payload Format For
 * AV1, appendix A).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtp/dependency.h"

#include "base/error.h"

/* from the highest bit of each byte down */
struct bits {
    struct span data;
    size_t at;                  /* bits read, or asked for */
};

static uint32_t
f(struct bits *b, unsigned count)
{
    uint32_t value = 0;

    for (; count; count--, b->at++) {
        value <<= 1;

        if (b->at < b->data.len * 8) {
            value |= b->data.data[b->at / 8] >> (7 - b->at % 8) & 1;
        }
    }

    return value;
}

static bool
is_truncated(const struct bits *b)
{
    return b->at > b->data.len * 8;
}

/* A.8.2: a number below n, in as few bits as possible */
static uint32_t
ns(struct bits *b, uint32_t n)
{
    unsigned w = 0;
    uint32_t m, v;

    for (uint32_t x = n; x; x >>= 1) {
        w++;
    }

    m = ((uint32_t)1 << w) - n;
    v = f(b, w - 1);

    return v < m ? v : (v << 1) - m + f(b, 1);
}

static int
read_layers(struct rtp_dependency_structure *s, struct bits *b)
{
    enum { SAME, NEXT_TEMPORAL, NEXT_SPATIAL, END };
    uint8_t spatial = 0, temporal = 0;
    uint32_t next;

    do {
        if (s->templates == RTP_DEPENDENCY_TEMPLATES || is_truncated(b)) {
            return SFU_ERR_MALFORMED;
        }

        s->frames[s->templates].spatial = spatial;
        s->frames[s->templates].temporal = temporal;
        s->templates++;
        next = f(b, 2);

        if (next == NEXT_TEMPORAL) {
            temporal++;
        } else if (next == NEXT_SPATIAL) {
            temporal = 0;
            spatial++;
        }
    } while (next != END);

    s->spatial_max = spatial;

    return 0;
}

static uint64_t
read_dtis(size_t targets, struct bits *b)
{
    uint64_t dtis = 0;

    for (size_t i = 0; i < targets; i++) {
        dtis |= (uint64_t)f(b, 2) << 2 * i;
    }

    return dtis;
}

static int
add_fdiff(struct rtp_dependency_frame *frame, uint32_t diff)
{
    if (frame->fdiff_count == RTP_DEPENDENCY_FDIFFS) {
        return SFU_ERR_MALFORMED;
    }

    frame->fdiffs[frame->fdiff_count++] = (uint16_t)diff;

    return 0;
}

static int
read_template_fdiffs(struct rtp_dependency_structure *s, struct bits *b)
{
    for (size_t i = 0; i < s->templates; i++) {
        while (f(b, 1)) {
            if (add_fdiff(&s->frames[i], f(b, 4) + 1)) {
                return SFU_ERR_MALFORMED;
            }
        }
    }

    return 0;
}

/* of chains only the length matters here */
static void
skip_template_chains(const struct rtp_dependency_structure *s, struct bits *b)
{
    uint32_t chains = ns(b, (uint32_t)s->targets + 1);

    if (chains == 0) {
        return;
    }

    for (size_t i = 0; i < s->targets; i++) {
        ns(b, chains);
    }

    b->at += (size_t)4 * chains * s->templates;
}

/* A.8.3.8: a target's layers are the highest of what it needs */
static void
find_target_layers(struct rtp_dependency_structure *s)
{
    for (size_t t = 0; t < s->targets; t++) {
        for (size_t i = 0; i < s->templates; i++) {
            const struct rtp_dependency_frame *frame = &s->frames[i];

            if (rtp_dependency_dti(frame, t) == RTP_DTI_NOT_PRESENT) {
                continue;
            }

            if (frame->spatial > s->target_spatial[t]) {
                s->target_spatial[t] = frame->spatial;
            }

            if (frame->temporal > s->target_temporal[t]) {
                s->target_temporal[t] = frame->temporal;
            }
        }
    }
}

static int
read_structure(struct rtp_dependency_structure *s, struct bits *b)
{
    s->offset = (uint8_t)f(b, 6);
    s->targets = (uint8_t)(f(b, 5) + 1);

    if (read_layers(s, b)) {
        return SFU_ERR_MALFORMED;
    }

    for (size_t i = 0; i < s->templates; i++) {
        s->frames[i].dtis = read_dtis(s->targets, b);
    }

    if (read_template_fdiffs(s, b)) {
        return SFU_ERR_MALFORMED;
    }

    skip_template_chains(s, b);
    find_target_layers(s);

    if (f(b, 1)) {
        b->at += (size_t)32 * (s->spatial_max + 1u);    /* resolutions */
    }

    s->active = (uint32_t)(((uint64_t)1 << s->targets) - 1);
    s->known = true;

    return is_truncated(b) ? SFU_ERR_TRUNCATED : 0;
}

static int
read_frame_fdiffs(struct rtp_dependency_frame *frame, struct bits *b)
{
    uint32_t size;

    frame->fdiff_count = 0;

    while ((size = f(b, 2)) != 0) {
        if (add_fdiff(frame, f(b, 4 * size) + 1)) {
            return SFU_ERR_MALFORMED;
        }
    }

    return 0;
}

static int
read_frame(struct rtp_dependency *d, const struct rtp_dependency_structure *s,
    uint8_t template, bool custom_dtis, bool custom_fdiffs, struct bits *b)
{
    size_t i = (size_t)(template + 64 - s->offset) % 64;

    if (!s->known || i >= s->templates) {
        return SFU_ERR_NOT_FOUND;
    }

    d->frame = s->frames[i];

    if (custom_dtis) {
        d->frame.dtis = read_dtis(s->targets, b);
    }

    if (custom_fdiffs && read_frame_fdiffs(&d->frame, b)) {
        return SFU_ERR_MALFORMED;
    }

    /* chains of this frame alone end the descriptor: nobody needs them */
    return is_truncated(b) ? SFU_ERR_TRUNCATED : 0;
}

int
rtp_dependency_parse(struct rtp_dependency *d,
    struct rtp_dependency_structure *structure, struct span extension)
{
    struct bits b = { extension, 0 };
    struct rtp_dependency_structure fresh;
    const struct rtp_dependency_structure *s = structure;
    bool custom_dtis = false, custom_fdiffs = false, has_active = false;
    uint8_t template;
    int error;

    d->start = f(&b, 1);
    d->end = f(&b, 1);
    template = (uint8_t)f(&b, 6);
    d->frame_number = (uint16_t)f(&b, 16);
    d->has_structure = false;

    if (extension.len < RTP_DEPENDENCY_MIN) {
        return SFU_ERR_TRUNCATED;
    }

    if (extension.len > RTP_DEPENDENCY_MIN) {
        d->has_structure = f(&b, 1);
        has_active = f(&b, 1);
        custom_dtis = f(&b, 1);
        custom_fdiffs = f(&b, 1);
        f(&b, 1);               /* custom chains */
    }

    if (d->has_structure) {
        fresh = (struct rtp_dependency_structure){
            .version = structure->version + 1,
        };
        error = read_structure(&fresh, &b);
        s = &fresh;

        if (error) {
            return error;
        }
    }

    if (has_active && s->known) {
        uint32_t active = f(&b, s->targets);

        if (is_truncated(&b)) {
            return SFU_ERR_TRUNCATED;
        }

        if (d->has_structure) {
            fresh.active = active;
        } else if (structure->active != active) {
            structure->active = active;
            structure->version++;
        }
    }

    error = read_frame(d, s, template, custom_dtis, custom_fdiffs, &b);

    if (!error && d->has_structure) {
        *structure = fresh;
    }

    return error;
}

int
rtp_dependency_target(const struct rtp_dependency_structure *structure,
    uint8_t spatial_max, uint8_t temporal_max)
{
    int best = -1;

    for (int t = 0; t < structure->targets; t++) {
        uint8_t spatial = structure->target_spatial[t];
        uint8_t temporal = structure->target_temporal[t];

        if (!(structure->active >> t & 1) || spatial > spatial_max
            || temporal > temporal_max) {
            continue;
        }

        if (best < 0 || spatial > structure->target_spatial[best]
            || (spatial == structure->target_spatial[best]
                && temporal > structure->target_temporal[best])) {
            best = t;
        }
    }

    return best;
}

void
rtp_dependency_set_number(uint8_t *extension, uint16_t frame_number)
{
    extension[1] = (uint8_t)(frame_number >> 8);
    extension[2] = (uint8_t)frame_number;
}
