/*
 * ice/answer_fuzz.c - any check to two answerers, who have to agree.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The first byte tells which proofs of the check are put right, since no
 * mutation would ever find them.
 */

#include <assert.h>
#include <stdlib.h>

#include "base/reader.h"
#include "ice/request_fixture.h"

enum {
    PROVE = 1 << 0,
    MARK = 1 << 1,
    FROM_V6 = 1 << 2,
    CONTROL = 1 << 3,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char password[] = "8GCTjXA5dDNgqFrgCRkJHQpB";

static struct ice_fingerprint fingerprint;
static struct ice_integrity integrity;
static struct sfu_stun *stun[2];

/* every MESSAGE-INTEGRITY of the right length */
static void
prove(uint8_t *datagram, size_t len)
{
    struct reader r = reader_over(span_of(datagram, len));

    reader_skip(&r, 20);

    while (reader_left(&r)) {
        size_t at = (size_t)(r.pos - datagram);
        uint16_t type = reader_u16(&r);
        uint16_t value_len = reader_u16(&r);

        reader_skip(&r, (value_len + 3u) & ~3u);

        if (reader_ok(&r) && type == 0x0008 && value_len == 20) {
            struct writer w = { datagram, datagram + at, datagram + len,
                                false };

            fixture_integrity(&w, &integrity);
        }
    }
}

static void
compare(struct span datagram, bool controlling, const struct address *from)
{
    struct sfu_stun_check ours;
    struct sfu_stun_check libnice;
    struct ice_request request;
    struct span ufrag;
    int error = sfu_stun_answer(stun[controlling], datagram, password, from,
                                &libnice);

    assert(libnice.reply_len <= sizeof(libnice.reply));
    assert(!error || libnice.reply_len == 0);

    ufrag = ice_request_peek(datagram);
    assert(ufrag.len <= datagram.len);

    if (ice_request_parse(&request, datagram)
        || request.controlling == controlling) {
        return;
    }

    assert(sfu_stun_local_ufrag(datagram, &ufrag) == 0);
    assert(span_eq(ufrag, request.ufrag));
    assert(ice_answer(&fingerprint, &request, &integrity, from, &ours)
           == error);
    assert(ours.valid == libnice.valid);
    assert(span_eq(span_of(ours.reply, ours.reply_len),
                   span_of(libnice.reply, libnice.reply_len)));
    assert(error || (ours.use_candidate == libnice.use_candidate
                     && ours.priority == libnice.priority));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct address from;
    uint8_t *datagram;
    size_t len = size - 1;

    if (stun[0] == NULL) {
        stun[0] = sfu_stun_create();
        stun[1] = sfu_stun_create();
        sfu_stun_set_controlling(stun[1]);
        ice_fingerprint_init(&fingerprint);
        ice_integrity_init(&integrity, password);
    }

    if (size < 1 + 28) {
        return 0;
    }

    /* no larger than it is, so that nobody reads behind it unseen */
    datagram = malloc(len);
    memcpy(datagram, data + 1, len);
    address_parse(&from, data[0] & FROM_V6 ? "2001:db8::1" : "192.0.2.1",
                  5000);

    if (data[0] & PROVE) {
        prove(datagram, len);
    }

    if (data[0] & MARK) {
        struct writer w = { datagram, datagram + len - 8, datagram + len,
                            false };

        fixture_fingerprint(&w, &fingerprint);
    }

    compare(span_of(datagram, len), data[0] & CONTROL, &from);
    free(datagram);

    return 0;
}
