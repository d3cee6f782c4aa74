/*
 * base/text_test.c - strings that grow, until memory runs out.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "base/text.h"

#include <stdlib.h>

#include "test/tap.h"

static void
grows(void)
{
    struct text t;
    char *s;

    text_init(&t);
    tap_ok(t.data == NULL && text_ok(&t), "empty");
    s = text_take(&t);
    tap_is_str(s, "", "nothing is a string, too");
    free(s);
    text_printf(&t, "%s %d", "one", 2);
    text_append(&t, span_of(" three\0four", 11));
    tap_is_bytes(span_of(t.data, t.len + 1), span_of("one 2 three\0four", 17),
                 "bytes are kept, and a zero ends them");
    text_append(&t, span_of(NULL, 0));
    text_printf(&t, "%s", "");
    tap_is_int((long long)t.len, 16, "nothing adds nothing");

    for (int i = 0; i < 10000; i++) {
        text_printf(&t, "%04d", i);
    }

    tap_ok(text_ok(&t) && t.len == 40016
               && memcmp(t.data + t.len - 4, "9999", 5) == 0, "it grows");
    s = text_take(&t);
    tap_ok(t.data == NULL && t.len == 0, "empty once it is taken");
    text_printf(&t, "again");
    tap_is_str(t.data, "again", "and of use again");
    free(s);
    text_fini(&t);
}

/* lengths around the sizes of the buffer */
static void
edges(void)
{
    char word[600];
    bool right = true;

    for (size_t len = 250; len < sizeof(word) - 1; len++) {
        struct text a, b;

        memset(word, 'x', len);
        word[len] = '\0';
        text_init(&a);
        text_init(&b);
        text_printf(&a, "%s", word);
        text_append(&b, span_str(word));
        right = right && a.len == len && strcmp(a.data, word) == 0
                && b.len == len && strcmp(b.data, word) == 0;
        text_fini(&a);
        text_fini(&b);
    }

    tap_ok(right, "every length fits, with its zero");
}

static int
fill(void)
{
    struct text t;
    char *s;

    text_init(&t);
    text_printf(&t, "%s", "some words");
    text_append(&t, span_str("more"));

    for (int i = 0; i < 200; i++) {
        text_printf(&t, "%d,", i);
    }

    text_append(&t, span_str("end"));
    s = text_take(&t);

    if (s == NULL) {
        return -1;
    }

    if (strncmp(s, "some wordsmore0,", 16) != 0) {
        abort();                /* a hole in the middle */
    }

    free(s);

    return 0;
}

int
main(void)
{
    grows();
    edges();
    tap_each_allocation_fails(fill);

    return tap_done();
}
