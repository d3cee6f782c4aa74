/*
 * base/random.c - unpredictable values, from the kernel.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "base/random.h"

#include <stdlib.h>
#include <sys/random.h>

void
random_bytes(void *buffer, size_t len)
{
    uint8_t *p = buffer;

    while (len) {
        ssize_t n = getrandom(p, len, 0);

        if (n < 0) {
            abort();
        }

        p += n;
        len -= (size_t)n;
    }
}

uint32_t
random_u32(void)
{
    uint32_t v;

    random_bytes(&v, sizeof(v));

    return v;
}

/* a system call for many characters; each of them equally likely */
static void
random_chars(char *buffer, size_t len, const char *alphabet, uint8_t count)
{
    uint8_t limit = (uint8_t)(256 / count * count - 1);
    uint8_t bytes[64];
    size_t left = 0;

    for (size_t i = 0; i < len;) {
        uint8_t byte;

        if (left == 0) {
            left = sizeof(bytes);
            random_bytes(bytes, left);
        }

        byte = bytes[--left];

        if (byte <= limit) {
            buffer[i++] = alphabet[byte % count];
        }
    }

    buffer[len] = '\0';
}

void
random_hex(char *buffer, size_t len)
{
    random_chars(buffer, len, "0123456789abcdef", 16);
}

void
random_text(char *buffer, size_t len)
{
    random_chars(buffer, len,
                 "0123456789abcdefghijklmnopqrstuvwxyz"
                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ", 62);
}
