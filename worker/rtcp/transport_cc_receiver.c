/*
 * rtcp/transport_cc_receiver.c - when packets came, told to their sender.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtcp/transport_cc_receiver.h"

#include <string.h>

#include "rtcp/compound.h"
#include "rtcp/transport_cc.h"

enum {
    WINDOW = RTCP_TRANSPORT_CC_WINDOW,
    HEADER_LEN = 20,            /* of the packet, up to the chunks */
    SMALLEST = 24,              /* one chunk, one delta, padding */
    ONE_BIT_PACKETS = 14,
    TWO_BIT_PACKETS = 7,
    REFERENCE_TICKS = RTCP_TRANSPORT_CC_REFERENCE / RTCP_TRANSPORT_CC_TICK,
    SMALL_DELTA_MAX = 255,
};

/* what one feedback packet says; filled from the front to the back */
struct feedback {
    uint64_t base;
    size_t statuses;            /* that could be said in one packet */
    size_t said;                /* that have a chunk */
    size_t chunks;
    size_t deltas;              /* bytes */
    int64_t reference;          /* in 64 ms */
    uint8_t symbol[WINDOW];
    uint16_t chunk[WINDOW / TWO_BIT_PACKETS + 1];
};

void
rtcp_transport_cc_receiver_init(struct rtcp_transport_cc_receiver *r)
{
    memset(r, 0, sizeof(*r));
}

static int64_t *
slot_of(struct rtcp_transport_cc_receiver *r, uint64_t seq)
{
    return &r->arrival[seq & (WINDOW - 1)];
}

/* the numbers up to seq take the place of the oldest ones */
static void
move_window(struct rtcp_transport_cc_receiver *r, uint64_t highest,
    uint64_t seq)
{
    if (seq - highest >= WINDOW) {
        memset(r->arrival, 0, sizeof(r->arrival));

    } else {
        for (uint64_t s = highest + 1; s <= seq; s++) {
            *slot_of(r, s) = 0;
        }
    }

    if (r->next + WINDOW <= seq) {
        r->next = seq - WINDOW + 1;
    }
}

void
rtcp_transport_cc_received(struct rtcp_transport_cc_receiver *r,
    uint16_t seq16, usec_t now)
{
    uint64_t highest = r->seq.highest;
    uint64_t seq = rtp_seq_update(&r->seq, seq16);
    int64_t *slot;

    if (highest == 0) {
        r->next = seq;

    } else if (seq > highest) {
        move_window(r, highest, seq);

    } else if (highest - seq >= WINDOW) {
        return;
    }

    slot = slot_of(r, seq);

    if (*slot != 0) {
        return;                 /* a duplicate; the first one counts */
    }

    /* one more than it is, since 0 means missing; only differences matter */
    *slot = now / RTCP_TRANSPORT_CC_TICK + 1;
    r->pending++;

    if (seq < r->next) {
        r->next = seq;
    }
}

/* symbols and reference, up to the first delta that 16 bits cannot hold */
static void
take_statuses(struct rtcp_transport_cc_receiver *r, struct feedback *f)
{
    uint64_t seq = r->next;
    int64_t last;

    /* the highest number did come, so this ends */
    while (*slot_of(r, seq) == 0) {
        seq++;
    }

    f->base = r->next;
    f->statuses = 0;
    f->reference = *slot_of(r, seq) / REFERENCE_TICKS;
    last = f->reference * REFERENCE_TICKS;

    for (seq = r->next; seq <= r->seq.highest; seq++) {
        int64_t arrival = *slot_of(r, seq);
        int64_t delta = arrival - last;
        uint8_t *symbol = &f->symbol[f->statuses];

        if (arrival == 0) {
            *symbol = RTCP_TRANSPORT_CC_LOST;

        } else if (delta != (int16_t)delta) {
            return;

        } else {
            *symbol = delta >= 0 && delta <= SMALL_DELTA_MAX
                      ? RTCP_TRANSPORT_CC_SMALL : RTCP_TRANSPORT_CC_LARGE;
            last = arrival;
        }

        f->statuses++;
    }
}

/* how many from here on are the same */
static size_t
run_length(const struct feedback *f)
{
    size_t end = f->said + 1;

    while (end < f->statuses && f->symbol[end] == f->symbol[f->said]) {
        end++;
    }

    return end - f->said;
}

static bool
one_bit_is_enough(const struct feedback *f)
{
    size_t end = f->said + ONE_BIT_PACKETS;

    for (size_t i = f->said; i < end && i < f->statuses; i++) {
        if (f->symbol[i] == RTCP_TRANSPORT_CC_LARGE) {
            return false;
        }
    }

    return true;
}

/* how many of the next packets a chunk and its deltas have room for */
static size_t
fitting(const struct feedback *f, size_t packets, size_t room)
{
    size_t bytes = f->chunks * 2 + f->deltas + 2;
    size_t n;

    if (packets > f->statuses - f->said) {
        packets = f->statuses - f->said;
    }

    for (n = 0; n < packets; n++) {
        bytes += f->symbol[f->said + n];    /* 0, 1 or 2: as many bytes */

        if (bytes > room) {
            break;
        }
    }

    return n;
}

/* the next chunk, in whichever form says most; false: no room */
static bool
take_chunk(struct feedback *f, size_t room)
{
    uint8_t symbol = f->symbol[f->said];
    size_t run = run_length(f);
    size_t n;
    uint16_t chunk = 0;

    if (run >= ONE_BIT_PACKETS
        || (run >= TWO_BIT_PACKETS && symbol == RTCP_TRANSPORT_CC_LARGE)
        || run == f->statuses - f->said)
    {
        n = fitting(f, run, room);
        chunk = (uint16_t)((unsigned)symbol << 13 | n);

    } else if (one_bit_is_enough(f)) {
        n = fitting(f, ONE_BIT_PACKETS, room);

        for (size_t i = 0; i < n; i++) {
            chunk |= (uint16_t)(f->symbol[f->said + i]
                                << (ONE_BIT_PACKETS - 1 - i));
        }

        chunk |= 0x8000;

    } else {
        n = fitting(f, TWO_BIT_PACKETS, room);

        for (size_t i = 0; i < n; i++) {
            chunk |= (uint16_t)(f->symbol[f->said + i]
                                << 2 * (TWO_BIT_PACKETS - 1 - i));
        }

        chunk |= 0xc000;
    }

    if (n == 0) {
        return false;
    }

    f->chunk[f->chunks++] = chunk;

    for (size_t end = f->said + n; f->said < end; f->said++) {
        f->deltas += f->symbol[f->said];
    }

    return true;
}

static void
write_deltas(struct rtcp_transport_cc_receiver *r, struct writer *w,
    const struct feedback *f)
{
    int64_t last = f->reference * REFERENCE_TICKS;

    for (size_t i = 0; i < f->said; i++) {
        int64_t arrival = *slot_of(r, f->base + i);

        if (arrival == 0) {
            continue;
        }

        if (f->symbol[i] == RTCP_TRANSPORT_CC_SMALL) {
            writer_u8(w, (uint8_t)(arrival - last));

        } else {
            writer_u16(w, (uint16_t)(arrival - last));
        }

        last = arrival;
    }
}

bool
rtcp_transport_cc_write(struct rtcp_transport_cc_receiver *r,
    struct writer *w, uint32_t sender, uint32_t media)
{
    struct feedback f;
    size_t room = writer_left(w);
    size_t begin;

    if (r->seq.highest == 0 || r->next > r->seq.highest || room < SMALLEST) {
        return false;
    }

    if (room > RTCP_TRANSPORT_CC_MAX) {
        room = RTCP_TRANSPORT_CC_MAX;
    }

    /* padding to whole words fits then */
    room = (room & ~(size_t)3) - HEADER_LEN;
    take_statuses(r, &f);
    f.said = f.chunks = f.deltas = 0;

    while (f.said < f.statuses && take_chunk(&f, room)) {
        /* until all is said or the packet is full */
    }

    begin = rtcp_packet_begin(w, RTCP_RTPFB, RTCP_RTPFB_TRANSPORT_CC);
    writer_u32(w, sender);
    writer_u32(w, media);
    writer_u16(w, (uint16_t)f.base);
    writer_u16(w, (uint16_t)f.said);
    writer_u24(w, (uint32_t)f.reference);
    writer_u8(w, r->number++);

    for (size_t i = 0; i < f.chunks; i++) {
        writer_u16(w, f.chunk[i]);
    }

    write_deltas(r, w, &f);
    /* zeros without the P bit, as in the draft's figure: may come anywhere */
    writer_fill(w, 0, -(2 * f.chunks + f.deltas) & 3);
    rtcp_packet_end(w, begin);

    r->next += f.said;

    if (r->next > r->seq.highest) {
        r->pending = 0;
    }

    return true;
}
