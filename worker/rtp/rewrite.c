/*
 * rtp/rewrite.c - one continuous stream out of what a subscription is sent.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtp/rewrite.h"

#include <string.h>

#include "base/error.h"
#include "rtp/seq.h"
#include "rtp/timestamp.h"

/* clocks that were tied together wrongly must not stop a picture for long */
#define ALIGNED_MAX (2 * USEC_PER_SEC)

/* numbers begin in the second cycle: none is 0, and none before the first */
enum { FIRST_CYCLE = 65536 };

void
rtp_rewrite_init(struct rtp_rewrite *rw, uint32_t clock_rate, uint16_t seq,
    uint32_t timestamp)
{
    memset(rw, 0, sizeof(*rw));
    rw->clock_rate = clock_rate;
    rw->cycles = FIRST_CYCLE;
    rw->highest = FIRST_CYCLE + (uint64_t)seq - 1;
    rw->last_timestamp = timestamp;
    rw->switching = true;
}

void
rtp_rewrite_align(struct rtp_rewrite *rw, uint32_t timestamp_offset)
{
    rw->aligned = true;
    rw->aligned_offset = timestamp_offset;
}

void
rtp_rewrite_switch(struct rtp_rewrite *rw, uint32_t source)
{
    rw->source = source;
    rw->switching = true;
    rw->aligned = false;
}

void
rtp_rewrite_restart_index(struct rtp_rewrite *rw)
{
    rw->cycles = (rw->highest + 1) & ~(uint64_t)(FIRST_CYCLE - 1);
}

static struct rtp_rewrite_run *
run_at(struct rtp_rewrite *rw, uint64_t i)
{
    return &rw->runs[i & (RTP_REWRITE_RUNS - 1)];
}

static const struct rtp_rewrite_run *
const_run_at(const struct rtp_rewrite *rw, uint64_t i)
{
    return &rw->runs[i & (RTP_REWRITE_RUNS - 1)];
}

static void
begin_run(struct rtp_rewrite *rw, const struct rtp_rewrite_run *run)
{
    rw->current = *run;
    *run_at(rw, rw->count++) = *run;
}

/* the oldest run that is still kept */
static uint64_t
first_kept(const struct rtp_rewrite *rw)
{
    return rw->count > RTP_REWRITE_RUNS ? rw->count - RTP_REWRITE_RUNS : 0;
}

/* two pictures never have the same time, however quick the switch was */
static uint32_t
continued_timestamp(const struct rtp_rewrite *rw, usec_t now)
{
    uint32_t next = rtp_rewrite_timestamp_at(rw, now);

    return rtp_timestamp_newer(next, rw->last_timestamp)
           ? next : rw->last_timestamp + 1;
}

static uint32_t
aligned_timestamp(const struct rtp_rewrite *rw, uint32_t timestamp, usec_t now)
{
    uint32_t out = timestamp + rw->aligned_offset;
    uint32_t expected = continued_timestamp(rw, now);
    int32_t ahead = (int32_t)(out - expected);
    int64_t most = rtp_timestamp_ticks(ALIGNED_MAX, rw->clock_rate);

    if (ahead > most || ahead < -most) {
        return expected;
    }

    return rtp_timestamp_newer(out, rw->last_timestamp)
           ? out : rw->last_timestamp + 1;
}

static void
begin_source(struct rtp_rewrite *rw, uint64_t seq, uint32_t timestamp,
    usec_t now)
{
    uint32_t out = rw->count == 0 ? rw->last_timestamp
                   : rw->aligned  ? aligned_timestamp(rw, timestamp, now)
                                  : continued_timestamp(rw, now);

    rw->first = rw->count;
    begin_run(rw, &(struct rtp_rewrite_run){
        .in = seq,
        .out = rw->highest + 1,
        .timestamp_offset = out - timestamp,
        .source = rw->source,
        .shift = rw->shift,
    });
    rw->next_in = seq;
    rw->last_timestamp = out;
    rw->last_time = now;
    rw->switching = rw->aligned = false;
}

/* where a packet goes that came late; 0: nowhere */
static uint64_t
late_number(const struct rtp_rewrite *rw, uint64_t seq,
    struct rtp_rewrite_shift *shift)
{
    uint64_t oldest = first_kept(rw);
    uint64_t end = UINT64_MAX;

    if (oldest < rw->first) {
        oldest = rw->first;
    }

    for (uint64_t i = rw->count; i-- > oldest;) {
        const struct rtp_rewrite_run *run = const_run_at(rw, i);

        if (run->in <= seq) {
            uint64_t out = run->out + (seq - run->in);

            *shift = run->shift;

            /* what would run into the next run was skipped */
            return out < end ? out : 0;
        }

        end = run->out;
    }

    return 0;
}

int
rtp_rewrite_packet(struct rtp_rewrite *rw, uint64_t seq, uint32_t timestamp,
    usec_t now, struct rtp_rewritten *out)
{
    uint64_t number;

    if (rw->switching) {
        begin_source(rw, seq, timestamp, now);
    }

    out->timestamp = timestamp + rw->current.timestamp_offset;
    out->shift = rw->current.shift;

    if (seq < rw->next_in) {
        number = late_number(rw, seq, &out->shift);
        out->seq = (uint16_t)number;
        out->index = number - rw->cycles;

        return number ? 0 : SFU_ERR_NOT_FOUND;
    }

    number = rw->current.out + (seq - rw->current.in);
    out->seq = (uint16_t)number;
    out->index = number - rw->cycles;
    rw->highest = number;
    rw->next_in = seq + 1;

    if (rtp_timestamp_newer(out->timestamp, rw->last_timestamp)) {
        rw->last_timestamp = out->timestamp;
        rw->last_time = now;
    }

    return 0;
}

bool
rtp_rewrite_skip(struct rtp_rewrite *rw, uint64_t seq)
{
    struct rtp_rewrite_run *run = &rw->current;

    if (rw->switching) {
        return true;            /* its numbers have not begun */
    }

    if (seq < rw->next_in) {
        return false;
    }

    rw->next_in = seq + 1;

    if (run->in == seq) {
        run->in++;              /* nothing was sent since the last one */
        run->shift = rw->shift;
        *run_at(rw, rw->count - 1) = *run;
        return true;
    }

    begin_run(rw, &(struct rtp_rewrite_run){
        .in = seq + 1,
        .out = run->out + (seq - run->in),
        .timestamp_offset = run->timestamp_offset,
        .source = run->source,
        .shift = rw->shift,
    });

    return true;
}

int
rtp_rewrite_origin(const struct rtp_rewrite *rw, uint16_t seq,
    struct rtp_rewrite_origin *origin)
{
    uint64_t number = rtp_seq_extend(rw->highest, seq);

    if (number > rw->highest || number < rw->cycles) {
        return SFU_ERR_NOT_FOUND;
    }

    for (uint64_t i = rw->count; i-- > first_kept(rw);) {
        const struct rtp_rewrite_run *run = const_run_at(rw, i);

        if (run->out <= number) {
            origin->source = run->source;
            origin->seq = run->in + (number - run->out);
            origin->timestamp_offset = run->timestamp_offset;
            origin->index = number - rw->cycles;
            origin->shift = run->shift;

            return 0;
        }
    }

    return SFU_ERR_NOT_FOUND;
}

uint32_t
rtp_rewrite_timestamp_at(const struct rtp_rewrite *rw, usec_t now)
{
    usec_t elapsed = now > rw->last_time ? now - rw->last_time : 0;

    return rw->last_timestamp
           + (uint32_t)rtp_timestamp_ticks(elapsed, rw->clock_rate);
}

uint32_t
rtp_rewrite_timestamp_offset(const struct rtp_rewrite *rw)
{
    return rw->current.timestamp_offset;
}
