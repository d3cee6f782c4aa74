/*
 * net/framing.h - packets on a stream (RFC 4571).
 * Copyright (C) the ngx_sfu_module authors
 *
 * Each packet is preceded by its length in 16 bits.
 */

#ifndef SFU_NET_FRAMING_H
#define SFU_NET_FRAMING_H

#include "base/span.h"

enum {
    FRAMING_HEADER = 2,
    FRAMING_BUFFER = 16 * 1024, /* longer packets than this end the stream */
};

/* bytes that came in and are not yet a packet */
struct framing {
    uint8_t *data;              /* owned, FRAMING_BUFFER bytes */
    size_t start;
    size_t end;
};

/* SFU_ERR_NOMEM */
int framing_init(struct framing *f);
void framing_fini(struct framing *f);

/* where, and how many, further bytes may be read to; then call _filled() */
uint8_t *framing_room(struct framing *f, size_t *len);
void framing_filled(struct framing *f, size_t len);

/*
 * The next whole packet, inside the buffer, valid until framing_room().
 * SFU_ERR_AGAIN when there is none yet, SFU_ERR_LIMIT when it can never be.
 */
int framing_next(struct framing *f, uint8_t **packet, size_t *len);

#endif
