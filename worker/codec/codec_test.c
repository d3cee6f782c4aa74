/*
 * codec/codec_test.c - names, and streams as encoders make them.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Fixtures are nine frames of FFmpeg's test picture with a key frame every
 * four, as FFmpeg's packetizers send them (AV1: libaom's, packed by hand),
 * each packet behind its length in 16 bits.
 */

#include "codec/codec.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/reader.h"
#include "rtp/packet.h"
#include "test/tap.h"

struct stream {
    const char *why;
    const char *file;
    enum codec_id codec;
    int packets;                /* that are said to begin a key frame */
};

static const struct stream streams[] = {
    { "VP8", "vp8.rtp", CODEC_VP8, 3 },
    { "VP9 with P always 0", "vp9.rtp", CODEC_VP9, 3 },
    { "H.264: parameter sets, then the IDR", "h264.rtp", CODEC_H264, 6 },
    { "H.265: parameter sets, then the IDR", "h265.rtp", CODEC_H265, 6 },
    { "AV1", "av1.rtp", CODEC_AV1, 3 },
    { "audio has none", "opus.rtp", CODEC_OPUS, 0 },
};

static void
test_stream(const struct stream *stream)
{
    char name[64];
    uint8_t *data;
    size_t len;
    struct reader r;
    uint32_t timestamp = 0;
    int frame = -1;
    int packets = 0;
    bool right = true;
    bool in_key = false;

    snprintf(name, sizeof(name), "codec-fixtures/%s", stream->file);
    data = tap_read_file(name, &len);
    r = reader_over(span_of(data, len));

    while (reader_left(&r)) {
        struct rtp_packet pkt;
        struct span datagram = reader_bytes(&r, reader_u16(&r));

        if (rtp_packet_parse(&pkt, datagram)) {
            right = false;
            break;
        }

        if (frame == -1 || pkt.timestamp != timestamp) {
            /* every key frame has at least one packet that says so */
            right &= frame < 0 || in_key == (stream->packets && frame % 4 == 0);
            timestamp = pkt.timestamp;
            in_key = false;
            frame++;
        }

        if (codec_is_keyframe(stream->codec, pkt.payload)) {
            in_key = true;
            packets++;
        }
    }

    tap_ok(right && frame >= 7, "%s: key frames where they are",
           stream->why);
    tap_is_int(packets, stream->packets, "%s: and so many packets say it",
               stream->why);
    free(data);
}

int
main(void)
{
    for (int i = CODEC_OPUS; i <= CODEC_AV1; i++) {
        enum media_kind kind = i < CODEC_VP8 ? MEDIA_AUDIO : MEDIA_VIDEO;
        const char *name = codec_name((enum codec_id)i);

        tap_is_int(codec_by_name(kind, span_str(name)), i, "knows %s", name);
        tap_is_int(codec_by_name(kind == MEDIA_AUDIO ? MEDIA_VIDEO
                                                     : MEDIA_AUDIO,
                                 span_str(name)), CODEC_NONE,
                   "  of its kind only");
    }

    tap_is_int(codec_by_name(MEDIA_VIDEO, span_str("h264")), CODEC_H264,
               "names are case-insensitive");
    tap_is_int(codec_by_name(MEDIA_AUDIO, span_str("pcma")), CODEC_PCMA,
               "all of their letters");
    tap_is_int(codec_by_name(MEDIA_VIDEO, span_str("VP80")), CODEC_NONE,
               "but have to match whole");
    tap_is_int(codec_by_name(MEDIA_AUDIO, span_str("")), CODEC_NONE,
               "and CODEC_NONE is not found by its name");
    tap_is_str(codec_name(CODEC_NONE), "", "which is empty");
    tap_ok(codec_is_auxiliary(CODEC_CN) && codec_is_auxiliary(CODEC_DTMF)
           && !codec_is_auxiliary(CODEC_OPUS)
           && !codec_is_auxiliary(CODEC_RED), "auxiliary formats");

    for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
        test_stream(&streams[i]);
    }

    return tap_done();
}
