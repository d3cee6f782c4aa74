/*
 * media/transport.h - a session's ICE, DTLS and SRTP, wired together.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The order is fixed: a valid STUN check, then DTLS against the fingerprint
 * of SDP, then SRTP.  Nothing of a later step exists before the earlier one
 * succeeded.
 */

#ifndef SFU_MEDIA_TRANSPORT_H
#define SFU_MEDIA_TRANSPORT_H

#include "base/timer.h"
#include "dtls/endpoint.h"
#include "ice/agent.h"
#include "media/outbox.h"
#include "srtp/opener.h"
#include "srtp/rtcp_opener.h"
#include "srtp/rtcp_sealer.h"
#include "srtp/sealer.h"

struct media_loop;

enum {
    /*
     * Handshake datagrams that wait: for SDP, or for their turn.  Some stacks
     * put each message of a flight into one of its own, and that makes five.
     */
    TRANSPORT_WAITING_MAX = 8,
};

enum media_end {
    MEDIA_END_NONE,
    MEDIA_END_CLOSED,           /* close_notify */
    MEDIA_END_EXPIRED,          /* no checks any more */
    MEDIA_END_HANDSHAKE,        /* DTLS failed or took too long */
    MEDIA_END_MEMORY,           /* it could not begin */
};

struct media_transport;

/* what the owner wants to know; it must not destroy the transport in these */
struct media_transport_events {
    void (*connected)(struct media_transport *t);
    /* the association is over, and another one, with other keys, may come */
    void (*renewing)(struct media_transport *t);
    /* consent: checks stopped for a while (false), or are back (true) */
    void (*consent)(struct media_transport *t, bool there);
    void (*ended)(struct media_transport *t, enum media_end cause);
    /* plaintext, in a buffer that may be written to */
    void (*rtp)(struct media_transport *t, uint8_t *data, size_t len);
    void (*rtcp)(struct media_transport *t, struct span compound);
};

struct media_transport {
    /* what a packet needs is together in front */
    struct srtp_sealer *sealer;         /* owned; RTP, once connected */
    struct srtp_opener *opener;         /* owned; RTP, once connected */
    struct srtp_rtcp_opener *rtcp_opener;       /* owned; once connected */
    struct srtp_rtcp_sealer *rtcp_sealer;       /* owned; likewise */
    enum media_end end;
    bool remote_known;                  /* SDP told dtls_active, fingerprint */
    bool dtls_active;
    bool consent_lost;
    struct media_loop *loop;            /* borrowed */
    const struct media_transport_events *events;

    /* and behind it what a check looks at */
    size_t consent_row;                 /* in the loop's table */
    struct dtls_endpoint *dtls;         /* owned; after the first check */
    struct media_checks *checks;        /* owned; NULL: the peer checks us */
    struct ice_agent ice;

    struct outbox_queue queue;
    struct dtls_fingerprint fingerprint;
    struct timer dtls_timer;            /* retransmission */
    usec_t handshake_began;
    struct list in_handshakes;          /* in media_loop.handshakes */
    uint8_t *waiting[TRANSPORT_WAITING_MAX];    /* owned; in order */
    size_t waiting_len[TRANSPORT_WAITING_MAX];
    size_t waiting_count;
    usec_t waits_since;                 /* with the first of these */
    uint8_t renewals;           /* so many close_notify end no session, */
    usec_t renewals_end;        /* until then */
    bool renewing;              /* after one, until the next connection */
    uint32_t hello;             /* of the ClientHello in use, or 0 */
    uint8_t hello_epoch;        /* of the pair that it came over */

    const struct srtp_profile *profile;
    usec_t last_authentic;              /* when something last opened */
};

void media_transport_init(struct media_transport *t, struct media_loop *loop,
                          const struct media_transport_events *events,
                          const struct ice_credentials *credentials);
void media_transport_fini(struct media_transport *t);
/* it takes and sends nothing any more; ended() is called, the first time */
void media_transport_end(struct media_transport *t, enum media_end cause);

/* SDP told who the peer is; said again, only the first time counts */
void media_transport_set_remote(struct media_transport *t, bool dtls_active,
                                const struct dtls_fingerprint *fingerprint);

/*
 * The client may move to another transport, with the same credentials and
 * certificate: Chromium does, where it bundles all, when the section goes away
 * whose transport they shared.  The one before is closed then, or just left.
 */
void media_transport_let_renew(struct media_transport *t);

static inline bool
media_transport_connected(const struct media_transport *t)
{
    return t->rtcp_sealer != NULL && t->end == MEDIA_END_NONE;
}

/* of the loop's table: nothing was heard since long ago, it seems */
void media_transport_silent(struct media_transport *t, usec_t now);

/* from the loop, after the directory said whose it is */
void media_transport_checked(struct media_transport *t,
                             struct ice_generation *by,
                             const struct address *remote,
                             const struct address *local,
                             struct tcp_connection *tcp, bool use_candidate);
void media_transport_srtp(struct media_transport *t, uint8_t *data,
                          size_t len);
void media_transport_srtcp(struct media_transport *t, uint8_t *data,
                           size_t len);

/*
 * Seal what is in the slot and send it with the batch; they take the slot.
 * index: see srtp/sealer.h
 */
void media_transport_send_rtp(struct media_transport *t,
                              struct outbox_slot *slot, size_t header_len,
                              size_t payload_len, uint64_t index);
void media_transport_send_rtcp(struct media_transport *t,
                               struct outbox_slot *slot, size_t len);

#endif
