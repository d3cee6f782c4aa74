/*
 * dtls/memory.c - where OpenSSL's large buffers lie.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "dtls/memory.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { BLOCKS = 65536 };        /* 1.5 GB of addresses, not of memory */

/* free blocks; the count tells where it ends */
struct stack {
    uint32_t top;
    size_t count;
};

struct region {
    pthread_mutex_t lock;
    uint8_t *base;              /* NULL: there is none; set once, at first */
    uint32_t *next;             /* of the stacks, by block */
    uint32_t fresh;             /* this and those behind were never used */
    struct stack warm;
    struct stack cold;          /* their pages went back */
};

/* OpenSSL's hooks are for the process, and so is what they work on */
static struct region *
region(void)
{
    static struct region only = { .lock = PTHREAD_MUTEX_INITIALIZER };

    return &only;
}

static void *
map(size_t len)
{
    void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return p != MAP_FAILED ? p : NULL;
}

static void
begin(struct region *r)
{
    const size_t len = (size_t)BLOCKS * DTLS_MEMORY_BLOCK;

    r->next = map(BLOCKS * sizeof(*r->next));
    r->base = r->next != NULL ? map(len) : NULL;

    if (r->base != NULL) {
        /* a huge page would not go back before all its blocks are free */
        madvise(r->base, len, MADV_NOHUGEPAGE);
    }
}

static void
push(struct region *r, struct stack *stack, uint32_t block)
{
    r->next[block] = stack->top;
    stack->top = block;
    stack->count++;
}

static uint32_t
pop(struct region *r, struct stack *stack)
{
    uint32_t block = stack->top;

    stack->top = r->next[block];
    stack->count--;

    return block;
}

static void *
take_block(struct region *r)
{
    uint32_t block = BLOCKS;

    pthread_mutex_lock(&r->lock);

    if (r->warm.count) {
        block = pop(r, &r->warm);
    } else if (r->cold.count) {
        block = pop(r, &r->cold);
    } else if (r->base != NULL && r->fresh < BLOCKS) {
        block = r->fresh++;
    }

    pthread_mutex_unlock(&r->lock);

    return block < BLOCKS ? r->base + (size_t)block * DTLS_MEMORY_BLOCK : NULL;
}

static bool
is_ours(const struct region *r, const void *p)
{
    uintptr_t base = (uintptr_t)r->base;
    uintptr_t at = (uintptr_t)p;

    return base && at >= base
           && at < base + (size_t)BLOCKS * DTLS_MEMORY_BLOCK;
}

static void
give_block(struct region *r, void *p)
{
    uint32_t block = (uint32_t)((size_t)((uint8_t *)p - r->base)
                                / DTLS_MEMORY_BLOCK);
    bool warm;

    pthread_mutex_lock(&r->lock);
    warm = r->warm.count < DTLS_MEMORY_WARM;

    if (warm) {
        push(r, &r->warm, block);
    }

    pthread_mutex_unlock(&r->lock);

    if (warm) {
        return;
    }

    /* still nobody else's, so others need not wait for the system */
    madvise(p, DTLS_MEMORY_BLOCK, MADV_DONTNEED);
    pthread_mutex_lock(&r->lock);
    push(r, &r->cold, block);
    pthread_mutex_unlock(&r->lock);
}

void *
dtls_memory_alloc(size_t size)
{
    void *p = NULL;

    if (size >= DTLS_MEMORY_LARGE && size <= DTLS_MEMORY_BLOCK) {
        p = take_block(region());
    }

    return p != NULL ? p : malloc(size);
}

void
dtls_memory_free(void *block)
{
    if (is_ours(region(), block)) {
        give_block(region(), block);
    } else {
        free(block);
    }
}

void *
dtls_memory_resize(void *old, size_t size)
{
    void *p;

    if (old == NULL) {
        return dtls_memory_alloc(size);
    }

    if (!is_ours(region(), old)) {
        return realloc(old, size);
    }

    if (size <= DTLS_MEMORY_BLOCK) {
        return old;
    }

    p = malloc(size);

    if (p != NULL) {
        memcpy(p, old, DTLS_MEMORY_BLOCK);
        dtls_memory_free(old);
    }

    return p;
}

void
dtls_memory_count(size_t *used, size_t *warm)
{
    struct region *r = region();

    pthread_mutex_lock(&r->lock);
    *warm = r->warm.count;
    *used = r->fresh - r->warm.count - r->cold.count;
    pthread_mutex_unlock(&r->lock);
}

static void *
hook_alloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;

    return dtls_memory_alloc(size);
}

static void *
hook_resize(void *old, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;

    /* this is how OpenSSL's own does it */
    if (old != NULL && size == 0) {
        dtls_memory_free(old);
        return NULL;
    }

    return dtls_memory_resize(old, size);
}

static void
hook_free(void *block, const char *file, int line)
{
    (void)file;
    (void)line;
    dtls_memory_free(block);
}

bool
dtls_memory_use(void)
{
    if (region()->base == NULL) {
        begin(region());
    }

    return CRYPTO_set_mem_functions(hook_alloc, hook_resize, hook_free) == 1;
}
