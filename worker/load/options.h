/*
 * load/options.h - the command line of sfu-load.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_LOAD_OPTIONS_H
#define SFU_LOAD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/clock.h"
#include "codec/codec.h"
#include "sdp/description.h"

enum {
    LOAD_PIDS_MAX = 64,
    LOAD_CODECS_MAX = 2,        /* one of sound, one of pictures */
};

enum load_scenario_kind {
    LOAD_FANOUT,
    LOAD_MEETING,
    LOAD_ROOMS,
    LOAD_STORM,
    LOAD_IDLE,
};

struct load_options {
    bool help;
    bool version;
    enum load_scenario_kind scenario;

    const char *dialect;        /* these point into the command line */
    const char *url;
    const char *app;
    const char *secret;
    uint64_t room;

    size_t publishers;          /* of a room */
    size_t subscribers;
    size_t rooms;
    enum codec_id codecs[LOAD_CODECS_MAX];
    size_t codec_count;
    uint64_t bitrate;
    unsigned fps;
    size_t packet_size;
    bool simulcast;
    const char *rid;            /* the layer that viewers want; "": any */
    double overload;            /* 0: nobody is overloaded */

    const char *profile;        /* gcm, gcm256, cm-sha1 */
    enum sdp_setup dtls_role;   /* SDP_SETUP_NONE: as browsers do */
    bool awake;                 /* never sleeps */
    bool gro;
    bool nack;
    bool rtx;
    usec_t feedback;            /* between transport-cc; 0: none */

    usec_t warmup;
    usec_t duration;
    usec_t drain;
    unsigned decrypt;
    double loss;                /* percent */
    usec_t rtt;                 /* what reports make servers believe */
    double rate;                /* joins a second */
    size_t joining;             /* at once, outside of a storm */

    pid_t pids[LOAD_PIDS_MAX];
    size_t pid_count;
    const char *json;           /* "-": standard output */
    bool quiet;
    bool progress;
};

/*
 * What is wrong goes to err, one line each.  SFU_ERR_MALFORMED
 */
int load_options_read(struct load_options *o, int argc, char **argv,
                      FILE *err);

void load_options_print_help(FILE *out);

const char *load_scenario_name(enum load_scenario_kind kind);
/* the profiles that DTLS is to offer, as OpenSSL lists them */
const char *load_profile_list(const char *profile);

#endif
