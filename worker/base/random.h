/*
 * base/random.h - unpredictable values, from the kernel.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_BASE_RANDOM_H
#define SFU_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* ends the process if the kernel has none, which Linux does not do */
void random_bytes(void *buffer, size_t len);
uint32_t random_u32(void);
/* len characters of [0-9a-f] and a terminating zero */
void random_hex(char *buffer, size_t len);
/* len characters of [0-9A-Za-z], a legal ice-char each (RFC 8839) */
void random_text(char *buffer, size_t len);

#endif
