/*
 * load/tally.h - what a class of streams has come to.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Sound and pictures are counted apart, and so is what an overloaded
 * publisher sends.
 */

#ifndef SFU_LOAD_TALLY_H
#define SFU_LOAD_TALLY_H

#include "load/description.h"
#include "load/histogram.h"

enum load_class {
    LOAD_CLASS_AUDIO,
    LOAD_CLASS_VIDEO,
    LOAD_CLASS_OVERLOADED_AUDIO,
    LOAD_CLASS_OVERLOADED_VIDEO,
    LOAD_CLASSES,
};

/* of the measured interval, until the end of the drain */
struct load_tally {
    uint64_t streams;           /* that were received */
    uint64_t expected;
    uint64_t got;               /* of these, each once */
    uint64_t surplus;           /* more than was expected: an error */
    uint64_t duplicates;
    uint64_t repaired;          /* came only after they were asked for */
    uint64_t opened;
    uint64_t not_ours;          /* opened, and without a stamp */
    uint64_t layers[LOAD_LAYERS_MAX];   /* simulcast: streams, by their last */
    struct load_histogram delay;        /* us, of what was opened */
};

void load_tally_merge(struct load_tally *to, const struct load_tally *from);

/* in percent of what was expected */
double load_tally_loss(const struct load_tally *t);
/* the same, had nothing been sent again */
double load_tally_loss_before_repair(const struct load_tally *t);

#endif
