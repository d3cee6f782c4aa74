/*
 * base/reader_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "base/reader.h"
#include "base/writer.h"
#include "test/tap.h"

int
main(void)
{
    static const uint8_t wire[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
    uint8_t out[8];
    struct reader r = reader_over(span_of(wire, sizeof(wire)));
    struct writer w = writer_over(out, sizeof(out));

    tap_is_int(reader_u8(&r), 0x01, "one byte");
    tap_is_int(reader_u16(&r), 0x0203, "two bytes, big-endian");
    tap_is_int(reader_u24(&r), 0x040506, "three bytes");
    tap_is_int(reader_u32(&r), 0x0708090a, "four bytes");
    tap_is_int((long long)reader_left(&r), 2, "knows what is left");
    tap_ok(reader_ok(&r), "fine so far");
    tap_is_int(reader_u32(&r), 0, "a read past the end gives zero");
    tap_ok(!reader_ok(&r), "and is remembered");
    tap_is_int(reader_u8(&r), 0, "nothing can be read after it");

    writer_u16(&w, 0x0102);
    writer_u24(&w, 0x030405);
    tap_ok(writer_ok(&w), "fits");
    writer_u32(&w, 0x06070809);
    tap_ok(!writer_ok(&w), "a write past the end is remembered");
    tap_is_bytes(writer_span(&w), span_of(wire, 5), "and leaves no half");
    writer_u8(&w, 6);
    tap_is_int((long long)writer_len(&w), 5, "nothing is written after it");

    return tap_done();
}
