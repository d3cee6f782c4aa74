/*
 * config/options.h - the worker's options, of the command line and the file.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Both have the same names and the same values; docs/worker.md lists them.
 * The command line wins, except that lists add up.
 */

#ifndef SFU_CONFIG_OPTIONS_H
#define SFU_CONFIG_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/log.h"
#include "channel/settings.h"
#include "data/settings.h"
#include "feed/settings.h"
#include "room/settings.h"
#include "ipc/server.h"
#include "media/settings.h"
#include "sfu/settings.h"

enum { OPTIONS_TEXT_MAX = 512 };

struct options {
    bool help;
    bool version;
    bool check;
    char config[OPTIONS_TEXT_MAX];

    char ipc[OPTIONS_TEXT_MAX];
    unsigned ipc_mode;                  /* written in octal */
    size_t ipc_pending;
    char log[OPTIONS_TEXT_MAX];         /* empty: standard error */
    enum log_level log_level;
    char pid[OPTIONS_TEXT_MAX];
    char store[OPTIONS_TEXT_MAX];       /* empty: in memory */

    char media_address[OPTIONS_TEXT_MAX];
    size_t media_port;
    size_t loops;                       /* 0: one for each core */
    char announce[SFU_ANNOUNCE_MAX][OPTIONS_TEXT_MAX];
    size_t announce_count;              /* 0: the host's own addresses */

    struct media_settings media;
    struct data_settings data;
    struct feed_settings feed;
    struct room_settings room;
    struct channel_settings channel;
    struct sfu_settings sfu;
};

void options_init(struct options *o);

/*
 * The file that --config names, then the command line.  What is wrong goes to
 * err, one line each, with the file and line or the option.
 * SFU_ERR_MALFORMED
 */
int options_read(struct options *o, int argc, char **argv, FILE *err);

/*
 * Fits the pieces together: addresses, ports, candidates; the result borrows
 * from the options.  SFU_ERR_MALFORMED, told on err
 */
int options_finish(struct options *o, FILE *err);

void options_print_help(FILE *out);

#endif
