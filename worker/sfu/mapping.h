/*
 * sfu/mapping.h - from what SDP agreed on to what media loops work with.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_SFU_MAPPING_H
#define SFU_SFU_MAPPING_H

#include "dtls/endpoint.h"
#include "media/sink.h"
#include "media/source.h"
#include "sdp/negotiation.h"

/* all that the peer may send, in any section */
void mapping_extensions(struct rtp_extension_map *map,
                        const struct sdp_negotiation *negotiation);

/* everything but the id */
void mapping_source(struct media_source_params *params,
                    const struct sdp_negotiation *negotiation,
                    const struct sdp_section *section);

/* then, of one encoding of the section */
void mapping_layer(struct media_source_params *params,
                   const struct sdp_layer *layer);

/*
 * Payload types and extensions of a section on which we send what the
 * publisher calls codecs; everything but ids and SSRCs.
 */
void mapping_sink(struct media_sink_params *params,
                  const struct sdp_negotiation *negotiation,
                  const struct sdp_section *section,
                  const struct sdp_codec *codecs, size_t codec_count);

void mapping_fingerprint(struct dtls_fingerprint *to,
                         const struct sdp_fingerprint *from);

#endif
