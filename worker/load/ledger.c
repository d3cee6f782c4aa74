/*
 * load/ledger.c - which packets of a stream came.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "load/ledger.h"

#include <string.h>

static uint64_t *
word_of(struct load_ledger *l, uint64_t seq)
{
    return &l->seen[(seq & (LOAD_LEDGER_WINDOW - 1)) / 64];
}

static uint64_t
bit_of(uint64_t seq)
{
    return (uint64_t)1 << (seq & 63);
}

void
load_ledger_begin(struct load_ledger *l, uint64_t seq, uint64_t count)
{
    *l = (struct load_ledger){ .begun = true, .first = seq, .highest = seq - 1,
                               .first_count = count };
}

/* numbers between the highest and this one did not come so far */
static void
advance(struct load_ledger *l, uint64_t seq)
{
    if (seq - l->highest >= LOAD_LEDGER_WINDOW) {
        memset(l->seen, 0, sizeof(l->seen));

    } else {
        for (uint64_t s = l->highest + 1; s <= seq; s++) {
            *word_of(l, s) &= ~bit_of(s);
        }
    }

    l->highest = seq;
}

enum load_ledger_verdict
load_ledger_packet(struct load_ledger *l, uint64_t seq)
{
    if (seq < l->first) {
        return LOAD_LEDGER_BEFORE;
    }

    if (seq > l->highest) {
        advance(l, seq);

    } else if (l->highest - seq >= LOAD_LEDGER_WINDOW
               || (*word_of(l, seq) & bit_of(seq))) {
        l->duplicates++;
        return LOAD_LEDGER_DUPLICATE;
    }

    *word_of(l, seq) |= bit_of(seq);
    l->got++;

    return LOAD_LEDGER_NEW;
}

void
load_ledger_ignore(struct load_ledger *l, uint64_t seq)
{
    if (load_ledger_packet(l, seq) == LOAD_LEDGER_NEW) {
        l->got--;
        l->ignored++;
    }
}

uint64_t
load_ledger_expected(const struct load_ledger *l, uint64_t next)
{
    return l->begun && next > l->first_count ? next - l->first_count : 0;
}

uint64_t
load_ledger_expected_by_seq(const struct load_ledger *l)
{
    return l->begun ? l->highest + 1 - l->first - l->ignored : 0;
}
