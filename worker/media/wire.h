/*
 * media/wire.h - what a packet is made of when it goes to a subscriber.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Header, extensions and payload, for the first time (forward.c) and when it is
 * sent again (resend.c).
 */

#ifndef SFU_MEDIA_WIRE_H
#define SFU_MEDIA_WIRE_H

#include "media/sink.h"

struct media_loop;

/*
 * Whether a packet of this payload type is sent again as it was.  Then it has
 * to be the same to the last bit: two contents under one SRTP number would
 * give away the key of AES-GCM (RFC 7714, 8.1).
 */
bool wire_repeats(const struct media_sink *sink, uint8_t pt);

/*
 * The header with the extensions of a packet to this peer; "alike" leaves out
 * what would be different the next time, frame_shift is subtracted from the
 * dependency descriptor's number.
 */
void wire_write_header(struct media_sink *sink, struct writer *w,
                       const struct rtp_packet *header,
                       const struct rtp_extensions *extensions,
                       uint16_t frame_shift, bool alike);

/* its length: as many bytes, with frame_shift and without */
size_t wire_header_len(const struct media_sink *sink,
                       const struct media_packet *packet);

/*
 * The payload: where it came, or a changed copy behind what is written.
 * SFU_ERR_MALFORMED, SFU_ERR_LIMIT: it is too long
 */
int wire_payload(const struct media_sink *sink, struct writer *w,
                 const struct media_packet *packet,
                 const struct rtp_rewrite_shift *shift, struct span *payload);

/*
 * Padding behind the payload (RFC 3550, 5.1), which is copied for that, if
 * there is room; the header has been written.
 */
void wire_pad(struct writer *w, struct span *payload, uint8_t padding);

/* of wire_payload(), or of sealing */
void wire_count_failure(struct media_loop *loop, int error);

#endif
