/*
 * sctp/policy.h - how a message is delivered (RFC 8831, 6.1; RFC 3758).
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_SCTP_POLICY_H
#define SFU_SCTP_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

enum sfu_sctp_reliability {
    SFU_SCTP_RELIABLE,
    SFU_SCTP_RETRANSMITS,      /* given up after so many retransmissions */
    SFU_SCTP_LIFETIME,         /* given up after so many milliseconds */
};

struct sfu_sctp_policy {
    bool unordered;
    enum sfu_sctp_reliability reliability;
    uint32_t value;             /* of the last two */
};

/* payload protocol identifiers (RFC 8831, section 8) */
enum {
    SFU_SCTP_PPID_DCEP = 50,
    SFU_SCTP_PPID_STRING = 51,
    SFU_SCTP_PPID_BINARY = 53,
    SFU_SCTP_PPID_STRING_EMPTY = 56, /* of one byte, as SCTP needs */
    SFU_SCTP_PPID_BINARY_EMPTY = 57,
};

#endif
