/*
 * srtp/rtcp_opener_test.c - opens what libsrtp2 opens, and refuses the rest.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "srtp/rtcp_opener.h"

#include <stdio.h>

#include "srtp/backends.h"
#include "srtp/rtcp_opener_pair.h"
#include "srtp/rtcp_sealer_priv.h"
#include "test/tap.h"

enum { STEPS = 20000, INDEX_LAST = 0x7fffffff };

/* its packets are too many for a stack */
static struct rtcp_pair pair;

/* the same at each run */
static uint32_t
next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005 + 1442695040888963407;

    return (uint32_t)(*state >> 33);
}

/* mostly the next packet; else as networks and attackers have it */
static struct rtcp_pair_step
make_step(uint64_t *random)
{
    uint32_t kind = next_random(random) % 16;
    uint32_t fate = next_random(random) % 16;
    struct rtcp_pair_step step = {
        /* the last three come rarely, and take the place of one another */
        .ssrc = (uint8_t)(next_random(random) % 256 < 254
                              ? next_random(random) % 3
                              : 3 + next_random(random) % 3),
        .payload = (uint16_t)(next_random(random) % 4
                                  ? next_random(random) % 80
                                  : next_random(random)),
        .in_clear = next_random(random) % 8 == 0,
        .fate = fate < 13 ? RTCP_PAIR_AS_IT_IS : fate - 12,
        .where = (uint16_t)next_random(random),
    };

    if (kind < 3) {
        step.back = (uint16_t)(1 + next_random(random) % 8);
    } else if (kind == 3) {
        step.back = (uint16_t)(1 + next_random(random) % 511);
    } else if (kind == 4) {
        step.lost = (uint8_t)next_random(random);
    } else if (kind == 5) {
        step.lost = (uint8_t)(125 + next_random(random) % 5);
    }

    return step;
}

static void
test_like_libsrtp(const char *name, enum srtp_backend_id backend,
                  enum srtp_profile_id profile)
{
    const char *title = srtp_profile_find(profile)->name;
    bool gcm = profile != SRTP_PROFILE_AES128_CM_SHA1_80;
    uint64_t random = profile;
    size_t different = 0;

    tap_is_int(rtcp_pair_begin(&pair, backend, profile), 0, "%s, %s: a pair",
               name, title);

    for (size_t i = 0; i < STEPS; i++) {
        struct rtcp_pair_step step = make_step(&random);

        if (!rtcp_pair_step(&pair, &step)) {
            different++;
            tap_ok(false, "%s, %s: step %zu, %s, back %d, lost %d, fate %d, "
                          "at %d",
                   name, title, i, step.in_clear ? "in clear" : "encrypted",
                   step.back, step.lost, (int)step.fate, step.where);
        }
    }

    tap_is_int((long long)different, 0, "%s, %s: decides as libsrtp2 does",
               name, title);
    tap_ok(pair.opened > STEPS / 3 && pair.replays > STEPS / 50
               && pair.refused > STEPS / 50
               && (gcm ? pair.in_clear > STEPS / 100 : pair.in_clear == 0),
           "%s, %s: %zu opened, %zu of them in clear; %zu replays, "
           "%zu refused",
           name, title, pair.opened, pair.in_clear, pair.replays,
           pair.refused);
    rtcp_pair_end(&pair);
}

static int
open_packet(struct rtcp_pair_packet *packet)
{
    return srtp_rtcp_opener_open(pair.ours, packet->data, &packet->len);
}

/* what was not opened is as it came, or nothing */
static bool
left_over(const struct rtcp_pair_packet *before,
          const struct rtcp_pair_packet *after, int error)
{
    static const uint8_t zeros[RTCP_PAIR_PACKET_MAX];

    return memcmp(after->data + 8, error == SFU_ERR_AUTH ? zeros
                                                         : before->data + 8,
                  52) != 0;
}

/* each bit of it counts: header, text, E, index, tag */
static void
test_forgeries(const char *title, bool in_clear)
{
    struct rtcp_pair_step step = { .payload = 52, .in_clear = in_clear };
    const char *kind = in_clear ? "in clear" : "encrypted";
    struct rtcp_pair_packet sealed = rtcp_pair_packet(&pair, &step);
    size_t before = srtp_rtcp_opener_ssrcs(pair.ours);
    struct rtcp_pair_packet packet;
    size_t opened = 0;
    size_t left = 0;

    for (size_t bit = 0; bit < 8 * sealed.len; bit++) {
        struct rtcp_pair_packet forged = sealed;
        int error;

        forged.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        packet = forged;
        error = open_packet(&packet);
        opened += error == 0;
        left += left_over(&forged, &packet, error);
    }

    tap_is_int((long long)opened, 0, "%s, %s: no bit can be changed", title,
               kind);
    tap_is_int((long long)srtp_rtcp_opener_ssrcs(pair.ours),
               (long long)before, "%s, %s: no SSRC is remembered of it", title,
               kind);
    tap_is_int((long long)left, 0, "%s, %s: and nothing is to be read", title,
               kind);

    opened = 0;

    for (size_t len = 0; len < sealed.len; len++) {
        packet = sealed;
        packet.len = len;
        opened += open_packet(&packet) == 0;
    }

    tap_is_int((long long)opened, 0, "%s, %s: nothing can be cut off", title,
               kind);
    packet = sealed;
    tap_is_int(open_packet(&packet), 0, "%s, %s: after all that it opens",
               title, kind);
    tap_is_int((long long)packet.len, 60, "%s, %s: with its length", title,
               kind);
    packet = sealed;
    tap_is_int(open_packet(&packet), SFU_ERR_EXISTS, "%s, %s: once", title,
               kind);
}

static void
test_refusals(const char *name, enum srtp_backend_id backend,
              enum srtp_profile_id profile)
{
    bool gcm = profile != SRTP_PROFILE_AES128_CM_SHA1_80;
    struct rtcp_pair_step step = { .ssrc = 1, .payload = 20 };
    struct rtcp_pair_packet packet;
    char title[80];

    snprintf(title, sizeof(title), "%s, %s", name,
             srtp_profile_find(profile)->name);
    rtcp_pair_begin(&pair, backend, profile);
    test_forgeries(title, false);

    if (gcm) {
        test_forgeries(title, true);
    }

    step.in_clear = true;
    packet = rtcp_pair_packet(&pair, &step);
    tap_is_int(open_packet(&packet), gcm ? 0 : SFU_ERR_UNSUPPORTED,
               "%s: without encryption: %s", title,
               gcm ? "opened" : "refused");

    packet.len = 8 + 4 + (gcm ? 16 : 10) - 1;
    tap_is_int(open_packet(&packet), SFU_ERR_TRUNCATED,
               "%s: no room for header, index and tag", title);
    rtcp_pair_end(&pair);
}

/* a peer with good keys and more SSRCs than are kept; those in use stay */
static void
test_many_ssrcs(const char *name, enum srtp_backend_id backend)
{
    struct rtcp_pair_step step = { .payload = 20 };
    struct rtcp_pair_packet packet;
    size_t refused = 0;
    size_t replays = 0;
    size_t kept = 0;

    rtcp_pair_begin(&pair, backend, SRTP_PROFILE_AEAD_AES_128_GCM);

    for (size_t i = 0; i < 300; i++) {
        /* 0 and 1 in turn with the four others */
        step.ssrc = (uint8_t)(i % 3 < 2 ? i % 3 : 2 + i / 3 % 4);
        packet = rtcp_pair_packet(&pair, &step);
        refused += open_packet(&packet) != 0;

        if (srtp_rtcp_opener_ssrcs(pair.ours) > kept) {
            kept = srtp_rtcp_opener_ssrcs(pair.ours);
        }
    }

    tap_is_int((long long)refused, 0, "%s: each of many SSRCs is opened",
               name);
    tap_is_int((long long)kept, PAIR_SSRCS_KEPT, "%s: no more than that kept",
               name);

    for (size_t back = 1; back <= 99; back++) {
        step.back = (uint16_t)back;
        packet = rtcp_pair_packet(&pair, &step);

        if (packet.data[7] < 2) {
            replays += open_packet(&packet) == SFU_ERR_EXISTS;
        }
    }

    tap_is_int((long long)replays, 66,
               "%s: and what goes on being used keeps its list", name);
    rtcp_pair_end(&pair);
}

/* by an index that libsrtp2 reaches after 2 ** 31 packets only */
static struct rtcp_pair_packet
seal_at(uint32_t index)
{
    struct srtp_key_material keys = pair_keys(SRTP_PROFILE_AEAD_AES_128_GCM);
    struct srtp_rtcp_sealer *sealer;
    struct rtcp_pair_packet packet;

    if (srtp_rtcp_sealer_create(&sealer, pair.engine, &keys)) {
        abort();
    }

    rtcp_pair_write(&packet, &(struct rtcp_pair_step){ .payload = 20 });
    sealer->index = index - 1;
    srtp_rtcp_sealer_seal(sealer, packet.data, &packet.len);
    srtp_rtcp_sealer_destroy(sealer);

    return packet;
}

static void
test_indices(const char *name, enum srtp_backend_id backend)
{
    static const struct {
        const char *name;
        uint32_t index;
        int error;
    } rows[] = {
        { "the first there is", 0, 0 },
        { "which came", 0, SFU_ERR_EXISTS },
        { "a jump over all", INDEX_LAST - 1, 0 },
        { "what is 127 older", INDEX_LAST - 128, 0 },
        { "the last one", INDEX_LAST, 0 },
        { "now that is 128 older", INDEX_LAST - 128, SFU_ERR_EXISTS },
        { "and that 127", INDEX_LAST - 127, 0 },
        { "none wraps", 1, SFU_ERR_EXISTS },
        { "the last once more", INDEX_LAST, SFU_ERR_EXISTS },
    };

    rtcp_pair_begin(&pair, backend, SRTP_PROFILE_AEAD_AES_128_GCM);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rtcp_pair_packet packet = seal_at(rows[i].index);
        struct rtcp_pair_packet same = packet;

        tap_is_int(open_packet(&packet), rows[i].error, "%s: index %08x: %s",
                   name, (unsigned)rows[i].index, rows[i].name);
        tap_ok((sfu_srtp_open_rtcp(pair.theirs, same.data, &same.len) == 0)
                   == (rows[i].error == 0),
               "%s: index %08x: libsrtp2, too", name,
               (unsigned)rows[i].index);
    }

    rtcp_pair_end(&pair);
}

static void
test_one_ssrc(const char *name, enum srtp_backend_id backend)
{
    struct srtp_key_material keys = pair_keys(SRTP_PROFILE_AEAD_AES_128_GCM);
    struct rtcp_pair_step step = { .payload = 20 };
    struct srtp_rtcp_opener *kept;
    struct rtcp_pair_packet packet;
    size_t refused = 0;

    rtcp_pair_begin(&pair, backend, SRTP_PROFILE_AEAD_AES_128_GCM);
    kept = pair.ours;
    tap_is_int(srtp_rtcp_opener_create(&pair.ours, pair.engine, &keys, 1), 0,
               "%s: an opener for one SSRC", name);

    for (uint8_t i = 0; i < 9; i++) {
        step.ssrc = i % 3;
        packet = rtcp_pair_packet(&pair, &step);
        refused += open_packet(&packet) != 0;
    }

    tap_is_int((long long)refused, 0, "%s: opens several in turn", name);
    tap_is_int((long long)srtp_rtcp_opener_ssrcs(pair.ours), 1,
               "%s: and keeps the last", name);
    srtp_rtcp_opener_destroy(kept);
    rtcp_pair_end(&pair);
}

/* of two SSRCs, by each profile */
static struct rtcp_pair_packet sealed[3][2];

/* before anything fails: libsrtp2 2.5.0 crashes when it has no memory */
static void
seal_some(void)
{
    for (size_t k = 0; k < PROFILES; k++) {
        rtcp_pair_begin(&pair, SRTP_BACKEND_OPENSSL, profiles[k]);

        for (uint8_t i = 0; i < 2; i++) {
            struct rtcp_pair_step step = { .ssrc = i, .payload = 20 };

            sealed[k][i] = rtcp_pair_packet(&pair, &step);
        }

        rtcp_pair_end(&pair);
    }
}

/* two packets, where anything may fail; what failed is opened the next time */
static int
create_and_open(enum srtp_backend_id backend, size_t k)
{
    struct srtp_key_material keys = pair_keys(profiles[k]);
    int error;

    memset(&pair, 0, sizeof(pair));
    error = srtp_engine_create(&pair.engine, backend);

    if (!error) {
        error = srtp_rtcp_opener_create(&pair.ours, pair.engine, &keys, 8);
    }

    for (size_t i = 0; i < 2 && !error; i++) {
        struct rtcp_pair_packet packet = sealed[k][i];

        error = open_packet(&packet);

        if (error == SFU_ERR_NOMEM) {
            packet = sealed[k][i];
            error = open_packet(&packet);
        }
    }

    rtcp_pair_end(&pair);

    return error;
}

static int
create_and_open_all(void)
{
    return each_backend(create_and_open);
}

int
main(void)
{
    sfu_srtp_library_init();

    for (size_t b = 0; b < BACKENDS; b++) {
        if (!backend_works(&backends[b])) {
            continue;
        }

        for (size_t k = 0; k < PROFILES; k++) {
            test_like_libsrtp(backends[b].name, backends[b].id, profiles[k]);
            test_refusals(backends[b].name, backends[b].id, profiles[k]);
        }

        test_many_ssrcs(backends[b].name, backends[b].id);
        test_indices(backends[b].name, backends[b].id);
        test_one_ssrc(backends[b].name, backends[b].id);
    }

    seal_some();
    tap_each_allocation_fails(create_and_open_all);
    sfu_srtp_library_fini();

    return tap_done();
}
