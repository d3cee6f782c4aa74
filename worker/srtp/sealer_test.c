/*
 * srtp/sealer_test.c - sealed as libsrtp2 seals, byte for byte.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "srtp/sealer.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "srtp/backends.h"
#include "srtp/session.h"
#include "test/tap.h"

enum {
    PACKET_MAX = 1600,
    SIDE_BY_SIDE = 200,         /* more than any back end lets wait */
};

static const struct row {
    const char *name;
    size_t csrcs;
    size_t extension;           /* bytes behind its four of header; -1: none */
    bool padded;
    size_t payload;
} rows[] = {
    { "a video packet", 0, SIZE_MAX, false, 1150 },
    { "nothing at all", 0, SIZE_MAX, false, 0 },
    { "one byte", 0, SIZE_MAX, false, 1 },
    { "a block of AES", 0, SIZE_MAX, false, 16 },
    { "one byte more than a block", 0, SIZE_MAX, false, 17 },
    { "a block of SHA-1 with its ending", 0, SIZE_MAX, false, 39 },
    { "a block of SHA-1 without it", 0, SIZE_MAX, false, 48 },
    { "audio with an extension", 0, 8, false, 83 },
    { "an extension, and no payload", 0, 16, false, 0 },
    { "an empty extension", 0, 0, false, 100 },
    { "a long extension", 0, 252, false, 700 },
    { "two CSRCs", 2, SIZE_MAX, false, 333 },
    { "all CSRCs, and an extension", 15, 12, false, 1001 },
    { "padding", 0, 8, true, 255 },
    { "the longest there is", 0, 24, false, 1500 },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static struct srtp_key_material
make_keys(enum srtp_profile_id id)
{
    struct srtp_key_material keys = { .profile = srtp_profile_find(id) };

    for (int i = 0; i < SRTP_KEY_MAX; i++) {
        keys.key[i] = (uint8_t)(17 * i + 3);
    }

    for (int i = 0; i < SRTP_SALT_MAX; i++) {
        keys.salt[i] = (uint8_t)(29 * i + 101);
    }

    return keys;
}

/* the header's length; the payload is behind it */
static size_t
write_packet(uint8_t packet[PACKET_MAX], const struct row *row,
             uint64_t index)
{
    size_t len = 12;

    memset(packet, 0, 12);
    packet[0] = (uint8_t)(0x80 | row->csrcs | (row->padded ? 0x20 : 0)
                          | (row->extension != SIZE_MAX ? 0x10 : 0));
    packet[1] = (uint8_t)(96 | (index & 1) << 7);
    packet[2] = (uint8_t)(index >> 8);
    packet[3] = (uint8_t)index;
    packet[6] = (uint8_t)(index >> 4);
    memcpy(packet + 8, "\xc0\xff\xee\x01", 4);

    for (size_t i = 0; i < 4 * row->csrcs; i++) {
        packet[len++] = (uint8_t)(i + 7);
    }

    if (row->extension != SIZE_MAX) {
        packet[len++] = 0xbe;
        packet[len++] = 0xde;
        packet[len++] = 0;
        packet[len++] = (uint8_t)(row->extension / 4);

        for (size_t i = 0; i < row->extension; i++) {
            packet[len++] = (uint8_t)(0x10 + i);
        }
    }

    for (size_t i = 0; i < row->payload; i++) {
        packet[len + i] = (uint8_t)(i * 7 + index);
    }

    if (row->padded) {
        packet[len + row->payload - 1] = 9;
    }

    return len;
}

static struct span
seal(struct srtp_engine *engine, struct srtp_sealer *sealer,
     uint8_t out[PACKET_MAX], const uint8_t *packet, size_t header_len,
     size_t payload_len, uint64_t index)
{
    memcpy(out, packet, header_len);

    if (srtp_sealer_add(sealer, out, header_len,
                        span_of(packet + header_len, payload_len), index)
        || srtp_engine_finish(engine)) {
        return span_of(NULL, 0);
    }

    return span_of(out, header_len + payload_len
                        + srtp_sealer_tag_len(sealer));
}

/*
 * Every row, at numbers on both sides of where the 16 bits wrap.  libsrtp2
 * counts the rollovers itself, from the numbers that it sees.
 */
static void
test_like_libsrtp(struct srtp_engine *engine, const char *name,
                  enum srtp_profile_id id)
{
    struct srtp_key_material keys = make_keys(id);
    struct srtp_sealer *sealer;
    struct sfu_srtp *theirs;
    struct sfu_srtp *reader;
    size_t different = 0;
    size_t unopened = 0;

    sfu_srtp_create(&theirs, SRTP_SEND, &keys, 0);
    sfu_srtp_create(&reader, SRTP_RECEIVE, &keys, 8);
    tap_is_int(srtp_sealer_create(&sealer, engine, &keys), 0,
               "%s, %s: a sealer", name, keys.profile->name);

    /* 32000 is the longest step that does not look like one back */
    for (uint64_t base = 0; base < 5 * 65536; base += 16000) {
        for (size_t i = 0; i < ROWS; i++) {
            uint64_t index = base + i + (base / 65536 ? 0 : 1000);
            uint8_t plain[PACKET_MAX];
            uint8_t expected[PACKET_MAX];
            uint8_t out[PACKET_MAX];
            size_t header = write_packet(plain, &rows[i], index);
            size_t len = header + rows[i].payload;
            size_t opened;
            struct span got = seal(engine, sealer, out, plain, header,
                                   rows[i].payload, index);

            memcpy(expected, plain, len);
            sfu_srtp_seal(theirs, expected, &len);

            if (got.len != len || memcmp(got.data, expected, len) != 0) {
                different++;
                tap_ok(false, "%s, %s: %s at %llu", name, keys.profile->name,
                       rows[i].name, (unsigned long long)index);
            }

            opened = got.len;
            unopened += sfu_srtp_open(reader, out, &opened) != 0
                        || memcmp(out, plain, opened) != 0;
        }
    }

    tap_is_int((long long)different, 0, "%s, %s: seals as libsrtp2 does",
               name, keys.profile->name);
    tap_is_int((long long)unopened, 0, "%s, %s: libsrtp2 opens it", name,
               keys.profile->name);
    srtp_sealer_destroy(sealer);
    sfu_srtp_destroy(theirs);
    sfu_srtp_destroy(reader);
}

/* several keys, profiles and lengths, of which some wait for each other */
static void
test_side_by_side(struct srtp_engine *engine, const char *name)
{
    static uint8_t packets[SIDE_BY_SIDE][PACKET_MAX];
    static uint8_t plain[SIDE_BY_SIDE][PACKET_MAX];
    struct srtp_sealer *sealers[3];
    struct sfu_srtp *readers[3];
    size_t wrong = 0;

    for (size_t k = 0; k < PROFILES; k++) {
        struct srtp_key_material keys = make_keys(profiles[k]);

        srtp_sealer_create(&sealers[k], engine, &keys);
        sfu_srtp_create(&readers[k], SRTP_RECEIVE, &keys, 8);
    }

    for (size_t i = 0; i < SIDE_BY_SIDE; i++) {
        const struct row *row = &rows[i % ROWS];
        size_t header = write_packet(plain[i], row, i);

        /* the first half from elsewhere, the others where they lie */
        memcpy(packets[i], plain[i],
               header + (i < SIDE_BY_SIDE / 2 ? 0 : row->payload));
        srtp_sealer_add(sealers[i % 7 ? 0 : i % 3], packets[i], header,
                        span_of((i < SIDE_BY_SIDE / 2 ? plain : packets)[i]
                                    + header,
                                row->payload),
                        i);
    }

    tap_is_int((long long)srtp_engine_finish(engine), 0, "%s: none failed",
               name);

    for (size_t i = 0; i < SIDE_BY_SIDE; i++) {
        const struct row *row = &rows[i % ROWS];
        size_t header = write_packet(plain[i], row, i);
        size_t k = i % 7 ? 0 : i % 3;
        size_t len = header + row->payload + srtp_sealer_tag_len(sealers[k]);

        wrong += sfu_srtp_open(readers[k], packets[i], &len) != 0
                 || len != header + row->payload
                 || memcmp(packets[i], plain[i], len) != 0;
    }

    tap_is_int((long long)wrong, 0, "%s: many at once, under several keys",
               name);

    for (size_t k = 0; k < PROFILES; k++) {
        srtp_sealer_destroy(sealers[k]);
        sfu_srtp_destroy(readers[k]);
    }
}

/* nothing behind the tag is touched: there the next packet's header lies */
static void
test_writes_no_more(struct srtp_engine *engine, const char *name)
{
    for (size_t k = 0; k < PROFILES; k++) {
        struct srtp_key_material keys = make_keys(profiles[k]);
        struct srtp_sealer *sealer;
        size_t touched = 0;

        srtp_sealer_create(&sealer, engine, &keys);

        for (size_t i = 0; i < ROWS; i++) {
            uint8_t plain[PACKET_MAX];
            uint8_t out[PACKET_MAX + 64];
            size_t header = write_packet(plain, &rows[i], i);
            size_t len = header + rows[i].payload
                         + srtp_sealer_tag_len(sealer);

            memset(out, 0xa5, sizeof(out));
            seal(engine, sealer, out, plain, header, rows[i].payload, i);

            for (size_t j = len; j < len + 48; j++) {
                touched += out[j] != 0xa5;
            }
        }

        tap_is_int((long long)touched, 0, "%s, %s: stays within", name,
                   keys.profile->name);
        srtp_sealer_destroy(sealer);
    }
}

static void
test_limit(struct srtp_engine *engine, const char *name)
{
    struct srtp_key_material keys = make_keys(SRTP_PROFILE_AEAD_AES_128_GCM);
    struct srtp_sealer *sealer;
    uint8_t out[64] = { 0x80, 96 };

    srtp_sealer_create(&sealer, engine, &keys);
    tap_is_int(srtp_sealer_add(sealer, out, 12, span_of(out + 12, 4),
                               SRTP_INDEX_MAX), 0,
               "%s: the last number there is", name);
    tap_is_int(srtp_sealer_add(sealer, out, 12, span_of(out + 12, 4),
                               SRTP_INDEX_MAX + 1), SFU_ERR_LIMIT,
               "%s: and the one after it is refused", name);
    srtp_engine_finish(engine);
    srtp_sealer_destroy(sealer);
}

static int
create(enum srtp_backend_id backend, size_t k)
{
    struct srtp_key_material keys = make_keys(profiles[k]);
    struct srtp_sealer *sealer = NULL;
    struct srtp_engine *engine;
    int error = srtp_engine_create(&engine, backend);

    if (!error) {
        error = srtp_sealer_create(&sealer, engine, &keys);
    }

    srtp_sealer_destroy(sealer);
    srtp_engine_destroy(engine);

    return error;
}

static int
create_all(void)
{
    return each_backend(create);
}

int
main(void)
{
    sfu_srtp_library_init();

    for (size_t b = 0; b < BACKENDS; b++) {
        struct srtp_engine *engine;

        if (!backend_works(&backends[b])
            || srtp_engine_create(&engine, backends[b].id))
        {
            continue;
        }

        for (size_t k = 0; k < PROFILES; k++) {
            test_like_libsrtp(engine, backends[b].name, profiles[k]);
        }

        test_side_by_side(engine, backends[b].name);
        test_writes_no_more(engine, backends[b].name);
        test_limit(engine, backends[b].name);
        tap_ok(strchr(srtp_engine_name(engine), ' ') != NULL, "it is %s",
               srtp_engine_name(engine));
        srtp_engine_destroy(engine);
    }

    tap_each_allocation_fails(create_all);
    sfu_srtp_library_fini();

    return tap_done();
}
