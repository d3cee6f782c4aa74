/*
 * rtp/dependency_test.c - layers and references of the dependency descriptor.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtp/dependency.h"

#include "base/error.h"
#include "test/tap.h"

/* writes fields as the specification lists them: f(n) */
struct bit_writer {
    uint8_t data[256];
    size_t at;
};

static void
f(struct bit_writer *w, unsigned bits, uint32_t value)
{
    while (bits--) {
        if (value >> bits & 1) {
            w->data[w->at / 8] |= (uint8_t)(0x80 >> w->at % 8);
        }

        w->at++;
    }
}

static struct span
written(const struct bit_writer *w)
{
    return span_of(w->data, (w->at + 7) / 8);
}

static void
mandatory(struct bit_writer *w, bool start, bool end, uint32_t template,
    uint32_t number)
{
    f(w, 1, start);
    f(w, 1, end);
    f(w, 6, template);
    f(w, 16, number);
}

/*
 * Two spatial layers with two temporal ones each: templates S0T0 of a key
 * frame, S0T0, S0T1, S1T0, S1T1, and a decode target for each pair.
 */
static struct bit_writer
structure(uint32_t number)
{
    static const uint8_t next_layer[5] = { 0, 1, 2, 1, 3 };
    static const uint8_t dtis[5][4] = {
        { 2, 2, 2, 2 }, { 2, 2, 3, 3 }, { 0, 1, 0, 3 }, { 0, 0, 2, 2 },
        { 0, 0, 0, 1 },
    };
    static const uint8_t fdiffs[5][2] = {
        { 0, 0 }, { 4, 0 }, { 2, 0 }, { 1, 4 }, { 1, 2 },
    };
    struct bit_writer w = { { 0 }, 0 };

    mandatory(&w, true, true, 62, number);
    f(&w, 1, 1);                /* structure */
    f(&w, 4, 0);
    f(&w, 6, 62);               /* template_id_offset: numbers wrap */
    f(&w, 5, 3);                /* four decode targets */

    for (int i = 0; i < 5; i++) {
        f(&w, 2, next_layer[i]);
    }

    for (int i = 0; i < 5; i++) {
        for (int t = 0; t < 4; t++) {
            f(&w, 2, dtis[i][t]);
        }
    }

    for (int i = 0; i < 5; i++) {
        for (int d = 0; d < 2 && fdiffs[i][d]; d++) {
            f(&w, 1, 1);
            f(&w, 4, fdiffs[i][d] - 1u);
        }

        f(&w, 1, 0);
    }

    f(&w, 2, 2);                /* two chains: ns(5) */

    for (int t = 0; t < 4; t++) {
        f(&w, 1, t > 1);        /* ns(2) */
    }

    for (int i = 0; i < 10; i++) {
        f(&w, 4, 1);
    }

    f(&w, 1, 1);                /* resolutions */
    f(&w, 32, 0x013f00b3);
    f(&w, 32, 0x027f0167);

    return w;
}

static void
templates(struct rtp_dependency_structure *s)
{
    struct bit_writer w = structure(0xffff);
    struct rtp_dependency d;

    tap_is_int(rtp_dependency_parse(&d, s, written(&w)), 0, "a key frame");
    tap_ok(d.start && d.end && d.has_structure && d.frame_number == 0xffff,
           "says what it is");
    tap_ok(s->known && s->templates == 5 && s->targets == 4
           && s->spatial_max == 1 && s->version == 1, "and has templates");
    tap_ok(s->target_spatial[1] == 0 && s->target_temporal[1] == 1
           && s->target_spatial[3] == 1 && s->target_temporal[3] == 1,
           "whose targets have layers");

    w = (struct bit_writer){ { 0 }, 0 };
    mandatory(&w, true, false, 1, 3);
    tap_is_int(rtp_dependency_parse(&d, s, written(&w)), 0, "a later frame");
    tap_ok(d.start && !d.end && !d.has_structure && d.frame.spatial == 1
           && d.frame.temporal == 0, "is of its template's layer");
    tap_ok(d.frame.fdiff_count == 2 && d.frame.fdiffs[0] == 1
           && d.frame.fdiffs[1] == 4, "and refers to the same frames");
    tap_ok(rtp_dependency_dti(&d.frame, 0) == RTP_DTI_NOT_PRESENT
           && rtp_dependency_dti(&d.frame, 3) == RTP_DTI_SWITCH,
           "and is as useful");
}

static void
custom(struct rtp_dependency_structure *s)
{
    struct bit_writer w = { { 0 }, 0 };
    struct rtp_dependency d;

    mandatory(&w, true, true, 0, 9);
    f(&w, 1, 0);
    f(&w, 1, 1);                /* active decode targets */
    f(&w, 1, 1);                /* own dtis */
    f(&w, 1, 1);                /* own fdiffs */
    f(&w, 1, 0);
    f(&w, 4, 3);
    f(&w, 8, 0x5f);
    f(&w, 2, 1);
    f(&w, 4, 2);
    f(&w, 2, 3);
    f(&w, 12, 0x123);
    f(&w, 2, 0);
    tap_is_int(rtp_dependency_parse(&d, s, written(&w)), 0,
               "a frame with words of its own");
    tap_ok(d.frame.fdiff_count == 2 && d.frame.fdiffs[0] == 3
           && d.frame.fdiffs[1] == 0x124, "refers to others");
    tap_ok(rtp_dependency_dti(&d.frame, 0) == RTP_DTI_DISCARDABLE
           && rtp_dependency_dti(&d.frame, 2) == RTP_DTI_REQUIRED,
           "and is of other use");
    tap_ok(s->active == 3 && s->version == 2,
           "some targets are not sent any more, and that is a change");
}

static void
targets(struct rtp_dependency_structure *s)
{
    s->active = 15;
    tap_is_int(rtp_dependency_target(s, 255, 255), 3, "the best of all");
    tap_is_int(rtp_dependency_target(s, 0, 255), 1, "of the lower layer");
    tap_is_int(rtp_dependency_target(s, 255, 0), 2, "of half the frames");
    tap_is_int(rtp_dependency_target(s, 0, 0), 0, "the least of all");
    s->active = 3;
    tap_is_int(rtp_dependency_target(s, 255, 255), 1, "of those that are sent");
    s->active = 12;
    tap_is_int(rtp_dependency_target(s, 0, 0), -1, "there may be none");
}

static void
bad_ones(struct rtp_dependency_structure *s)
{
    struct rtp_dependency_structure before = *s;
    struct bit_writer w = structure(1);
    struct span all = written(&w);
    struct rtp_dependency d;
    int taken = 0;

    for (size_t len = 0; len < all.len; len++) {
        taken += rtp_dependency_parse(&d, s, span_of(all.data, len)) == 0
                 && len > RTP_DEPENDENCY_MIN;
    }

    tap_is_int(taken, 0, "one that is cut short is none");
    tap_ok(memcmp(s, &before, sizeof(before)) == 0,
           "and does not change what was known");

    w = (struct bit_writer){ { 0 }, 0 };
    mandatory(&w, true, true, 20, 1);
    tap_is_int(rtp_dependency_parse(&d, s, written(&w)), SFU_ERR_NOT_FOUND,
               "a template that is not there");

    *s = (struct rtp_dependency_structure){ 0 };
    w = (struct bit_writer){ { 0 }, 0 };
    mandatory(&w, true, true, 62, 7);
    tap_is_int(rtp_dependency_parse(&d, s, written(&w)), SFU_ERR_NOT_FOUND,
               "or that did not come so far");
    tap_is_int(d.frame_number, 7, "but its number is known");
}

static void
number(void)
{
    uint8_t extension[3] = { 0xc1, 0x12, 0x34 };

    rtp_dependency_set_number(extension, 0xabcd);
    tap_ok(extension[0] == 0xc1 && extension[1] == 0xab
           && extension[2] == 0xcd, "a frame gets another number");
}

int
main(void)
{
    struct rtp_dependency_structure s = { 0 };

    templates(&s);
    custom(&s);
    targets(&s);
    bad_ones(&s);
    number();

    return tap_done();
}
