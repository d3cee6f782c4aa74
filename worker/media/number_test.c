/*
 * media/number_test.c - no SRTP number has two contents.
 * Copyright (C) the ngx_sfu_module authors
 *
 * RFC 3711, 9.1; with AES-GCM (RFC 7714, 8.1) a number that is used twice
 * gives away the key of the authentication.
 */

#include <unistd.h>

#include "media/fixture.h"

enum { PORT = 21744 };

/* as it comes, sealed: libsrtp's replay check would hide a repetition */
struct sealed {
    uint8_t data[256];
    size_t len;
};

static size_t
take_sealed(struct client *c, uint8_t pt, struct sealed *out, size_t max)
{
    size_t n = 0;

    for (int i = 0; i < 20; i++) {
        ssize_t len;

        while (n < max
               && (len = recv(c->fd, out[n].data, sizeof(out[n].data),
                              MSG_DONTWAIT)) > 0) {
            if ((out[n].data[1] & 0x7f) == pt) {
                out[n++].len = (size_t)len;
            }
        }

        usleep(10000);
    }

    return n;
}

static uint16_t
number(const struct sealed *s)
{
    return (uint16_t)(s->data[2] << 8 | s->data[3]);
}

static void
a_number_is_forwarded_once(void)
{
    struct fixture_call call;
    struct media_sink_params params;
    struct sealed got[32];
    size_t twice = 0;
    size_t n;

    fixture_sink_params(&params);
    fixture_call(&call, &params);
    fixture_send(&call.publisher, 100, true);
    fixture_send(&call.publisher, 101, false);
    fixture_send(&call.publisher, 105, false);
    client_wait(&call.publisher, NULL, 30);
    /* repaired, and then the late original; and the other way round */
    fixture_repair(&call.publisher, 1, 103, 0xaa);
    fixture_send(&call.publisher, 103, false);
    fixture_send(&call.publisher, 104, false);
    fixture_repair(&call.publisher, 2, 104, 0xbb);
    fixture_repair(&call.publisher, 3, 101, 0xcc);
    n = take_sealed(&call.subscriber, SUBSCRIBER_PT, got, 32);
    tap_is_int((long long)n, 5, "each of five packets is forwarded once");

    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            twice += number(&got[i]) == number(&got[j]);
        }
    }

    tap_is_int((long long)twice, 0, "and under a number of its own");
    fixture_hang_up(&call);
}

/* to a peer without RTX */
static void
what_is_repeated_is_the_same(void)
{
    struct fixture_call call;
    struct media_sink_params params;
    struct sealed first[8];
    struct sealed again[8];
    uint16_t seq;
    size_t n;

    fixture_sink_params(&params);
    params.rtx_ssrc = 0;
    memset(params.rtx_pt, MEDIA_PT_NONE, sizeof(params.rtx_pt));
    rtp_extension_map_set(&params.extensions, 3, RTP_EXT_TRANSPORT_CC);
    rtp_extension_map_set(&params.extensions, 6, RTP_EXT_ABS_SEND_TIME);
    rtp_extension_map_set(&params.extensions, 9, RTP_EXT_MID);
    fixture_call(&call, &params);
    fixture_send(&call.publisher, 200, true);
    fixture_send(&call.publisher, 201, false);
    n = take_sealed(&call.subscriber, SUBSCRIBER_PT, first, 8);
    tap_is_int((long long)n, 2, "two packets are forwarded");
    seq = number(&first[1]);
    fixture_nack(&call.subscriber, &seq, 1);

    if (tap_is_int((long long)take_sealed(&call.subscriber, SUBSCRIBER_PT,
                                          again, 8),
                   1, "one of them is sent again")) {
        tap_is_bytes(span_of(again[0].data, again[0].len),
                     span_of(first[1].data, first[1].len),
                     "the same to the last bit");
    }

    /* another extension: the packet would be another one */
    rtp_extension_map_set(&params.extensions, 10, RTP_EXT_AUDIO_LEVEL);
    media_sink_set(call.sink, &params);
    client_wait(&call.publisher, NULL, 30);
    fixture_nack(&call.subscriber, &seq, 1);
    tap_is_int((long long)take_sealed(&call.subscriber, SUBSCRIBER_PT, again,
                                      8),
               0, "and not at all once it would look different");
    fixture_hang_up(&call);
}

int
main(void)
{
    fixture_begin(PORT);
    a_number_is_forwarded_once();
    what_is_repeated_is_the_same();
    fixture_end();

    return tap_done();
}
