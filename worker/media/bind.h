/*
 * media/bind.h - which track the packets of an unknown SSRC belong to.
 * Copyright (C) the ngx_sfu_module authors
 *
 * RFC 9143, section 9.2, and of simulcast RFC 8852: by mid and rid, which first
 * packets carry, or by a payload type that one track has alone.
 */

#ifndef SFU_MEDIA_BIND_H
#define SFU_MEDIA_BIND_H

#include "media/peer.h"

/* a new stream of the peer; NULL: of no track, or there are too many */
struct media_stream *bind_stream(struct media_peer *peer,
                                 const struct rtp_packet *pkt,
                                 const struct rtp_extensions *extensions);

/* a mid counts more than what was believed before, and so does a rid */
bool bind_is_of_another(const struct media_stream *stream,
                        const struct rtp_extensions *extensions);

#endif
