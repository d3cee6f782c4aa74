/*
 * load/receiver.c - one received stream.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "load/receiver.h"

#include <stdlib.h>

#include "base/error.h"
#include "load/sender.h"

int
load_receiver_init(struct load_receiver *r, uint32_t ssrc, uint8_t pt,
                   const struct load_format *format, bool nacks, bool discards)
{
    struct rtp_nack_settings settings = rtp_nack_settings_default();

    *r = (struct load_receiver){
        .ssrc = ssrc, .pt = pt, .codec = format->codec,
        .kind = format->codec == CODEC_OPUS ? MEDIA_AUDIO : MEDIA_VIDEO,
        .nacks = nacks,
    };
    settings.window = 512;
    rtp_receiver_init(&r->statistics, format->clock);

    if (nacks && rtp_nack_init(&r->nack, &settings)) {
        return SFU_ERR_NOMEM;
    }

    if (discards) {
        r->discards = calloc(LOAD_DISCARDS, sizeof(*r->discards));

        if (r->discards == NULL) {
            load_receiver_fini(r);
            return SFU_ERR_NOMEM;
        }
    }

    return 0;
}

void
load_receiver_fini(struct load_receiver *r)
{
    if (r->nacks) {
        rtp_nack_fini(&r->nack);
    }

    free(r->discards);
    r->discards = NULL;
}

void
load_receiver_discard(struct load_receiver *r, uint16_t seq, usec_t now)
{
    uint64_t extended = rtp_seq_extend(r->statistics.seq.highest, seq);
    struct load_discard *d = &r->discards[extended & (LOAD_DISCARDS - 1)];

    /* a repetition that is lost again does not start the clock anew */
    if (d->seq != extended) {
        *d = (struct load_discard){ extended, now };
    }
}

usec_t
load_receiver_repaired(struct load_receiver *r, uint64_t seq, usec_t now)
{
    struct load_discard *d;

    if (r->discards == NULL) {
        return -1;
    }

    d = &r->discards[seq & (LOAD_DISCARDS - 1)];

    if (d->seq != seq) {
        return -1;
    }

    d->seq = 0;

    return now - d->when;
}

enum load_class
load_receiver_class(const struct load_receiver *r)
{
    bool video = r->kind == MEDIA_VIDEO;

    if (r->sender != NULL && r->sender->overloaded) {
        return video ? LOAD_CLASS_OVERLOADED_VIDEO
                     : LOAD_CLASS_OVERLOADED_AUDIO;
    }

    return video ? LOAD_CLASS_VIDEO : LOAD_CLASS_AUDIO;
}

void
load_receiver_settle(const struct load_receiver *r, struct load_tally *t,
                     uint64_t next)
{
    uint64_t expected = r->switched ? load_ledger_expected_by_seq(&r->ledger)
                                    : load_ledger_expected(&r->ledger, next);
    uint64_t got = r->ledger.got;

    t->streams++;
    t->expected += expected;
    t->got += got < expected ? got : expected;
    t->surplus += got > expected ? got - expected : 0;
    t->duplicates += r->ledger.duplicates;

    if (r->sender != NULL && r->sender->media->layers > 1) {
        t->layers[r->sender->layer]++;
    }
}
