/*
 * srtp/rtcp_sealer_test.c - seals to the byte as libsrtp2 does, and each
 * number once.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "srtp/rtcp_sealer.h"

#include "srtp/backends.h"
#include "srtp/rtcp_opener_pair.h"
#include "srtp/rtcp_priv.h"
#include "srtp/rtcp_sealer_priv.h"
#include "test/tap.h"

enum { PACKETS = 3000 };

/* openers of both, and libsrtp2's sealer; too large for a stack */
static struct rtcp_pair pair;

static uint32_t
index_of(const struct srtp_rtcp_sealer *s, struct rtcp_pair_packet *packet)
{
    size_t plain = packet->len - SRTP_RTCP_TRAILER - s->key.tag_len;
    uint8_t *p = srtp_rtcp_lay_out(&s->key, packet->data, plain).trailer;

    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8
           | p[3];
}

static struct srtp_rtcp_sealer *
begin(enum srtp_backend_id backend, enum srtp_profile_id profile)
{
    struct srtp_key_material keys = pair_keys(profile);
    struct srtp_rtcp_sealer *sealer = NULL;

    if (rtcp_pair_begin(&pair, backend, profile)
        || srtp_rtcp_sealer_create(&sealer, pair.engine, &keys)) {
        tap_ok(false, "there is a sealer");
        exit(1);
    }

    return sealer;
}

static void
end(struct srtp_rtcp_sealer *sealer)
{
    srtp_rtcp_sealer_destroy(sealer);
    rtcp_pair_end(&pair);
}

/* of exactly the size that it may write to */
static int
seal(struct srtp_rtcp_sealer *sealer, struct rtcp_pair_packet *packet)
{
    size_t room = packet->len + SRTP_OVERHEAD_MAX;
    uint8_t *copy = malloc(room + 1);
    int error;

    memcpy(copy + 1, packet->data, packet->len);
    error = srtp_rtcp_sealer_seal(sealer, copy + 1, &packet->len);
    memcpy(packet->data, copy + 1, room);
    free(copy);

    return error;
}

static void
test_like_libsrtp(const char *name, enum srtp_backend_id backend,
                  enum srtp_profile_id profile)
{
    const char *title = srtp_profile_find(profile)->name;
    struct srtp_rtcp_sealer *sealer = begin(backend, profile);
    size_t different = 0;
    size_t failed = 0;

    for (size_t i = 0; i < PACKETS; i++) {
        /* one SSRC: libsrtp2 counts each by itself */
        struct rtcp_pair_step step = {
            .ssrc = 3,
            .payload = (uint16_t)(i % 4 ? i % 90 : 7 * i),
        };
        struct rtcp_pair_packet theirs = rtcp_pair_packet(&pair, &step);
        struct rtcp_pair_packet ours;

        rtcp_pair_write(&ours, &step);
        failed += seal(sealer, &ours) != 0;
        different += ours.len != theirs.len
                     || memcmp(ours.data, theirs.data, ours.len) != 0;
    }

    tap_is_int((long long)failed, 0, "%s, %s: seals", name, title);
    tap_is_int((long long)different, 0, "%s, %s: the bytes of libsrtp2", name,
               title);
    end(sealer);
}

static void
test_many_ssrcs(const char *name, enum srtp_backend_id backend,
                enum srtp_profile_id profile)
{
    const char *title = srtp_profile_find(profile)->name;
    struct srtp_rtcp_sealer *sealer = begin(backend, profile);
    size_t unopened = 0;
    size_t wrong = 0;

    for (uint32_t i = 0; i < PACKETS; i++) {
        struct rtcp_pair_step step = {
            .ssrc = (uint8_t)(i * i % 4),
            .payload = (uint16_t)(4 * (i % 30)),
        };
        struct rtcp_pair_packet plain;
        struct rtcp_pair_packet packet;
        struct rtcp_pair_packet again;

        rtcp_pair_write(&plain, &step);
        packet = plain;
        seal(sealer, &packet);
        wrong += index_of(sealer, &packet) != (SRTP_RTCP_E | (i + 1));
        again = packet;
        unopened += sfu_srtp_open_rtcp(pair.theirs, packet.data, &packet.len)
                    != 0;
        unopened += srtp_rtcp_opener_open(pair.ours, again.data, &again.len)
                    != 0;
        wrong += packet.len != plain.len
                 || memcmp(packet.data, plain.data, plain.len) != 0;
        wrong += again.len != plain.len
                 || memcmp(again.data, plain.data, plain.len) != 0;
    }

    tap_is_int((long long)unopened, 0,
               "%s, %s: SSRCs in turn are opened by libsrtp2 and by us", name,
               title);
    tap_is_int((long long)wrong, 0,
               "%s, %s: with what was in them, and a number of their own",
               name, title);
    end(sealer);
}

static void
test_limits(const char *name, enum srtp_backend_id backend,
            enum srtp_profile_id profile)
{
    const char *title = srtp_profile_find(profile)->name;
    struct srtp_rtcp_sealer *sealer = begin(backend, profile);
    struct rtcp_pair_step step = { .payload = 20 };
    struct rtcp_pair_packet packet;
    struct rtcp_pair_packet before;

    rtcp_pair_write(&packet, &step);
    packet.len = SRTP_RTCP_HEADER - 1;
    tap_is_int(seal(sealer, &packet), SFU_ERR_TRUNCATED,
               "%s, %s: no header", name, title);

    sealer->index = SRTP_RTCP_INDEX_MAX - 1;
    rtcp_pair_write(&packet, &step);
    tap_is_int(seal(sealer, &packet), 0, "%s, %s: the last number", name,
               title);
    tap_is_int(index_of(sealer, &packet), 0xffffffff,
               "%s, %s: which is that", name, title);
    tap_is_int(srtp_rtcp_opener_open(pair.ours, packet.data, &packet.len), 0,
               "%s, %s: is opened", name, title);

    for (int i = 0; i < 2; i++) {
        rtcp_pair_write(&packet, &step);
        before = packet;
        tap_is_int(seal(sealer, &packet), SFU_ERR_LIMIT,
                   "%s, %s: then no more are sealed", name, title);
        tap_ok(packet.len == before.len
                   && memcmp(packet.data, before.data, before.len) == 0,
               "%s, %s: and nothing is encrypted", name, title);
    }

    end(sealer);
}

static int
create(enum srtp_backend_id backend, size_t k)
{
    struct srtp_key_material keys = pair_keys(profiles[k]);
    struct srtp_rtcp_sealer *sealer = NULL;
    struct srtp_engine *engine;
    int error = srtp_engine_create(&engine, backend);

    if (!error) {
        error = srtp_rtcp_sealer_create(&sealer, engine, &keys);
    }

    srtp_rtcp_sealer_destroy(sealer);
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
        if (!backend_works(&backends[b])) {
            continue;
        }

        for (size_t k = 0; k < PROFILES; k++) {
            test_like_libsrtp(backends[b].name, backends[b].id, profiles[k]);
            test_many_ssrcs(backends[b].name, backends[b].id, profiles[k]);
            test_limits(backends[b].name, backends[b].id, profiles[k]);
        }
    }

    tap_each_allocation_fails(create_all);
    sfu_srtp_library_fini();

    return tap_done();
}
