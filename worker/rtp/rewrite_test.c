/*
 * rtp/rewrite_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtp/rewrite.h"
#include "base/error.h"
#include "test/tap.h"

enum { MS = USEC_PER_MS, RATE = 90000, NOWHERE = -1 };

static struct rtp_rewrite rw;

/* the outgoing number, or NOWHERE */
static long long
send_at(uint64_t seq, uint32_t timestamp, usec_t now)
{
    struct rtp_rewritten out;

    return rtp_rewrite_packet(&rw, seq, timestamp, now, &out) ? NOWHERE
                                                              : out.seq;
}

static long long
send(uint64_t seq)
{
    return send_at(seq, 0, 0);
}

/* the source's number behind an outgoing one, or NOWHERE */
static long long
origin(uint16_t seq)
{
    struct rtp_rewrite_origin o;

    return rtp_rewrite_origin(&rw, seq, &o) ? NOWHERE : (long long)o.seq;
}

static void
begin(uint16_t seq)
{
    rtp_rewrite_init(&rw, RATE, seq, 5000);
    rtp_rewrite_switch(&rw, 1);
}

static void
test_one_source(void)
{
    begin(65534);
    tap_is_int(origin(65533), NOWHERE, "nothing was sent yet");
    tap_is_int(send(100), 65534, "begins where it was told to");
    tap_is_int(send(101), 65535, "goes on");
    tap_is_int(send(104), 2, "a loss stays a gap, over the wrap");
    tap_is_int(send(102), 0, "and is filled when it comes late");
    tap_is_int(send(105), 3, "goes on behind the highest");
    tap_is_int(send(99), NOWHERE, "what was before the first has no place");
    tap_is_int(origin(65534), 100, "NACK of the first");
    tap_is_int(origin(1), 103, "of one we never had, but may get");
    tap_is_int(origin(3), 105, "of the last");
    tap_is_int(origin(4), NOWHERE, "of one to come");
    tap_is_int(origin(65533), NOWHERE, "of one from before the first");
}

static void
test_skip(void)
{
    begin(1000);
    send(100);
    tap_ok(rtp_rewrite_skip(&rw, 101), "left out");
    tap_ok(rtp_rewrite_skip(&rw, 102), "and the next");
    tap_is_int(send(103), 1001, "the numbers close up");
    tap_is_int(send(101), NOWHERE, "a skipped one has no place any more");
    tap_is_int(send(102), NOWHERE, "nor has the second");
    tap_is_int(origin(1000), 100, "NACK of the one before");
    tap_is_int(origin(1001), 103, "of the one behind");

    tap_ok(rtp_rewrite_skip(&rw, 106), "left out behind a loss");
    tap_is_int(send(107), 1004, "the gap stays");
    tap_is_int(send(105), 1003, "and is filled at its place");
    tap_is_int(origin(1002), 104, "or asked for");
    tap_ok(!rtp_rewrite_skip(&rw, 104), "too late to close up");
    tap_is_int(send(104), 1002, "but padding can take its number");

    tap_ok(rtp_rewrite_skip(&rw, 108) && rtp_rewrite_skip(&rw, 111),
           "two skipped with a loss of two between");
    tap_is_int(send(112), 1007, "which is a gap of two");
    tap_is_int(send(109), 1005, "filled");
    tap_is_int(send(110), 1006, "filled");
    tap_is_int(origin(1006), 110, "and found");
    tap_is_int(origin(1007), 112, "as is what follows");
}

static void
test_switch(void)
{
    struct rtp_rewrite_origin o;

    begin(10);
    tap_ok(rtp_rewrite_skip(&rw, 50), "skipped before anything was sent");
    tap_is_int(send(70000), 10, "does not matter");
    send(70001);
    rtp_rewrite_switch(&rw, 2);
    tap_is_int(send(3), 12, "another source goes on");
    tap_is_int(send(2), NOWHERE, "its earlier packets do not");
    tap_is_int(send(5), 14, "its later ones do");
    tap_is_int(rtp_rewrite_origin(&rw, 11, &o), 0, "NACK before the switch");
    tap_ok(o.source == 1 && o.seq == 70001, "means the old source");
    tap_is_int(rtp_rewrite_origin(&rw, 12, &o), 0, "NACK behind it");
    tap_ok(o.source == 2 && o.seq == 3, "means the new one");

    rtp_rewrite_switch(&rw, 1);
    tap_is_int(send(70010), 15, "back to the first source");
    tap_is_int(send(70001), NOWHERE, "what it sent before is past");
    tap_is_int(send(70009), NOWHERE, "also what it sent meanwhile");

    /* a gap at the end of a source, skipped behind, is not kept open */
    tap_ok(rtp_rewrite_skip(&rw, 70013), "skipped behind a loss of two");
    rtp_rewrite_switch(&rw, 2);
    tap_is_int(send(40), 16, "the next source follows what was sent");
    tap_is_int(origin(16), 40, "and its packets are found");
    tap_is_int(origin(15), 70010, "as are those before");
}

static uint32_t
timestamp_of(uint64_t seq, uint32_t timestamp, usec_t now)
{
    struct rtp_rewritten out = { 0 };

    rtp_rewrite_packet(&rw, seq, timestamp, now, &out);

    return out.timestamp;
}

static void
test_timestamps(void)
{
    struct rtp_rewrite_origin o;

    begin(1);
    tap_is_int(timestamp_of(100, 0xffffff00, 1000 * MS), 5000,
               "begins where it was told to");
    tap_is_int(timestamp_of(101, 0xffffff00, 1001 * MS), 5000,
               "same picture, same time");
    tap_is_int(timestamp_of(102, 3000 - 0x100, 1033 * MS), 8000,
               "goes on as the source does, over the wrap");
    tap_is_int(timestamp_of(101, 0xffffff00, 1040 * MS), 5000,
               "a late packet has the time of its picture");
    tap_is_int(rtp_rewrite_timestamp_at(&rw, 1133 * MS), 8000 + 9000,
               "0.1 s later");

    rtp_rewrite_switch(&rw, 2);
    tap_is_int(timestamp_of(7, 77, 1233 * MS), 8000 + 18000,
               "another source: real time went on");
    tap_is_int(rtp_rewrite_timestamp_offset(&rw), 26000 - 77, "its offset");
    tap_is_int(timestamp_of(8, 77 + 3000, 1266 * MS), 29000,
               "then its own time");
    rtp_rewrite_switch(&rw, 1);
    tap_is_int(timestamp_of(900, 1, 1266 * MS), 29001,
               "a switch within a tick: still a picture of its own");

    rtp_rewrite_origin(&rw, 1, &o);
    tap_is_int((uint32_t)(0xffffff00 + o.timestamp_offset), 5000,
               "an old packet sent again has its old time");
}

static void
test_table(void)
{
    begin(0);

    for (uint64_t seq = 1000; seq < 1400; seq += 2) {
        send(seq);
        rtp_rewrite_skip(&rw, seq + 1);
    }

    tap_is_int(origin(199), 1398, "the newest of many runs");
    tap_is_int(origin(199 - 62), 1398 - 124, "the oldest that is kept");
    tap_is_int(origin(199 - 63), NOWHERE, "the one before is forgotten");
    tap_is_int(send(1398 - 126), NOWHERE, "and has no place any more");
}

/*
 * A sender with loss, reordering, skipping and switching, against the plain
 * truth: what came in order and was not skipped has consecutive numbers, a
 * lost one leaves a gap, no number is used twice, and each is found again.
 */
static void
test_model(void)
{
    enum { PACKETS = 20000, KEPT = 30 };
    static uint64_t in[PACKETS * 2];    /* by outgoing number; 0: gap */
    uint32_t random = 7;
    uint64_t next_out = 0;
    uint64_t late = 0;                  /* a packet that is on its way */
    uint64_t late_out = 0;
    uint64_t seq = 70000;
    int wrong = 0;

    begin(0);
    memset(in, 0, sizeof(in));

    for (int i = 0; i < PACKETS; i++, seq++) {
        random = random * 1664525 + 1013904223;

        switch (random >> 27) {
        case 0:                         /* lost, perhaps to come late */
            if (next_out > 0) {
                late = seq;
                late_out = next_out++;
                in[late_out] = 0;
            }

            continue;

        case 1:
        case 2:
        case 3:
            if (!rtp_rewrite_skip(&rw, seq)) {
                wrong++;
            }

            continue;

        case 4:
            if (late) {
                wrong += send(late) != (uint16_t)late_out;
                in[late_out] = late;
                late = 0;
            }

            break;

        case 5:
            /* gaps at the end belong to the source that is left */
            while (next_out > 0 && in[next_out - 1] == 0) {
                next_out--;
            }

            rtp_rewrite_switch(&rw, random);
            seq += random >> 8 & 0xff;
            late = 0;
            break;
        }

        wrong += send(seq) != (uint16_t)next_out;
        in[next_out++] = seq;

        for (uint64_t back = 0; back < KEPT && back < next_out; back++) {
            uint64_t number = next_out - 1 - back;

            if (in[number] != 0
                && origin((uint16_t)number) != (long long)in[number])
            {
                wrong++;
            }
        }
    }

    tap_is_int(wrong, 0, "%d packets at random, %d sent", PACKETS,
               (int)next_out);
}

/* where the clocks of both sources are known */
static void
test_align(void)
{
    struct rtp_rewritten out;

    begin(10);
    rtp_rewrite_packet(&rw, 1, 1000, 0, &out);
    rtp_rewrite_packet(&rw, 2, 4000, 33 * MS, &out);

    /* 50 ms later by our clock, but captured 33 ms after the last */
    rtp_rewrite_switch(&rw, 2);
    rtp_rewrite_align(&rw, 5000 - 1000 + 3000 + 4000 - 70000);
    rtp_rewrite_packet(&rw, 500, 69000, 83 * MS, &out);
    tap_is_int(out.timestamp, 5000 - 1000 + 4000 + 2000,
               "a switch keeps the time between pictures");

    rtp_rewrite_switch(&rw, 3);
    rtp_rewrite_align(&rw, 0);
    rtp_rewrite_packet(&rw, 900, out.timestamp - 900, 90 * MS, &out);
    tap_is_int(out.timestamp, 10001, "but time never goes back");

    rtp_rewrite_switch(&rw, 4);
    rtp_rewrite_align(&rw, 90000 * 60);
    rtp_rewrite_packet(&rw, 1, 10001, 123 * MS, &out);
    tap_is_int(out.timestamp, 10001 + 33 * 90,
               "and does not jump when a clock was wrong");
}

/* numbers of pictures: see codec/picture.h */
static void
test_shift(void)
{
    struct rtp_rewrite_shift shift = { .picture = 7, .frame = 3, .tl0 = 1 };
    struct rtp_rewrite_origin o;
    struct rtp_rewritten out;

    begin(0);
    rtp_rewrite_set_shift(&rw, shift);
    rtp_rewrite_packet(&rw, 10, 0, 0, &out);
    tap_ok(out.shift.picture == 7 && out.shift.frame == 3
           && out.shift.tl0 == 1, "what is shifted belongs to a run");

    /* 11 is late, 12 and 13 are a picture that is left out */
    shift.picture++;
    rtp_rewrite_set_shift(&rw, shift);
    rtp_rewrite_skip(&rw, 12);
    rtp_rewrite_skip(&rw, 13);
    rtp_rewrite_packet(&rw, 14, 0, 0, &out);
    tap_is_int(out.shift.picture, 8, "what follows is shifted by one more");
    rtp_rewrite_packet(&rw, 11, 0, 0, &out);
    tap_is_int(out.shift.picture, 7, "what was before is not");
    rtp_rewrite_origin(&rw, 1, &o);
    tap_is_int(o.shift.picture, 7, "nor when it is sent again");
    rtp_rewrite_origin(&rw, 2, &o);
    tap_ok(o.seq == 14 && o.shift.picture == 8, "each as it was sent");
}

static uint64_t
index_of(uint64_t seq)
{
    struct rtp_rewritten out;

    return rtp_rewrite_packet(&rw, seq, 0, 0, &out) ? UINT64_MAX : out.index;
}

static void
test_other_keys(void)
{
    begin(65534);
    tap_is_int((long long)index_of(100), 65534, "the first index");
    tap_is_int((long long)index_of(103), 65537, "in the next cycle");
    rtp_rewrite_restart_index(&rw);
    tap_is_int((long long)index_of(104), 2, "other keys begin in the first");
    tap_is_int((long long)index_of(104 + 65536), 65538, "and go on");
    begin(65535);
    tap_is_int((long long)index_of(100), 65535, "the last of a cycle");
    rtp_rewrite_restart_index(&rw);
    tap_is_int((long long)index_of(101), 0, "is no part of the next");
    tap_is_int(origin(65535), NOWHERE, "nor sent again under other keys");
    tap_is_int(origin(0), 101, "as what came since");
}

int
main(void)
{
    test_align();
    test_shift();
    test_one_source();
    test_skip();
    test_switch();
    test_timestamps();
    test_table();
    test_model();
    test_other_keys();

    return tap_done();
}
