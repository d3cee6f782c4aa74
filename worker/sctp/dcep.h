/*
 * sctp/dcep.h - the data channel establishment protocol (RFC 8832).
 * Copyright (C) the ngx_sfu_module authors
 *
 * One message opens a channel on the stream it comes on, one acknowledges it.
 * Channels whose stream id both sides agreed on beforehand know neither.
 */

#ifndef SFU_SCTP_DCEP_H
#define SFU_SCTP_DCEP_H

#include <stddef.h>

#include "sctp/policy.h"

enum dcep_type {
    DCEP_ACK = 0x02,
    DCEP_OPEN = 0x03,
};

enum {
    DCEP_HEADER = 12,           /* of DATA_CHANNEL_OPEN, without its texts */
    DCEP_TEXT_MAX = 65535,      /* bytes; so each length fits 16 bits */
};

/* label and protocol point into the message */
struct dcep_message {
    enum dcep_type type;
    struct sfu_sctp_policy policy;  /* this and the rest: DCEP_OPEN */
    uint16_t priority;
    struct span label;
    struct span protocol;
};

/* SFU_ERR_TRUNCATED, SFU_ERR_MALFORMED, SFU_ERR_UNSUPPORTED: another type */
int dcep_parse(struct dcep_message *message, struct span bytes);

/* the number of bytes; SFU_ERR_LIMIT when they do not fit */
int dcep_write(const struct dcep_message *message, void *buffer, size_t size);

#endif
