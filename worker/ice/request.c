/*
 * ice/request.c - connectivity checks as browsers send them.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ice/request.h"

#include <stun/stunmessage.h>

#include "base/error.h"
#include "base/reader.h"
#include "ice/integrity.h"
#include "ice/stun.h"

enum {
    BINDING_REQUEST = 0x0001,
    COMPREHENSION_OPTIONAL = 0x8000,

    /* what was there already */
    SEEN_USERNAME = 1 << 0,
    SEEN_PRIORITY = 1 << 1,
    SEEN_USE_CANDIDATE = 1 << 2,
    SEEN_ROLE = 1 << 3,
    SEEN_ODD = 1 << 4,          /* something that is for libnice to judge */

    SEEN_NEEDED = SEEN_USERNAME | SEEN_PRIORITY | SEEN_ROLE,
};

static unsigned
take(struct ice_request *request, uint16_t type, struct span value)
{
    struct reader r = reader_over(value);
    const uint8_t *colon;

    switch (type) {
    case STUN_ATTRIBUTE_USERNAME:
        colon = value.len ? memchr(value.data, ':', value.len) : NULL;

        if (colon == NULL || value.len > STUN_NAME_MAX) {
            return SEEN_ODD;
        }

        request->username = value;
        request->ufrag = span_of(value.data, (size_t)(colon - value.data));
        return SEEN_USERNAME;

    case STUN_ATTRIBUTE_PRIORITY:
        request->priority = reader_u32(&r);
        return value.len == 4 ? SEEN_PRIORITY : SEEN_ODD;

    case STUN_ATTRIBUTE_USE_CANDIDATE:
        request->use_candidate = true;
        return value.len == 0 ? SEEN_USE_CANDIDATE : SEEN_ODD;

    case STUN_ATTRIBUTE_ICE_CONTROLLED:
    case STUN_ATTRIBUTE_ICE_CONTROLLING:
        request->controlling = type == STUN_ATTRIBUTE_ICE_CONTROLLING;
        return value.len == 8 ? SEEN_ROLE : SEEN_ODD;

    /* nothing may come behind it, and MESSAGE-INTEGRITY has not been yet */
    case STUN_ATTRIBUTE_FINGERPRINT:
        return SEEN_ODD;

    default:
        return type & COMPREHENSION_OPTIONAL ? 0 : SEEN_ODD;
    }
}

/* all that has been read */
static struct span
before(const struct reader *r, struct span datagram)
{
    return span_of(datagram.data, (size_t)(r->pos - datagram.data));
}

int
ice_request_parse(struct ice_request *request, struct span datagram)
{
    struct reader r = reader_over(datagram);
    uint16_t type = reader_u16(&r);
    uint16_t len = reader_u16(&r);
    uint32_t cookie = reader_u32(&r);
    unsigned seen = 0;
    unsigned one;

    *request = (struct ice_request){ .id = reader_bytes(&r, 12) };

    if (type != BINDING_REQUEST || cookie != STUN_MAGIC_COOKIE
        || len != reader_left(&r)) {
        return SFU_ERR_UNSUPPORTED;
    }

    for ( ;; ) {
        request->proved = before(&r, datagram);
        type = reader_u16(&r);
        len = reader_u16(&r);

        if (!reader_ok(&r) || type == STUN_ATTRIBUTE_MESSAGE_INTEGRITY) {
            break;
        }

        one = take(request, type, reader_bytes(&r, len));
        reader_skip(&r, -len & 3);
        seen |= seen & one ? SEEN_ODD : one;
    }

    if (seen & SEEN_ODD || (seen & SEEN_NEEDED) != SEEN_NEEDED
        || len != ICE_INTEGRITY_LEN) {
        return SFU_ERR_UNSUPPORTED;
    }

    request->integrity = reader_bytes(&r, ICE_INTEGRITY_LEN);
    request->marked = before(&r, datagram);
    type = reader_u16(&r);
    len = reader_u16(&r);
    request->fingerprint = reader_u32(&r);

    return type == STUN_ATTRIBUTE_FINGERPRINT && len == 4 && reader_ok(&r)
                   && reader_left(&r) == 0
               ? 0
               : SFU_ERR_UNSUPPORTED;
}

struct span
ice_request_peek(struct span datagram)
{
    struct reader r = reader_over(datagram);
    uint16_t type = reader_u16(&r);
    const uint8_t *colon;
    struct span name;

    reader_skip(&r, 18);

    if (type != BINDING_REQUEST
        || reader_u16(&r) != STUN_ATTRIBUTE_USERNAME) {
        return (struct span){ 0 };
    }

    name = reader_bytes(&r, reader_u16(&r));
    colon = name.len ? memchr(name.data, ':', name.len) : NULL;

    return span_of(name.data, colon != NULL ? (size_t)(colon - name.data) : 0);
}
