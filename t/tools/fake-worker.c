/*
 * t/tools/fake-worker.c - a worker without media, and with faults on demand.
 * Copyright (C) the ngx_sfu_module authors
 *
 *     fake-worker [option=value ...] ADDRESS ...
 *
 * Speaks include/sfu_ipc.h at each of the addresses, and prints "ready".
 * Options:
 *
 *     id=1f2e3d4c      its id
 *     version=1        what it says in hello
 *     sessions=0       sessions it says it has to begin with
 *     draining=0       1: says so, and refuses new sessions
 *     hello=1          0: does not answer hello, 2: refuses the version
 *     events=1         0: its replies to requests for events are lost
 *     log=FILE         each request it gets, one on a line
 *
 * What goes wrong, and how, is in the request: the end of the session's id,
 * "...-garbage", or of the label of a new one, or of the channel that somebody
 * connects to, is one of the faults below, or "error-NAME" for a reply with
 * this error.  A track that is named "error-NAME" fails with that, and the
 * rest of the batch does not.
 *
 * There are never events.  Who looks for the channel "forget" makes it forget
 * all feeds, as if it had been restarted with the same id.
 */

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>
#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>

#include "sfu_ipc.h"
#include "sfu_ipc_channel.h"
#include "sfu_ipc_events.h"
#include "sfu_version.h"

#define SOCKETS_MAX 4
#define LATE_MAX 64
#define CONTROL_MAX 128
#define EVENTS_WAIT 300     /* ms */

enum fault {
    FAULT_NONE,
    FAULT_SILENT,       /* no reply */
    FAULT_LATE,         /* after 1.5 s */
    FAULT_SLOW,         /* after 0.3 s */
    FAULT_TWICE,
    FAULT_GARBAGE,      /* not JSON */
    FAULT_BINARY,       /* not text */
    FAULT_EMPTY,        /* a header and nothing else */
    FAULT_SHORT,        /* less than a header, then a proper reply */
    FAULT_WRONGID,      /* that of another request */
    FAULT_ARRAY,        /* JSON, but no object */
    FAULT_REPEATED,     /* the same key twice */
    FAULT_DEEP,         /* nested beyond reason */
    FAULT_NOWORKER,     /* without "worker" */
    FAULT_BADWORKER,    /* "worker" of another form */
    FAULT_OTHERWORKER,  /* "worker" of another process */
    FAULT_HUGE,         /* more than SFU_IPC_MESSAGE_MAX */
    FAULT_BARE,         /* "worker" and nothing else */
    FAULT_WRONGTYPES,   /* all members have the wrong type */
    FAULT_EXIT,         /* dies instead of answering */
    FAULT_COUNT,
};

static const char *const fault_names[FAULT_COUNT] = {
    "none", "silent", "late", "slow", "twice", "garbage", "binary", "empty",
    "short", "wrongid", "array", "repeated", "deep", "noworker", "badworker",
    "otherworker", "huge", "bare", "wrongtypes", "exit",
};

struct reply {
    int socket;
    unsigned char control[CONTROL_MAX];
    size_t control_len;
    char *text;
    size_t len;
    int64_t due;
};

struct fake {
    const char *id;
    int version;
    int sessions;
    int draining;
    int hello;
    int events;
    FILE *log;
    unsigned created;
    int epoch;
    struct nn_pollfd sockets[SOCKETS_MAX];
    int nsockets;
    struct reply late[LATE_MAX];
    int nlate;
};

#define SDP "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"


static int64_t
now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


static const char *
text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}


/* the part after the last dash that begins a fault, or NULL */
static const char *
fault_text(const json_t *request)
{
    const char *text = text_of(request, "session");

    if (*text == '\0') {
        text = text_of(request, "label");
    }

    if (strcmp(text_of(request, "type"), SFU_IPC_REQ_CHANNEL_CONNECT) == 0) {
        text = text_of(request, "name");
    }

    return strchr(text, '-') != NULL ? strchr(text, '-') + 1 : NULL;
}


static enum fault
fault_of(const json_t *request)
{
    const char *text = fault_text(request);

    for (int i = 0; text != NULL && i < FAULT_COUNT; i++) {
        if (strcmp(text, fault_names[i]) == 0) {
            return (enum fault)i;
        }
    }

    return FAULT_NONE;
}


static json_t *
track_reply(const json_t *asked, size_t i)
{
    const char *name = text_of(asked, "name");
    json_t *got = json_object();
    char mid[32];

    if (strncmp(name, "error-", 6) == 0 ||
        strncmp(text_of(asked, "mid"), "error-", 6) == 0)
    {
        if (*name == '\0') {
            name = text_of(asked, "mid");
        }

        json_object_set_new(got, "error", json_string(name + 6));
        json_object_set_new(got, "detail", json_string("as you wished"));
        return got;
    }

    snprintf(mid, sizeof(mid), "m%zu", i);
    json_object_update(got, (json_t *)asked);
    json_object_del(got, "bidirectional");

    if (*text_of(asked, "mid") == '\0' || *text_of(asked, "mid") == '#') {
        json_object_set_new(got, "mid", json_string(mid));
    }

    if (*text_of(asked, "kind") == '\0') {
        json_object_set_new(got, "kind", json_string("video"));
    }

    return got;
}


/* "offer" or "answer", as the real one decides it */
static void
describe(json_t *reply, const json_t *request, bool offers)
{
    if (json_object_get(request, "offer") != NULL) {
        json_object_set_new(reply, "answer", json_string(SDP "a=answer\r\n"));

    } else if (offers) {
        json_object_set_new(reply, "offer", json_string(SDP "a=offer\r\n"));
    }
}


static void
answer_tracks(json_t *reply, const json_t *request)
{
    json_t *list = json_array();
    json_t *track;
    size_t i;
    bool good = false;
    bool discover = json_is_true(json_object_get(request, "discover"));

    json_array_foreach(json_object_get(request, "tracks"), i, track) {
        json_t *entry = track_reply(track, i);

        good |= json_object_get(entry, "error") == NULL;
        json_array_append_new(list, entry);
    }

    if (discover && json_array_size(list) == 0) {
        json_array_append_new(list, json_pack("{s:s, s:s, s:s}",
            "name", "found-a", "mid", "0", "kind", "audio"));
        json_array_append_new(list, json_pack("{s:s, s:s, s:s}",
            "name", "found-v", "mid", "1", "kind", "video"));
    }

    json_object_set_new(reply, "tracks", list);
    describe(reply, request,
        good && !json_is_true(json_object_get(request, "force"))
        && strcmp(text_of(request, "type"), SFU_IPC_REQ_UPDATE) != 0);
}


static void
answer_status(struct fake *f, json_t *reply)
{
    json_t *figures = json_pack(
        "{s:s, s:s, s:f, s:b, s:i, s:i, s:i, s:{s:i, s:i, s:i},"
        " s:{s:i, s:i}, s:[{s:i, s:i, s:f, s:I, s:{s:i, s:i}},"
        "                  {s:i, s:i, s:f, s:I, s:{s:i, s:i}}]}",
        "version", SFU_VERSION, "srtp", "a \"quoted\\ name\n",
        "uptime", 12.25, "draining", f->draining, "apps", 1,
        "sessions", f->sessions, "sessions_created", (int)f->created,
        "sessions_ended", "closed", 3, "timeout", 1, "odd \"cause\"\n", 2,
        "requests", "total", 9, "failed", 1,
        "loops",
        "loop", 0, "port", 10000, "utilisation", 0.03125,
        "packets_in", (json_int_t)9007199254740991, "drops", "auth", 4,
        "no-session", 5,
        "loop", 1, "port", 10001, "utilisation", 0.5,
        "packets_in", (json_int_t)7, "drops", "auth", 0, "no-session", 1);

    json_object_update(reply, figures);
    json_decref(figures);
}


static void
answer_create(struct fake *f, json_t *reply, const json_t *request)
{
    char id[SFU_IPC_SESSION_ID_LEN + 1];

    if (f->draining) {
        json_object_set_new(reply, "error",
            json_string(SFU_IPC_ERR_DRAINING));
        return;
    }

    snprintf(id, sizeof(id), "%s%024x", f->id, ++f->created);
    f->sessions++;
    json_object_set_new(reply, "session", json_string(id));
    describe(reply, request, false);
}


static json_t *
answer(struct fake *f, const json_t *request)
{
    const char *type = text_of(request, "type");
    const char *fault = fault_text(request);
    json_t *reply = json_pack("{s:s}", "worker", f->id);

    if (strcmp(type, SFU_IPC_REQ_HELLO) == 0) {
        json_object_set_new(reply, "version", json_integer(f->version));
        json_object_set_new(reply, "sessions", json_integer(f->sessions));
        json_object_set_new(reply, "draining", json_boolean(f->draining));

        if (f->hello == 2) {
            json_object_set_new(reply, "error",
                json_string(SFU_IPC_ERR_VERSION));
        }

    } else if (fault != NULL && strncmp(fault, "error-", 6) == 0) {
        json_object_set_new(reply, "error", json_string(fault + 6));
        json_object_set_new(reply, "detail", json_string("as you wished"));

    } else if (strcmp(type, SFU_IPC_REQ_CREATE) == 0) {
        answer_create(f, reply, request);

    } else if (strcmp(type, SFU_IPC_REQ_RENEGOTIATE) == 0) {
        describe(reply, request, false);

    } else if (strcmp(type, SFU_IPC_REQ_GET) == 0) {
        json_object_set_new(reply, "state", json_string("connected"));
        json_object_set_new(reply, "tracks", json_pack(
            "[{s:s, s:s, s:s, s:s, s:b}, {s:s, s:s, s:s, s:s, s:s, s:b}]",
            "direction", "local", "name", "cam", "mid", "0", "kind", "video",
            "active", 1, "direction", "remote", "name", "mic", "mid", "1",
            "kind", "audio", "publisher", "0123", "active", 0));

    } else if (strcmp(type, SFU_IPC_REQ_STATUS) == 0) {
        answer_status(f, reply);

    } else if (strcmp(type, SFU_IPC_REQ_EVENTS_NEXT) == 0) {
        json_object_set_new(reply, "epoch", json_integer(f->epoch));
        json_object_set_new(reply, "last", json_integer(0));
        json_object_set_new(reply, "events", json_array());

    } else {
        answer_tracks(reply, request);
    }

    return reply;
}


static void
transmit(const struct reply *r)
{
    struct nn_iovec iov = { r->text, r->len };
    struct nn_msghdr msg = { &iov, 1, (void *)r->control, r->control_len };

    nn_sendmsg(r->socket, &msg, 0);
}


/* the header's last four bytes are the number of the request */
static void
set_header(struct reply *r, int wrong, bool none)
{
    struct nn_cmsghdr *cmsg = (struct nn_cmsghdr *)r->control;
    unsigned char *data = NN_CMSG_DATA(cmsg);
    size_t size;

    memcpy(&size, data, sizeof(size));

    if (wrong) {
        data[sizeof(size) + size - 1] ^= 0x55;
        data[sizeof(size) + size - 3] ^= 0x55;
    }

    if (none) {
        size -= 4;
        memcpy(data, &size, sizeof(size));
    }
}


static void
set_text(struct reply *r, char *text, size_t len)
{
    free(r->text);
    r->text = text;
    r->len = len;
}


static void
set_string(struct reply *r, const char *text)
{
    set_text(r, strdup(text), strlen(text));
}


static char *
repeat(char c, size_t n)
{
    char *text = malloc(n + 1);

    memset(text, c, n);
    text[n] = '\0';

    return text;
}


static void
spoil(struct fake *f, struct reply *r, enum fault fault)
{
    char line[256];
    struct reply extra;

    switch (fault) {
    case FAULT_GARBAGE:
        set_string(r, "not JSON {{");
        break;
    case FAULT_BINARY:
        set_text(r, repeat('\377', 100), 100);
        break;
    case FAULT_EMPTY:
        r->len = 0;
        break;
    case FAULT_ARRAY:
        snprintf(line, sizeof(line), "[\"worker\", \"%s\"]", f->id);
        set_string(r, line);
        break;
    case FAULT_REPEATED:
        snprintf(line, sizeof(line), "{\"worker\":\"%s\",\"worker\":\"%s\"}",
            f->id, f->id);
        set_string(r, line);
        break;
    case FAULT_DEEP:
        set_text(r, repeat('[', 100000), 100000);
        break;
    case FAULT_NOWORKER:
        set_string(r, "{\"session\":\"x\"}");
        break;
    case FAULT_BADWORKER:
        set_string(r, "{\"worker\":\"1F2E3D4C9\"}");
        break;
    case FAULT_OTHERWORKER:
        set_string(r, "{\"worker\":\"00000000\","
            "\"error\":\"session_gone\"}");
        break;
    case FAULT_HUGE:
        set_text(r, repeat(' ', SFU_IPC_MESSAGE_MAX + 1),
            SFU_IPC_MESSAGE_MAX + 1);
        break;
    case FAULT_BARE:
        snprintf(line, sizeof(line), "{\"worker\":\"%s\"}", f->id);
        set_string(r, line);
        break;
    case FAULT_WRONGTYPES:
        snprintf(line, sizeof(line), "{\"worker\":\"%s\",\"session\":1,"
            "\"tracks\":{},\"offer\":[],\"answer\":false,\"state\":null}",
            f->id);
        set_string(r, line);
        break;
    case FAULT_WRONGID:
        set_header(r, 1, false);
        break;
    case FAULT_TWICE:
        transmit(r);
        break;
    case FAULT_SHORT:
        extra = *r;
        extra.text = (char *)"ab";
        extra.len = 2;
        set_header(&extra, 0, true);
        transmit(&extra);
        break;
    default:
        break;
    }
}


static void
respond(struct fake *f, struct reply *r, const json_t *request)
{
    enum fault fault = fault_of(request);
    json_t *reply = answer(f, request);
    int wait = fault == FAULT_LATE ? 1500 : fault == FAULT_SLOW ? 300 : 0;

    r->text = json_dumps(reply, JSON_COMPACT);
    r->len = strlen(r->text);
    json_decref(reply);

    if (strcmp(text_of(request, "type"), SFU_IPC_REQ_HELLO) == 0) {
        fault = f->hello == 0 ? FAULT_SILENT : FAULT_NONE;
        wait = 0;

    } else if (strcmp(text_of(request, "type"), SFU_IPC_REQ_EVENTS_NEXT) == 0) {
        fault = f->events == 0 ? FAULT_SILENT : FAULT_NONE;
        wait = f->events == 0 ? 0 : EVENTS_WAIT;
    }

    if (strcmp(text_of(request, "name"), "forget") == 0) {
        f->epoch++;
    }

    if (fault == FAULT_EXIT) {
        exit(0);
    }

    if (wait && f->nlate < LATE_MAX) {
        r->due = now_ms() + wait;
        f->late[f->nlate++] = *r;
        return;
    }

    spoil(f, r, fault);

    if (fault != FAULT_SILENT) {
        transmit(r);
    }

    free(r->text);
}


static void
receive(struct fake *f, int socket)
{
    struct reply r = { .socket = socket };
    void *body = NULL;
    struct nn_iovec iov = { &body, NN_MSG };
    struct nn_msghdr msg = { &iov, 1, r.control, sizeof(r.control) };
    int n = nn_recvmsg(socket, &msg, NN_DONTWAIT);
    json_t *request;

    if (n < 0) {
        return;
    }

    r.control_len = sizeof(r.control);

    if (f->log != NULL) {
        fprintf(f->log, "%.*s\n", n, (char *)body);
        fflush(f->log);
    }

    request = json_loadb(body, (size_t)n, JSON_REJECT_DUPLICATES, NULL);
    nn_freemsg(body);

    if (request != NULL) {
        respond(f, &r, request);
        json_decref(request);
    }
}


/* sends what is due; milliseconds until the next one */
static int
send_late(struct fake *f)
{
    int64_t now = now_ms();
    int wait = 1000;

    for (int i = 0; i < f->nlate; ) {
        if (f->late[i].due <= now) {
            transmit(&f->late[i]);
            free(f->late[i].text);
            f->late[i] = f->late[--f->nlate];
            continue;
        }

        if (f->late[i].due - now < wait) {
            wait = (int)(f->late[i].due - now);
        }
        i++;
    }

    return wait;
}


static int
set_option(struct fake *f, const char *option, const char *value)
{
    struct { const char *name; int *to; } numbers[] = {
        { "version=", &f->version }, { "sessions=", &f->sessions },
        { "draining=", &f->draining }, { "hello=", &f->hello },
        { "events=", &f->events },
    };

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (strncmp(option, numbers[i].name, strlen(numbers[i].name)) == 0) {
            *numbers[i].to = atoi(value);
            return 0;
        }
    }

    if (strncmp(option, "id=", 3) == 0) {
        f->id = value;
        return 0;
    }

    if (strncmp(option, "log=", 4) == 0) {
        f->log = fopen(value, "a");
        return f->log != NULL ? 0 : -1;
    }

    return -1;
}


static int
listen_at(struct fake *f, const char *address)
{
    int socket = nn_socket(AF_SP_RAW, NN_REP);
    int max = SFU_IPC_MESSAGE_MAX;

    if (socket < 0 || f->nsockets == SOCKETS_MAX ||
        nn_setsockopt(socket, NN_SOL_SOCKET, NN_RCVMAXSIZE, &max,
            sizeof(max)) < 0 ||
        nn_bind(socket, address) < 0)
    {
        return -1;
    }

    f->sockets[f->nsockets++] =
        (struct nn_pollfd){ .fd = socket, .events = NN_POLLIN };

    return 0;
}


int
main(int argc, char **argv)
{
    struct fake f = { .id = "1f2e3d4c", .version = SFU_IPC_VERSION,
        .hello = 1, .events = 1, .epoch = 1 };

    for (int i = 1; i < argc; i++) {
        const char *equals = strchr(argv[i], '=');
        int rc = equals != NULL ? set_option(&f, argv[i], equals + 1)
                                : listen_at(&f, argv[i]);

        if (rc < 0) {
            fprintf(stderr, "fake-worker: %s: %s\n", argv[i],
                nn_strerror(nn_errno()));
            return 1;
        }
    }

    puts("ready");
    fflush(stdout);

    for (;;) {
        int n = nn_poll(f.sockets, f.nsockets, send_late(&f));

        for (int i = 0; n > 0 && i < f.nsockets; i++) {
            if (f.sockets[i].revents & NN_POLLIN) {
                receive(&f, f.sockets[i].fd);
            }
        }
    }
}
