/*
 * codec/red.h - redundant audio (RFC 2198).
 * Copyright (C) the ngx_sfu_module authors
 *
 * Older frames, then the current one.  Each block names its payload type, and
 * those are the publisher's; a subscriber may number them otherwise.
 */

#ifndef SFU_CODEC_RED_H
#define SFU_CODEC_RED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reader.h"
#include "base/span.h"

/* in a map: the subscriber has no such payload type */
#define RED_UNMAPPED 0xff

struct red_block {
    bool primary;               /* the current frame, always the last block */
    uint8_t payload_type;
    uint16_t timestamp_offset;  /* older than the packet's; 0 for primary */
    struct span data;
};

struct red {
    struct reader headers;
    struct reader data;
    bool done;
};

/* checks all of it, so that next() cannot fail.  SFU_ERR_TRUNCATED */
int red_parse(struct red *red, struct span payload);

/* in the order of the wire; false after the primary block */
bool red_next(struct red *red, struct red_block *block);

/*
 * Puts map[payload type] for each block's payload type, in place; len bytes
 * of payload, map of 128 entries.  SFU_ERR_TRUNCATED; SFU_ERR_UNSUPPORTED
 * when a block has no entry.  Nothing is changed after a failure.
 */
int red_remap(uint8_t *payload, size_t len, const uint8_t *map);

#endif
