/*
 * rtp/rtx_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtp/rtx.h"
#include "base/error.h"
#include "test/tap.h"

static const uint8_t original[] = {
    0x90, 0xe0, 0x12, 0x34, 0x01, 0x02, 0x03, 0x04, 0xaa, 0xbb, 0xcc, 0xdd,
    0xbe, 0xde, 0x00, 0x01, 0x10, 0xff, 0x00, 0x00,
    'p', 'a', 'y', 'l', 'o', 'a', 'd',
};

/* the original, sent again as payload type 97 of another SSRC */
static size_t
wrap(uint8_t *out, size_t size, struct span payload)
{
    struct writer w = writer_over(out, size);
    struct rtp_packet pkt;
    struct rtp_packet rtx;

    rtp_packet_parse(&pkt, span_of(original, sizeof(original)));
    rtx = rtp_rtx_header(&pkt, 0x01020304, 97, 777);
    rtp_packet_write_header(&w, &rtx);
    writer_bytes(&w, span_of(original + 12, 8));
    rtp_rtx_write_payload(&w, pkt.seq, payload);

    return writer_len(&w);
}

int
main(void)
{
    uint8_t wire[64];
    struct rtp_packet rtx;
    struct span unwrapped;
    size_t len = wrap(wire, sizeof(wire), span_str("payload"));

    tap_is_int((long long)len, sizeof(original) + 2, "two bytes longer");
    tap_is_int(rtp_packet_parse(&rtx, span_of(wire, len)), 0, "parses");
    tap_ok(rtx.ssrc == 0x01020304 && rtx.payload_type == 97
           && rtx.seq == 777 && rtx.marker, "under its own header");
    tap_is_bytes(rtx.payload, span_of("\x12\x34payload", 9),
                 "payload behind the OSN");
    tap_is_int(rtp_rtx_unwrap(wire, &rtx, 0xaabbccdd, 96, &unwrapped), 0,
               "unwrap");
    tap_is_bytes(unwrapped, span_of(original, sizeof(original)),
                 "gives the original");

    len = wrap(wire, sizeof(wire), span_str("payload"));
    wire[0] |= RTP_P;
    memcpy(wire + len, "\0\0\3", 3);
    rtp_packet_parse(&rtx, span_of(wire, len + 3));
    rtp_packet_unpad(&rtx);
    tap_is_int(rtp_rtx_unwrap(wire, &rtx, 0xaabbccdd, 96, &unwrapped), 0,
               "a padded one");
    tap_is_bytes(unwrapped, span_of(original, sizeof(original)),
                 "gives the original without the padding");

    len = wrap(wire, sizeof(wire), span_str(""));
    rtp_packet_parse(&rtx, span_of(wire, len));
    tap_is_int(rtp_rtx_unwrap(wire, &rtx, 1, 96, &unwrapped), 0,
               "an original with an empty payload");
    tap_is_int((long long)unwrapped.len, 20, "is a header");

    rtp_packet_parse(&rtx, span_of(wire, len - 1));
    tap_is_int(rtp_rtx_unwrap(wire, &rtx, 1, 96, &unwrapped),
               SFU_ERR_TRUNCATED, "half an OSN");
    rtp_packet_parse(&rtx, span_of(wire, len - 2));
    tap_is_int(rtp_rtx_unwrap(wire, &rtx, 1, 96, &unwrapped),
               SFU_ERR_TRUNCATED, "a probe without any");

    return tap_done();
}
