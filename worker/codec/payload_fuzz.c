/*
 * codec/payload_fuzz.c - any payload through any codec.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The first byte chooses the codec, the rest is the payload.
 */

#include <stdlib.h>

#include "codec/codec.h"
#include "codec/red.h"
#include "codec/vp8.h"
#include "codec/vp9.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect(bool ok)
{
    if (!ok) {
        abort();
    }
}

/* a rewriter may patch what the descriptor points at */
static void
check_vp8(struct span payload)
{
    struct vp8_descriptor d;

    if (vp8_descriptor_parse(&d, payload)) {
        return;
    }

    expect(d.len <= payload.len);
    expect(!d.has_picture_id
           || d.picture_id_offset + (d.picture_id_long ? 2 : 1) <= d.len);
    expect(!d.has_tl0picidx || d.tl0picidx_offset < d.len);
}

static void
check_vp9(struct span payload)
{
    struct vp9_descriptor d;

    if (vp9_descriptor_parse(&d, payload)) {
        return;
    }

    expect(d.len <= payload.len);
    expect(!d.has_picture_id
           || d.picture_id_offset + (d.picture_id_long ? 2 : 1) <= d.len);
    expect(!d.has_tl0picidx || d.tl0picidx_offset < d.len);
    expect(d.references <= VP9_REFERENCES_MAX);
    expect(d.spatial_layers <= VP9_SPATIAL_MAX);
}

static void
check_red(struct span payload)
{
    uint8_t map[128];
    struct red_block block;
    struct red red;
    uint8_t *copy = malloc(payload.len + 1);
    const uint8_t *end = payload.data;
    bool primary = false;

    for (int i = 0; i < 128; i++) {
        map[i] = (uint8_t)(i ^ 0x55);
    }

    if (copy == NULL) {
        return;
    }

    memcpy(copy, payload.data, payload.len);

    if (red_parse(&red, payload)) {
        expect(red_remap(copy, payload.len, map) != 0);
        expect(memcmp(copy, payload.data, payload.len) == 0);
        free(copy);
        return;
    }

    while (red_next(&red, &block)) {
        expect(!primary && block.data.data >= end);
        end = block.data.data + block.data.len;
        primary = block.primary;
    }

    expect(primary && end == payload.data + payload.len);

    /* there and back */
    expect(red_remap(copy, payload.len, map) == 0);
    expect(memcmp(copy, payload.data, payload.len) != 0);
    expect(red_remap(copy, payload.len, map) == 0);
    expect(memcmp(copy, payload.data, payload.len) == 0);
    free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span payload;
    enum codec_id codec;

    if (size == 0) {
        return 0;
    }

    codec = (enum codec_id)(data[0] % (CODEC_AV1 + 1));
    payload = span_of(data + 1, size - 1);
    (void)codec_is_keyframe(codec, payload);

    if (codec == CODEC_VP8) {
        check_vp8(payload);

    } else if (codec == CODEC_VP9) {
        check_vp9(payload);

    } else if (codec == CODEC_RED) {
        check_red(payload);
    }

    return 0;
}
