/*
 * dtls/memory.h - where OpenSSL's large buffers lie.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A handshake takes three buffers of 17 to 22 kB for a moment.  From malloc()
 * they leave holes between what stays, which never go back to the system:
 * after a storm the worker would keep what the storm needed.  So they come in
 * blocks of one size from a region of their own, a few are kept warm for the
 * next handshakes, and the pages of all others go back at once.
 */

#ifndef SFU_DTLS_MEMORY_H
#define SFU_DTLS_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

enum {
    DTLS_MEMORY_LARGE = 16384,          /* smaller ones are malloc()'s */
    DTLS_MEMORY_BLOCK = 24576,          /* so are larger ones */
    DTLS_MEMORY_WARM = 64,              /* free blocks that keep their pages */
};

/*
 * For the whole process, before there is a second thread and before OpenSSL
 * allocates anything.  Whether OpenSSL agreed: else, and where address space
 * is short, malloc() serves as ever.
 */
bool dtls_memory_use(void);

/* what OpenSSL is given; as malloc(), realloc() and free() */
void *dtls_memory_alloc(size_t size);
void *dtls_memory_resize(void *old, size_t size);
void dtls_memory_free(void *block);

/* blocks in use, and free ones that keep their pages */
void dtls_memory_count(size_t *used, size_t *warm);

#endif
