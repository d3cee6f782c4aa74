/*
 * base/random_test.c - that all of an alphabet comes, and nothing else.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "base/random.h"

#include <stdbool.h>
#include <string.h>

#include "test/tap.h"

enum { LEN = 62 * 1000 };

static char text[LEN + 1];

/* how often the rarest and the most frequent of the letters came */
static void
check(const char *alphabet, const char *name)
{
    size_t count[256] = { 0 };
    size_t letters = strlen(alphabet);
    size_t rarest = LEN, most = 0, sum = 0;

    for (size_t i = 0; i < LEN; i++) {
        count[(uint8_t)text[i]]++;
    }

    for (size_t i = 0; i < letters; i++) {
        size_t n = count[(uint8_t)alphabet[i]];

        sum += n;
        rarest = n < rarest ? n : rarest;
        most = n > most ? n : most;
    }

    tap_ok(sum == LEN && text[LEN] == '\0', "%s: letters of the alphabet only",
           name);

    /* eight standard deviations: wrong once in 10^13 runs */
    tap_ok(rarest > LEN / letters * 3 / 4 && most < LEN / letters * 5 / 4,
           "%s: each as likely as another (%zu to %zu)", name, rarest, most);
}

int
main(void)
{
    char one[2] = "xx";
    uint8_t bytes[64] = { 0 };
    bool any = false;

    random_hex(text, LEN);
    check("0123456789abcdef", "hex");
    random_text(text, LEN);
    check("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
          "text");
    random_text(one, 0);
    tap_ok(one[0] == '\0' && one[1] == 'x', "no letters: a zero");
    random_hex(one, 1);
    tap_ok(strlen(one) == 1, "one letter and a zero");
    random_bytes(bytes, sizeof(bytes));

    for (size_t i = 0; i < sizeof(bytes); i++) {
        any = any || bytes[i];
    }

    tap_ok(any, "bytes");
    random_bytes(bytes, 0);
    tap_ok(random_u32() != random_u32() || random_u32() != random_u32(),
           "numbers differ");

    return tap_done();
}
