/*
 * load/sender.c - one generated stream.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "load/sender.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/random.h"
#include "load/payload.h"
#include "rtp/rtx.h"
#include "rtp/timestamp.h"

enum {
    AUDIO_FPS = 50,
    AUDIO_BYTES = 92,           /* with 12 of header; 40 kbit/s is usual */
    AUDIO_SPREAD = 41,
    LATE_MAX = USEC_PER_SEC,    /* more than this is not caught up with */
    PACKETS_MAX = 250,          /* of a frame */
    PACKET_MIN = 12 + LOAD_PAYLOAD_MIN,
};

struct load_sender_rate
load_sender_rate(enum codec_id codec, uint64_t bitrate, unsigned fps,
                 size_t packet_bytes)
{
    size_t frame = (size_t)(bitrate / 8 / fps);
    struct load_sender_rate r = { .codec = codec, .fps = fps, .packets = 1 };

    if (codec == CODEC_OPUS) {
        r.fps = AUDIO_FPS;
        r.packet_bytes = r.frame_bytes = AUDIO_BYTES + AUDIO_SPREAD - 1;
        return r;
    }

    /* some have one byte more, and each has room for its stamp */
    packet_bytes--;
    r.packets = (frame + packet_bytes - 1) / packet_bytes;
    r.packets = r.packets ? r.packets : 1;
    r.packets = r.packets < PACKETS_MAX ? r.packets : PACKETS_MAX;
    r.frame_bytes = frame < r.packets * PACKET_MIN ? r.packets * PACKET_MIN
                    : frame > r.packets * packet_bytes
                        ? r.packets * packet_bytes : frame;
    r.packet_bytes = r.frame_bytes / r.packets + 1;

    r.width = bitrate < 400000 ? 320 : bitrate < 1500000 ? 640 : 1280;
    r.height = (uint16_t)(r.width / 16 * 9);

    return r;
}

size_t
load_sender_bytes(const struct load_sender_rate *r, uint64_t frame,
                  size_t index)
{
    size_t larger = (r->frame_bytes + (size_t)frame) % r->packets;

    if (r->codec == CODEC_OPUS) {
        return AUDIO_BYTES + ((uint32_t)frame * 2654435761u >> 16)
                             % AUDIO_SPREAD;
    }

    return r->frame_bytes / r->packets + (index >= r->packets - larger);
}

int
load_sender_init(struct load_sender *s, const struct load_sender_rate *r)
{
    *s = (struct load_sender){ .rate = *r };
    s->seq = (uint16_t)(random_u32() & 0x7fff);
    s->rtx_seq = (uint16_t)(random_u32() & 0x7fff);
    s->timestamp_base = random_u32();
    s->history = calloc(LOAD_SENDER_HISTORY, sizeof(*s->history));

    return s->history != NULL ? 0 : SFU_ERR_NOMEM;
}

void
load_sender_fini(struct load_sender *s)
{
    free(s->history);
    s->history = NULL;
}

int
load_sender_start(struct load_sender *s, usec_t start)
{
    load_pacer_init(&s->pacer, start, s->rate.fps, s->rate.packets,
                    s->rate.packet_bytes);
    s->running = true;
    s->keyframe_wanted = true;

    return load_schedule_set(&s->endpoint->engine->schedule, &s->slot, start);
}

void
load_sender_stop(struct load_sender *s)
{
    s->running = false;
    load_schedule_remove(&s->endpoint->engine->schedule, &s->slot);
}

static uint32_t
clock_rate(const struct load_sender *s)
{
    return s->rate.codec == CODEC_OPUS ? 48000 : 90000;
}

/* the extensions of a packet; "repaired" ones name their layer otherwise */
static size_t
write_extensions(struct load_sender *s, struct writer *w,
                 const struct load_sent *p, bool repaired)
{
    static const uint8_t audio_level = 0x80 | 30;       /* voice, -30 dBov */
    struct span rid = s->media->layers > 1
                          ? span_str(load_layer_rid(s->layer))
                          : span_of(NULL, 0);
    struct rtp_extension_hop hop = {
        .has_transport_cc = s->agreement->transport_cc,
        .has_abs_send_time = true,
        .transport_cc = p->transport_cc,
        .abs_send_time = p->abs_send_time,
        .mid = span_str(s->media->mid),
    };
    struct rtp_extensions own = { 0 };

    if (repaired) {
        hop.repaired_rid = rid;
    } else {
        hop.rid = rid;
    }

    if (s->media->kind == MEDIA_AUDIO) {
        own.present = 1u << RTP_EXT_AUDIO_LEVEL;
        own.value[RTP_EXT_AUDIO_LEVEL] = span_of(&audio_level, 1);
    }

    return rtp_extensions_write(w, &s->agreement->extensions, &own, &hop);
}

static void
write_payload(struct load_sender *s, struct writer *w,
              const struct load_sent *p)
{
    struct load_payload payload = {
        .codec = s->rate.codec, .keyframe = p->keyframe, .frame = p->frame,
        .index = p->index, .last = s->rate.packets - 1,
        .width = s->rate.width, .height = s->rate.height,
    };
    struct load_stamp stamp = { s->number, p->count, p->sent };

    load_payload_write(w, &payload, &stamp,
                       (size_t)p->bytes - RTP_HEADER_LEN);
}

static struct rtp_packet
header_of(const struct load_sender *s, const struct load_sent *p)
{
    return (struct rtp_packet){
        .marker = s->rate.codec != CODEC_OPUS
                  && p->index == s->rate.packets - 1,
        .has_extension = true,
        .payload_type = s->media->pt,
        .seq = p->seq,
        .timestamp = p->timestamp,
        .ssrc = s->ssrc,
    };
}

/* whether there is any depends on the map alone: the mid is always there */
static bool
has_extensions(const struct load_sender *s)
{
    const struct rtp_extension_map *map = &s->agreement->extensions;

    return rtp_extension_map_id(map, RTP_EXT_MID)
           || rtp_extension_map_id(map, RTP_EXT_ABS_SEND_TIME)
           || (s->agreement->transport_cc
               && rtp_extension_map_id(map, RTP_EXT_TRANSPORT_CC))
           || (s->media->kind == MEDIA_AUDIO
               && rtp_extension_map_id(map, RTP_EXT_AUDIO_LEVEL));
}

static void
send_first(struct load_sender *s, const struct load_sent *p)
{
    uint8_t buffer[LOAD_PACKET_MAX + 64 + SRTP_OVERHEAD_MAX];
    struct writer w = writer_over(buffer, LOAD_PACKET_MAX + 64);
    struct rtp_packet header = header_of(s, p);

    header.has_extension = has_extensions(s);
    rtp_packet_write_header(&w, &header);
    write_extensions(s, &w, p, false);
    write_payload(s, &w, p);

    if (writer_ok(&w)) {
        load_endpoint_send_rtp(s->endpoint, buffer, writer_len(&w));
    }
}

static void
send_next(struct load_sender *s, uint64_t frame, size_t index)
{
    struct load_sent *p = &s->history[s->seq & (LOAD_SENDER_HISTORY - 1)];
    struct timespec ts;
    uint64_t ticks = frame * clock_rate(s) / s->rate.fps;

    clock_gettime(CLOCK_REALTIME, &ts);
    *p = (struct load_sent){
        .count = s->packets,
        .frame = frame,
        .sent = (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec,
        .timestamp = s->timestamp_base + (uint32_t)ticks,
        .abs_send_time = rtp_abs_send_time(clock_now()),
        .seq = s->seq++,
        .transport_cc = s->agreement->transport_cc ? (*s->transport_cc_seq)++
                                                   : 0,
        .bytes = (uint16_t)load_sender_bytes(&s->rate, frame, index),
        .index = (uint8_t)index,
        .keyframe = s->keyframe,
        .used = true,
    };
    s->packets++;
    s->bytes += (uint64_t)p->bytes - RTP_HEADER_LEN;
    send_first(s, p);
}

static void
begin_frame(struct load_sender *s)
{
    s->keyframe = s->keyframe_wanted && s->rate.codec != CODEC_OPUS;
    s->keyframe_wanted = false;
    s->keyframes += s->keyframe;
}

void
load_sender_run(struct load_sender *s, usec_t now)
{
    if (now - s->pacer.next > LATE_MAX) {
        load_pacer_skip_to(&s->pacer, now);
    }

    while (s->pacer.next <= now) {
        uint64_t frame = s->pacer.frame;
        size_t index = s->rate.packets - s->pacer.left;
        size_t count = load_pacer_burst(&s->pacer);

        if (index == 0) {
            begin_frame(s);
        }

        for (size_t i = 0; i < count; i++) {
            send_next(s, frame, index + i);
        }
    }

    /* it has a place there, so there is nothing that could fail */
    (void)load_schedule_set(&s->endpoint->engine->schedule, &s->slot,
                            s->pacer.next);
}

void
load_sender_keyframe(struct load_sender *s)
{
    s->keyframe_wanted = true;
    s->keyframe_requests++;
}

static void
send_rtx(struct load_sender *s, const struct load_sent *p)
{
    uint8_t buffer[LOAD_PACKET_MAX + 64 + SRTP_OVERHEAD_MAX];
    uint8_t payload[LOAD_PACKET_MAX];
    struct writer w = writer_over(buffer, LOAD_PACKET_MAX + 64);
    struct writer inner = writer_over(payload, sizeof(payload));
    struct rtp_packet original = header_of(s, p);
    struct rtp_packet header = rtp_rtx_header(
        &original, s->rtx_ssrc, (uint8_t)s->media->rtx_pt, s->rtx_seq++);
    struct load_sent now = *p;

    now.abs_send_time = rtp_abs_send_time(clock_now());
    now.transport_cc = s->agreement->transport_cc ? (*s->transport_cc_seq)++
                                                  : 0;
    header.has_extension = has_extensions(s);
    rtp_packet_write_header(&w, &header);
    write_extensions(s, &w, &now, true);
    write_payload(s, &inner, p);
    rtp_rtx_write_payload(&w, p->seq, writer_span(&inner));

    if (writer_ok(&w)) {
        load_endpoint_send_rtp(s->endpoint, buffer, writer_len(&w));
    }
}

void
load_sender_repeat(struct load_sender *s, uint16_t seq)
{
    const struct load_sent *p = &s->history[seq & (LOAD_SENDER_HISTORY - 1)];

    if (!p->used || p->seq != seq) {
        s->not_repeated++;
        return;
    }

    s->repeated++;

    if (s->media->rtx_pt >= 0) {
        send_rtx(s, p);
    } else {
        send_first(s, p);
    }
}

void
load_sender_report(const struct load_sender *s, usec_t realtime,
                   struct rtcp_sender_info *info)
{
    usec_t age = s->endpoint->engine->now - s->pacer.start;

    *info = (struct rtcp_sender_info){
        .ssrc = s->ssrc,
        .ntp = clock_ntp(realtime),
        .timestamp = s->timestamp_base
                     + (uint32_t)rtp_timestamp_ticks(age > 0 ? age : 0,
                                                     clock_rate(s)),
        .packets = (uint32_t)s->packets,
        .bytes = (uint32_t)s->bytes,
    };
}
