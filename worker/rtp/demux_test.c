/*
 * rtp/demux_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtp/demux.h"
#include "test/tap.h"

struct row {
    const char *why;
    uint8_t bytes[2];
    enum rtp_demux kind;
};

static const struct row rows[] = {
    { "binding request", { 0x00, 0x01 }, RTP_DEMUX_STUN },
    { "last of STUN", { 3, 0 }, RTP_DEMUX_STUN },
    { "between STUN and ZRTP", { 4, 0 }, RTP_DEMUX_UNKNOWN },
    { "below ZRTP", { 15, 0 }, RTP_DEMUX_UNKNOWN },
    { "first of ZRTP", { 16, 0 }, RTP_DEMUX_ZRTP },
    { "last of ZRTP", { 19, 0 }, RTP_DEMUX_ZRTP },
    { "first of DTLS, change cipher spec", { 20, 254 }, RTP_DEMUX_DTLS },
    { "handshake", { 22, 254 }, RTP_DEMUX_DTLS },
    { "last of DTLS", { 63, 0 }, RTP_DEMUX_DTLS },
    { "first of TURN", { 64, 0 }, RTP_DEMUX_TURN_CHANNEL },
    { "last of TURN", { 79, 0 }, RTP_DEMUX_TURN_CHANNEL },
    { "QUIC below", { 80, 0 }, RTP_DEMUX_UNKNOWN },
    { "QUIC below, last", { 127, 200 }, RTP_DEMUX_UNKNOWN },
    { "RTP, payload type 0", { 0x80, 0 }, RTP_DEMUX_RTP },
    { "last of version 2", { 0xbf, 96 }, RTP_DEMUX_RTP },
    { "QUIC above", { 0xc0, 200 }, RTP_DEMUX_UNKNOWN },
    { "marker and payload type 63", { 0x80, 191 }, RTP_DEMUX_RTP },
    { "first RTCP type", { 0x80, 192 }, RTP_DEMUX_RTCP },
    { "sender report", { 0x81, 200 }, RTP_DEMUX_RTCP },
    { "last RTCP type", { 0x80, 223 }, RTP_DEMUX_RTCP },
    { "marker and payload type 96", { 0x80, 224 }, RTP_DEMUX_RTP },
};

int
main(void)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tap_is_int(rtp_demux(span_of(rows[i].bytes, 2)), rows[i].kind, "%s",
                   rows[i].why);
    }

    tap_is_int(rtp_demux(span_of("\x80", 1)), RTP_DEMUX_UNKNOWN, "one byte");
    tap_is_int(rtp_demux(span_of("", 0)), RTP_DEMUX_UNKNOWN, "none");

    return tap_done();
}
