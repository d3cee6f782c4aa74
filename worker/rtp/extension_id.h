/*
 * rtp/extension_id.h - the RTP header extensions this worker understands.
 * Copyright (C) the ngx_sfu_module authors
 *
 * On the wire an extension is a number that each session's SDP maps to a URI
 * (RFC 8285); inside the worker it is one of these.
 */

#ifndef SFU_RTP_EXTENSION_ID_H
#define SFU_RTP_EXTENSION_ID_H

enum rtp_extension_id {
    RTP_EXT_MID,                    /* RFC 8843 (9143), section 15 */
    RTP_EXT_RID,                    /* RFC 8852 */
    RTP_EXT_REPAIRED_RID,           /* RFC 8852 */
    RTP_EXT_ABS_SEND_TIME,          /* 24 bits, 6.18 seconds */
    RTP_EXT_TRANSPORT_CC,           /* draft-holmer-rmcat-transport-wide-cc */
    RTP_EXT_AUDIO_LEVEL,            /* RFC 6464 */
    RTP_EXT_VIDEO_ORIENTATION,      /* 3GPP TS 26.114, section 7.4.5 */
    RTP_EXT_PLAYOUT_DELAY,
    RTP_EXT_DEPENDENCY_DESCRIPTOR,  /* AOM, RTP Payload Format For AV1, A */
    RTP_EXT_ABS_CAPTURE_TIME,
    RTP_EXT_TOFFSET,                /* RFC 5450 */
    RTP_EXT_VIDEO_CONTENT_TYPE,
    RTP_EXT_VIDEO_TIMING,
    RTP_EXT_COLOR_SPACE,
    RTP_EXT_COUNT,
};

#endif
