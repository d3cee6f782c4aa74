/*
 * test/tap.c - unit tests that print TAP.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The linker wraps the allocator (Makefile, "--wrap"), so that allocations
 * of the code under test can be made to fail; those of libraries are not
 * touched.
 */

#include "test/tap.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static int tests;
static int failures;
/* of the thread that tests: what loops allocate meanwhile does not count */
static _Thread_local long allocations;
static _Thread_local long failing;      /* the one that fails; 0 for none */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
char *__real_strdup(const char *s);
char *__real_strndup(const char *s, size_t n);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t n);

static bool
fails(void)
{
    return ++allocations == failing;
}

void *
__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *
__wrap_realloc(void *p, size_t size)
{
    return fails() ? NULL : __real_realloc(p, size);
}

void *
__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : __real_aligned_alloc(alignment, size);
}

char *
__wrap_strdup(const char *s)
{
    return fails() ? NULL : __real_strdup(s);
}

char *
__wrap_strndup(const char *s, size_t n)
{
    return fails() ? NULL : __real_strndup(s, n);
}

static bool
report(bool ok, const char *name, va_list args)
{
    tests++;
    failures += !ok;
    printf("%sok %d - ", ok ? "" : "not ", tests);
    vprintf(name, args);
    printf("\n");
    fflush(stdout);

    return ok;
}

bool
tap_ok(bool ok, const char *name, ...)
{
    va_list args;

    va_start(args, name);
    report(ok, name, args);
    va_end(args);

    return ok;
}

bool
tap_is_int(long long got, long long expected, const char *name, ...)
{
    va_list args;

    va_start(args, name);

    if (!report(got == expected, name, args)) {
        printf("#      got: %lld\n# expected: %lld\n", got, expected);
    }

    va_end(args);

    return got == expected;
}

bool
tap_is_str(const char *got, const char *expected, const char *name, ...)
{
    bool ok = got == expected
              || (got != NULL && expected != NULL
                  && strcmp(got, expected) == 0);
    va_list args;

    va_start(args, name);

    if (!report(ok, name, args)) {
        printf("#      got: %s\n# expected: %s\n", got ? got : "(null)",
               expected ? expected : "(null)");
    }

    va_end(args);

    return ok;
}

static void
print_bytes(const char *label, struct span bytes)
{
    printf("# %s:", label);

    for (size_t i = 0; i < bytes.len; i++) {
        printf(" %02x", bytes.data[i]);
    }

    printf("\n");
}

bool
tap_is_bytes(struct span got, struct span expected, const char *name, ...)
{
    bool ok = span_eq(got, expected);
    va_list args;

    va_start(args, name);

    if (!report(ok, name, args)) {
        print_bytes("     got", got);
        print_bytes("expected", expected);
    }

    va_end(args);

    return ok;
}

void
tap_each_allocation_fails(int (*function)(void))
{
    int result;
    long made;

    for (failing = 0;; failing++) {
        allocations = 0;
        result = function();
        made = allocations;

        if (failing == 0 && result != 0) {
            failing = 0;
            tap_ok(false, "succeeds while every allocation does");
            return;
        }

        if (failing > made) {
            break;
        }
    }

    failing = 0;
    tap_ok(true, "survives each of %ld allocations failing", made);
}

int
tap_done(void)
{
    printf("1..%d\n", tests);

    return failures ? 1 : 0;
}

uint8_t *
tap_read_file(const char *name, size_t *len)
{
    char path[512];
    uint8_t *data;
    FILE *file;
    long size;

    snprintf(path, sizeof(path), "worker/test/corpora/%s", name);
    file = fopen(path, "rb");

    if (file == NULL || fseek(file, 0, SEEK_END) != 0
        || (size = ftell(file)) < 0) {
        printf("Bail out! cannot read %s\n", path);
        exit(1);
    }

    rewind(file);
    data = __real_malloc((size_t)size + 1);
    *len = fread(data, 1, (size_t)size, file);
    data[*len] = 0;
    fclose(file);

    return data;
}
