/*
 * load/engine.c - what all endpoints of the generator share.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "load/engine.h"

#include "base/error.h"
#include "load/port.h"

int
load_engine_init(struct load_engine *e, const char *profiles, bool gro)
{
    int error;

    *e = (struct load_engine){ .gro = gro, .random = 0x9e3779b97f4a7c15,
                               .poll.fd = -1 };
    e->now = clock_now();
    timer_wheel_init(&e->wheel, e->now);
    error = poll_init(&e->poll);

    if (error) {
        return error;
    }

    e->buffers = load_receive_buffers_create(gro);
    e->controlled = sfu_stun_create();
    e->controlling = sfu_stun_create();

    if (e->buffers == NULL || e->controlled == NULL
        || e->controlling == NULL) {
        return SFU_ERR_NOMEM;
    }

    sfu_stun_set_controlling(e->controlling);
    error = dtls_certificate_make(&e->certificate);

    if (!error) {
        error = dtls_context_create(&e->dtls, &e->certificate);
    }

    if (!error) {
        error = dtls_context_offer_srtp(e->dtls, profiles);
    }

    return error ? error
                 : sdp_fingerprint_parse(&e->fingerprint, SDP_HASH_SHA256,
                                         span_str(e->certificate.fingerprint));
}

void
load_engine_fini(struct load_engine *e)
{
    dtls_context_destroy(e->dtls);
    dtls_certificate_fini(&e->certificate);
    sfu_stun_destroy(e->controlled);
    sfu_stun_destroy(e->controlling);
    load_receive_buffers_destroy(e->buffers);
    load_schedule_fini(&e->schedule);
    poll_fini(&e->poll);
}

uint32_t
load_engine_random(struct load_engine *e, uint32_t below)
{
    /* Marsaglia's xorshift64 */
    e->random ^= e->random << 13;
    e->random ^= e->random >> 7;
    e->random ^= e->random << 17;

    return (uint32_t)((e->random >> 32) * below >> 32);
}
