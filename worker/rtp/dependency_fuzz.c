/*
 * rtp/dependency_fuzz.c - any descriptors, one after the other.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The input is a list of descriptors, each behind a byte with its length.
 */

#include <assert.h>

#include "rtp/dependency.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct rtp_dependency_structure *s)
{
    int target = rtp_dependency_target(s, 1, 1);

    assert(!s->known || (s->templates > 0 && s->targets > 0));
    assert(s->templates <= RTP_DEPENDENCY_TEMPLATES
           && s->targets <= RTP_DEPENDENCY_TARGETS);
    assert(target < s->targets);
    assert(target < 0 || (s->target_spatial[target] <= 1
                          && s->target_temporal[target] <= 1
                          && s->active >> target & 1));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rtp_dependency_structure s = { 0 };
    struct rtp_dependency d;

    while (size) {
        size_t len = data[0] < size - 1 ? data[0] : size - 1;
        struct rtp_dependency_structure before = s;
        int error = rtp_dependency_parse(&d, &s, span_of(data + 1, len));

        check(&s);

        if (error == 0) {
            assert(s.known && d.frame.fdiff_count <= RTP_DEPENDENCY_FDIFFS
                   && d.frame.spatial <= s.spatial_max);
        } else {
            assert(s.templates == before.templates);
        }

        data += len + 1;
        size -= len + 1;
    }

    return 0;
}
