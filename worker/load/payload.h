/*
 * load/payload.h - what a generated packet carries.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Payloads have the headers of their format (RFC 7741, 6184, 7587), so that a
 * server finds frames and key frames in them; the rest is noise that nobody
 * can decode.  They end with a stamp: which stream, which packet of it, and
 * when it left.  All bytes of a stamp are 0x80 or above, so an H.264 NAL unit
 * contains no start code, and the last one is its trailing bit.
 */

#ifndef SFU_LOAD_PAYLOAD_H
#define SFU_LOAD_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/writer.h"
#include "codec/codec.h"

enum {
    LOAD_STAMP_LEN = 4 + 5 + 10 + 10 + 1,
    /* with the headers of every format and a bit of noise */
    LOAD_PAYLOAD_MIN = 76,
};

struct load_stamp {
    uint32_t stream;            /* number of the generated stream */
    uint64_t count;             /* of packets before it */
    int64_t sent;               /* ns on CLOCK_REALTIME */
};

/* where a packet is in its frame */
struct load_payload {
    enum codec_id codec;        /* CODEC_VP8, CODEC_H264, CODEC_OPUS */
    bool keyframe;
    uint64_t frame;             /* number of the frame */
    size_t index;               /* of the packet in it */
    size_t last;                /* index of its last packet */
    uint16_t width;
    uint16_t height;
};

/* exactly len bytes, at least LOAD_PAYLOAD_MIN */
void load_payload_write(struct writer *w, const struct load_payload *p,
                        const struct load_stamp *stamp, size_t len);

/* false when it ends with no stamp of ours */
bool load_payload_read(struct span payload, struct load_stamp *stamp);

#endif
