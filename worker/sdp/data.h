/*
 * sdp/data.h - the m-section of data channels (RFC 8841).
 * Copyright (C) the ngx_sfu_module authors
 *
 * "UDP/DTLS/SCTP webrtc-datachannel" with a=sctp-port, and what there was
 * before the RFC: "DTLS/SCTP 5000" with a=sctpmap.  An answer has the form of
 * the offer.  A session has one such section; there is one transport.
 */

#ifndef SFU_SDP_DATA_H
#define SFU_SDP_DATA_H

#include "sdp/negotiation_priv.h"

/* our port, in either form, as everybody has it */
#define SDP_SCTP_PORT 5000

/* whether we take what the client offers, in a session that has none */
bool sdp_data_is_acceptable(const struct sdp_negotiation *n,
    const struct sdp_media *m, size_t index);

/* an entry of what the peer described and we take */
void sdp_data_fill(struct sdp_entry *e, const struct sdp_media *m);

/* our side of it, into a section that is empty so far */
void sdp_data_compose(const struct sdp_negotiation *n,
    const struct sdp_entry *e, struct sdp_media *m);

#endif
