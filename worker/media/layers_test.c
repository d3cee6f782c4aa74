/*
 * media/layers_test.c - one stream, whichever encoding is followed.
 * cloudflare 35, 37, 38
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/layers_fixture.h"

#include "media/resend.h"

enum { PORT = 22010 };

static struct layers l;
static uint16_t frame;          /* all encodings send each frame */

/* what the three encodings' numbers begin with */
static const struct {
    uint16_t seq;
    uint32_t timestamp;
    uint16_t picture;
} base[] = { { 100, 5000, 32760 }, { 65000, 0xfffff000, 500 },
             { 7, 80000, 9 } };

/* one frame, a 30th of a second after the one before; bit i: encoding i */
static void
send_frame(unsigned encodings, unsigned keyframes)
{
    for (size_t i = 0; i < l.count; i++) {
        if (encodings >> i & 1) {
            layers_send_vp8(&l, i, (uint16_t)(base[i].seq + frame),
                            base[i].timestamp + 3000u * frame,
                            (uint16_t)((base[i].picture + frame) & 0x7fff), 0,
                            keyframes >> i & 1);
        }
    }

    frame++;
    l.loop->now += USEC_PER_SEC / 30;
}

/* as sender reports tell: all clocks run together */
static void
tie_clocks(void)
{
    for (size_t i = 0; i < l.count; i++) {
        media_source_sender_report(&l.sources[i], l.loop->now,
                                   base[i].timestamp + 3000u * frame);
    }
}

static void
frames(int count)
{
    while (count--) {
        send_frame(7, 0);
    }
}

/* the tags of what came, and whether all their numbers go on by one */
static const char *
came(bool *continuous)
{
    static struct arrived last;
    static char tags[LAYERS_ARRIVED + 1];
    size_t count = layers_got(&l);

    *continuous = true;

    for (size_t i = 0; i < count; i++) {
        const struct arrived *a = &l.got[i];
        bool first = last.ssrc == 0;

        if (!first
            && ((uint16_t)(a->seq - last.seq) != 1
                || ((a->picture - last.picture) & 0x7fff) != 1
                || (int32_t)(a->timestamp - last.timestamp) <= 0
                || a->timestamp - last.timestamp > 4000)) {
            *continuous = false;
        }

        tags[i] = (char)a->tag;
        last = *a;
    }

    tags[count] = '\0';

    return tags;
}

static void
is(const char *expected, const char *what)
{
    bool continuous;

    tap_is_str(came(&continuous), expected, "%s", what);
    tap_ok(continuous, "and every number goes on");
}

static void
follows_what_is_preferred(void)
{
    send_frame(7, 7);
    is("a", "what comes first, as long as there is nothing else");
    layers_choice(&l, "c", false);
    send_frame(4, 4);
    frames(2);
    is("ccc", "then the preferred one");

    l.loop->now += 300 * USEC_PER_MS;
    tie_clocks();
    layers_choice(&l, "a", false);
    frames(2);
    is("cc", "another one from its next key frame on");
    tap_ok(l.sources[0].keyframe_asked == l.loop->now - 2 * USEC_PER_SEC / 30,
           "which is asked for");
    send_frame(7, 1);
    frames(2);
    is("aaa", "and no sooner");
    tap_is_int((long long)counter_get(&l.loop->counters.layer_switches), 2,
               "that is counted");
}

static void
keeps_time(void)
{
    uint32_t before;
    size_t count;
    bool continuous;

    send_frame(7, 0);
    count = layers_got(&l);
    before = l.got[count - 1].timestamp;
    tie_clocks();
    layers_choice(&l, "b", false);
    /* it comes late, and yet was captured a 30th of a second later */
    l.loop->now += 20 * USEC_PER_MS;
    send_frame(2, 2);
    tap_is_int((long long)layers_got(&l), 1, "one packet of a switch");
    tap_is_int((long long)(l.got[0].timestamp - before), 3000,
               "by sender reports the distance of pictures is right");
    send_frame(7, 0);
    came(&continuous);
}

/* what was sent before the switch can be had again, as it was */
static void
sends_again(void)
{
    struct arrived old;

    send_frame(7, 0);
    layers_got(&l);
    old = l.got[0];
    l.viewer.resend_left = 100000;
    layers_choice(&l, "c", false);
    send_frame(4, 4);
    layers_got(&l);
    tap_is_int(l.got[0].tag, 'c', "a switch");
    resend_asked(&l.sink, old.seq);
    resend_asked(&l.sink, l.got[0].seq);
    tap_is_int((long long)layers_got(&l), 2, "both sides of it can be had");
    tap_ok(l.got[0].ssrc == RTX_SSRC && l.got[0].tag == old.tag
           && l.got[0].picture == old.picture
           && l.got[0].timestamp == old.timestamp, "the older as it was");
    tap_ok(l.got[1].tag == 'c'
           && l.got[1].picture == ((old.picture + 1) & 0x7fff),
           "and the newer");
    frames(1);
    layers_got(&l);
}

static void
an_encoding_stops(void)
{
    bool continuous;

    layers_choice(&l, "a", true);
    send_frame(7, 7);
    frames(1);
    came(&continuous);

    for (int i = 0; i < 60; i++) {
        send_frame(6, 0);
    }

    layers_choose(&l.sink);
    tap_is_str(came(&continuous), "", "one that stops is not replaced yet");
    send_frame(6, 6);
    send_frame(6, 0);
    /* two seconds without a picture are a gap in time, and in nothing else */
    tap_is_str(came(&continuous), "bb",
               "asciibetical: the next in the order of names, at a key frame");
    send_frame(7, 1);
    layers_choose(&l.sink);
    send_frame(7, 1);
    is("aa", "and it is followed again when it is back");

    layers_choice(&l, "a", false);

    for (int i = 0; i < 60; i++) {
        send_frame(6, 6);
    }

    layers_choose(&l.sink);
    send_frame(6, 6);
    tap_is_str(came(&continuous), "", "none: the picture stays");
    send_frame(7, 1);
    tap_is_str(came(&continuous), "a", "until it is back");
}

static void
one_that_never_was(void)
{
    bool continuous;

    layers_choice(&l, "z", false);
    send_frame(4, 4);
    tap_is_str(came(&continuous), "c", "the nearest instead");
    layers_choice(&l, "", false);
    send_frame(7, 7);
    tap_is_str(came(&continuous), "c", "without a preference nothing changes");
}

/* a receiver report a second, with this loss in 1/256 */
static void
seconds(int count, uint8_t loss)
{
    while (count--) {
        struct rtcp_report_block block = {
            .ssrc = 5, .fraction_lost = loss,
        };

        for (int i = 0; i < 30; i++) {
            send_frame(7, i % 6 == 0 ? 7 : 0);
        }

        media_sink_report_block(&l.sink, &block, 0);
        layers_choose(&l.sink);
        layers_got(&l);
    }
}

static char
follows(void)
{
    return l.sink.source->params.rid[0];
}

/* without an estimate: as loss allows, and more slowly after it did not */
static void
automatic(void)
{
    seconds(4, 0);
    tap_is_int(follows(), 'b', "without loss a better one is tried");
    seconds(3, 0);
    tap_is_int(follows(), 'a', "and the best one");
    seconds(3, 8);
    tap_is_int(follows(), 'a', "a little loss changes nothing");
    seconds(2, 60);
    tap_is_int(follows(), 'b', "much of it does");
    seconds(2, 0);
    tap_is_int(follows(), 'b', "the next try comes later than the first");
    seconds(4, 0);
    tap_is_int(follows(), 'a', "but it comes");
}

static void
by_priority(void)
{
    layers_choice(&l, "b", false);
    l.params.choice.by_priority = true;
    media_sink_activate(&l.sink, &l.params);
    seconds(2, 0);
    tap_is_int(follows(), 'b', "what is preferred, and nothing better");
    seconds(3, 0);
    tap_is_int(follows(), 'b', "ever");
    seconds(3, 60);
    tap_is_int(follows(), 'c', "asciibetical: a worse one, when much is lost");
    seconds(9, 0);
    tap_is_int(follows(), 'b', "and back again");
    l.params.choice.by_priority = false;
    media_sink_activate(&l.sink, &l.params);
    seconds(4, 60);
    tap_is_int(follows(), 'b', "none: whatever is lost");
}

/* a payload that is encrypted tells of no key frame */
static void
unrecognized_key_frames(void)
{
    l.sources[0].keyframes = 0;
    layers_choice(&l, "a", false);

    for (int i = 0; i < 45; i++) {
        send_frame(7, 0);
    }

    tap_is_int(follows(), 'b', "a key frame is waited for");

    for (int i = 0; i < 30; i++) {
        send_frame(7, 0);
    }

    tap_is_int(follows(), 'a', "but not for ever, where none was ever seen");
    layers_got(&l);
}

static void
another_stream(void)
{
    bool continuous;

    frames(1);
    came(&continuous);
    /* a sender that starts anew */
    l.generation = 2;
    layers_send_vp8(&l, 0, 4000, 77777, 1234, 0, true);
    tap_is_str(came(&continuous), "a", "another SSRC of the same encoding");
    tap_ok(continuous, "goes on as well");
}

int
main(void)
{
    struct media_choice any = { .rid = "" };

    layers_begin(&l, PORT, CODEC_VP8, 3);
    layers_watch(&l, &any);
    follows_what_is_preferred();
    keeps_time();
    sends_again();
    an_encoding_stops();
    one_that_never_was();
    automatic();
    by_priority();
    unrecognized_key_frames();
    another_stream();
    layers_end(&l);

    return tap_done();
}
