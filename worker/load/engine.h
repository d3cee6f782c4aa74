/*
 * load/engine.h - what all endpoints of the generator share.
 * Copyright (C) the ngx_sfu_module authors
 *
 * One thread, one epoll instance; time is taken once per batch of events.
 */

#ifndef SFU_LOAD_ENGINE_H
#define SFU_LOAD_ENGINE_H

#include "base/timer.h"
#include "dtls/endpoint.h"
#include "ice/stun.h"
#include "load/schedule.h"
#include "net/poll.h"
#include "sdp/description.h"

struct load_receive_buffers;

struct load_engine {
    struct poll poll;
    struct timer_wheel wheel;
    struct load_schedule schedule;      /* of senders */
    struct sfu_stun *controlling;
    struct sfu_stun *controlled;
    struct dtls_certificate certificate;
    struct dtls_context *dtls;
    struct sdp_fingerprint fingerprint;
    struct load_receive_buffers *buffers;
    bool gro;
    usec_t now;
    uint64_t random;            /* state of load_engine_random() */

    uint64_t datagrams;         /* that came in, of any kind */
    uint64_t trains;            /* what the kernel handed them over in */
    uint64_t unsent;            /* the kernel took no more */
};

/*
 * profiles: of SRTP, to be offered in DTLS, as OpenSSL lists them.
 * SFU_ERR_NOMEM, SFU_ERR_SYSTEM, SFU_ERR_LIBRARY
 */
int load_engine_init(struct load_engine *e, const char *profiles, bool gro);
/* takes a half-built one */
void load_engine_fini(struct load_engine *e);

/* below "below"; quick, the same on each run, and no secret */
uint32_t load_engine_random(struct load_engine *e, uint32_t below);

#endif
