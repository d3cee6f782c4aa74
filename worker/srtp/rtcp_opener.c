/*
 * srtp/rtcp_opener.c - opening SRTCP packets of one peer: SSRCs and the order
 * of checks (RFC 3711, 3.4; RFC 7714, 9).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "srtp/rtcp_opener.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/reader.h"
#include "srtp/rtcp_opener_priv.h"
#include "srtp/rtcp_priv.h"

enum { OTHERS_FIRST = 4 };

_Static_assert(sizeof(struct srtp_rtcp_opener) <= SRTP_KEY_HEAD,
               "one head");
_Static_assert(offsetof(struct srtp_rtcp_opener, count) <= SRTP_CACHE_LINE,
               "one line");

static uint32_t
read_word(const uint8_t *p)
{
    struct reader r = reader_over(span_of(p, 4));

    return reader_u32(&r);
}

int
srtp_rtcp_opener_create(struct srtp_rtcp_opener **opener,
                        struct srtp_engine *engine,
                        const struct srtp_key_material *keys,
                        size_t ssrcs_max)
{
    struct srtp_key *key;
    int error = srtp_key_create(&key, engine, keys, srtp_derive_rtcp);

    *opener = (struct srtp_rtcp_opener *)key;

    if (!error) {
        (*opener)->max = ssrcs_max - 1;
    }

    return error;
}

void
srtp_rtcp_opener_destroy(struct srtp_rtcp_opener *opener)
{
    if (opener != NULL) {
        free(opener->others);
        opener->key.backend->destroy(&opener->key);
    }
}

size_t
srtp_rtcp_opener_ssrcs(const struct srtp_rtcp_opener *o)
{
    return srtp_rtcp_replay_begun(&o->last.replay) + o->count;
}

static struct srtp_rtcp_ssrc *
find(struct srtp_rtcp_opener *o, uint32_t ssrc)
{
    /* before the first packet that is 0, and has seen nothing */
    if (o->last.ssrc == ssrc) {
        return &o->last;
    }

    for (size_t i = 0; i < o->count; i++) {
        if (o->others[i].ssrc == ssrc) {
            return &o->others[i];
        }
    }

    return NULL;
}

/* the last one to the others, in front of the first so many of them */
static void
move_behind(struct srtp_rtcp_opener *o, size_t count)
{
    memmove(&o->others[1], &o->others[0], count * sizeof(o->others[0]));
    o->others[0] = o->last;
}

/* the last one makes room for another.  SFU_ERR_NOMEM */
static int
make_room(struct srtp_rtcp_opener *o)
{
    if (o->max == 0 || !srtp_rtcp_replay_begun(&o->last.replay)) {
        return 0;
    }

    if (o->count == o->max) {
        move_behind(o, o->count - 1);
        return 0;
    }

    if (o->count == o->room) {
        size_t room = o->room ? 2 * o->room : OTHERS_FIRST;
        struct srtp_rtcp_ssrc *others = realloc(o->others,
                                                room * sizeof(*others));

        if (others == NULL) {
            return SFU_ERR_NOMEM;
        }

        o->others = others;
        o->room = room;
    }

    move_behind(o, o->count);
    o->count++;

    return 0;
}

/* a packet was genuine: without a note of it, it could come again */
static int
note(struct srtp_rtcp_opener *o, struct srtp_rtcp_ssrc *s, uint32_t ssrc,
     uint32_t index)
{
    if (s == NULL) {
        int error = make_room(o);

        if (error) {
            return error;
        }

        o->last = (struct srtp_rtcp_ssrc){ .ssrc = ssrc };

    } else if (s != &o->last) {
        struct srtp_rtcp_ssrc found = *s;

        move_behind(o, (size_t)(s - o->others));
        o->last = found;
    }

    srtp_rtcp_replay_note(&o->last.replay, index);

    return 0;
}

/* not encrypted: the tag makes room for what it covers behind the packet */
static void
cover_all(struct srtp_parts *p, uint8_t *packet,
          const struct srtp_rtcp_layout *at, uint8_t tag[SRTP_GCM_TAG])
{
    memcpy(tag, at->tag, SRTP_GCM_TAG);
    memcpy(packet + at->len, at->trailer, SRTP_RTCP_TRAILER);
    p->tag = tag;
    p->covered = span_of(packet, at->len + SRTP_RTCP_TRAILER);
    p->text_len = 0;
}

static int
decrypt(struct srtp_rtcp_opener *o, uint8_t *packet,
        const struct srtp_rtcp_layout *at, uint32_t trailer)
{
    uint8_t covered[SRTP_RTCP_HEADER + SRTP_RTCP_TRAILER];
    uint8_t tag[SRTP_GCM_TAG];
    struct srtp_parts p = {
        /* HMAC: the packet as it is, E and index behind it */
        .covered = span_of(packet, at->len + SRTP_RTCP_TRAILER),
        .text = packet + SRTP_RTCP_HEADER,
        .text_len = at->len - SRTP_RTCP_HEADER,
        .tag = at->tag,
    };

    srtp_parts_iv(&p, &o->key, packet + SRTP_RTCP_SSRC,
                  trailer & ~SRTP_RTCP_E);

    if (o->key.gcm && trailer & SRTP_RTCP_E) {
        p.covered = srtp_rtcp_cover(covered, packet, at);
    } else if (o->key.gcm) {
        cover_all(&p, packet, at, tag);
    }

    return o->key.backend->open(&o->key, &p);
}

int
srtp_rtcp_opener_open(struct srtp_rtcp_opener *o, uint8_t *packet,
                      size_t *len)
{
    struct srtp_rtcp_ssrc *s;
    struct srtp_rtcp_layout at;
    uint32_t trailer;
    uint32_t index;
    uint32_t ssrc;
    int error;

    if (*len < SRTP_RTCP_HEADER + SRTP_RTCP_TRAILER + (size_t)o->key.tag_len) {
        return SFU_ERR_TRUNCATED;
    }

    at = srtp_rtcp_lay_out(&o->key, packet,
                           *len - SRTP_RTCP_TRAILER - o->key.tag_len);
    trailer = read_word(at.trailer);
    index = trailer & ~SRTP_RTCP_E;
    ssrc = read_word(packet + SRTP_RTCP_SSRC);

    if (!o->key.gcm && !(trailer & SRTP_RTCP_E)) {
        return SFU_ERR_UNSUPPORTED;
    }

    s = find(o, ssrc);

    if (s != NULL && srtp_rtcp_replay_seen(&s->replay, index)) {
        return SFU_ERR_EXISTS;
    }

    error = decrypt(o, packet, &at, trailer);

    if (!error) {
        error = note(o, s, ssrc, index);
    }

    if (error) {
        /* GCM is decrypted while it is authenticated: nobody may read that */
        memset(packet + SRTP_RTCP_HEADER, 0, at.len - SRTP_RTCP_HEADER);
        return error;
    }

    *len = at.len;

    return 0;
}
