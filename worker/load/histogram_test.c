/*
 * load/histogram_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "load/histogram.h"

#include "test/tap.h"

static const struct {
    const char *name;
    int64_t value;
} rows[] = {
    { "nothing", 0 },
    { "clocks that disagree", -5 },
    { "the last value with a cell of its own", 127 },
    { "the first that shares one", 128 },
    { "a millisecond", 1000 },
    { "a minute", 60000000 },
    { "the largest that is told apart", ((int64_t)1 << 40) - 1 },
    { "beyond all cells", INT64_MAX },
};

static void
test_single(int64_t value, const char *name)
{
    struct load_histogram h = { 0 };
    int64_t expected = value > 0 ? value : 0;

    load_histogram_add(&h, value);
    tap_is_int((long long)h.max, expected, "%s: maximum", name);
    tap_ok(load_histogram_percentile(&h, 50) <= (uint64_t)expected,
           "%s: never above the maximum", name);
}

/* 1 to 100,000, each once: every percentile is known */
static void
test_percentiles(void)
{
    static const double percents[] = { 1, 50, 90, 99, 99.9, 100 };
    struct load_histogram h = { 0 };

    for (int i = 1; i <= 100000; i++) {
        load_histogram_add(&h, i);
    }

    for (size_t i = 0; i < sizeof(percents) / sizeof(percents[0]); i++) {
        double exact = percents[i] * 1000;
        double got = (double)load_histogram_percentile(&h, percents[i]);

        tap_ok(got >= exact && got <= exact * 65 / 64, "percentile %g: %g",
               percents[i], got);
    }

    tap_is_int((long long)load_histogram_mean(&h), 50000, "mean");
}

static void
test_merge(void)
{
    struct load_histogram a = { 0 };
    struct load_histogram b = { 0 };

    load_histogram_add(&a, 10);
    load_histogram_add(&b, 30);
    load_histogram_add(&b, 1000000);
    load_histogram_merge(&a, &b);
    tap_is_int((long long)a.count, 3, "merged: count");
    tap_is_int((long long)a.max, 1000000, "merged: maximum");
    tap_is_int((long long)load_histogram_percentile(&a, 50), 30,
               "merged: median");
}

int
main(void)
{
    struct load_histogram empty = { 0 };

    tap_is_int((long long)load_histogram_percentile(&empty, 99), 0, "empty");

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        test_single(rows[i].value, rows[i].name);
    }

    test_percentiles();
    test_merge();

    return tap_done();
}
