/*
 * net/framing.c - packets on a stream (RFC 4571).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "net/framing.h"

#include <stdlib.h>

#include "base/error.h"

int
framing_init(struct framing *f)
{
    *f = (struct framing){ .data = malloc(FRAMING_BUFFER) };

    return f->data != NULL ? 0 : SFU_ERR_NOMEM;
}

void
framing_fini(struct framing *f)
{
    free(f->data);
    *f = (struct framing){ 0 };
}

uint8_t *
framing_room(struct framing *f, size_t *len)
{
    if (f->start) {
        memmove(f->data, f->data + f->start, f->end - f->start);
        f->end -= f->start;
        f->start = 0;
    }

    *len = FRAMING_BUFFER - f->end;

    return f->data + f->end;
}

void
framing_filled(struct framing *f, size_t len)
{
    f->end += len;
}

int
framing_next(struct framing *f, uint8_t **packet, size_t *len)
{
    size_t left = f->end - f->start;
    size_t size;

    if (left < FRAMING_HEADER) {
        return SFU_ERR_AGAIN;
    }

    size = (size_t)f->data[f->start] << 8 | f->data[f->start + 1];

    if (size > FRAMING_BUFFER - FRAMING_HEADER) {
        return SFU_ERR_LIMIT;
    }

    if (left < FRAMING_HEADER + size) {
        return SFU_ERR_AGAIN;
    }

    *packet = f->data + f->start + FRAMING_HEADER;
    *len = size;
    f->start += FRAMING_HEADER + size;

    return 0;
}
