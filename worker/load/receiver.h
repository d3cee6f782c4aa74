/*
 * load/receiver.h - one received stream: an SSRC as a viewer sees it.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Every packet is counted by its RTP number, which is not encrypted.  Only a
 * sample is opened, for delay and to see that it is ours: opening all would
 * make the generator the bottleneck.  Always opened are the first packet, the
 * first of the measured interval, what may be padding alone, and RTX.
 */

#ifndef SFU_LOAD_RECEIVER_H
#define SFU_LOAD_RECEIVER_H

#include "load/description.h"
#include "load/ledger.h"
#include "load/tally.h"
#include "rtp/nack.h"
#include "rtp/receiver.h"

enum {
    LOAD_DISCARDS = 256,        /* remembered; a power of two */
};

struct load_sender;

/* a packet thrown away on purpose */
struct load_discard {
    uint64_t seq;
    usec_t when;
};

struct load_receiver {
    uint32_t ssrc;
    enum media_kind kind;
    enum codec_id codec;
    uint8_t pt;
    bool keyframe_seen;
    bool switched;              /* between streams: numbers do not compare */
    bool opened;                /* a packet of it, ever */
    unsigned unopened;          /* packets until the next one is opened */
    uint32_t stream;            /* number in the stamps */
    const struct load_sender *sender;   /* borrowed; NULL until opened */
    struct rtp_receiver statistics;
    struct rtp_nack nack;
    bool nacks;
    unsigned interval;          /* the one that the ledger is about */
    struct load_ledger ledger;
    struct load_discard *discards;      /* owned; NULL without --loss */
    usec_t keyframe_asked;
};

/* nacks: ask for lost packets.  SFU_ERR_NOMEM */
int load_receiver_init(struct load_receiver *r, uint32_t ssrc, uint8_t pt,
                       const struct load_format *format, bool nacks,
                       bool discards);
void load_receiver_fini(struct load_receiver *r);

/* notes a packet that is thrown away as the network would */
void load_receiver_discard(struct load_receiver *r, uint16_t seq, usec_t now);

/* how long ago the packet with this number was thrown away; -1: it was not */
usec_t load_receiver_repaired(struct load_receiver *r, uint64_t seq,
                              usec_t now);

enum load_class load_receiver_class(const struct load_receiver *r);

/* adds the measured interval, which has ended, to what the figures say */
void load_receiver_settle(const struct load_receiver *r, struct load_tally *t,
                          uint64_t next);

#endif
