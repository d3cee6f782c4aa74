/*
 * base/log.c - one line an event.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "base/log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"

static const char *const level_names[] = {
    [LOG_ERROR] = "error", [LOG_WARN] = "warn",   [LOG_NOTICE] = "notice",
    [LOG_INFO] = "info",   [LOG_DEBUG] = "debug",
};

static int
open_file(const char *path)
{
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

int
log_open(struct log *log, const char *path, enum log_level level)
{
    *log = (struct log){ .fd = STDERR_FILENO, .level = level, .path = path };

    if (path != NULL) {
        log->fd = open_file(path);

        if (log->fd == -1) {
            log->fd = STDERR_FILENO;
            log->path = NULL;
            return SFU_ERR_SYSTEM;
        }
    }

    return 0;
}

void
log_close(struct log *log)
{
    if (log->path != NULL) {
        close(log->fd);
    }

    log->fd = STDERR_FILENO;
    log->path = NULL;
}

int
log_reopen(struct log *log)
{
    int fd;
    int moved;

    if (log->path == NULL) {
        return 0;
    }

    fd = open_file(log->path);

    if (fd == -1) {
        return SFU_ERR_SYSTEM;
    }

    /* atomic for the threads that write meanwhile */
    moved = dup3(fd, log->fd, O_CLOEXEC);
    close(fd);

    return moved == -1 ? SFU_ERR_SYSTEM : 0;
}

int
log_level_parse(const char *name)
{
    for (int i = LOG_ERROR; i <= LOG_DEBUG; i++) {
        if (strcmp(name, level_names[i]) == 0) {
            return i;
        }
    }

    return -1;
}

void
log_write(struct log *log, enum log_level level, const char *format, ...)
{
    char line[2048];
    struct tm tm;
    time_t now;
    size_t len;
    va_list args;
    int n;

    if (level > log->level) {
        return;
    }

    now = time(NULL);
    localtime_r(&now, &tm);
    len = strftime(line, sizeof(line), "%Y/%m/%d %H:%M:%S ", &tm);
    n = snprintf(line + len, sizeof(line) - len, "[%s] %d#%d: ",
                 level_names[level], (int)getpid(), (int)gettid());
    len += (size_t)n;

    va_start(args, format);
    n = vsnprintf(line + len, sizeof(line) - len, format, args);
    va_end(args);

    if (n < 0) {
        return;
    }

    len += (size_t)n;

    if (len >= sizeof(line)) {
        len = sizeof(line) - 1;
    }

    /* what peers sent stays on its line */
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)line[i] < ' ') {
            line[i] = '.';
        }
    }

    line[len++] = '\n';

    if (write(log->fd, line, len) == -1) {
        return;         /* where would one say so? */
    }
}
