/*
 * rtp/packet_fuzz.c - any datagram in, the way of a forwarded packet out.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <stdlib.h>

#include "rtp/demux.h"
#include "rtp/extension.h"
#include "rtp/packet.h"
#include "rtp/rtx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OUT_MAX = 16384 };

static void
expect(bool ok)
{
    if (!ok) {
        abort();
    }
}

/* ids 1 to 14 one way, and spread over both forms the other way */
static void
fill_map(struct rtp_extension_map *map, unsigned step)
{
    rtp_extension_map_init(map);

    for (unsigned i = 0; i < RTP_EXT_COUNT; i++) {
        expect(rtp_extension_map_set(map, 1 + i * step,
                                     (enum rtp_extension_id)i) == 0);
    }
}

/* what was written must read as what it was written from */
static void
check_forwarded(struct span datagram, const struct rtp_packet *pkt,
    const struct rtp_extension_map *map, const struct rtp_extensions *source)
{
    struct rtp_extensions ext;
    struct rtp_packet again;
    uint16_t seq;

    expect(rtp_packet_parse(&again, datagram) == 0);
    expect(again.ssrc == pkt->ssrc && again.seq == pkt->seq
           && again.timestamp == pkt->timestamp
           && again.marker == pkt->marker
           && again.payload_type == pkt->payload_type);
    expect(span_eq(again.payload, pkt->payload));
    expect(span_eq(again.csrc, pkt->csrc));
    expect(rtp_extensions_parse(&ext, map, &again) == 0);
    expect(rtp_extensions_transport_cc(&ext, &seq) && seq == 0x0102);
    expect(span_eq_str(rtp_extensions_get(&ext, RTP_EXT_MID), "7"));
    expect(!rtp_extensions_has(&ext, RTP_EXT_RID));
    expect(rtp_extensions_has(&ext, RTP_EXT_AUDIO_LEVEL)
           == rtp_extensions_has(source, RTP_EXT_AUDIO_LEVEL));
    expect(span_eq(rtp_extensions_get(&ext, RTP_EXT_DEPENDENCY_DESCRIPTOR),
                   rtp_extensions_get(source,
                                      RTP_EXT_DEPENDENCY_DESCRIPTOR)));
}

static void
forward(const struct rtp_packet *source, const struct rtp_extensions *ext,
    unsigned step, size_t room)
{
    static uint8_t out[OUT_MAX];
    struct rtp_extension_hop hop = {
        .has_transport_cc = true,
        .transport_cc = 0x0102,
        .mid = span_str("7"),
    };
    struct writer w = writer_over(out, room);
    struct rtp_extension_map map;
    struct rtp_packet pkt = *source;

    fill_map(&map, step);
    pkt.has_extension = true;
    rtp_packet_write_header(&w, &pkt);
    rtp_extensions_write(&w, &map, ext, &hop);
    writer_bytes(&w, pkt.payload);
    expect(writer_len(&w) <= room);

    if (writer_ok(&w)) {
        check_forwarded(writer_span(&w), &pkt, &map, ext);
    }
}

static void
unwrap(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size);
    struct rtp_packet rtx;
    struct rtp_packet pkt;
    struct span original;

    if (copy == NULL) {
        return;
    }

    memcpy(copy, data, size);

    if (rtp_packet_parse(&rtx, span_of(copy, size)) == 0
        && rtp_packet_unpad(&rtx) == 0
        && rtp_rtx_unwrap(copy, &rtx, 0x01020304, 96, &original) == 0)
    {
        expect(rtp_packet_parse(&pkt, original) == 0);
        expect(pkt.ssrc == 0x01020304 && pkt.payload_type == 96
               && !pkt.padded);
        expect(pkt.payload.len + 2 == rtx.payload.len);
    }

    free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span datagram = span_of(data, size);
    enum rtp_demux kind = rtp_demux(datagram);
    struct rtp_extension_map map;
    struct rtp_extensions ext;
    struct rtp_packet pkt;
    bool voice;
    uint8_t level;
    uint32_t time;

    if (rtp_packet_parse(&pkt, datagram)) {
        return 0;
    }

    expect(kind == RTP_DEMUX_RTP || kind == RTP_DEMUX_RTCP);
    expect(pkt.header_len + pkt.payload.len == size);

    if (rtp_packet_unpad(&pkt)) {
        return 0;
    }

    expect(pkt.header_len + pkt.payload.len + pkt.padding == size);
    fill_map(&map, 1);
    (void)rtp_extensions_parse(&ext, &map, &pkt);
    (void)rtp_extensions_audio_level(&ext, &voice, &level);
    (void)rtp_extensions_abs_send_time(&ext, &time);
    forward(&pkt, &ext, 1, OUT_MAX);
    forward(&pkt, &ext, 17, OUT_MAX);
    forward(&pkt, &ext, 1, size);
    unwrap(data, size);

    return 0;
}
