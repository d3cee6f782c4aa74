/*
 * sdp/payload.h - what the payload types of a session mean.
 * Copyright (C) the ngx_sfu_module authors
 *
 * All sections share one transport, so they share the numbers (RFC 9143,
 * section 9.1), and a number keeps its meaning as long as the session lives
 * (RFC 3264, 8.3.2).  What we proposed is tentative until it is answered: it
 * is forgotten when it turns out that the client never saw it.
 */

#ifndef SFU_SDP_PAYLOAD_H
#define SFU_SDP_PAYLOAD_H

#include "sdp/negotiation.h"

enum sdp_payload_use {
    SDP_PAYLOAD_FREE,
    SDP_PAYLOAD_FOREIGN,        /* a codec we do not know has the number */
    SDP_PAYLOAD_CODEC,
    SDP_PAYLOAD_RTX,
};

struct sdp_payload {
    enum sdp_payload_use use;
    enum codec_id codec;
    uint8_t channels;
    int16_t other;              /* RTX: apt; RED: what is inside; else -1 */
    bool tentative;
    uint32_t clock;
    uint32_t variant;
};

struct sdp_payloads {
    struct sdp_payload at[128];
};

/*
 * The peer says that pt means this.  False when it meant something else
 * before.  A number that was foreign may get a meaning: nothing was ever
 * received under it.
 */
bool sdp_payload_adopt(struct sdp_payloads *p, uint8_t pt,
    struct sdp_payload meaning);

/* a number for a codec that we propose, preferably this one; -1: all taken */
int sdp_payload_propose(struct sdp_payloads *p, int preferred,
    struct sdp_payload meaning);

/* another number under which the session knows what carries it, or -1 */
int sdp_payload_carrying(const struct sdp_payloads *p,
    struct sdp_payload meaning);

struct sdp_payload sdp_payload_of_codec(const struct sdp_codec *codec);
struct sdp_payload sdp_payload_of_rtx(uint8_t apt, uint32_t clock);

/* our proposals were seen, or were not */
void sdp_payloads_confirm(struct sdp_payloads *p);
void sdp_payloads_forget(struct sdp_payloads *p);

#endif
