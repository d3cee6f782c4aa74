/*
 * srtp/opener_test.c - opens what libsrtp2 opens, and refuses the rest.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "srtp/opener.h"

#include "srtp/backends.h"
#include "srtp/opener_pair.h"
#include "srtp/opener_priv.h"
#include "test/tap.h"

enum { STEPS = 20000 };

/* the same at each run */
static uint32_t
next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005 + 1442695040888963407;

    return (uint32_t)(*state >> 33);
}

/* mostly the next packet; else as networks and attackers have it */
static struct pair_step
make_step(uint64_t *random)
{
    uint32_t kind = next_random(random) % 16;
    uint32_t fate = next_random(random) % 16;
    struct pair_step step = {
        /* the last three come rarely, and take the place of one another */
        .ssrc = (uint8_t)(next_random(random) % 256 < 254
                              ? next_random(random) % 3
                              : 3 + next_random(random) % 3),
        .shape = (uint8_t)next_random(random),
        .payload = (uint16_t)(next_random(random) % 4
                                  ? next_random(random) % 40
                                  : next_random(random)),
        .fate = fate < 13 ? PAIR_AS_IT_IS : fate - 12,
        .where = (uint16_t)next_random(random),
        .advance = 1,
    };

    if (kind < 3) {
        step.advance = -(int32_t)(next_random(random) % 20);
    } else if (kind == 3) {
        step.advance = -(int32_t)(next_random(random) % (2 * PAIR_WINDOW));
    } else if (kind == 4) {
        step.advance = (int32_t)(next_random(random) % (2 * PAIR_WINDOW));
    } else if (kind == 5) {
        step.advance = (int32_t)(next_random(random) % 8000);
    } else if (kind == 6) {
        /* where forward becomes back, and back forward */
        step.advance = (int32_t)(32766 + next_random(random) % 5)
                       * (next_random(random) % 2 ? 1 : -1);
    }

    return step;
}

static void
test_like_libsrtp(const char *name, enum srtp_backend_id backend,
                  enum srtp_profile_id profile)
{
    const char *title = srtp_profile_find(profile)->name;
    struct opener_pair pair;
    uint64_t random = profile;
    size_t different = 0;

    tap_is_int(pair_begin(&pair, backend, profile), 0, "%s, %s: a pair", name,
               title);

    for (size_t i = 0; i < STEPS; i++) {
        struct pair_step step = make_step(&random);

        if (!pair_step(&pair, &step)) {
            different++;
            tap_ok(false, "%s, %s: step %zu, by %d, fate %d, at %d", name,
                   title, i, (int)step.advance, (int)step.fate, step.where);
        }
    }

    tap_is_int((long long)different, 0, "%s, %s: decides as libsrtp2 does",
               name, title);
    tap_ok(pair.opened > STEPS / 2 && pair.replays > STEPS / 50
               && pair.refused > STEPS / 50 && pair.late > STEPS / 50
               && pair.wrapped > STEPS / 5,
           "%s, %s: %zu opened, %zu of them late, %zu after a wrap; "
           "%zu replays, %zu refused",
           name, title, pair.opened, pair.late, pair.wrapped, pair.replays,
           pair.refused);
    pair_end(&pair);
}

/* the plain packet, or sealed at that index: its length */
static size_t
make_packet(struct opener_pair *p, uint64_t index, uint8_t *packet)
{
    struct pair_step step = { .payload = 100 };

    return pair_packet(p, &step, index, packet);
}

static void
test_refusals(const char *name, enum srtp_backend_id backend,
              enum srtp_profile_id profile)
{
    const char *title = srtp_profile_find(profile)->name;
    uint8_t packet[PAIR_PACKET_MAX];
    struct opener_pair p;
    size_t len;
    size_t left = 0;

    pair_begin(&p, backend, profile);

    len = make_packet(&p, 4000, packet);
    packet[len - 1] ^= 1;
    tap_is_int(srtp_opener_open(p.ours, packet, &len), SFU_ERR_AUTH,
               "%s, %s: the last bit of the tag counts", name, title);

    for (size_t i = 12; i < 112; i++) {
        left += packet[i] != 0;
    }

    tap_is_int((long long)left, 0, "%s, %s: and nothing of it is to be read",
               name, title);
    tap_is_int((long long)srtp_opener_ssrcs(p.ours), 0,
               "%s, %s: nor is its SSRC remembered", name, title);

    len = make_packet(&p, 4000, packet);
    tap_is_int(srtp_opener_open(p.ours, packet, &len), 0,
               "%s, %s: a forgery does not use up the number", name, title);
    len = make_packet(&p, 4000, packet);
    packet[len - 1] ^= 1;
    tap_is_int(srtp_opener_open(p.ours, packet, &len), SFU_ERR_EXISTS,
               "%s, %s: a known number is refused unread", name, title);

    /* 30000 would be the newest, if that were believed */
    len = make_packet(&p, 30000, packet);
    packet[50] ^= 1;
    srtp_opener_open(p.ours, packet, &len);
    len = make_packet(&p, 4001, packet);
    tap_is_int(srtp_opener_open(p.ours, packet, &len), 0,
               "%s, %s: a forgery does not move the window", name, title);

    p.ours->ssrcs[0].replay.highest = SRTP_INDEX_MAX;
    len = make_packet(&p, 65536, packet);
    tap_is_int(srtp_opener_open(p.ours, packet, &len), SFU_ERR_LIMIT,
               "%s, %s: behind the last index nothing comes", name, title);

    len = 11;
    tap_is_int(srtp_opener_open(p.ours, packet, &len), SFU_ERR_TRUNCATED,
               "%s, %s: no header", name, title);
    pair_end(&p);
}

/* two packets, where anything may fail; what failed is opened the next time */
static int
create_and_open(enum srtp_backend_id backend, size_t k)
{
    struct srtp_key_material keys = pair_keys(profiles[k]);
    uint8_t packet[PAIR_PACKET_MAX];
    /* ours alone: libsrtp2 2.5.0 crashes when it has no memory */
    struct opener_pair p = { 0 };
    int error = srtp_engine_create(&p.engine, backend);

    if (!error) {
        error = srtp_sealer_create(&p.sealer, p.engine, &keys);
    }

    if (!error) {
        error = srtp_opener_create(&p.ours, p.engine, &keys, 8);
    }

    for (uint64_t i = 0; i < 2 && !error; i++) {
        size_t len = make_packet(&p, i, packet);

        error = srtp_opener_open(p.ours, packet, &len);

        if (error == SFU_ERR_NOMEM) {
            len = make_packet(&p, i, packet);
            error = srtp_opener_open(p.ours, packet, &len);
        }
    }

    pair_end(&p);

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
    }

    tap_each_allocation_fails(create_and_open_all);
    sfu_srtp_library_fini();

    return tap_done();
}
