/*
 * ice/stun_fuzz.c - any datagram as a connectivity check.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <assert.h>

#include "ice/stun.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct sfu_stun *stun;
    struct sfu_stun_check check;
    struct address from;
    struct span ufrag;
    struct span input = span_of(data, size);

    if (stun == NULL) {
        stun = sfu_stun_create();
    }

    address_parse(&from, "2001:db8::1", 5000);

    if (sfu_stun_local_ufrag(input, &ufrag) == 0) {
        assert(ufrag.data >= data && ufrag.data + ufrag.len <= data + size);
    }

    if (sfu_stun_answer(stun, input, "VOkJxbRl1RmTxUk/WvJxBt", &from, &check)) {
        assert(check.reply_len == 0);
    }

    assert(check.reply_len <= sizeof(check.reply));

    return 0;
}
