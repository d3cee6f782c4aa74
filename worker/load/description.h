/*
 * load/description.h - the generator's offers and answers (RFC 8829).
 * Copyright (C) the ngx_sfu_module authors
 *
 * What a browser would say, cut down to the codecs that are generated and
 * the header extensions that matter to a server.  Everything is on one
 * transport.
 */

#ifndef SFU_LOAD_DESCRIPTION_H
#define SFU_LOAD_DESCRIPTION_H

#include "codec/codec.h"
#include "load/endpoint.h"
#include "rtp/extension.h"
#include "sdp/description.h"

enum {
    LOAD_LAYERS_MAX = 3,        /* of simulcast */
    LOAD_MEDIA_MAX = 4,         /* sections that one peer offers */
    LOAD_FIDS_MAX = 64,
};

/* a section of our own */
struct load_media {
    enum media_kind kind;
    enum codec_id codec;
    bool sends;                 /* else it receives */
    char mid[8];
    size_t layers;              /* 1 without simulcast */
    uint32_t ssrc[LOAD_LAYERS_MAX];
    uint32_t rtx_ssrc[LOAD_LAYERS_MAX];

    /* as agreed */
    bool accepted;
    uint8_t pt;
    int16_t rtx_pt;             /* -1: none */
};

/* what a payload type means */
struct load_format {
    enum codec_id codec;        /* CODEC_NONE: nothing that we know */
    bool rtx;                   /* it repairs packets of ... */
    uint8_t apt;                /* ... this type; codec is that one's */
    uint32_t clock;
    uint32_t feedback;          /* SDP_FB_* */
};

/* what both sides agreed on, for all sections together */
struct load_agreement {
    struct rtp_extension_map extensions;
    struct load_format formats[128];
    struct sdp_fid fids[LOAD_FIDS_MAX];
    size_t fid_count;
    bool transport_cc;
};

/* our side of the transport */
struct load_local {
    const struct ice_credentials *credentials;
    const struct sdp_fingerprint *fingerprint;
    enum sdp_setup setup;       /* what we write: in offers, or in answers */
    const char *cname;
    bool transport_cc;          /* offer it */
    bool rtx;                   /* this too */
};

/* the names of simulcast layers, lowest first */
const char *load_layer_rid(size_t layer);

/* "vp8", "h264", "opus"; false when it is none of them */
bool load_codec_by_name(const char *name, size_t len, enum codec_id *codec,
                        enum media_kind *kind);

/* both return a string that the caller frees; NULL: out of memory */
char *load_offer_write(const struct load_local *local,
                       const struct load_media *media, size_t count);

/*
 * Puts what the peer answered into the media, the agreement and the remote.
 * SFU_ERR_*, with *why a static string.
 */
int load_answer_read(struct span answer, struct load_media *media,
                     size_t count, struct load_agreement *agreement,
                     struct load_remote *remote, const char **why);

/*
 * The answer to an offer: receives all there is to receive, and sends the
 * media whose mids the offer names.  As above; the answer is freed by the
 * caller.
 */
int load_answer_write(struct span offer, const struct load_local *local,
                      struct load_media *media, size_t count,
                      struct load_agreement *agreement,
                      struct load_remote *remote, char **answer,
                      const char **why);

#endif
