/*
 * rtp/packet_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtp/packet.h"
#include "base/error.h"
#include "test/tap.h"

/* P X CC=2, M, one word of extension, two bytes of payload, two of padding */
static const uint8_t full[] = {
    0xb2, 0xe0, 0x12, 0x34, 0x01, 0x02, 0x03, 0x04, 0xaa, 0xbb, 0xcc, 0xdd,
    1, 1, 1, 1, 2, 2, 2, 2,
    0xbe, 0xde, 0x00, 0x01, 0x10, 0xff, 0x00, 0x00,
    'h', 'i', 0, 2,
};

static const uint8_t bare[] = {
    0x80, 0x60, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 'x', 'y', 'z',
};

static void
test_parse(void)
{
    struct rtp_packet pkt;

    tap_is_int(rtp_packet_parse(&pkt, span_of(full, sizeof(full))), 0,
               "everything a header can have");
    tap_ok(pkt.padded && pkt.has_extension && pkt.marker, "flags");
    tap_is_int(pkt.payload_type, 96, "payload type");
    tap_is_int(pkt.seq, 0x1234, "sequence number");
    tap_is_int(pkt.timestamp, 0x01020304, "timestamp");
    tap_is_int(pkt.ssrc, 0xaabbccdd, "SSRC");
    tap_is_bytes(pkt.csrc, span_of(full + 12, 8), "CSRCs");
    tap_is_int(pkt.profile, 0xbede, "profile");
    tap_is_bytes(pkt.extension, span_of(full + 24, 4), "extension");
    tap_is_int((long long)pkt.header_len, 28, "header length");
    tap_is_bytes(pkt.payload, span_of("hi\0\2", 4), "payload with padding");
    tap_is_int(rtp_packet_unpad(&pkt), 0, "unpad");
    tap_ok(span_eq_str(pkt.payload, "hi"), "payload without");
    tap_is_int(pkt.padding, 2, "knows how much there was");
    tap_is_int(rtp_packet_unpad(&pkt), 0, "unpad twice");
    tap_ok(span_eq_str(pkt.payload, "hi"), "takes nothing more");

    tap_is_int(rtp_packet_parse(&pkt, span_of(bare, sizeof(bare))), 0,
               "a plain packet");
    tap_is_int(rtp_packet_unpad(&pkt), 0, "has no padding");
    tap_ok(span_eq_str(pkt.payload, "xyz"), "just payload");
    tap_is_int(rtp_packet_parse(&pkt, span_of(bare, 12)), 0, "header only");
    tap_is_int((long long)pkt.payload.len, 0, "has an empty payload");
}

static void
test_malformed(void)
{
    struct rtp_packet pkt;
    uint8_t wire[sizeof(full)];

    for (size_t len = 0; len < 28; len++) {
        tap_is_int(rtp_packet_parse(&pkt, span_of(full, len)),
                   SFU_ERR_TRUNCATED, "cut to %zu bytes", len);
    }

    memcpy(wire, full, sizeof(full));
    wire[0] = 0x72;
    tap_is_int(rtp_packet_parse(&pkt, span_of(wire, sizeof(wire))),
               SFU_ERR_MALFORMED, "version 1");

    memcpy(wire, full, sizeof(full));
    wire[sizeof(wire) - 1] = 4;
    rtp_packet_parse(&pkt, span_of(wire, sizeof(wire)));
    tap_is_int(rtp_packet_unpad(&pkt), 0, "nothing but padding: a probe");
    tap_is_int((long long)pkt.payload.len, 0, "has an empty payload");

    wire[sizeof(wire) - 1] = 5;
    rtp_packet_parse(&pkt, span_of(wire, sizeof(wire)));
    tap_is_int(rtp_packet_unpad(&pkt), SFU_ERR_MALFORMED,
               "padding longer than the payload");

    wire[sizeof(wire) - 1] = 0;
    rtp_packet_parse(&pkt, span_of(wire, sizeof(wire)));
    tap_is_int(rtp_packet_unpad(&pkt), SFU_ERR_MALFORMED,
               "padding of no bytes");

    rtp_packet_parse(&pkt, span_of(wire, 28));
    tap_is_int(rtp_packet_unpad(&pkt), SFU_ERR_MALFORMED,
               "padding without a byte to count it");
}

static void
test_write(void)
{
    uint8_t out[64];
    struct writer w = writer_over(out, sizeof(out));
    struct rtp_packet pkt;
    struct rtp_packet again;

    rtp_packet_parse(&pkt, span_of(full, sizeof(full)));
    rtp_packet_unpad(&pkt);
    rtp_packet_write_header(&w, &pkt);
    tap_is_int((long long)writer_len(&w), 20, "header and CSRCs");
    tap_is_int(out[0], 0x92, "says extension and CSRCs, no padding");
    tap_is_bytes(span_of(out + 1, 19), span_of(full + 1, 19),
                 "and the rest as it was");

    rtp_packet_parse(&pkt, span_of(bare, sizeof(bare)));
    w = writer_over(out, sizeof(out));
    rtp_packet_write_header(&w, &pkt);
    writer_bytes(&w, pkt.payload);
    tap_is_bytes(writer_span(&w), span_of(bare, sizeof(bare)),
                 "a plain packet comes out as it went in");
    tap_is_int(rtp_packet_parse(&again, writer_span(&w)), 0, "and parses");

    w = writer_over(out, 11);
    rtp_packet_write_header(&w, &pkt);
    tap_ok(!writer_ok(&w), "no room for it");
}

int
main(void)
{
    test_parse();
    test_malformed();
    test_write();

    return tap_done();
}
