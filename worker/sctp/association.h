/*
 * sctp/association.h - one SCTP association over DTLS (RFC 8261, RFC 8831).
 * Copyright (C) the ngx_sfu_module authors
 *
 * Packets go in and out, messages go out and in; of DTLS it knows nothing.
 * Both ends begin, as browsers do, and the two attempts become one.
 */

#ifndef SFU_SCTP_ASSOCIATION_H
#define SFU_SCTP_ASSOCIATION_H

#include <stdbool.h>

#include "sctp/policy.h"
#include "sctp/stack.h"

enum {
    /*
     * Bytes of a packet at most, of the 1200 that a datagram may have on any
     * path; DTLS takes up to 37 of them with AES-GCM, more with CBC.
     */
    SFU_SCTP_PACKET_MAX = 1136,
};

struct sfu_sctp_association;

/* called from the stack's thread; none of them may destroy an association */
struct sfu_sctp_events {
    /* from inside the library: copy it, and call nothing of this folder */
    void (*send)(void *ctx, struct span packet);
    /* messages may be sent, on streams below that number, each way */
    void (*up)(void *ctx, size_t streams);
    /* the peer left or does not answer; nothing comes any more */
    void (*down)(void *ctx);
    void (*message)(void *ctx, uint16_t stream, uint32_t ppid,
                    struct span bytes);
    /* a message was longer than it may be, and is lost */
    void (*too_long)(void *ctx, uint16_t stream);
    /* the peer ended its direction of the stream (RFC 6525), or we ours */
    void (*reset)(void *ctx, uint16_t stream, bool incoming);
    /* what did not go out before may go out now */
    void (*writable)(void *ctx);
};

/* events are borrowed.  SFU_ERR_NOMEM, SFU_ERR_LIBRARY */
int sfu_sctp_create(struct sfu_sctp_association **association,
                    struct sfu_sctp_stack *stack,
                    const struct sfu_sctp_events *events, void *ctx);
/* tells the peer, if it was there (ABORT) */
void sfu_sctp_destroy(struct sfu_sctp_association *association);

/* packets can be sent from now on.  SFU_ERR_LIBRARY */
int sfu_sctp_connect(struct sfu_sctp_association *association,
                     uint16_t remote_port);
void sfu_sctp_receive(struct sfu_sctp_association *association,
                      struct span packet);

/*
 * Whole or not at all.  SFU_ERR_AGAIN: when writable() is called;
 * SFU_ERR_STATE: it is not up; SFU_ERR_LIBRARY: no such stream
 */
int sfu_sctp_send(struct sfu_sctp_association *association, uint16_t stream,
                  uint32_t ppid, const struct sfu_sctp_policy *policy,
                  struct span bytes);
/* our direction of it, behind what was sent.  SFU_ERR_NOMEM */
int sfu_sctp_reset(struct sfu_sctp_association *association, uint16_t stream);

#endif
