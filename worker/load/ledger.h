/*
 * load/ledger.h - which packets of a stream came, counted exactly.
 * Copyright (C) the ngx_sfu_module authors
 *
 * An SFU gives streams RTP numbers of its own; the publisher's count is in
 * the payload.  The first packet of the measured interval ties the two
 * together.  From then on each RTP number counts once, and when the sender
 * has stopped and all had time to arrive, what is missing is lost: packets at
 * the very end, too, which gaps in RTP numbers would never show.
 */

#ifndef SFU_LOAD_LEDGER_H
#define SFU_LOAD_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

enum { LOAD_LEDGER_WINDOW = 4096 };     /* packets; a power of two */

enum load_ledger_verdict {
    LOAD_LEDGER_NEW,
    LOAD_LEDGER_DUPLICATE,      /* or so late that nobody can tell */
    LOAD_LEDGER_BEFORE,         /* older than the first one */
};

/* zeroed: not begun */
struct load_ledger {
    bool begun;
    uint64_t first;             /* extended RTP number of the first packet */
    uint64_t first_count;       /* and its number in the payload */
    uint64_t highest;
    uint64_t got;
    uint64_t duplicates;
    uint64_t ignored;           /* took a number and carried nothing */
    uint64_t seen[LOAD_LEDGER_WINDOW / 64];
};

/* the first packet, which then is counted as any other */
void load_ledger_begin(struct load_ledger *l, uint64_t seq, uint64_t count);

/* a packet with this extended RTP number */
enum load_ledger_verdict load_ledger_packet(struct load_ledger *l,
                                            uint64_t seq);
/* the same, of a packet that no publisher has sent: padding alone */
void load_ledger_ignore(struct load_ledger *l, uint64_t seq);

/*
 * Packets that should have come, when the publisher's next one would have
 * the number "next": exact if all are of one stream.
 */
uint64_t load_ledger_expected(const struct load_ledger *l, uint64_t next);
/* the same by RTP numbers, for viewers that were switched between streams */
uint64_t load_ledger_expected_by_seq(const struct load_ledger *l);

#endif
