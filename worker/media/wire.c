/*
 * media/wire.c - what a packet is made of when it goes to a subscriber.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/wire.h"

#include "base/error.h"
#include "codec/red.h"
#include "media/loop.h"
#include "media/peer.h"

bool
wire_repeats(const struct media_sink *sink, uint8_t pt)
{
    return !sink->params.rtx_ssrc || sink->params.rtx_pt[pt] == MEDIA_PT_NONE;
}

/* a copy with the frame number that follows on the last source's */
static bool
shift_dependency(const struct rtp_extensions *source, uint16_t shift,
                 struct rtp_extensions *copy,
                 uint8_t dependency[RTP_DEPENDENCY_MAX])
{
    struct span value = rtp_extensions_get(source,
                                           RTP_EXT_DEPENDENCY_DESCRIPTOR);

    if (value.len < RTP_DEPENDENCY_MIN || value.len > RTP_DEPENDENCY_MAX) {
        return false;
    }

    memcpy(dependency, value.data, value.len);
    rtp_dependency_set_number(
        dependency,
        (uint16_t)((value.data[1] << 8 | value.data[2]) - shift));
    *copy = *source;
    copy->value[RTP_EXT_DEPENDENCY_DESCRIPTOR] = span_of(dependency,
                                                         value.len);

    return true;
}

/* what this peer is told of the hop, the numbers not yet filled in */
static struct rtp_extension_hop
hop_to(const struct media_sink *sink, bool alike)
{
    const struct rtp_extension_map *map = &sink->params.extensions;
    struct rtp_extension_hop hop = { 0 };

    if (rtp_extension_map_id(map, RTP_EXT_MID)) {
        hop.mid = span_str(sink->params.mid);
    }

    hop.has_transport_cc = !alike
                           && rtp_extension_map_id(map, RTP_EXT_TRANSPORT_CC);
    hop.has_abs_send_time = !alike
                            && rtp_extension_map_id(map,
                                                    RTP_EXT_ABS_SEND_TIME);

    return hop;
}

size_t
wire_header_len(const struct media_sink *sink,
                const struct media_packet *packet)
{
    struct rtp_extension_hop hop;

    if (rtp_extension_block_fits(&sink->block, &packet->extensions)) {
        return RTP_HEADER_LEN + sink->block.len;
    }

    hop = hop_to(sink, false);

    return RTP_HEADER_LEN
           + rtp_extensions_len(&sink->params.extensions, &packet->extensions,
                                &hop);
}

/*
 * The extensions of a packet to this peer; "alike" leaves out what would be
 * different the next time.
 */
static void
write_extensions(struct media_sink *sink, struct writer *w,
                 const struct rtp_extensions *source, uint16_t frame_shift,
                 bool alike)
{
    const struct rtp_extension_block *block = &sink->block;
    struct rtp_extension_hop hop;
    struct rtp_extensions shifted;
    uint8_t dependency[RTP_DEPENDENCY_MAX];

    if (!alike && rtp_extension_block_fits(block, source)) {
        rtp_extension_block_write(block, w,
                                  block->transport_cc_at
                                      ? sink->peer->transport_cc_seq++ : 0,
                                  rtp_abs_send_time(sink->peer->loop->now));
        return;
    }

    hop = hop_to(sink, alike);

    if (hop.has_transport_cc) {
        hop.transport_cc = sink->peer->transport_cc_seq++;
    }

    if (hop.has_abs_send_time) {
        hop.abs_send_time = rtp_abs_send_time(sink->peer->loop->now);
    }

    if (frame_shift
        && shift_dependency(source, frame_shift, &shifted, dependency)) {
        source = &shifted;
    }

    rtp_extensions_write(w, &sink->params.extensions, source, &hop);
}

/*
 * The header, with the X bit if there are extensions: whether there are is
 * known only when they are written, behind it.
 */
void
wire_write_header(struct media_sink *sink, struct writer *w,
                  const struct rtp_packet *header,
                  const struct rtp_extensions *extensions,
                  uint16_t frame_shift, bool alike)
{
    size_t before;

    rtp_packet_write_header(w, header);
    before = writer_len(w);
    write_extensions(sink, w, extensions, frame_shift, alike);

    if (writer_len(w) > before) {
        w->start[0] |= RTP_X;
    }
}

/*
 * Blocks of redundant audio name payload types of the publisher, and pictures
 * have numbers, which go on when another source is followed; such a payload is
 * a copy of its own, behind the header.  All others stay where they are.
 * SFU_ERR_MALFORMED, SFU_ERR_LIMIT: it is too long
 */
int
wire_payload(const struct media_sink *sink, struct writer *w,
             const struct media_packet *packet,
             const struct rtp_rewrite_shift *shift, struct span *payload)
{
    struct codec_shift numbers = { shift->picture, shift->tl0 };
    uint8_t *copy;

    *payload = packet->rtp.payload;

    if (writer_left(w) < payload->len) {
        return SFU_ERR_LIMIT;
    }

    if (packet->format->codec != CODEC_RED && !codec_shift_any(numbers)) {
        return 0;
    }

    copy = w->pos;
    memcpy(copy, payload->data, payload->len);
    payload->data = copy;

    if (packet->format->codec != CODEC_RED) {
        codec_picture_shift(&packet->picture, numbers, copy);
        return 0;
    }

    return red_remap(copy, payload->len, sink->params.pt)
               ? SFU_ERR_MALFORMED
               : 0;
}

void
wire_pad(struct writer *w, struct span *payload, uint8_t padding)
{
    uint8_t *copy = w->pos;
    size_t len = payload->len + padding;

    if (padding == 0 || writer_left(w) < len) {
        return;
    }

    if (payload->data != copy) {
        memcpy(copy, payload->data, payload->len);
    }

    memset(copy + payload->len, 0, padding);
    copy[len - 1] = padding;
    w->start[0] |= RTP_P;
    *payload = span_of(copy, len);
}

void
wire_count_failure(struct media_loop *loop, int error)
{
    media_drop(&loop->counters, error == SFU_ERR_MALFORMED
                                    ? MEDIA_DROP_malformed
                                : error == SFU_ERR_LIMIT
                                    ? MEDIA_DROP_too_long
                                    : MEDIA_DROP_seal_failed);
}
