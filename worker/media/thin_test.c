/*
 * media/thin_test.c - layers of one stream that are left out.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/layers_fixture.h"

#include "media/resend.h"

enum { PORT = 22012 };

static struct layers l;
static uint16_t seq;
static uint16_t number;

static void
limit(uint8_t spatial, uint8_t temporal)
{
    l.params.choice = (struct media_choice){
        .spatial_layers = spatial, .temporal_layers = temporal,
    };
    media_sink_activate(&l.sink, &l.params);
}

static void
begin(enum codec_id codec)
{
    struct media_choice any = { .rid = "" };

    seq = 100;
    number = 0x7ffe;
    layers_begin(&l, PORT, codec, 1);
    layers_watch(&l, &any);
}

/* the tags of what came, in the order of its numbers, which have no gap */
static const char *
came(void)
{
    static char tags[LAYERS_ARRIVED + 1];
    size_t count = layers_got(&l);

    for (size_t i = 0; i < count; i++) {
        tags[i] = (char)l.got[i].tag;

        if (i && (uint16_t)(l.got[i].seq - l.got[i - 1].seq) != 1) {
            tags[i] = '!';
        }
    }

    tags[count] = '\0';

    return tags;
}


/* VP8: frames of the layers 0 2 1 2, two packets each; the tag is the layer */

static void
vp8_packet(uint16_t at, uint8_t temporal, bool sync, bool first, bool key)
{
    const uint8_t payload[] = {
        first ? 0x90 : 0x80, 0xe0, (uint8_t)(0x80 | (number >> 8 & 0x7f)),
        (uint8_t)number, 7, (uint8_t)(temporal << 6 | (sync ? 0x20 : 0)),
        key ? 0x10 : 0x11, 0x02, 0x00, 0x9d, 0x01, 0x2a,
        (uint8_t)('0' + temporal),
    };
    struct sent s = { .seq = at, .timestamp = number * 3000u,
                      .marker = !first, .payload = payload,
                      .len = sizeof(payload) };

    layers_send(&l, 0, &s);
}

static void
vp8_frame(uint8_t temporal, bool sync, bool key)
{
    vp8_packet(seq++, temporal, sync, true, key);
    vp8_packet(seq++, temporal, sync, false, false);
    number = (number + 1) & 0x7fff;
}

static void
vp8_cycle(bool key, bool sync)
{
    vp8_frame(0, false, key);
    vp8_frame(2, sync, false);
    vp8_frame(1, sync, false);
    vp8_frame(2, false, false);
}

static bool
pictures_go_on(void)
{
    for (size_t i = 2; l.got[i].ssrc && i < 8; i += 2) {
        if (((l.got[i].picture - l.got[i - 1].picture) & 0x7fff) != 1
            || l.got[i + 1].picture != l.got[i].picture) {
            return false;
        }
    }

    return true;
}

static void
vp8(void)
{
    uint16_t lost;

    begin(CODEC_VP8);
    vp8_cycle(true, true);
    tap_is_str(came(), "00221122", "VP8: all layers");
    limit(0, 2);
    memset(l.got, 0, sizeof(l.got));
    vp8_cycle(false, false);
    tap_is_str(came(), "0011", "two of them");
    tap_ok(pictures_go_on(), "without a gap in picture ids");
    limit(0, 1);
    vp8_cycle(false, false);
    tap_is_str(came(), "00", "one");
    limit(0, 3);
    vp8_cycle(false, false);
    tap_is_str(came(), "00", "more begin only where nothing is missing");
    vp8_cycle(false, true);
    tap_is_str(came(), "0011", "that is where frames say so");
    vp8_cycle(false, true);
    tap_is_str(came(), "00221122", "layer by layer");
    vp8_cycle(true, false);
    tap_is_str(came(), "00221122", "or at a key frame");

    /* the first packet of a frame to be left out is late */
    limit(0, 1);
    vp8_frame(0, false, false);
    came();
    lost = seq++;
    vp8_packet(seq++, 1, false, false, false);
    number++;
    vp8_frame(0, false, false);
    layers_got(&l);
    tap_is_int(l.got[1].tag, '0', "what was lost leaves a gap");
    number--;
    vp8_packet(lost, 1, false, true, false);
    number++;
    tap_is_str(came(), "1", "that it fills when it comes after all");
    tap_is_int((long long)counter_get(&l.loop->counters.layers_left_out), 21,
               "what is left out is counted");

    /* what was sent is sent again as it was */
    vp8_frame(0, false, false);
    layers_got(&l);
    l.viewer.resend_left = 10000;
    resend_asked(&l.sink, l.got[1].seq);
    number = l.got[1].picture;
    tap_is_int((long long)layers_got(&l), 1, "a resend");
    tap_ok(l.got[0].ssrc == RTX_SSRC && l.got[0].picture == number,
           "has the number of its picture");

    limit(0, 0);
    number = 5000;
    vp8_cycle(true, false);
    tap_is_str(came(), "00221122", "no limit any more");
    tap_ok(!l.sink.thins, "and no decision for each packet");
    layers_end(&l);
}


/* VP9: two spatial layers, a packet each; the tag is the layer */

static void
vp9_packet(uint8_t spatial, uint8_t temporal, bool predicted, bool last)
{
    const uint8_t payload[] = {
        /* I L B E, and P */
        (uint8_t)(0xac | (predicted ? 0x40 : 0)),
        (uint8_t)(0x80 | (number >> 8 & 0x7f)), (uint8_t)number,
        (uint8_t)(temporal << 5 | spatial << 1 | (spatial ? 1 : 0)), 3,
        predicted ? 0x86 : 0x82, 0, (uint8_t)('0' + spatial),
    };
    struct sent s = { .seq = seq++, .timestamp = number * 3000u,
                      .marker = last, .payload = payload,
                      .len = sizeof(payload) };

    layers_send(&l, 0, &s);
}

static void
vp9_picture(bool key)
{
    vp9_packet(0, 0, !key, false);
    vp9_packet(1, 0, !key, true);
    number = (number + 1) & 0x7fff;
}

static void
vp9(void)
{
    begin(CODEC_VP9);
    vp9_picture(true);
    tap_is_str(came(), "01", "VP9: both layers");
    tap_ok(!l.got[0].marker && l.got[1].marker, "the last one ends a picture");
    limit(1, 0);
    vp9_picture(false);
    tap_is_str(came(), "0", "the lower one");
    tap_ok(l.got[0].marker, "ends it as well");
    limit(0, 0);
    vp9_picture(false);
    tap_is_str(came(), "0", "the higher one begins with a key frame only");
    tap_ok(thin_waits(&l.sink), "which is waited for");
    vp9_picture(true);
    tap_is_str(came(), "01", "and then it is there");
    tap_ok(!thin_waits(&l.sink) && !l.sink.thins, "and nothing is awaited");
    layers_end(&l);
}


/*
 * AV1 as libwebrtc's L2T1_KEY has it: template 0 and 1 of a key picture, 2 and
 * 3 of later ones, which refer to their own layer only.
 */

static void
put(uint8_t *data, size_t *at, unsigned bits, uint32_t value)
{
    while (bits--) {
        data[*at / 8] |= (uint8_t)((value >> bits & 1) << (7 - *at % 8));
        ++*at;
    }
}

static size_t
dependency(uint8_t data[64], uint8_t template, bool structure)
{
    /* templates S0 key, S0, S1 key, S1: the lower layer's come first */
    static const uint8_t dtis[4][2] = {
        { 2, 2 }, { 2, 0 }, { 0, 2 }, { 0, 2 },
    };
    static const uint8_t next[4] = { 0, 2, 0, 3 };
    static const uint8_t fdiff[4] = { 0, 2, 1, 2 };
    size_t at = 0;

    memset(data, 0, 64);
    put(data, &at, 2, 3);
    put(data, &at, 6, template);
    put(data, &at, 16, number);

    if (!structure) {
        return 3;
    }

    put(data, &at, 5, 0x10);
    put(data, &at, 6, 0);
    put(data, &at, 5, 1);

    for (int i = 0; i < 4; i++) {
        put(data, &at, 2, next[i]);
    }

    for (int i = 0; i < 8; i++) {
        put(data, &at, 2, dtis[i / 2][i % 2]);
    }

    for (int i = 0; i < 4; i++) {
        if (fdiff[i]) {
            put(data, &at, 1, 1);
            put(data, &at, 4, fdiff[i] - 1u);
        }

        put(data, &at, 1, 0);
    }

    put(data, &at, 2, 0);       /* no chains */
    put(data, &at, 1, 0);       /* no resolutions */

    return (at + 7) / 8;
}

static void
av1_picture(bool key)
{
    for (uint8_t spatial = 0; spatial < 2; spatial++) {
        /* encrypted: nobody but the descriptor tells what it is */
        const uint8_t payload[] = { 0xff, 0xfe, 0xfd,
                                    (uint8_t)('0' + spatial) };
        uint8_t descriptor[64];
        struct sent s = { .seq = seq++, .timestamp = number * 1500u,
                          .marker = spatial == 1, .payload = payload,
                          .len = sizeof(payload), .dependency = descriptor };

        s.dependency_len = dependency(
            descriptor, (uint8_t)(2 * spatial + (key ? 0 : 1)),
            key && spatial == 0);
        layers_send(&l, 0, &s);
        number++;
    }
}

static void
av1(void)
{
    begin(CODEC_AV1);
    av1_picture(true);
    tap_is_str(came(), "01", "AV1, encrypted: a key frame is known");
    av1_picture(false);
    tap_is_str(came(), "01", "and all of it sent");
    limit(1, 0);
    av1_picture(false);
    tap_is_str(came(), "0", "the lower layer, where that can be decoded");
    tap_ok(l.got[0].marker, "ends a picture");
    limit(0, 0);
    av1_picture(false);
    tap_is_str(came(), "0", "the other one refers to frames that were not "
                            "sent");
    tap_ok(thin_waits(&l.sink), "so a key frame is waited for");
    av1_picture(true);
    tap_is_str(came(), "01", "and brings it");
    av1_picture(false);
    /* frame numbers have gaps where layers were left out: none is wrong */
    tap_is_str(came(), "01", "which goes on");
    tap_is_int(l.got[1].frame, (uint16_t)(number - 1), "under its number");

    /* a stream that starts anew: numbers of frames go on */
    l.generation = 2;
    number = 17;
    av1_picture(true);
    layers_got(&l);
    tap_is_int((uint16_t)(l.got[1].frame - l.got[0].frame), 1,
               "another stream's frames");
    tap_ok(l.got[0].frame != 17, "have numbers that follow on the first's");
    layers_end(&l);
}

int
main(void)
{
    vp8();
    vp9();
    av1();

    return tap_done();
}
