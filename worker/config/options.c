/*
 * config/options.c - the worker's options, of the command line and the file.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "config/options.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "base/error.h"
#include "config/addresses.h"

enum option_type {
    OPTION_HEADING,             /* help only */
    OPTION_FLAG,                /* command line only */
    OPTION_TEXT,
    OPTION_LIST,                /* announce */
    OPTION_COUNT,               /* 10, 64k, 4m */
    OPTION_POWER,               /* a count that is a power of two */
    OPTION_INT,                 /* a count in an int, or unsigned */
    OPTION_TIME,                /* 500ms, 30s, 2m; seconds by default */
    OPTION_BOOL,                /* on, off */
    OPTION_OCTAL,
    OPTION_LEVEL,
};

struct option {
    const char *name;
    enum option_type type;
    size_t offset;
    const char *initial;
    double min;
    double max;
    const char *help;
};

#define AT(member) offsetof(struct options, member)

static const struct option options[] = {
    { "Processes", OPTION_HEADING, 0, NULL, 0, 0, NULL },
    { "config", OPTION_TEXT, AT(config), "", 0, 0,
      "file with the same options, \"name = value\" a line" },
    { "ipc", OPTION_TEXT, AT(ipc), "ipc:///run/sfu/worker.sock", 0, 0,
      "where nginx finds the worker: ipc:///path or tcp://host:port" },
    { "ipc-mode", OPTION_OCTAL, AT(ipc_mode), "0660", 0, 0777,
      "permissions of the ipc file" },
    { "ipc-pending", OPTION_COUNT, AT(ipc_pending), "10000", 1, 1e7,
      "requests that may be open at once" },
    { "log", OPTION_TEXT, AT(log), "", 0, 0,
      "log file; standard error without it" },
    { "log-level", OPTION_LEVEL, AT(log_level), "info", 0, 0,
      "error, warn, notice, info or debug" },
    { "pid", OPTION_TEXT, AT(pid), "", 0, 0, "file for the process id" },
    { "store", OPTION_TEXT, AT(store), "", 0, 0,
      "file of what outlives the worker: channels, rooms; memory without it" },
    { "drain-time", OPTION_TIME, AT(sfu.drain_time), "30s", 0, 86400,
      "how long sessions may go on after SIGTERM" },

    { "Media", OPTION_HEADING, 0, NULL, 0, 0, NULL },
    { "media-address", OPTION_TEXT, AT(media_address), "::", 0, 0,
      "local address of the media sockets; :: is all, with IPv4" },
    { "media-port", OPTION_COUNT, AT(media_port), "10000", 1, 65535,
      "UDP and TCP port of the first loop; one up for each further loop" },
    { "loops", OPTION_COUNT, AT(loops), "0", 0, MEDIA_LOOPS_MAX,
      "media threads; 0: one for each core" },
    { "announce", OPTION_LIST, AT(announce), NULL, 0, 0,
      "public address, for 1:1 NAT; may be repeated" },
    { "tcp", OPTION_BOOL, AT(media.tcp), "on", 0, 0,
      "passive TCP candidates" },
    { "socket-buffer", OPTION_INT, AT(media.socket_buffer), "4m", 65536,
      1 << 30, "bytes of a UDP socket's buffers, each way" },

    { "Limits", OPTION_HEADING, 0, NULL, 0, 0, NULL },
    { "sessions", OPTION_COUNT, AT(sfu.sessions_max), "20000", 1, 1e7,
      "sessions of the worker" },
    { "tracks", OPTION_COUNT, AT(sfu.tracks_max), "512", 1, 65535,
      "tracks of a session, published and subscribed" },
    { "streams", OPTION_COUNT, AT(media.streams_max), "256", 1, 65535,
      "SSRCs that a session may send" },
    { "requests-per-second", OPTION_INT, AT(sfu.requests_per_second), "50", 1,
      1e6, "requests of a session" },
    { "queue", OPTION_COUNT, AT(sfu.queue_max), "64", 1, 65535,
      "requests of a session that may wait" },
    { "sdp-bytes", OPTION_COUNT, AT(sfu.sdp.bytes), "1m", 1024, 1 << 24,
      "length of a session description" },
    { "sdp-sections", OPTION_COUNT, AT(sfu.sdp.media), "256", 1, 65535,
      "m-sections of a session description" },
    { "candidates", OPTION_COUNT, AT(sfu.candidates_max), "8", 0, 16,
      "of a third party, that are checked; 0: sessions with one are refused" },
    { "layers", OPTION_COUNT, AT(sfu.sdp.layers), "4", 1, MEDIA_LAYERS_MAX,
      "encodings of a simulcast track that are accepted; 1: none but the first" },
    { "resend-percent", OPTION_INT, AT(media.resend_percent), "100", 0, 10000,
      "bytes sent again to a session, of those it was sent" },
    { "resend-burst", OPTION_COUNT, AT(media.resend_burst), "1m", 2048, 1 << 30,
      "bytes of that which may be saved up" },
    { "run-padding", OPTION_INT, AT(media.run_padding), "2", 0, 20,
      "percent of a packet that may be added, for longer runs of equal size" },
    { "tcp-connections", OPTION_COUNT, AT(media.tcp_limits.connections_max),
      "4096", 1, 1e6, "TCP connections of a loop" },
    { "tcp-unproved", OPTION_COUNT, AT(media.tcp_limits.unproved_max), "256",
      1, 1e6, "of these, connections without a valid check so far" },
    { "tcp-queue", OPTION_COUNT, AT(media.tcp_limits.queue_max), "256k", 4096,
      1 << 28, "bytes that wait for a slow TCP peer" },

    { "data-streams", OPTION_COUNT, AT(data.sctp.streams), "1024", 2, 65535,
      "SCTP streams of a session, each way; a data channel needs one" },
    { "data-tells", OPTION_INT, AT(data.tells_per_second), "50", 1, 65535,
      "messages for the worker itself, of a session, a second" },
    { "data-tell-max", OPTION_COUNT, AT(data.tell_max), "8k", 256, 65536,
      "bytes of such a message" },
    { "data-opens", OPTION_INT, AT(data.opens_per_second), "100", 1, 65535,
      "data channels that a session may open in-band, a second" },
    { "data-message", OPTION_COUNT, AT(data.sctp.message_max), "256k", 1024,
      1 << 24, "bytes of a message of a data channel" },
    { "data-queue", OPTION_COUNT, AT(data.queue_max), "1m", 1024, 1 << 30,
      "bytes that wait for one data channel of a slow session" },
    { "data-session", OPTION_COUNT, AT(data.session_max), "4m", 1024, 1 << 30,
      "bytes that wait for all data channels of a slow session" },

    { "room-participants", OPTION_COUNT, AT(room.participants_max), "32", 2,
      1000, "people in a room of its own; it has so many sessions, squared" },
    { "foreign-participants", OPTION_COUNT, AT(room.foreign_max), "1000", 2,
      100000, "people in a room that a foreign SFU serves" },
    { "questions", OPTION_COUNT, AT(channel.questions_max), "64", 1, 10000,
      "questions of HTTP clients that wait for the master of one channel" },
    { "questions-all", OPTION_COUNT, AT(channel.all_questions_max), "1000", 1,
      1e6, "the same of all channels; each is an open request" },
    { "connections", OPTION_COUNT, AT(feed.connections_max), "100000", 1, 1e7,
      "WebSockets of all nginx processes" },
    { "connection-events", OPTION_COUNT, AT(feed.events_max), "1024", 8, 1e6,
      "events that wait for one of them" },
    { "connection-bytes", OPTION_COUNT, AT(feed.bytes_max), "1m", 65536,
      1 << 30, "bytes of these" },

    { "Memory", OPTION_HEADING, 0, NULL, 0, 0, NULL },
    { "outbox", OPTION_COUNT, AT(media.outbox_slots), "512", 16, 1 << 20,
      "resends, RTCP and handshakes a loop collects" },
    { "burst-share", OPTION_COUNT, AT(media.burst_share), "8192", 1, 1e6,
      "packets that a track may send before others have their turn" },
    { "buffers", OPTION_COUNT, AT(media.buffers_max), "65536", 64, 1 << 24,
      "packets a loop keeps for retransmission" },
    { "history", OPTION_POWER, AT(media.history_packets), "1024", 16, 1 << 16,
      "of these, packets of one track; a power of two" },
    { "ring", OPTION_POWER, AT(media.ring_bytes), "4m", 65536, 1 << 28,
      "bytes between two loops; a power of two" },
    { "data-memory", OPTION_COUNT, AT(data.memory_max), "256m", 1024, 1e12,
      "bytes that wait for all data channels" },
    { "feed-memory", OPTION_COUNT, AT(feed.memory_max), "256m", 65536, 1e12,
      "bytes of events that wait for all nginx processes" },
    { "room-memory", OPTION_COUNT, AT(room.waiting_max), "64m", 65536, 1e12,
      "bytes of offers that wait in rooms while too many join" },
    { "mailbox-memory", OPTION_COUNT, AT(channel.memory_max), "256m", 65536,
      1e12, "bytes of messages that wait for clients who are away" },

    { "Times", OPTION_HEADING, 0, NULL, 0, 0, NULL },
    { "hold-time", OPTION_TIME, AT(sfu.hold_time), "5s", 0, 60,
      "a request waits for transport and media" },
    { "young-time", OPTION_TIME, AT(sfu.young_time), "10s", 0, 600,
      "a new track's first packet is waited for" },
    { "offer-expiry", OPTION_TIME, AT(sfu.offer_expiry), "15s", 1, 600,
      "an offer of ours stays pending" },
    { "connect-time", OPTION_TIME, AT(sfu.connect_time), "60s", 1, 3600,
      "a session may take to connect" },
    { "join-wait", OPTION_TIME, AT(sfu.join_wait), "200ms", 0.001, 600,
      "handshakes wait for their turn, until nobody else may join" },
    { "handshake-time", OPTION_TIME, AT(media.handshake_time), "30s", 1, 600,
      "DTLS may take" },
    { "consent-lost", OPTION_TIME, AT(media.consent_lost), "8s", 1, 600,
      "without checks a session counts as disconnected" },
    { "consent-expired", OPTION_TIME, AT(media.consent_expired), "30s", 2,
      3600, "without checks a session is over" },
    { "silent-time", OPTION_TIME, AT(media.source_silent), "30s", 1, 86400,
      "without packets a published track is over" },
    { "tcp-unproved-time", OPTION_TIME, AT(media.tcp_limits.unproved_time),
      "10s", 0.1, 600, "a TCP connection may be without a check" },
    { "keyframe-interval", OPTION_TIME, AT(media.keyframe_interval), "300ms",
      0, 60, "least time between two key frame requests for a track" },
    { "burst-wait", OPTION_TIME, AT(media.burst_wait), "0", 0, 0.01,
      "at most, for the rest of a burst that goes to many" },
    { "wake-interval", OPTION_TIME, AT(media.wake_interval), "0.4ms", 0, 0.01,
      "from waking up to the next time, where several bursts fit in" },
    { "report-interval", OPTION_TIME, AT(media.report_interval), "1s", 0.1,
      60, "RTCP reports" },
    { "transport-cc-interval", OPTION_TIME,
      AT(media.transport_cc_interval), "50ms", 0.01, 1,
      "congestion feedback to publishers" },
    { "data-ack-time", OPTION_TIME, AT(data.ack_time), "30s", 1, 600,
      "a subscriber's first message may take, if it is waited for" },
    { "feed-time", OPTION_TIME, AT(feed.time), "5s", 0.1, 600,
      "an nginx process may be without asking for events" },

    { "Other", OPTION_HEADING, 0, NULL, 0, 0, NULL },
    { "check", OPTION_FLAG, AT(check), NULL, 0, 0,
      "check the options, say what is wrong, and exit" },
    { "version", OPTION_FLAG, AT(version), NULL, 0, 0,
      "print the version and exit" },
    { "help", OPTION_FLAG, AT(help), NULL, 0, 0, "print this and exit" },
};

enum { OPTIONS = sizeof(options) / sizeof(options[0]) };

/* a decimal number with one of the suffixes; false when it is none */
static bool
number(const char *text, const char *const *suffixes, const double *factors,
       double *value)
{
    size_t len = strspn(text, "0123456789.");
    char *end;
    double v;

    /* strtod() alone would take 0x10, 1e9 and inf */
    if (!isdigit((unsigned char)text[0]) || len > 20) {
        return false;
    }

    v = strtod(text, &end);

    if (end != text + len) {
        return false;
    }

    for (size_t i = 0; suffixes[i] != NULL; i++) {
        if (strcasecmp(end, suffixes[i]) == 0) {
            *value = v * factors[i];
            return true;
        }
    }

    return false;
}

static bool
count_of(const char *text, double *value)
{
    static const char *const suffixes[] = { "", "k", "m", NULL };
    static const double factors[] = { 1, 1024, 1024 * 1024 };

    /* no more than 20 digits, but maybe more than an integer holds */
    return number(text, suffixes, factors, value)
           && (*value > 1e15 || *value == (double)(long long)*value);
}

static bool
seconds_of(const char *text, double *value)
{
    static const char *const suffixes[] = { "", "s", "ms", "m", NULL };
    static const double factors[] = { 1, 1, 0.001, 60 };

    return number(text, suffixes, factors, value);
}

static const char *
set_number(const struct option *option, void *at, const char *text)
{
    bool is_time = option->type == OPTION_TIME;
    double v;

    if (!(is_time ? seconds_of(text, &v) : count_of(text, &v))) {
        return is_time ? "is no time, such as 30s or 500ms"
                       : "is no number, such as 10, 64k or 4m";
    }

    if (v < option->min || v > option->max) {
        return "is out of range";
    }

    if (option->type == OPTION_POWER && ((size_t)v & ((size_t)v - 1))) {
        return "is no power of two";
    }

    if (is_time) {
        *(usec_t *)at = (usec_t)(v * USEC_PER_SEC);
    } else if (option->type == OPTION_INT) {
        *(unsigned *)at = (unsigned)v;
    } else {
        *(size_t *)at = (size_t)v;
    }

    return NULL;
}

/* NULL, or what is wrong with the value */
static const char *
set(struct options *o, const struct option *option, const char *text)
{
    void *at = (char *)o + option->offset;
    struct address address;
    char *end;
    long v;

    switch (option->type) {

    case OPTION_HEADING:
        return NULL;

    case OPTION_FLAG:
        *(bool *)at = true;
        return NULL;

    case OPTION_TEXT:
        if (strlen(text) >= OPTIONS_TEXT_MAX) {
            return "is too long";
        }

        strcpy(at, text);
        return NULL;

    case OPTION_LIST:
        if (o->announce_count == SFU_ANNOUNCE_MAX) {
            return "is one too many";
        }

        if (address_parse(&address, text, 0) || address_is_any(&address)) {
            return "is no IPv4 or IPv6 address";
        }

        strcpy(o->announce[o->announce_count++], text);
        return NULL;

    case OPTION_COUNT:
    case OPTION_POWER:
    case OPTION_INT:
    case OPTION_TIME:
        return set_number(option, at, text);

    case OPTION_BOOL:
        *(bool *)at = strcasecmp(text, "on") == 0;
        return strcasecmp(text, "on") == 0 || strcasecmp(text, "off") == 0
                   ? NULL
                   : "is neither on nor off";

    case OPTION_OCTAL:
        v = strtol(text, &end, 8);
        *(unsigned *)at = (unsigned)v;
        return isdigit((unsigned char)text[0]) && *end == '\0'
                       && v <= (long)option->max
                   ? NULL
                   : "is no mode such as 0660";

    case OPTION_LEVEL:
        v = log_level_parse(text);
        *(enum log_level *)at = v < 0 ? LOG_INFO : (enum log_level)v;
        return v < 0 ? "is no log level" : NULL;
    }

    return NULL;
}

static const struct option *
find(const char *name, size_t len)
{
    for (size_t i = 0; i < OPTIONS; i++) {
        if (options[i].type != OPTION_HEADING && strlen(options[i].name) == len
            && strncmp(options[i].name, name, len) == 0) {
            return &options[i];
        }
    }

    return NULL;
}

void
options_init(struct options *o)
{
    *o = (struct options){ 0 };
    o->sfu.sdp = sdp_limits_default();

    for (size_t i = 0; i < OPTIONS; i++) {
        if (options[i].initial != NULL) {
            set(o, &options[i], options[i].initial);
        }
    }
}


/* the file: "name = value" a line; comments begin with # or ; */

static char *
trimmed(char *text)
{
    char *end;

    text += strspn(text, " \t\r\n");
    end = text + strlen(text);

    while (end > text && strchr(" \t\r\n", end[-1]) != NULL) {
        *--end = '\0';
    }

    return text;
}

/* whether the line is fine; what is not is told behind "where" */
static bool
read_line(struct options *o, char *line, const char *where, FILE *err)
{
    const struct option *option;
    char *equals = strchr(line, '=');
    const char *wrong;
    char *name;
    char *value;

    if (line[0] == '\0' || line[0] == '#' || line[0] == ';') {
        return true;
    }

    if (equals == NULL) {
        fprintf(err, "%s: \"%s\" is not \"name = value\"\n", where, line);
        return false;
    }

    *equals = '\0';
    name = trimmed(line);
    value = trimmed(equals + 1);
    option = find(name, strlen(name));

    if (option == NULL || option->type == OPTION_FLAG
        || strcmp(name, "config") == 0) {
        fprintf(err, "%s: \"%s\" is no option of the file\n", where, name);
        return false;
    }

    wrong = set(o, option, value);

    if (wrong != NULL) {
        fprintf(err, "%s: \"%s = %s\": the value %s\n", where, name, value,
                wrong);
    }

    return wrong == NULL;
}

static int
read_file(struct options *o, const char *path, FILE *err)
{
    FILE *file = fopen(path, "r");
    char where[OPTIONS_TEXT_MAX + 16];
    char *line = NULL;
    size_t size = 0;
    int number = 0;
    int mistakes = 0;

    if (file == NULL) {
        fprintf(err, "cannot read %s: %s\n", path, strerror(errno));
        return SFU_ERR_MALFORMED;
    }

    while (getline(&line, &size, file) != -1) {
        snprintf(where, sizeof(where), "%s:%d", path, ++number);
        mistakes += !read_line(o, trimmed(line), where, err);
    }

    if (ferror(file)) {
        fprintf(err, "cannot read %s: %s\n", path, strerror(errno));
        mistakes++;
    }

    free(line);
    fclose(file);

    return mistakes ? SFU_ERR_MALFORMED : 0;
}


/* the command line */

static int
read_argument(struct options *o, int argc, char **argv, int *i, bool dry,
              FILE *err)
{
    const char *arg = argv[*i];
    const char *equals = strchr(arg, '=');
    size_t len = equals != NULL ? (size_t)(equals - arg) : strlen(arg);
    const struct option *option;
    const char *value = equals != NULL ? equals + 1 : NULL;
    const char *wrong;

    option = len > 2 && strncmp(arg, "--", 2) == 0 ? find(arg + 2, len - 2)
                                                   : NULL;

    if (option == NULL) {
        fprintf(err, "unknown option \"%.*s\"; see --help\n", (int)len, arg);
        return SFU_ERR_MALFORMED;
    }

    if (option->type == OPTION_FLAG && value != NULL) {
        fprintf(err, "option \"--%s\" takes no value\n", option->name);
        return SFU_ERR_MALFORMED;
    }

    if (option->type != OPTION_FLAG && value == NULL) {
        if (*i + 1 == argc) {
            fprintf(err, "option \"%s\" needs a value\n", arg);
            return SFU_ERR_MALFORMED;
        }

        value = argv[++*i];
    }

    if (dry && strcmp(option->name, "config") != 0) {
        return 0;
    }

    wrong = set(o, option, value);

    if (wrong != NULL) {
        fprintf(err, "option \"--%s %s\": the value %s\n", option->name,
                value, wrong);
        return SFU_ERR_MALFORMED;
    }

    return 0;
}

int
options_read(struct options *o, int argc, char **argv, FILE *err)
{
    int mistakes = 0;

    /* where the file is, before anything else */
    for (int i = 1; i < argc; i++) {
        mistakes += read_argument(o, argc, argv, &i, true, err) != 0;
    }

    if (mistakes) {
        return SFU_ERR_MALFORMED;
    }

    if (o->config[0]) {
        mistakes += read_file(o, o->config, err) != 0;
    }

    for (int i = 1; i < argc; i++) {
        mistakes += read_argument(o, argc, argv, &i, false, err) != 0;
    }

    return mistakes ? SFU_ERR_MALFORMED : 0;
}

int
options_finish(struct options *o, FILE *err)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    char text[SFU_ANNOUNCE_MAX][ADDRESS_TEXT_SIZE];

    if (o->loops == 0) {
        o->loops = cores > 0 ? (size_t)cores : 1;
    }

    if (o->loops > MEDIA_LOOPS_MAX) {
        o->loops = MEDIA_LOOPS_MAX;
    }

    if (o->media_port + o->loops - 1 > 65535) {
        fprintf(err, "\"media-port\" leaves no port for loop %zu\n",
                65536 - o->media_port);
        return SFU_ERR_MALFORMED;
    }

    if (address_parse(&o->media.bind, o->media_address,
                      (uint16_t)o->media_port)) {
        fprintf(err, "\"media-address\" \"%s\" is no IPv4 or IPv6 address\n",
                o->media_address);
        return SFU_ERR_MALFORMED;
    }

    if (strncmp(o->ipc, "ipc://", 6) != 0
        && strncmp(o->ipc, "tcp://", 6) != 0) {
        fprintf(err, "\"ipc\" \"%s\" is neither ipc:///path nor "
                     "tcp://host:port\n", o->ipc);
        return SFU_ERR_MALFORMED;
    }

    if (o->announce_count == 0) {
        o->announce_count = addresses_of_host(&o->media.bind, text,
                                              SFU_ANNOUNCE_MAX);

        for (size_t i = 0; i < o->announce_count; i++) {
            strcpy(o->announce[i], text[i]);
        }
    }

    for (size_t i = 0; i < o->announce_count; i++) {
        o->sfu.announce[i] = o->announce[i];
    }

    o->sfu.announce_count = o->announce_count;

    return 0;
}

void
options_print_help(FILE *out)
{
    fprintf(out, "Usage: sfu-worker [options]\n\n"
                 "The media worker of the nginx SFU module.  Options may "
                 "stand in a file\n(--config) under the same names.\n");

    for (size_t i = 0; i < OPTIONS; i++) {
        const struct option *p = &options[i];

        if (p->type == OPTION_HEADING) {
            fprintf(out, "\n%s:\n", p->name);
            continue;
        }

        fprintf(out, "  --%-22s %s", p->name, p->help);

        if (p->initial != NULL && p->initial[0]) {
            fprintf(out, " [%s]", p->initial);
        }

        fprintf(out, "\n");
    }
}
