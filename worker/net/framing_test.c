/*
 * net/framing_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "net/framing.h"

#include "base/error.h"
#include "test/tap.h"

static void
feed(struct framing *f, const void *bytes, size_t len)
{
    size_t room;
    uint8_t *to = framing_room(f, &room);

    tap_ok(room >= len, "there is room for %zu bytes", len);
    memcpy(to, bytes, len);
    framing_filled(f, len);
}

static int
build(void)
{
    struct framing f;
    int error = framing_init(&f);

    framing_fini(&f);

    return error;
}

int
main(void)
{
    struct framing f;
    uint8_t *packet;
    size_t len;
    int packets = 0;

    tap_is_int(framing_init(&f), 0, "init");
    tap_is_int(framing_next(&f, &packet, &len), SFU_ERR_AGAIN, "empty");

    feed(&f, "\0", 1);
    tap_is_int(framing_next(&f, &packet, &len), SFU_ERR_AGAIN,
               "half a length");
    feed(&f, "\3ab", 3);
    tap_is_int(framing_next(&f, &packet, &len), SFU_ERR_AGAIN,
               "half a packet");
    feed(&f, "c\0\0\0\1d\1", 7);
    tap_is_int(framing_next(&f, &packet, &len), 0, "a packet in three parts");
    tap_is_bytes(span_of(packet, len), span_str("abc"), "is whole");
    tap_is_int(framing_next(&f, &packet, &len), 0, "an empty packet");
    tap_is_int((long long)len, 0, "has no bytes");
    tap_is_int(framing_next(&f, &packet, &len), 0, "one behind it");
    tap_is_bytes(span_of(packet, len), span_str("d"), "is whole");
    tap_is_int(framing_next(&f, &packet, &len), SFU_ERR_AGAIN, "no more");
    feed(&f, "\0", 1);
    feed(&f, (uint8_t[256]){ 7 }, 256);

    while (framing_next(&f, &packet, &len) == 0) {
        packets++;
    }

    tap_is_int(packets, 1, "256 bytes after a split length");

    feed(&f, "\xff\xff", 2);
    tap_is_int(framing_next(&f, &packet, &len), SFU_ERR_LIMIT,
               "a packet that never fits");
    framing_fini(&f);
    tap_each_allocation_fails(build);

    return tap_done();
}
