/*
 * media/settings.h - the limits and times of media loops.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_MEDIA_SETTINGS_H
#define SFU_MEDIA_SETTINGS_H

#include <stdbool.h>

#include "base/clock.h"
#include "net/address.h"
#include "net/tcp.h"

struct media_settings {
    struct address bind;        /* the port of loop 0; one up for each */
    bool tcp;
    struct tcp_settings tcp_limits;
    int socket_buffer;          /* bytes, UDP, each way */

    size_t outbox_slots;        /* datagrams collected before they are sent */
    size_t buffers_max;         /* packets kept for retransmission, a loop */
    size_t history_packets;     /* of these, by one track; a power of two */
    size_t streams_max;         /* SSRCs that one session may send */
    unsigned resend_percent;    /* of the bytes a peer is sent, sent again */
    size_t resend_burst;        /* bytes of that which may be saved up */
    size_t ring_bytes;          /* between two loops; a power of two */

    usec_t consent_lost;        /* without checks: subscribers are refused */
    usec_t consent_expired;     /* the session is over */
    usec_t handshake_time;      /* for DTLS, after the first valid check */
    usec_t source_silent;       /* a publication without packets is over */
    usec_t keyframe_interval;   /* least time between two requests */
    size_t burst_share;         /* packets that one track has of a burst */
    unsigned run_padding;       /* percent of a packet; 0: none */
    usec_t burst_wait;          /* at most, for the rest of a burst; 0: never */
    usec_t wake_interval;       /* where bursts come more often; 0: at once */
    usec_t report_interval;     /* SR and RR */
    usec_t transport_cc_interval;
};

#endif
