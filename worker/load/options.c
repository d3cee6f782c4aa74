/*
 * load/options.c - the command line of sfu-load.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "load/options.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "load/description.h"
#include "load/dialect.h"
#include "load/payload.h"
#include "load/sender.h"

enum kind {
    FLAG, OFF,                  /* a bool; OFF is set by "off" */
    TEXT, COUNT, NUMBER, SECONDS, MILLISECONDS,
    CODECS, ROLE, PROFILE, PID,
};

struct option {
    const char *name;
    enum kind kind;
    size_t offset;
    double min;
    double max;
};

#define AT(member) offsetof(struct load_options, member)

static const struct option options[] = {
    { "help", FLAG, AT(help), 0, 0 },
    { "version", FLAG, AT(version), 0, 0 },
    { "dialect", TEXT, AT(dialect), 0, 0 },
    { "url", TEXT, AT(url), 0, 0 },
    { "app", TEXT, AT(app), 0, 0 },
    { "secret", TEXT, AT(secret), 0, 0 },
    { "room", COUNT, AT(room), 0, 1e15 },
    { "publishers", COUNT, AT(publishers), 1, 10000 },
    { "subscribers", COUNT, AT(subscribers), 0, 100000 },
    { "rooms", COUNT, AT(rooms), 1, 10000 },
    { "codec", CODECS, 0, 0, 0 },
    { "bitrate", COUNT, AT(bitrate), 10000, 50000000 },
    { "fps", COUNT, AT(fps), 1, 120 },
    { "packet-size", COUNT, AT(packet_size), 12 + LOAD_PAYLOAD_MIN,
      LOAD_PACKET_MAX },
    { "simulcast", FLAG, AT(simulcast), 0, 0 },
    { "rid", TEXT, AT(rid), 0, 0 },
    { "overload", NUMBER, AT(overload), 0, 100 },
    { "profile", PROFILE, AT(profile), 0, 0 },
    { "dtls-role", ROLE, 0, 0, 0 },
    { "awake", OFF, AT(awake), 0, 0 },
    { "gro", OFF, AT(gro), 0, 0 },
    { "nack", OFF, AT(nack), 0, 0 },
    { "rtx", OFF, AT(rtx), 0, 0 },
    { "feedback", MILLISECONDS, AT(feedback), 0, 10000 },
    { "warmup", SECONDS, AT(warmup), 0, 3600 },
    { "duration", SECONDS, AT(duration), 0.1, 86400 },
    { "drain", MILLISECONDS, AT(drain), 0, 60000 },
    { "decrypt", COUNT, AT(decrypt), 1, 10000 },
    { "loss", NUMBER, AT(loss), 0, 90 },
    { "rtt", MILLISECONDS, AT(rtt), 0, 1000 },
    { "rate", NUMBER, AT(rate), 0.1, 10000 },
    { "joining", COUNT, AT(joining), 1, 10000 },
    { "pid", PID, 0, 1, 1e9 },
    { "json", TEXT, AT(json), 0, 0 },
    { "quiet", FLAG, AT(quiet), 0, 0 },
    { "progress", FLAG, AT(progress), 0, 0 },
};

enum { OPTIONS = sizeof(options) / sizeof(options[0]) };

static const char *const scenarios[] = {
    "fanout", "meeting", "rooms", "storm", "idle",
};

enum { SCENARIOS = sizeof(scenarios) / sizeof(scenarios[0]) };

static const struct {
    const char *name;
    const char *list;
} profiles[] = {
    { "gcm", "SRTP_AEAD_AES_128_GCM" },
    { "gcm256", "SRTP_AEAD_AES_256_GCM" },
    { "cm-sha1", "SRTP_AES128_CM_SHA1_80" },
};

enum { PROFILES = sizeof(profiles) / sizeof(profiles[0]) };

const char *
load_scenario_name(enum load_scenario_kind kind)
{
    return scenarios[kind];
}

const char *
load_profile_list(const char *profile)
{
    for (size_t i = 0; i < PROFILES; i++) {
        if (strcmp(profiles[i].name, profile) == 0) {
            return profiles[i].list;
        }
    }

    return NULL;
}

/* "2.5m", "100k", "30"; k and m are thousands, as bitrates have them */
static bool
number_of(const char *text, double *value)
{
    size_t len = strspn(text, "0123456789.");
    char *end;

    if (!isdigit((unsigned char)text[0]) || len > 20) {
        return false;
    }

    *value = strtod(text, &end);

    if (end != text + len) {
        return false;
    }

    if (strcmp(end, "k") == 0) {
        *value *= 1000;
        end++;
    } else if (strcmp(end, "m") == 0) {
        *value *= 1000000;
        end++;
    }

    return *end == '\0';
}

static const char *
set_codecs(struct load_options *o, const char *text)
{
    bool have[2] = { false, false };

    o->codec_count = 0;

    while (*text) {
        size_t len = strcspn(text, "+");
        enum codec_id codec;
        enum media_kind kind;

        if (!load_codec_by_name(text, len, &codec, &kind)) {
            return "has a codec that is none of vp8, h264 and opus";
        }

        if (have[kind]) {
            return "has two codecs of one kind";
        }

        have[kind] = true;
        o->codecs[o->codec_count++] = codec;
        text += len;
        text += *text == '+';
    }

    return o->codec_count ? NULL : "names no codec";
}

static const char *
set_role(struct load_options *o, const char *text)
{
    if (strcmp(text, "active") == 0) {
        o->dtls_role = SDP_SETUP_ACTIVE;
    } else if (strcmp(text, "passive") == 0) {
        o->dtls_role = SDP_SETUP_PASSIVE;
    } else if (strcmp(text, "actpass") == 0) {
        o->dtls_role = SDP_SETUP_ACTPASS;
    } else {
        return "is none of active, passive and actpass";
    }

    return NULL;
}

static const char *
set_number(struct load_options *o, const struct option *option,
           const char *text)
{
    void *at = (char *)o + option->offset;
    double v;

    if (!number_of(text, &v)) {
        return "is no number";
    }

    if (v < option->min || v > option->max) {
        return "is out of range";
    }

    switch (option->kind) {
    case NUMBER:
        *(double *)at = v;
        return NULL;
    case SECONDS:
        *(usec_t *)at = (usec_t)(v * USEC_PER_SEC);
        return NULL;
    case MILLISECONDS:
        *(usec_t *)at = (usec_t)(v * USEC_PER_MS);
        return NULL;
    case PID:
        if (o->pid_count == LOAD_PIDS_MAX) {
            return "is one too many";
        }

        o->pids[o->pid_count++] = (pid_t)v;
        return NULL;
    default:
        break;
    }

    if (v != (double)(uint64_t)v) {
        return "is no whole number";
    }

    /* the two that are no size_t or uint64_t */
    if (option->offset == AT(fps) || option->offset == AT(decrypt)) {
        *(unsigned *)at = (unsigned)v;
    } else {
        *(uint64_t *)at = (uint64_t)v;
    }

    return NULL;
}

/* NULL, or what is wrong with the value */
static const char *
set(struct load_options *o, const struct option *option, const char *text)
{
    void *at = (char *)o + option->offset;

    switch (option->kind) {
    case FLAG:
        *(bool *)at = true;
        return NULL;
    case OFF:
        *(bool *)at = strcmp(text, "on") == 0;
        return *(bool *)at || strcmp(text, "off") == 0
                   ? NULL
                   : "is neither on nor off";
    case TEXT:
        *(const char **)at = text;
        return strlen(text) < 512 ? NULL : "is too long";
    case CODECS:
        return set_codecs(o, text);
    case ROLE:
        return set_role(o, text);
    case PROFILE:
        *(const char **)at = text;
        return load_profile_list(text) != NULL
                   ? NULL
                   : "is none of gcm, gcm256 and cm-sha1";
    default:
        return set_number(o, option, text);
    }
}

static const struct option *
find(const char *name, size_t len)
{
    for (size_t i = 0; i < OPTIONS; i++) {
        if (strlen(options[i].name) == len
            && strncmp(options[i].name, name, len) == 0) {
            return &options[i];
        }
    }

    return NULL;
}

static void
set_defaults(struct load_options *o)
{
    *o = (struct load_options){
        .dialect = "cloudflare", .app = "demo", .secret = "", .rid = "",
        .room = 1234, .publishers = 1, .subscribers = 1, .rooms = 10,
        .codecs = { CODEC_VP8 }, .codec_count = 1, .bitrate = 2500000,
        .fps = 30, .packet_size = 1162, .profile = "gcm", .gro = true,
        .nack = true, .rtx = true, .feedback = 100 * USEC_PER_MS,
        .warmup = 2 * USEC_PER_SEC, .duration = 10 * USEC_PER_SEC,
        .drain = 500 * USEC_PER_MS, .decrypt = 17, .rate = 100,
        .joining = 64,
    };
}

/* what only makes sense together; NULL: all well */
static const char *
check(struct load_options *o)
{
    if (load_dialect_find(o->dialect) == NULL) {
        return "--dialect is none of cloudflare, whip and janus";
    }

    if (o->url == NULL) {
        return "--url is missing: where the server is";
    }

    if (o->scenario == LOAD_MEETING && o->publishers < 2) {
        return "a meeting needs --publishers 2 or more";
    }

    if (o->scenario == LOAD_IDLE && o->subscribers == 0) {
        return "idle needs --subscribers 1 or more";
    }

    /* one packet has to be long enough in any frame */
    if (o->bitrate / 8 / o->fps < 12 + LOAD_PAYLOAD_MIN) {
        return "--bitrate is too low for a packet in each frame";
    }

    return NULL;
}

static int
set_scenario(struct load_options *o, const char *name)
{
    for (size_t i = 0; i < SCENARIOS; i++) {
        if (strcmp(scenarios[i], name) == 0) {
            o->scenario = (enum load_scenario_kind)i;
            return 0;
        }
    }

    return SFU_ERR_NOT_FOUND;
}

/* "--name value" or "--name=value"; how many words it took, 0: told */
static int
read_option(struct load_options *o, char **words, int left, FILE *err)
{
    const char *name = words[0] + 2;
    size_t len = strcspn(name, "=");
    const struct option *option = find(name, len);
    const char *value = name[len] == '=' ? name + len + 1 : NULL;
    int taken = 1;
    const char *why;

    if (option == NULL) {
        fprintf(err, "sfu-load: there is no option --%.*s\n", (int)len, name);
        return 0;
    }

    if (option->kind == FLAG) {
        if (value != NULL) {
            fprintf(err, "sfu-load: --%s takes no value\n", option->name);
            return 0;
        }

        value = "";
    } else if (value == NULL) {
        if (left < 2) {
            fprintf(err, "sfu-load: --%s needs a value\n", option->name);
            return 0;
        }

        value = words[1];
        taken = 2;
    }

    why = set(o, option, value);

    if (why != NULL) {
        fprintf(err, "sfu-load: --%s \"%s\" %s\n", option->name, value, why);
        return 0;
    }

    return taken;
}

int
load_options_read(struct load_options *o, int argc, char **argv, FILE *err)
{
    bool scenario = false;
    const char *why;

    set_defaults(o);

    for (int i = 1; i < argc;) {
        int taken = 1;

        if (strncmp(argv[i], "--", 2) == 0) {
            taken = read_option(o, argv + i, argc - i, err);

            if (taken == 0) {
                return SFU_ERR_MALFORMED;
            }
        } else if (scenario || set_scenario(o, argv[i])) {
            fprintf(err, "sfu-load: \"%s\" is %s\n", argv[i],
                    scenario ? "one scenario too many"
                             : "none of fanout, meeting, rooms, storm, idle");
            return SFU_ERR_MALFORMED;
        } else {
            scenario = true;
        }

        i += taken;
    }

    if (o->help || o->version) {
        return 0;
    }

    why = scenario ? check(o)
                   : "which scenario? fanout, meeting, rooms, storm or idle";

    if (why != NULL) {
        fprintf(err, "sfu-load: %s; --help tells more\n", why);
        return SFU_ERR_MALFORMED;
    }

    return 0;
}
