/*
 * media/layers_fixture.h - a track with encodings, and a viewer who opens what
 * it is sent.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The loop's thread does not run: time is loop->now, and a burst is run for
 * each packet.
 */

#ifndef SFU_MEDIA_LAYERS_FIXTURE_H
#define SFU_MEDIA_LAYERS_FIXTURE_H

#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media/fixture.h"
#include "media/layers.h"
#include "media/peer.h"

enum {
    LAYERS_MAX = 3,
    LAYERS_ARRIVED = 64,
    DEPENDENCY_ID = 13,
    RTX_SSRC = 99,
};

/* what the viewer got; numbers of VP8's descriptor, if it is that long */
struct arrived {
    uint32_t ssrc;
    uint16_t seq;
    uint32_t timestamp;
    bool marker;
    uint16_t picture;
    uint8_t tl0;
    uint8_t temporal;
    uint8_t tag;                /* the last byte of the payload */
    uint16_t frame;             /* of the dependency descriptor */
};

struct layers {
    struct media_loop *loop;
    struct media_peer publisher;
    struct media_peer viewer;
    struct media_source sources[LAYERS_MAX];
    size_t count;
    struct media_sink sink;
    struct media_sink_params params;
    struct sfu_srtp *opener;
    int receiver;
    uint32_t generation;        /* of all streams */
    struct arrived got[LAYERS_ARRIVED];
};

/* one packet of an encoding */
struct sent {
    uint16_t seq;
    uint32_t timestamp;
    bool marker;
    const uint8_t *payload;
    size_t len;
    const uint8_t *dependency;  /* NULL: none */
    size_t dependency_len;
};

static inline void
layers_peer(struct layers *l, struct media_peer *peer,
            const struct address *to)
{
    struct srtp_key_material keys = {
        .profile = srtp_profile_find(SRTP_PROFILE_AEAD_AES_128_GCM),
    };
    struct media_peer_params params = { .on_event = fixture_event };
    struct address from;

    ice_credentials_make(&params.credentials);
    media_peer_init(peer, l->loop, &params);
    address_parse(&from, "127.0.0.1", 0);
    ice_agent_checked(&peer->transport.ice, &peer->transport.ice.current, to,
                      &from, NULL, true, l->loop->now);
    srtp_sealer_create(&peer->transport.sealer, l->loop->srtp, &keys);
    srtp_rtcp_sealer_create(&peer->transport.rtcp_sealer, l->loop->srtp,
                            &keys);
    peer->transport.profile = keys.profile;

    if (l->opener == NULL) {
        sfu_srtp_create(&l->opener, SRTP_RECEIVE, &keys, 64);
    }
}

/* count encodings called "a", "b" and "c", or one without a name */
static inline void
layers_begin(struct layers *l, uint16_t port, enum codec_id codec,
             size_t count)
{
    struct sockaddr_in name = { .sin_family = AF_INET };
    socklen_t len = sizeof(name);
    struct address to;

    *l = (struct layers){ .count = count, .generation = 1 };
    fixture_make(port);
    l->loop = &fixture.loops[0];
    l->loop->now = USEC_PER_SEC * 1000;
    l->receiver = socket(AF_INET, SOCK_DGRAM, 0);
    bind(l->receiver, (struct sockaddr *)&name, sizeof(name));
    getsockname(l->receiver, (struct sockaddr *)&name, &len);
    address_parse(&to, "127.0.0.9", ntohs(name.sin_port));
    layers_peer(l, &l->publisher, &to);
    layers_peer(l, &l->viewer, &to);

    for (size_t i = 0; i < count; i++) {
        struct media_source_params p = {
            .id = 10 + i, .group = 10, .kind = MEDIA_VIDEO, .format_count = 1,
            .formats = { { codec, VIDEO_PT, MEDIA_PT_NONE, 90000, true, true,
                           false } },
            .rid = { count > 1 ? (char)('a' + i) : '\0', '\0' },
        };

        rtp_extension_map_init(&p.extensions);
        rtp_extension_map_set(&p.extensions, DEPENDENCY_ID,
                              RTP_EXT_DEPENDENCY_DESCRIPTOR);
        media_source_init(&l->sources[i], l->loop, &l->publisher,
                          &l->loop->mailbox, &p);
    }
}

static inline void
layers_watch(struct layers *l, const struct media_choice *choice)
{
    struct media_sink_params *p = &l->params;

    *p = (struct media_sink_params){
        .id = 1, .source = 10, .ssrc = 5, .rtx_ssrc = RTX_SSRC,
        .clock_rate = 90000, .choice = *choice,
    };
    memset(p->pt, MEDIA_PT_NONE, sizeof(p->pt));
    memset(p->rtx_pt, MEDIA_PT_NONE, sizeof(p->rtx_pt));
    p->pt[VIDEO_PT] = SUBSCRIBER_PT;
    p->rtx_pt[SUBSCRIBER_PT] = SUBSCRIBER_RTX_PT;
    rtp_extension_map_init(&p->extensions);
    rtp_extension_map_set(&p->extensions, DEPENDENCY_ID,
                          RTP_EXT_DEPENDENCY_DESCRIPTOR);
    media_sink_init(&l->sink, &l->viewer, p);
    media_sink_activate(&l->sink, p);
    media_sink_attach(&l->sink, &l->sources[0]);
}

static inline void
layers_choice(struct layers *l, const char *rid, bool by_availability)
{
    l->params.choice = (struct media_choice){
        .by_availability = by_availability,
    };
    snprintf(l->params.choice.rid, MEDIA_RID_SIZE, "%s", rid);
    media_sink_activate(&l->sink, &l->params);
}

static inline void
layers_end(struct layers *l)
{
    media_sink_fini(&l->sink);

    for (size_t i = 0; i < l->count; i++) {
        media_source_fini(&l->sources[i]);
    }

    media_peer_fini(&l->publisher);
    media_peer_fini(&l->viewer);
    sfu_srtp_destroy(l->opener);
    close(l->receiver);
    fixture_end();
}

static inline void
layers_send(struct layers *l, size_t encoding, const struct sent *s)
{
    uint8_t bytes[1400];
    struct writer w = writer_over(bytes, sizeof(bytes));
    struct media_source *source = &l->sources[encoding];
    struct media_packet packet;

    writer_u8(&w, s->dependency != NULL ? 0x90 : 0x80);
    writer_u8(&w, (uint8_t)(VIDEO_PT | (s->marker ? 0x80 : 0)));
    writer_u16(&w, s->seq);
    writer_u32(&w, s->timestamp);
    writer_u32(&w, 1000 + (uint32_t)encoding);

    if (s->dependency != NULL) {
        size_t words = (s->dependency_len + 2 + 3) / 4;

        writer_u16(&w, RTP_EXTENSION_TWO_BYTE);
        writer_u16(&w, (uint16_t)words);
        writer_u8(&w, DEPENDENCY_ID);
        writer_u8(&w, (uint8_t)s->dependency_len);
        writer_bytes(&w, span_of(s->dependency, s->dependency_len));

        for (size_t i = s->dependency_len + 2; i < 4 * words; i++) {
            writer_u8(&w, 0);
        }
    }

    writer_bytes(&w, span_of(s->payload, s->len));

    if (media_source_parse(source, writer_span(&w), &packet)) {
        tap_ok(false, "a packet of the test is one");
        return;
    }

    packet.seq = 65536 + (uint64_t)s->seq;
    media_source_packet(source, &packet, l->generation);
    burst_run(l->loop);
}

/* VP8, with all numbers; the tag comes last */
static inline void
layers_send_vp8(struct layers *l, size_t encoding, uint16_t seq,
                uint32_t timestamp, uint16_t picture, uint8_t temporal,
                bool keyframe)
{
    static const size_t lengths[LAYERS_MAX] = { 900, 300, 100 };
    uint8_t payload[1000] = {
        0x90, 0xe0, (uint8_t)(0x80 | picture >> 8), (uint8_t)picture,
        (uint8_t)(picture / 4), (uint8_t)(temporal << 6),
        keyframe ? 0x10 : 0x11, 0x02, 0x00, 0x9d, 0x01, 0x2a,
    };
    struct sent s = {
        .seq = seq, .timestamp = timestamp, .marker = true,
        .payload = payload, .len = lengths[encoding],
    };

    payload[s.len - 1] = (uint8_t)('a' + encoding);

    layers_send(l, encoding, &s);
}

static inline void
layers_read(struct arrived *a, struct span bytes)
{
    struct rtp_extension_map map;
    struct rtp_extensions ext;
    struct rtp_packet rtp;
    struct span value;
    size_t skip;

    rtp_extension_map_init(&map);
    rtp_extension_map_set(&map, DEPENDENCY_ID, RTP_EXT_DEPENDENCY_DESCRIPTOR);
    rtp_packet_parse(&rtp, bytes);
    rtp_extensions_parse(&ext, &map, &rtp);
    value = rtp_extensions_get(&ext, RTP_EXT_DEPENDENCY_DESCRIPTOR);
    skip = rtp.ssrc == RTX_SSRC ? 2 : 0;
    *a = (struct arrived){
        .ssrc = rtp.ssrc, .seq = rtp.seq, .timestamp = rtp.timestamp,
        .marker = rtp.marker, .tag = bytes.data[bytes.len - 1],
        .frame = value.len ? (uint16_t)(value.data[1] << 8 | value.data[2])
                           : 0,
    };

    if (rtp.payload.len >= 6 + skip) {
        const uint8_t *p = rtp.payload.data + skip;

        a->picture = (uint16_t)((p[2] & 0x7f) << 8 | p[3]);
        a->tl0 = p[4];
        a->temporal = p[5] >> 6;
    }
}

/* all that came since, in l->got */
static inline size_t
layers_got(struct layers *l)
{
    uint8_t data[2048];
    ssize_t received;
    size_t count = 0;

    outbox_flush(&l->loop->outbox);

    while ((received = recv(l->receiver, data, sizeof(data), MSG_DONTWAIT))
           > 12) {
        size_t len = (size_t)received;

        if (data[1] >= 192 && data[1] <= 223) {
            continue;           /* key frames are asked for */
        }

        if (sfu_srtp_open(l->opener, data, &len) == 0
            && count < LAYERS_ARRIVED) {
            layers_read(&l->got[count++], span_of(data, len));
        }
    }

    return count;
}

#endif
