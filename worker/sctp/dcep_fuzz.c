/*
 * sctp/dcep_fuzz.c - what is read is written again as it was.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <stdlib.h>

#include "sctp/dcep.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t buffer[DCEP_HEADER + 2 * DCEP_TEXT_MAX];
    struct dcep_message m, again;
    int len;

    if (dcep_parse(&m, span_of(data, size))) {
        return 0;
    }

    len = dcep_write(&m, buffer, sizeof(buffer));

    if (len < 1 || (size_t)len > size || buffer[0] != data[0]
        || dcep_parse(&again, span_of(buffer, (size_t)len))
        || again.type != m.type || !span_eq(again.label, m.label)
        || !span_eq(again.protocol, m.protocol)
        || again.policy.unordered != m.policy.unordered
        || again.policy.reliability != m.policy.reliability
        || again.policy.value != m.policy.value) {
        abort();
    }

    return 0;
}
