/*
 * sdp/payload.c - what the payload types of a session mean.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sdp/payload.h"

#include "sdp/variant.h"

static bool
same(const struct sdp_payload *a, const struct sdp_payload *b)
{
    return a->use == b->use && a->codec == b->codec
           && a->channels == b->channels && a->other == b->other
           && a->clock == b->clock && a->variant == b->variant;
}

bool
sdp_payload_adopt(struct sdp_payloads *p, uint8_t pt,
    struct sdp_payload meaning)
{
    struct sdp_payload *at = &p->at[pt];

    if (meaning.use == SDP_PAYLOAD_FOREIGN) {
        if (at->use == SDP_PAYLOAD_FREE) {
            *at = meaning;
        }

        return at->use == SDP_PAYLOAD_FOREIGN;
    }

    if (at->use == SDP_PAYLOAD_FREE || at->use == SDP_PAYLOAD_FOREIGN) {
        *at = meaning;
        return true;
    }

    return same(at, &meaning);
}

/* RFC 3551, table 4 */
static int
static_number(const struct sdp_payload *meaning)
{
    if (meaning->use != SDP_PAYLOAD_CODEC || meaning->clock != 8000) {
        return -1;
    }

    switch (meaning->codec) {
    case CODEC_PCMU:
        return 0;
    case CODEC_PCMA:
        return 8;
    case CODEC_G722:
        return 9;
    case CODEC_CN:
        return 13;
    default:
        return -1;
    }
}

/*
 * RFC 5761, section 4: 64 to 95 would look like RTCP.  RFC 8829, 5.2.1: below
 * 96 only when what is above is used up.
 */
static int
free_number(const struct sdp_payloads *p)
{
    for (int pt = 96; pt <= 127; pt++) {
        if (p->at[pt].use == SDP_PAYLOAD_FREE) {
            return pt;
        }
    }

    for (int pt = 35; pt <= 63; pt++) {
        if (p->at[pt].use == SDP_PAYLOAD_FREE) {
            return pt;
        }
    }

    return -1;
}

static bool
is_dynamic(int pt)
{
    return (pt >= 96 && pt <= 127) || (pt >= 35 && pt <= 63);
}

int
sdp_payload_propose(struct sdp_payloads *p, int preferred,
    struct sdp_payload meaning)
{
    int pt = static_number(&meaning);

    for (int i = 0; i < 128; i++) {
        if (same(&p->at[i], &meaning)) {
            return i;
        }
    }

    if (pt < 0 || p->at[pt].use != SDP_PAYLOAD_FREE) {
        pt = preferred;

        if (!is_dynamic(pt) || p->at[pt].use != SDP_PAYLOAD_FREE) {
            pt = free_number(p);
        }
    }

    if (pt >= 0) {
        p->at[pt] = meaning;
        p->at[pt].tentative = true;
    }

    return pt;
}

int
sdp_payload_carrying(const struct sdp_payloads *p, struct sdp_payload meaning)
{
    for (int i = 0; i < 128; i++) {
        const struct sdp_payload *at = &p->at[i];

        if (at->use == SDP_PAYLOAD_CODEC && at->codec == meaning.codec
            && at->clock == meaning.clock && at->channels == meaning.channels
            && at->variant != meaning.variant
            && sdp_variant_carries(at->codec, at->variant, meaning.variant)) {
            return i;
        }
    }

    return -1;
}

struct sdp_payload
sdp_payload_of_codec(const struct sdp_codec *codec)
{
    return (struct sdp_payload){
        .use = SDP_PAYLOAD_CODEC,
        .codec = codec->id,
        .channels = codec->channels,
        .other = codec->red_pt,
        .clock = codec->clock,
        .variant = sdp_variant(codec->id, span_str(codec->fmtp)),
    };
}

struct sdp_payload
sdp_payload_of_rtx(uint8_t apt, uint32_t clock)
{
    return (struct sdp_payload){
        .use = SDP_PAYLOAD_RTX,
        .channels = 1,
        .other = apt,
        .clock = clock,
    };
}

void
sdp_payloads_confirm(struct sdp_payloads *p)
{
    for (int i = 0; i < 128; i++) {
        p->at[i].tentative = false;
    }
}

void
sdp_payloads_forget(struct sdp_payloads *p)
{
    for (int i = 0; i < 128; i++) {
        if (p->at[i].tentative) {
            p->at[i] = (struct sdp_payload){ 0 };
        }
    }
}
