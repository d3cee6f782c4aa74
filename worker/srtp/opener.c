/*
 * srtp/opener.c - opening RTP packets of one peer: SSRCs and the order of
 * checks (RFC 3711, 3.3).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "srtp/opener.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/reader.h"
#include "srtp/opener_priv.h"

#define RTP_X 0x10
#define RTP_CC 0x0f

enum { SSRCS_FIRST = 2 };

_Static_assert(sizeof(struct srtp_opener) <= SRTP_KEY_HEAD, "one head");

struct header {
    uint16_t seq;
    uint32_t ssrc;
    size_t len;                 /* with CSRCs and extension */
};

/* RFC 3550, 5.1, of a packet whose payload nobody can read yet */
static bool
read_header(struct header *header, struct span packet)
{
    struct reader r = reader_over(packet);
    uint8_t first = reader_u8(&r);

    reader_skip(&r, 1);
    header->seq = reader_u16(&r);
    reader_skip(&r, 4);
    header->ssrc = reader_u32(&r);
    reader_skip(&r, 4 * (size_t)(first & RTP_CC));

    if (first & RTP_X) {
        reader_skip(&r, 2);
        reader_skip(&r, 4 * (size_t)reader_u16(&r));
    }

    header->len = packet.len - reader_left(&r);

    return reader_ok(&r);
}

int
srtp_opener_create(struct srtp_opener **opener, struct srtp_engine *engine,
                   const struct srtp_key_material *keys, size_t ssrcs_max)
{
    struct srtp_key *key;
    int error = srtp_key_create(&key, engine, keys, srtp_derive);

    *opener = (struct srtp_opener *)key;

    if (!error) {
        (*opener)->max = ssrcs_max;
    }

    return error;
}

void
srtp_opener_destroy(struct srtp_opener *opener)
{
    if (opener != NULL) {
        free(opener->ssrcs);
        opener->key.backend->destroy(&opener->key);
    }
}

size_t
srtp_opener_ssrcs(const struct srtp_opener *opener)
{
    return opener->count;
}

static struct srtp_opener_ssrc *
find(struct srtp_opener *o, uint32_t ssrc)
{
    if (o->last < o->count && o->ssrcs[o->last].ssrc == ssrc) {
        return &o->ssrcs[o->last];
    }

    for (size_t i = 0; i < o->count; i++) {
        if (o->ssrcs[i].ssrc == ssrc) {
            o->last = i;
            return &o->ssrcs[i];
        }
    }

    return NULL;
}

static struct srtp_opener_ssrc *
unused_for_longest(struct srtp_opener *o)
{
    struct srtp_opener_ssrc *found = &o->ssrcs[0];

    for (size_t i = 1; i < o->count; i++) {
        if (o->ssrcs[i].used < found->used) {
            found = &o->ssrcs[i];
        }
    }

    return found;
}

/* NULL: no memory */
static struct srtp_opener_ssrc *
place_for_another(struct srtp_opener *o)
{
    if (o->count == o->max) {
        return unused_for_longest(o);
    }

    if (o->count == o->room) {
        size_t room = o->room ? 2 * o->room : SSRCS_FIRST;
        struct srtp_opener_ssrc *ssrcs = realloc(o->ssrcs,
                                                 room * sizeof(*ssrcs));

        if (ssrcs == NULL) {
            return NULL;
        }

        o->ssrcs = ssrcs;
        o->room = room;
    }

    return &o->ssrcs[o->count++];
}

/* a packet was genuine: without a note of it, it could come again */
static int
note(struct srtp_opener *o, struct srtp_opener_ssrc *s, uint32_t ssrc,
     uint64_t index)
{
    if (s == NULL) {
        s = place_for_another(o);

        if (s == NULL) {
            return SFU_ERR_NOMEM;
        }

        *s = (struct srtp_opener_ssrc){ .ssrc = ssrc };
    }

    s->used = ++o->packets;
    srtp_replay_note(&s->replay, index);

    return 0;
}

/* RFC 3711, 4.2: HMAC covers all, and what of the index nobody sends */
static void
append_roc(struct srtp_parts *p, uint8_t *packet, size_t len, uint64_t index,
           uint8_t tag[SRTP_SHA1_80_TAG])
{
    memcpy(tag, packet + len, SRTP_SHA1_80_TAG);
    p->tag = tag;
    srtp_write_roc(packet + len, index);
    p->covered = span_of(packet, len + SRTP_ROC);
}

static int
decrypt(struct srtp_opener *o, uint8_t *packet, size_t header_len,
        size_t text_len, uint64_t index)
{
    uint8_t tag[SRTP_SHA1_80_TAG];
    struct srtp_parts p = {
        .covered = span_of(packet, header_len),
        .text = packet + header_len,
        .text_len = text_len,
        .tag = packet + header_len + text_len,
    };

    srtp_parts_iv(&p, &o->key, packet + SRTP_RTP_SSRC, index);

    if (!o->key.gcm) {
        append_roc(&p, packet, header_len + text_len, index, tag);
    }

    return o->key.backend->open(&o->key, &p);
}

int
srtp_opener_open(struct srtp_opener *o, uint8_t *packet, size_t *len)
{
    static const struct srtp_replay unheard;
    const struct srtp_replay *replay = &unheard;
    struct srtp_opener_ssrc *s;
    struct header header;
    size_t payload_len;
    uint64_t index;
    int error;

    if (!read_header(&header, span_of(packet, *len))) {
        return SFU_ERR_TRUNCATED;
    }

    s = find(o, header.ssrc);

    if (s != NULL) {
        replay = &s->replay;
    }

    index = srtp_replay_estimate(replay, header.seq);

    if (index > SRTP_INDEX_MAX) {
        return SFU_ERR_LIMIT;
    }

    if (srtp_replay_seen(replay, index)) {
        return SFU_ERR_EXISTS;
    }

    if (*len - header.len < o->key.tag_len) {
        return SFU_ERR_TRUNCATED;
    }

    payload_len = *len - header.len - o->key.tag_len;
    error = decrypt(o, packet, header.len, payload_len, index);

    if (!error) {
        error = note(o, s, header.ssrc, index);
    }

    if (error) {
        /* GCM is decrypted while it is authenticated: nobody may read that */
        memset(packet + header.len, 0, payload_len);
        return error;
    }

    *len = header.len + payload_len;

    return 0;
}
