/*
 * data/event.h - what the data loop tells the control thread.
 * Copyright (C) the ngx_sfu_module authors
 *
 * An event names its peer, and through it the session, by number: it may be
 * gone by the time.
 */

#ifndef SFU_DATA_EVENT_H
#define SFU_DATA_EVENT_H

#include "base/mailbox.h"
#include "sctp/policy.h"

struct data_channel;

enum data_event_type {
    DATA_EVENT_UP,              /* messages can flow */
    DATA_EVENT_DOWN,            /* and never will again */
    DATA_EVENT_OPENED,          /* a channel, by the peer (RFC 8832) */
    DATA_EVENT_CLOSING,         /* a channel carries nothing any more */
    DATA_EVENT_CLOSED,          /* and its stream is as new */
    DATA_EVENT_TOLD,            /* text, on a channel that tells */
};

/* why a channel ends */
enum data_end {
    DATA_END_ASKED,             /* by data_channel_close() */
    DATA_END_PEER,              /* it reset its stream */
    DATA_END_OVERFLOW,          /* reliable, and its queue was full */
    DATA_END_NO_ACK,            /* the first message never came */
};

struct data_event {
    struct task task;                   /* run by the control thread */
    enum data_event_type type;
    uint64_t session;
    uint64_t peer;
    uint64_t channel;                   /* all but UP and DOWN */
    enum data_end end;                  /* CLOSING */
    size_t streams;                     /* UP: ids are below it */

    /* OPENED: the control thread's from now on, like one it made */
    struct data_channel *opened;
    uint16_t stream;
    struct sfu_sctp_policy policy;
    char *label;                        /* owned by the event; may be "" */

    char *text;                         /* TOLD; owned by the event */
};

#endif
