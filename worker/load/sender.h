/*
 * load/sender.h - one generated stream: an SSRC with its packets.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Packets are not kept for retransmission but made again from what was noted
 * of them, byte by byte the same: the content is a function of a few numbers.
 */

#ifndef SFU_LOAD_SENDER_H
#define SFU_LOAD_SENDER_H

#include "load/description.h"
#include "load/pacer.h"
#include "load/schedule.h"
#include "rtcp/report.h"

enum {
    LOAD_SENDER_HISTORY = 1024, /* packets; a power of two */
    LOAD_PACKET_MAX = 1400,     /* bytes of an RTP packet without SRTP */
};

/* what a stream is to be */
struct load_sender_rate {
    enum codec_id codec;
    unsigned fps;               /* frames, or packets of sound, a second */
    size_t packets;             /* of a frame */
    size_t packet_bytes;        /* of the largest; no extensions, no SRTP */
    size_t frame_bytes;         /* of all its packets, the same way */
    uint16_t width;
    uint16_t height;
};

/* of one packet, so that it can be made again */
struct load_sent {
    uint64_t count;
    uint64_t frame;
    int64_t sent;
    uint32_t timestamp;
    uint32_t abs_send_time;
    uint16_t seq;
    uint16_t transport_cc;
    uint16_t bytes;
    uint8_t index;
    bool keyframe;
    bool used;
};

struct load_sender {
    struct load_slot slot;              /* when the next burst leaves */
    struct load_endpoint *endpoint;     /* borrowed */
    const struct load_agreement *agreement;     /* borrowed */
    const struct load_media *media;     /* borrowed */
    uint16_t *transport_cc_seq;         /* borrowed: of the transport */
    struct load_sender_rate rate;
    struct load_pacer pacer;
    uint32_t number;                    /* of the stream, in its stamps */
    size_t layer;
    bool overloaded;                    /* it sends more than it should */
    bool running;

    uint32_t ssrc;
    uint32_t rtx_ssrc;
    uint16_t seq;
    uint16_t rtx_seq;
    uint32_t timestamp_base;
    bool keyframe_wanted;
    bool keyframe;                      /* the frame in hand is one */
    struct load_sent *history;          /* owned */

    uint64_t packets;                   /* sent first; also the next count */
    uint64_t bytes;                     /* of payload, for reports */
    uint64_t repeated;
    uint64_t not_repeated;              /* asked for, and not there any more */
    uint64_t keyframes;
    uint64_t keyframe_requests;
};

/*
 * The rate of a video stream whose packets have that many bits a second, RTP
 * headers included; of sound, whose packets vary, the bits are ignored.
 */
struct load_sender_rate load_sender_rate(enum codec_id codec, uint64_t bitrate,
                                         unsigned fps, size_t packet_bytes);

/*
 * Of one packet of a frame: libwebrtc divides a frame into packets that differ
 * by one byte, the larger ones last.  Where that changes differs from frame to
 * frame, as frames do; sound varies as speech.
 */
size_t load_sender_bytes(const struct load_sender_rate *r, uint64_t frame,
                         size_t index);

/* SFU_ERR_NOMEM */
int load_sender_init(struct load_sender *s, const struct load_sender_rate *r);
void load_sender_fini(struct load_sender *s);

/* from "start" on, with a key frame.  SFU_ERR_NOMEM */
int load_sender_start(struct load_sender *s, usec_t start);
void load_sender_stop(struct load_sender *s);

/* sends what is due and puts itself into the schedule again */
void load_sender_run(struct load_sender *s, usec_t now);

/* PLI or FIR: the next frame is a key frame */
void load_sender_keyframe(struct load_sender *s);
/* NACK */
void load_sender_repeat(struct load_sender *s, uint16_t seq);

/* what an SR says of it */
void load_sender_report(const struct load_sender *s, usec_t realtime,
                        struct rtcp_sender_info *info);

#endif
