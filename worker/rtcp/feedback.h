/*
 * rtcp/feedback.h - what a receiver asks of a sender (RFC 4585, RFC 5104).
 * Copyright (C) the ngx_sfu_module authors
 *
 * NACK and transport-cc (rtcp/transport_cc.h) are RTPFB packets, all else
 * here is PSFB.  FIR and REMB name the streams they mean in their FCI and
 * leave the media SSRC 0.
 */

#ifndef SFU_RTCP_FEEDBACK_H
#define SFU_RTCP_FEEDBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rtcp/compound.h"

/* the format, in the place of a count */
enum {
    RTCP_RTPFB_NACK = 1,
    RTCP_RTPFB_TRANSPORT_CC = 15,
    RTCP_PSFB_PLI = 1,
    RTCP_PSFB_FIR = 4,
    RTCP_PSFB_APP = 15,         /* REMB, if it says so */
};

struct rtcp_feedback {
    uint32_t sender;
    uint32_t media;
    struct span fci;            /* feedback control information */
};

/* any RTPFB or PSFB.  SFU_ERR_TRUNCATED */
int rtcp_feedback_parse(const struct rtcp_packet *pkt,
    struct rtcp_feedback *fb);

/* the numbers of a NACK's FCI, one after another */
struct rtcp_nack {
    struct reader reader;
    uint16_t pid;
    uint32_t mask;              /* bit 0: pid itself */
};

static inline struct rtcp_nack
rtcp_nack_over(struct span fci)
{
    return (struct rtcp_nack){ reader_over(fci), 0, 0 };
}

/* false after the last */
bool rtcp_nack_next(struct rtcp_nack *nack, uint16_t *seq);

/*
 * Numbers in ascending order (across the wrap too), none twice.  Takes as
 * many as fit the writer and answers how many; writes nothing for none.
 */
size_t rtcp_nack_write(struct writer *w, uint32_t sender, uint32_t media,
    const uint16_t *seqs, size_t count);

/* picture loss indication: a key frame, please */
void rtcp_pli_write(struct writer *w, uint32_t sender, uint32_t media);

/* full intra request: a new one has a new number, a repeated one the same */
struct rtcp_fir {
    struct reader reader;
};

static inline struct rtcp_fir
rtcp_fir_over(struct span fci)
{
    return (struct rtcp_fir){ reader_over(fci) };
}

/* false after the last */
bool rtcp_fir_next(struct rtcp_fir *fir, uint32_t *ssrc, uint8_t *number);
void rtcp_fir_write(struct writer *w, uint32_t sender, uint32_t ssrc,
    uint8_t number);

/*
 * draft-alvestrand-rmcat-remb: bits a second the receiver thinks it can
 * take.  SFU_ERR_UNSUPPORTED: another application's feedback;
 * SFU_ERR_TRUNCATED, SFU_ERR_MALFORMED.  The list is four bytes an SSRC.
 */
int rtcp_remb_parse(const struct rtcp_feedback *fb, uint64_t *bitrate,
    struct span *ssrcs);
/* at most 255 streams */
void rtcp_remb_write(struct writer *w, uint32_t sender, uint64_t bitrate,
    const uint32_t *ssrcs, size_t count);

#endif
