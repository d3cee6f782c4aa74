/*
 * rtp/extension.h - RTP header extensions in both forms (RFC 8285).
 * Copyright (C) the ngx_sfu_module authors
 *
 * Each session numbers extensions in its own way (a=extmap), so a packet is
 * read with the map of the session it came from and written with the map of
 * the session it goes to.
 *
 * Some extensions speak of one hop only: mid, rid and repaired rid name
 * streams of one session, abs-send-time, transport-cc and toffset belong to
 * one sender's pacer.  These never pass through; they are written from
 * struct rtp_extension_hop or not at all.
 */

#ifndef SFU_RTP_EXTENSION_H
#define SFU_RTP_EXTENSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/span.h"
#include "base/writer.h"
#include "rtp/extension_id.h"
#include "rtp/packet.h"

enum {
    RTP_EXTENSION_ONE_BYTE = 0xbede,
    RTP_EXTENSION_TWO_BYTE = 0x1000,    /* the low four bits are "appbits" */
};

/* a=extmap of one session */
struct rtp_extension_map {
    uint8_t by_id[256];                 /* RTP_EXT_COUNT where there is none */
    uint8_t by_extension[RTP_EXT_COUNT];    /* 0 where there is none */
};

void rtp_extension_map_init(struct rtp_extension_map *map);

/*
 * An id from 1 to 255 (15 is possible in the two-byte form only).  Replaces
 * what the id or the extension meant before.  SFU_ERR_MALFORMED: no such id.
 */
int rtp_extension_map_set(struct rtp_extension_map *map, unsigned id,
    enum rtp_extension_id extension);

/* the id, or 0 */
static inline uint8_t
rtp_extension_map_id(const struct rtp_extension_map *map,
    enum rtp_extension_id extension)
{
    return map->by_extension[extension];
}

/* 1 << of each extension that passes through, and that the map has an id for */
uint32_t rtp_extension_map_passes(const struct rtp_extension_map *map);

/* those of one packet; values point into it */
struct rtp_extensions {
    uint32_t present;                   /* 1 << enum rtp_extension_id */
    struct span value[RTP_EXT_COUNT];   /* meaningful where present */
};

/*
 * No extension, unknown ids and profiles other than RFC 8285's are fine and
 * found to be nothing.  SFU_ERR_MALFORMED: an element runs over the end.
 */
int rtp_extensions_parse(struct rtp_extensions *ext,
    const struct rtp_extension_map *map, const struct rtp_packet *pkt);

static inline bool
rtp_extensions_has(const struct rtp_extensions *ext,
    enum rtp_extension_id id)
{
    return ext->present >> id & 1;
}

/* empty when it is not there */
static inline struct span
rtp_extensions_get(const struct rtp_extensions *ext,
    enum rtp_extension_id id)
{
    return rtp_extensions_has(ext, id) ? ext->value[id]
                                       : (struct span){ 0 };
}

/* false when it is not there, or not as long as it must be */
bool rtp_extensions_transport_cc(const struct rtp_extensions *ext,
    uint16_t *seq);
bool rtp_extensions_abs_send_time(const struct rtp_extensions *ext,
    uint32_t *time);
/* level in -dBov: 0 is loudest, 127 silence */
bool rtp_extensions_audio_level(const struct rtp_extensions *ext,
    bool *voice, uint8_t *level);

/* time as abs-send-time has it: 24 bits, 6.18 seconds */
static inline uint32_t
rtp_abs_send_time(usec_t time)
{
    return (uint32_t)(((uint64_t)time << 18) / USEC_PER_SEC) & 0xffffff;
}

/* what the next hop is told by us */
struct rtp_extension_hop {
    bool has_transport_cc;
    bool has_abs_send_time;
    uint16_t transport_cc;
    uint32_t abs_send_time;             /* 24 bits */
    struct span mid;                    /* empty: none; at most 255 bytes */
    struct span rid;
    struct span repaired_rid;
};

/*
 * The block with its profile, length and padding: of the source what may
 * pass and the map has an id for, and of the hop what it has an id for.
 * One-byte form where every id and value allows it.  The length, 0 when
 * there is nothing to write (then the header must not say X); when it does
 * not fit, the writer has failed and the length is 0 as well.
 * The source may be NULL.
 */
size_t rtp_extensions_write(struct writer *w,
    const struct rtp_extension_map *map, const struct rtp_extensions *source,
    const struct rtp_extension_hop *hop);

/* the length that it would write, whatever the hop's numbers are */
size_t rtp_extensions_len(const struct rtp_extension_map *map,
    const struct rtp_extensions *source, const struct rtp_extension_hop *hop);

#endif
