/*
 * load/tally.c - what a class of streams has come to.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "load/tally.h"

void
load_tally_merge(struct load_tally *to, const struct load_tally *from)
{
    to->streams += from->streams;
    to->expected += from->expected;
    to->got += from->got;
    to->surplus += from->surplus;
    to->duplicates += from->duplicates;
    to->repaired += from->repaired;
    to->opened += from->opened;
    to->not_ours += from->not_ours;

    for (size_t i = 0; i < LOAD_LAYERS_MAX; i++) {
        to->layers[i] += from->layers[i];
    }

    load_histogram_merge(&to->delay, &from->delay);
}

static double
percent(uint64_t part, uint64_t whole)
{
    return whole ? 100.0 * (double)part / (double)whole : 0;
}

double
load_tally_loss(const struct load_tally *t)
{
    return percent(t->expected - t->got, t->expected);
}

double
load_tally_loss_before_repair(const struct load_tally *t)
{
    uint64_t missing = t->expected - t->got + t->repaired;

    return percent(missing < t->expected ? missing : t->expected, t->expected);
}
