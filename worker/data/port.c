/*
 * data/port.c - packets between a media loop and the data loop.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "data/port.h"

bool
data_port_put(struct ring *ring, uint64_t peer, enum data_record_type type,
              struct span bytes)
{
    struct data_record record = { .peer = peer, .type = type };
    size_t len = sizeof(record) + bytes.len;
    uint8_t *p = ring_reserve(ring, len);

    if (p == NULL) {
        return false;
    }

    memcpy(p, &record, sizeof(record));

    if (bytes.len) {
        memcpy(p + sizeof(record), bytes.data, bytes.len);
    }

    ring_commit(ring, len);

    return true;
}
