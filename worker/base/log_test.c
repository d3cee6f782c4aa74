/*
 * base/log_test.c - one line an event, whatever is in it.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "base/log.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "test/tap.h"

static char path[64];
static char moved[80];

/* the file, whole; to be freed */
static char *
contents(const char *name)
{
    char *text = calloc(1, 1 << 20);
    FILE *file = fopen(name, "r");

    if (file != NULL) {
        if (fread(text, 1, (1 << 20) - 1, file) == 0) {
            /* empty */
        }

        fclose(file);
    }

    return text;
}

static int
lines(const char *text)
{
    int n = 0;

    for (; *text; text++) {
        n += *text == '\n';
    }

    return n;
}

static void
one_line(void)
{
    struct log log;
    char *text;
    char longest[5000];
    int date[6], pid, tid, end = 0;

    tap_is_int(log_open(&log, path, LOG_INFO), 0, "a file");
    log_info(&log, "session %s: %d", "x", 7);
    log_debug(&log, "not this");
    text = contents(path);
    tap_is_int(sscanf(text, "%4d/%2d/%2d %2d:%2d:%2d [info] %d#%d: %n",
                      &date[0], &date[1], &date[2], &date[3], &date[4],
                      &date[5], &pid, &tid, &end), 8,
               "a line begins with its time, level, process and thread");
    tap_is_str(text + end, "session x: 7\n", "and then says it");
    tap_is_int(pid, getpid(), "the process is this one");
    free(text);

    log_error(&log, "a\nb\r\nc\td\x1b[31m\x01 and \xc3\xa9");
    text = contents(path);
    tap_is_int(lines(text), 2, "line breaks of peers stay inside");
    tap_ok(strstr(text, "a.b..c.d.[31m. and \xc3\xa9\n") != NULL,
           "as do other control characters, and UTF-8 is left alone");
    free(text);

    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    log_warn(&log, "%s", longest);
    log_notice(&log, "next");
    text = contents(path);
    tap_ok(lines(text) == 4 && strstr(text, "xxx\n") != NULL
               && strlen(text) < 3000,
           "what is too long is cut, and ends its line");
    free(text);
    log_close(&log);
    log_close(&log);
    tap_is_int(log.fd, STDERR_FILENO, "closed, it is standard error");
}

static void
rotation(void)
{
    struct log log;
    char *old;
    char *new;
    int fd;

    unlink(path);
    log_open(&log, path, LOG_INFO);
    fd = log.fd;
    log_info(&log, "before");
    rename(path, moved);
    log_info(&log, "between");
    tap_is_int(log_reopen(&log), 0, "reopened");
    log_info(&log, "after");
    old = contents(moved);
    new = contents(path);
    tap_ok(strstr(old, "before") && strstr(old, "between")
               && !strstr(old, "after"), "the old file has what was before");
    tap_ok(lines(new) == 1 && strstr(new, "after"),
           "the new one what came after");
    tap_is_int(log.fd, fd, "threads keep their descriptor");
    free(old);
    free(new);

    log.path = "/no/such/folder/log";
    tap_is_int(log_reopen(&log), SFU_ERR_SYSTEM, "a new file that cannot be");
    log_info(&log, "still");
    log.path = path;
    new = contents(path);
    tap_is_int(lines(new), 2, "leaves the old one in use");
    free(new);
    log_close(&log);
    tap_is_int(log_open(&log, "/no/such/folder/log", LOG_INFO),
               SFU_ERR_SYSTEM, "no such folder");
    tap_is_int(log.fd, STDERR_FILENO, "leaves standard error");
    tap_is_int(log_reopen(&log), 0, "which needs no reopening");
    unlink(moved);
}

static void *
write_many(void *arg)
{
    for (int i = 0; i < 500; i++) {
        log_info(arg, "0123456789012345678901234567890123456789 end");
    }

    return NULL;
}

static void
threads(void)
{
    pthread_t thread[4];
    struct log log;
    char *text;
    int whole = 0;

    unlink(path);
    log_open(&log, path, LOG_INFO);

    for (int i = 0; i < 4; i++) {
        pthread_create(&thread[i], NULL, write_many, &log);
    }

    for (int i = 0; i < 20; i++) {
        log_reopen(&log);
    }

    for (int i = 0; i < 4; i++) {
        pthread_join(thread[i], NULL);
    }

    text = contents(path);

    for (char *p = text; (p = strstr(p, "0123456789 end\n")) != NULL; p++) {
        whole++;
    }

    tap_is_int(whole, 2000, "lines of threads do not mix, reopened or not");
    free(text);
    log_close(&log);
    unlink(path);
}

static void
levels(void)
{
    tap_is_int(log_level_parse("error"), LOG_ERROR, "error");
    tap_is_int(log_level_parse("debug"), LOG_DEBUG, "debug");
    tap_is_int(log_level_parse("Debug"), -1, "but not Debug");
    tap_is_int(log_level_parse(""), -1, "nor nothing");
}

int
main(void)
{
    snprintf(path, sizeof(path), "/tmp/sfu-log-test.%d", (int)getpid());
    snprintf(moved, sizeof(moved), "%s.1", path);
    one_line();
    rotation();
    threads();
    levels();

    return tap_done();
}
