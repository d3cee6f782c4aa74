/*
 * load/endpoint.h - one WebRTC transport: ICE, DTLS and SRTP over a socket.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A full ICE agent without candidates of its own: it checks the peer's, one
 * after another, until one answers, and stays with that.  Media is handed on
 * still sealed, since a generator opens only a sample of it.
 */

#ifndef SFU_LOAD_ENDPOINT_H
#define SFU_LOAD_ENDPOINT_H

#include "ice/agent.h"
#include "ice/check.h"
#include "load/port.h"
#include "srtp/session.h"

enum {
    LOAD_CANDIDATES_MAX = 8,
    LOAD_CREDENTIAL_MAX = 257,  /* RFC 8839, 5.4: 256, and a zero */
};

/* the peer, from its description */
struct load_remote {
    char ufrag[LOAD_CREDENTIAL_MAX];
    char pwd[LOAD_CREDENTIAL_MAX];
    struct dtls_fingerprint fingerprint;
    struct address candidates[LOAD_CANDIDATES_MAX];     /* UDP */
    size_t candidate_count;
    bool controlling;           /* we are, not it */
    bool active;                /* we send the ClientHello */
};

enum load_endpoint_state {
    LOAD_ENDPOINT_NEW,
    LOAD_ENDPOINT_CHECKING,
    LOAD_ENDPOINT_HANDSHAKE,
    LOAD_ENDPOINT_CONNECTED,
    LOAD_ENDPOINT_CLOSED,       /* by us, by the peer, or it has failed */
};

struct load_endpoint {
    struct load_port port;
    struct load_engine *engine;         /* borrowed */
    enum load_endpoint_state state;
    struct ice_credentials local;
    struct load_remote remote;

    size_t candidate;                   /* the one that is checked */
    uint8_t check_id[ICE_CHECK_ID_LEN];
    usec_t check_interval;              /* until the check is repeated */
    usec_t began;
    usec_t consented;                   /* last answer to a check */
    usec_t ice_done;
    usec_t dtls_done;
    struct timer timer;                 /* checks and consent */
    struct timer dtls_timer;

    struct dtls_endpoint *dtls;         /* owned */
    struct sfu_srtp *in;                /* owned; NULL until connected */
    struct sfu_srtp *out;
    const struct srtp_profile *profile;

    /*
     * Of the owner.  connected and closed are the last thing that a function
     * here does; why: a static string, or the endpoint's.  closed is not
     * called by load_endpoint_close().
     */
    void (*connected)(struct load_endpoint *e);
    void (*closed)(struct load_endpoint *e, const char *why);
    void (*rtp)(struct load_endpoint *e, uint8_t *data, size_t len,
                int64_t arrival);
    void (*rtcp)(struct load_endpoint *e, uint8_t *data, size_t len);
};

/* makes credentials; the callbacks are set by the owner */
void load_endpoint_init(struct load_endpoint *e, struct load_engine *engine);
/* says goodbye in DTLS, and gives everything back; may be called twice */
void load_endpoint_close(struct load_endpoint *e);

/* begins to check; closed() tells when that fails.  SFU_ERR_SYSTEM */
int load_endpoint_start(struct load_endpoint *e,
                        const struct load_remote *remote);

/* in place, with SRTP_OVERHEAD_MAX bytes of room behind it */
void load_endpoint_send_rtp(struct load_endpoint *e, uint8_t *packet,
                            size_t len);
void load_endpoint_send_rtcp(struct load_endpoint *e, uint8_t *compound,
                             size_t len);

#endif
