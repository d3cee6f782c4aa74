/*
 * rtp/extension.c - RTP header extensions in both forms (RFC 8285).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtp/extension.h"

#include "base/error.h"
#include "base/reader.h"

enum {
    ONE_BYTE_ID_MAX = 14,
    ONE_BYTE_LEN_MAX = 16,
    TWO_BYTE_LEN_MAX = 255,
    BLOCK_HEADER = 4,           /* profile and length */
};

#define BIT(extension) ((uint32_t)1 << (extension))

static const uint32_t hop_only =
    BIT(RTP_EXT_MID) | BIT(RTP_EXT_RID) | BIT(RTP_EXT_REPAIRED_RID)
    | BIT(RTP_EXT_ABS_SEND_TIME) | BIT(RTP_EXT_TRANSPORT_CC)
    | BIT(RTP_EXT_TOFFSET);

void
rtp_extension_map_init(struct rtp_extension_map *map)
{
    memset(map->by_id, RTP_EXT_COUNT, sizeof(map->by_id));
    memset(map->by_extension, 0, sizeof(map->by_extension));
}

int
rtp_extension_map_set(struct rtp_extension_map *map, unsigned id,
    enum rtp_extension_id extension)
{
    if (id < 1 || id > 255) {
        return SFU_ERR_MALFORMED;
    }

    if (map->by_id[id] != RTP_EXT_COUNT) {
        map->by_extension[map->by_id[id]] = 0;
    }

    if (map->by_extension[extension] != 0) {
        map->by_id[map->by_extension[extension]] = RTP_EXT_COUNT;
    }

    map->by_id[id] = (uint8_t)extension;
    map->by_extension[extension] = (uint8_t)id;

    return 0;
}

static void
put(struct rtp_extensions *ext, const struct rtp_extension_map *map,
    uint8_t id, struct span value)
{
    uint8_t extension = map->by_id[id];

    if (extension != RTP_EXT_COUNT) {
        ext->present |= BIT(extension);
        ext->value[extension] = value;
    }
}

/* RFC 8285, section 4.2 */
static void
parse_one_byte(struct rtp_extensions *ext,
    const struct rtp_extension_map *map, struct reader *r)
{
    while (reader_left(r)) {
        uint8_t byte = reader_u8(r);
        uint8_t id = byte >> 4;
        struct span value;

        if (byte == 0) {
            continue;           /* padding */
        }

        if (id == 0 || id == 15) {
            return;             /* "processing MUST terminate" */
        }

        value = reader_bytes(r, (byte & 0x0f) + 1u);

        if (reader_ok(r)) {
            put(ext, map, id, value);
        }
    }
}

/* RFC 8285, section 4.3 */
static void
parse_two_byte(struct rtp_extensions *ext,
    const struct rtp_extension_map *map, struct reader *r)
{
    while (reader_left(r)) {
        uint8_t id = reader_u8(r);
        struct span value;

        if (id == 0) {
            continue;           /* padding */
        }

        value = reader_bytes(r, reader_u8(r));

        if (reader_ok(r)) {
            put(ext, map, id, value);
        }
    }
}

int
rtp_extensions_parse(struct rtp_extensions *ext,
    const struct rtp_extension_map *map, const struct rtp_packet *pkt)
{
    struct reader r;

    *ext = (struct rtp_extensions){ 0 };

    if (!pkt->has_extension) {
        return 0;
    }

    r = reader_over(pkt->extension);

    if (pkt->profile == RTP_EXTENSION_ONE_BYTE) {
        parse_one_byte(ext, map, &r);

    } else if ((pkt->profile & 0xfff0) == RTP_EXTENSION_TWO_BYTE) {
        parse_two_byte(ext, map, &r);
    }

    return reader_ok(&r) ? 0 : SFU_ERR_MALFORMED;
}

bool
rtp_extensions_transport_cc(const struct rtp_extensions *ext, uint16_t *seq)
{
    struct span v = rtp_extensions_get(ext, RTP_EXT_TRANSPORT_CC);

    if (v.len != 2) {
        return false;
    }

    *seq = (uint16_t)(v.data[0] << 8 | v.data[1]);

    return true;
}

bool
rtp_extensions_abs_send_time(const struct rtp_extensions *ext, uint32_t *time)
{
    struct span v = rtp_extensions_get(ext, RTP_EXT_ABS_SEND_TIME);

    if (v.len != 3) {
        return false;
    }

    *time = (uint32_t)v.data[0] << 16 | (uint32_t)v.data[1] << 8 | v.data[2];

    return true;
}

bool
rtp_extensions_audio_level(const struct rtp_extensions *ext, bool *voice,
    uint8_t *level)
{
    struct span v = rtp_extensions_get(ext, RTP_EXT_AUDIO_LEVEL);

    /* in the two-byte form a second byte may pad it (RFC 6464, section 3) */
    if (v.len == 0) {
        return false;
    }

    *voice = v.data[0] & 0x80;
    *level = v.data[0] & 0x7f;

    return true;
}

uint32_t
rtp_extension_map_passes(const struct rtp_extension_map *map)
{
    uint32_t passes = 0;

    for (int i = 0; i < RTP_EXT_COUNT; i++) {
        if (map->by_extension[i]) {
            passes |= BIT(i);
        }
    }

    return passes & ~hop_only;
}

/* room for the numbers of a hop, which have no bytes of their own yet */
struct hop_bytes {
    uint8_t transport_cc[2];
    uint8_t abs_send_time[3];
};

static void
set(struct rtp_extensions *ext, enum rtp_extension_id id, struct span value)
{
    if (value.len) {
        ext->present |= BIT(id);
        ext->value[id] = value;
    }
}

static void
set_hop(struct rtp_extensions *ext, const struct rtp_extension_hop *hop,
    struct hop_bytes *bytes)
{
    struct writer w;

    set(ext, RTP_EXT_MID, hop->mid);
    set(ext, RTP_EXT_RID, hop->rid);
    set(ext, RTP_EXT_REPAIRED_RID, hop->repaired_rid);

    if (hop->has_transport_cc) {
        w = writer_over(bytes->transport_cc, sizeof(bytes->transport_cc));
        writer_u16(&w, hop->transport_cc);
        set(ext, RTP_EXT_TRANSPORT_CC, writer_span(&w));
    }

    if (hop->has_abs_send_time) {
        w = writer_over(bytes->abs_send_time, sizeof(bytes->abs_send_time));
        writer_u24(&w, hop->abs_send_time);
        set(ext, RTP_EXT_ABS_SEND_TIME, writer_span(&w));
    }
}

/* drops what the map has no id for; the length of all elements */
static size_t
measure(struct rtp_extensions *ext, const struct rtp_extension_map *map,
    bool *two_byte)
{
    size_t count = 0;
    size_t len = 0;

    *two_byte = false;

    for (uint32_t left = ext->present; left; left &= left - 1) {
        int i = __builtin_ctz(left);
        size_t value_len = ext->value[i].len;
        uint8_t id = map->by_extension[i];

        if (id == 0 || value_len > TWO_BYTE_LEN_MAX) {
            ext->present &= ~BIT(i);
            continue;
        }

        *two_byte |= id > ONE_BYTE_ID_MAX || value_len == 0
                     || value_len > ONE_BYTE_LEN_MAX;
        len += value_len;
        count++;
    }

    return len + (*two_byte ? 2 * count : count);
}

static void
write_elements(struct writer *w, const struct rtp_extension_map *map,
    const struct rtp_extensions *ext, bool two_byte)
{
    for (uint32_t left = ext->present; left; left &= left - 1) {
        int i = __builtin_ctz(left);
        uint8_t id = map->by_extension[i];
        struct span value = ext->value[i];

        if (two_byte) {
            writer_u8(w, id);
            writer_u8(w, (uint8_t)value.len);

        } else {
            writer_u8(w, (uint8_t)(id << 4 | (value.len - 1)));
        }

        writer_bytes(w, value);
    }
}

/* what is to be written, and the length of its elements */
static size_t
gather(struct rtp_extensions *ext, const struct rtp_extension_map *map,
    const struct rtp_extensions *source, const struct rtp_extension_hop *hop,
    struct hop_bytes *bytes, bool *two_byte)
{
    ext->present = 0;

    if (source != NULL) {
        *ext = *source;
        ext->present &= ~hop_only;
    }

    set_hop(ext, hop, bytes);

    return measure(ext, map, two_byte);
}

size_t
rtp_extensions_len(const struct rtp_extension_map *map,
    const struct rtp_extensions *source, const struct rtp_extension_hop *hop)
{
    struct rtp_extensions ext;
    struct hop_bytes bytes;
    bool two_byte;
    size_t len = gather(&ext, map, source, hop, &bytes, &two_byte);

    return len ? BLOCK_HEADER + len + (-len & 3) : 0;
}

size_t
rtp_extensions_write(struct writer *w, const struct rtp_extension_map *map,
    const struct rtp_extensions *source, const struct rtp_extension_hop *hop)
{
    struct rtp_extensions ext;
    struct hop_bytes bytes;
    bool two_byte;
    size_t padding;
    size_t len = gather(&ext, map, source, hop, &bytes, &two_byte);

    if (len == 0) {
        return 0;
    }

    padding = -len & 3;
    len += padding;

    if (writer_left(w) < BLOCK_HEADER + len) {
        w->failed = true;
        return 0;
    }

    writer_u16(w, two_byte ? RTP_EXTENSION_TWO_BYTE : RTP_EXTENSION_ONE_BYTE);
    writer_u16(w, (uint16_t)(len / 4));
    write_elements(w, map, &ext, two_byte);
    writer_fill(w, 0, padding);

    return BLOCK_HEADER + len;
}
