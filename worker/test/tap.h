/*
 * test/tap.h - unit tests that print TAP.
 * Copyright (C) the ngx_sfu_module authors
 *
 *     int main(void)
 *     {
 *         tap_is_int(1 + 1, 2, "adds");
 *         tap_each_allocation_fails(build_and_destroy);
 *         return tap_done();
 *     }
 */

#ifndef SFU_TEST_TAP_H
#define SFU_TEST_TAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

/* each returns whether it passed; the name is a printf() format */
bool tap_ok(bool ok, const char *name, ...)
    __attribute__((format(printf, 2, 3)));
bool tap_is_int(long long got, long long expected, const char *name, ...)
    __attribute__((format(printf, 3, 4)));
bool tap_is_str(const char *got, const char *expected, const char *name, ...)
    __attribute__((format(printf, 3, 4)));
bool tap_is_bytes(struct span got, struct span expected, const char *name, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Runs the function with no failing allocation, then with the first one
 * failing, the second, and so on, until it makes fewer allocations than that.
 * It must not crash, leak or touch freed memory, whatever fails; it returns
 * 0, or an error, which passes only while something fails.
 */
void tap_each_allocation_fails(int (*function)(void));

/* prints the plan; the exit code */
int tap_done(void);

/*
 * A file of worker/test/corpora, whole, zero-terminated for convenience;
 * freed by the caller.  Ends the test when it cannot be read.
 */
uint8_t *tap_read_file(const char *name, size_t *len);

#endif
