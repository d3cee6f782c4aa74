/*
 * rtcp/feedback_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtcp/feedback.h"
#include "base/error.h"
#include "test/tap.h"

enum { SENDER = 0x01020304, MEDIA = 0x05060708 };

static struct rtcp_packet pkt;

static struct rtcp_feedback
parsed(const struct writer *w, unsigned type, unsigned format)
{
    struct rtcp_compound c = rtcp_compound_over(writer_span(w));
    struct rtcp_feedback fb = { 0 };

    tap_ok(rtcp_compound_next(&c, &pkt) && !rtcp_compound_next(&c, &pkt)
           && !c.malformed && pkt.type == type && pkt.count == format
           && rtcp_feedback_parse(&pkt, &fb) == 0 && fb.sender == SENDER,
           "one packet of its type and format");

    return fb;
}

struct nack_row {
    const char *why;
    size_t count;
    uint16_t seqs[20];
    size_t pairs;
};

static const struct nack_row nack_rows[] = {
    { "one", 1, { 7 }, 1 },
    { "a pair holds seventeen", 17,
      { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17 }, 1 },
    { "and the eighteenth needs another", 18,
      { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18 }, 2 },
    { "at the far end of the mask", 2, { 100, 116 }, 1 },
    { "just behind it", 2, { 100, 117 }, 2 },
    { "over the wrap", 4, { 65530, 65535, 0, 10 }, 1 },
    { "far apart", 3, { 1, 1000, 60000 }, 3 },
};

static void
test_nack(void)
{
    uint8_t out[256];
    struct writer w;
    struct rtcp_feedback fb;
    struct rtcp_nack nack;
    uint16_t seq;

    for (size_t i = 0; i < sizeof(nack_rows) / sizeof(nack_rows[0]); i++) {
        const struct nack_row *row = &nack_rows[i];
        size_t n = 0;

        w = writer_over(out, sizeof(out));
        tap_is_int((long long)rtcp_nack_write(&w, SENDER, MEDIA, row->seqs,
                                              row->count),
                   (long long)row->count, "NACK: %s", row->why);
        fb = parsed(&w, RTCP_RTPFB, RTCP_RTPFB_NACK);
        tap_is_int(fb.media, MEDIA, "  media");
        tap_is_int((long long)fb.fci.len, (long long)row->pairs * 4,
                   "  pairs");
        nack = rtcp_nack_over(fb.fci);

        while (rtcp_nack_next(&nack, &seq) && n < row->count
               && seq == row->seqs[n])
        {
            n++;
        }

        tap_is_int((long long)n, (long long)row->count, "  read back");
        tap_ok(!rtcp_nack_next(&nack, &seq), "  and nothing more");
    }

    w = writer_over(out, 20);
    tap_is_int((long long)rtcp_nack_write(&w, SENDER, MEDIA,
                                          nack_rows[6].seqs, 3), 2,
               "room for just two pairs");
    w = writer_over(out, 23);
    tap_is_int((long long)rtcp_nack_write(&w, SENDER, MEDIA,
                                          nack_rows[6].seqs, 3), 2,
               "as many as there is room for");
    fb = parsed(&w, RTCP_RTPFB, RTCP_RTPFB_NACK);
    tap_is_int((long long)fb.fci.len, 8, "in whole pairs");

    w = writer_over(out, 15);
    tap_ok(rtcp_nack_write(&w, SENDER, MEDIA, nack_rows[0].seqs, 1) == 0
           && writer_ok(&w) && writer_len(&w) == 0, "no room for any");
    w = writer_over(out, sizeof(out));
    tap_ok(rtcp_nack_write(&w, SENDER, MEDIA, NULL, 0) == 0
           && writer_len(&w) == 0, "none to ask for");

    nack = rtcp_nack_over(span_of("\0\1\0\0\0", 5));
    tap_ok(rtcp_nack_next(&nack, &seq) && !rtcp_nack_next(&nack, &seq),
           "half a pair is not read");
}

static void
test_keyframe_requests(void)
{
    uint8_t out[64];
    struct writer w = writer_over(out, sizeof(out));
    struct rtcp_feedback fb;
    struct rtcp_fir fir;
    uint32_t ssrc;
    uint8_t number;

    rtcp_pli_write(&w, SENDER, MEDIA);
    tap_is_bytes(writer_span(&w),
                 span_of("\x81\xce\0\2\1\2\3\4\5\6\7\x08", 12), "PLI");
    fb = parsed(&w, RTCP_PSFB, RTCP_PSFB_PLI);
    tap_is_int(fb.media, MEDIA, "of this stream");

    w = writer_over(out, sizeof(out));
    rtcp_fir_write(&w, SENDER, MEDIA, 200);
    tap_is_bytes(writer_span(&w),
                 span_of("\x84\xce\0\4\1\2\3\4\0\0\0\0\5\6\7\x08\xc8\0\0\0",
                         20), "FIR");
    fb = parsed(&w, RTCP_PSFB, RTCP_PSFB_FIR);
    fir = rtcp_fir_over(fb.fci);
    tap_ok(rtcp_fir_next(&fir, &ssrc, &number) && ssrc == MEDIA
           && number == 200, "of this stream");
    tap_ok(!rtcp_fir_next(&fir, &ssrc, &number), "and no other");

    pkt.body.len = 7;
    tap_is_int(rtcp_feedback_parse(&pkt, &fb), SFU_ERR_TRUNCATED,
               "feedback without its media SSRC");
}

struct remb_row {
    const char *why;
    uint64_t bitrate;
    uint64_t read;
};

static const struct remb_row remb_rows[] = {
    { "nothing", 0, 0 },
    { "the largest that is exact", 262143, 262143 },
    { "one more is, too", 262144, 262144 },
    { "rounded down", 262145, 262144 },
    { "usual", 2500000, 2500000 },
    { "all bits", UINT64_MAX, 0xffffc00000000000 },
};

static void
test_remb(void)
{
    static const uint32_t ssrcs[] = { 0x0a0b0c0d, 1 };
    uint8_t out[64];
    struct writer w;
    struct rtcp_feedback fb;
    struct span list;
    uint64_t bitrate;

    for (size_t i = 0; i < sizeof(remb_rows) / sizeof(remb_rows[0]); i++) {
        w = writer_over(out, sizeof(out));
        rtcp_remb_write(&w, SENDER, remb_rows[i].bitrate, ssrcs, 2);
        fb = parsed(&w, RTCP_PSFB, RTCP_PSFB_APP);
        tap_is_int(rtcp_remb_parse(&fb, &bitrate, &list), 0, "REMB: %s",
                   remb_rows[i].why);
        tap_ok(bitrate == remb_rows[i].read, "  read back");
        tap_is_bytes(list, span_of("\x0a\x0b\x0c\x0d\0\0\0\1", 8), "  SSRCs");
    }

    fb.fci.len -= 1;
    tap_is_int(rtcp_remb_parse(&fb, &bitrate, &list), SFU_ERR_TRUNCATED,
               "fewer SSRCs than announced");
    fb.fci.len = 7;
    tap_is_int(rtcp_remb_parse(&fb, &bitrate, &list), SFU_ERR_TRUNCATED,
               "half a bit rate");
    fb.fci = span_of("REMB\0\xff\xff\xff", 8);
    tap_is_int(rtcp_remb_parse(&fb, &bitrate, &list), SFU_ERR_MALFORMED,
               "more than 64 bits");
    fb.fci = span_of("goog\0\0\0\0", 8);
    tap_is_int(rtcp_remb_parse(&fb, &bitrate, &list), SFU_ERR_UNSUPPORTED,
               "something else of an application");
}

int
main(void)
{
    test_nack();
    test_keyframe_requests();
    test_remb();

    return tap_done();
}
