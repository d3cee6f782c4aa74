/*
 * sdp/sdp_priv.h - what the files of the parser share.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_SDP_PRIV_H
#define SFU_SDP_PRIV_H

#include "sdp/description.h"

enum { SDP_MID_MAX = 128 };

struct sdp_parser {
    struct sdp_description *description;
    const struct sdp_limits *limits;
    const char *why;

    /* of the section being read */
    struct sdp_media *media;        /* NULL at session level */
    int16_t format_at[128];         /* payload type: its index, or -1 */
    uint32_t feedback_of_all;       /* "a=rtcp-fb:*" */
    bool msid_is_legacy;            /* out of an a=ssrc line */

    enum sdp_direction direction;   /* what a section has if it says none */
};

/* remembers why, gives the error back */
int sdp_fail(struct sdp_parser *p, int error, const char *why);

/* one line "a=<name>:<value>"; a name that is not known is skipped */
int sdp_attribute(struct sdp_parser *p, struct span name, struct span value);

/* RFC 8866, section 9: letters, digits and !#$%&'*+-.^_`{|}~ */
bool sdp_is_token(struct span word);

/* attribute_media.c: one for each line, with what follows its colon */
int sdp_on_mid(struct sdp_parser *p, struct span value);
int sdp_on_rtcp_mux(struct sdp_parser *p, struct span value);
int sdp_on_rtcp_rsize(struct sdp_parser *p, struct span value);
int sdp_on_bundle_only(struct sdp_parser *p, struct span value);
int sdp_on_rtpmap(struct sdp_parser *p, struct span value);
int sdp_on_fmtp(struct sdp_parser *p, struct span value);
int sdp_on_rtcp_fb(struct sdp_parser *p, struct span value);
int sdp_on_extmap(struct sdp_parser *p, struct span value);
int sdp_on_msid(struct sdp_parser *p, struct span value);
int sdp_on_ssrc(struct sdp_parser *p, struct span value);
int sdp_on_ssrc_group(struct sdp_parser *p, struct span value);
int sdp_on_rid(struct sdp_parser *p, struct span value);
int sdp_on_simulcast(struct sdp_parser *p, struct span value);
int sdp_on_sctp_port(struct sdp_parser *p, struct span value);
int sdp_on_max_message_size(struct sdp_parser *p, struct span value);

#endif
