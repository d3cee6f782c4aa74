/*
 * base/log.h - one line an event.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A line reads "2026/11/21 10:00:00 [info] 123#4: text".  Any thread may
 * write; a line is one write(2), so lines of threads never mix.  Nothing on a
 * packet's way logs.
 */

#ifndef SFU_BASE_LOG_H
#define SFU_BASE_LOG_H

#include <stdbool.h>

enum log_level {
    LOG_ERROR,
    LOG_WARN,
    LOG_NOTICE,
    LOG_INFO,
    LOG_DEBUG,
};

struct log {
    int fd;                     /* owned unless it is standard error */
    enum log_level level;
    const char *path;           /* borrowed; NULL for standard error */
};

/* path NULL: standard error.  SFU_ERR_SYSTEM */
int log_open(struct log *log, const char *path, enum log_level level);
void log_close(struct log *log);
/* after rotation; on failure the old file stays.  SFU_ERR_SYSTEM */
int log_reopen(struct log *log);

/* -1 when there is no such level */
int log_level_parse(const char *name);

void log_write(struct log *log, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define log_error(log, ...) log_write(log, LOG_ERROR, __VA_ARGS__)
#define log_warn(log, ...) log_write(log, LOG_WARN, __VA_ARGS__)
#define log_notice(log, ...) log_write(log, LOG_NOTICE, __VA_ARGS__)
#define log_info(log, ...) log_write(log, LOG_INFO, __VA_ARGS__)
#define log_debug(log, ...) log_write(log, LOG_DEBUG, __VA_ARGS__)

#endif
