/*
 * ipc/server_test.c - the server, and peers as good and as bad as can be.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The peers are raw REQ sockets of nanomsg, as nginx has them, and a plain
 * stream socket that speaks nonsense.
 */

#include "ipc/server.h"

#include <errno.h>
#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "feed/connection.h"
#include "ipc/status.h"
#include "test/model.h"
#include "test/tap.h"

enum { PORT = 21920, TEXT_MAX = 32768 };

static struct model m;
static struct feeds feeds;
static struct room_settings room_settings = { 4, 100, 1 << 20 };
static struct store *store;
static struct rooms rooms;
static struct feed_settings feed_settings = {
    300 * USEC_PER_MS, 100, 100, 65536, 1 << 20,
};
static struct channel_settings channel_settings = { 1 << 20, 64, 1000 };
static struct channels channels;
static struct store *store;
static struct poll poller;
static struct ipc_server server;
static char address[64];

struct reply {
    uint32_t id;                /* without the bit that ends the backtrace */
    char text[TEXT_MAX];
    size_t len;                 /* of the whole body */
    json_t *json;
};

static int
connect_peer(void)
{
    int s = nn_socket(AF_SP_RAW, NN_REQ);

    nn_connect(s, address);

    return s;
}

/* what main.c does */
static void
serve(int ms)
{
    usec_t end = clock_now() + (usec_t)ms * USEC_PER_MS;
    usec_t woke;

    do {
        poll_wait(&poller, 2 * USEC_PER_MS, &woke);
        model_run(&m, 0);
        channels_run(&channels);
        feeds_run(&feeds);
    } while (clock_now() < end);
}

/* header: the backtrace as it stands on the wire */
static bool
send_with(int s, const void *header, size_t header_len, struct span body)
{
    char control[NN_CMSG_SPACE(sizeof(size_t) + 512)] = { 0 };
    struct nn_iovec iov = { (void *)(uintptr_t)body.data, body.len };
    struct nn_msghdr hdr = { &iov, 1, control,
                             NN_CMSG_SPACE(sizeof(size_t) + header_len) };
    struct nn_cmsghdr *c = NN_CMSG_FIRSTHDR(&hdr);

    c->cmsg_len = NN_CMSG_LEN(sizeof(size_t) + header_len);
    c->cmsg_level = PROTO_SP;
    c->cmsg_type = SP_HDR;
    memcpy(NN_CMSG_DATA(c), &header_len, sizeof(header_len));
    memcpy(NN_CMSG_DATA(c) + sizeof(size_t), header, header_len);

    for (int i = 0; i < 1000; i++) {
        if (nn_sendmsg(s, &hdr, NN_DONTWAIT) >= 0) {
            return true;
        }

        serve(2);
    }

    return false;
}

static bool
send_request(int s, uint32_t id, const char *text)
{
    uint8_t header[4] = {
        (uint8_t)(id >> 24 | 0x80), (uint8_t)(id >> 16), (uint8_t)(id >> 8),
        (uint8_t)id,
    };

    return send_with(s, header, 4, span_str(text));
}

/* the next reply, if one comes in time */
static bool
receive(int s, struct reply *reply, int ms)
{
    usec_t end = clock_now() + (usec_t)ms * USEC_PER_MS;

    reply->json = NULL;

    do {
        void *body = NULL;
        void *control = NULL;
        struct nn_iovec iov = { &body, NN_MSG };
        struct nn_msghdr hdr = { &iov, 1, &control, NN_MSG };
        int n = nn_recvmsg(s, &hdr, NN_DONTWAIT);

        if (n >= 0) {
            struct nn_cmsghdr *c = NN_CMSG_FIRSTHDR(&hdr);
            uint8_t *id = NN_CMSG_DATA(c) + sizeof(size_t);

            reply->id = (uint32_t)(id[0] & 0x7f) << 24
                        | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | id[3];
            reply->len = (size_t)n;
            snprintf(reply->text, sizeof(reply->text), "%.*s", n,
                     (char *)body);
            reply->json = json_loadb(body, (size_t)n, 0, NULL);
            nn_freemsg(body);
            nn_freemsg(control);
            return true;
        }

        serve(2);
    } while (clock_now() < end);

    return false;
}

static const char *
string(const struct reply *reply, const char *name)
{
    const char *s = json_string_value(json_object_get(reply->json, name));

    return s != NULL ? s : "";
}

/* asks, and waits for the one reply */
static void
ask(int s, const char *text, struct reply *reply)
{
    static uint32_t id = 1000;

    send_request(s, ++id, text);

    if (!receive(s, reply, 2000) || reply->id != id) {
        tap_ok(false, "a reply to %.60s", text);
    }
}

static void
is_error(int s, const char *text, const char *error, const char *name)
{
    struct reply reply;

    ask(s, text, &reply);
    tap_is_str(string(&reply, "error"), error, "%s", name);
    json_decref(reply.json);
}

static void
open_server(void)
{
    struct ipc_settings settings = { address, 0640, 100 };
    struct ipc_served serves = { &m.sfu, &feeds, &rooms, &channels };
    struct stat st;

    tap_is_int(ipc_server_open(&server, &settings, &serves, &poller), 0,
               "listens");
    tap_ok(stat(address + 6, &st) == 0 && (st.st_mode & 0777) == 0640,
           "with the permissions it was told");
}

static void
addresses(void)
{
    struct ipc_settings settings = { "tcp://127.0.0.1:99999", 0660, 100 };
    struct ipc_served serves = { &m.sfu, &feeds, &rooms, &channels };

    m.log.fd = -1;
    tap_is_int(ipc_server_open(&server, &settings, &serves, &poller),
               SFU_ERR_SYSTEM, "an address that is none");
    ipc_server_close(&server);
    settings.address = "nonsense";
    tap_is_int(ipc_server_open(&server, &settings, &serves, &poller),
               SFU_ERR_SYSTEM, "nor is this");
    ipc_server_close(&server);
    m.log.fd = 2;
}

static void
hello(int s)
{
    struct reply r;

    ask(s, "{\"type\":\"hello\",\"version\":1,\"peer\":\"test\"}", &r);
    tap_is_int(json_integer_value(json_object_get(r.json, "version")),
               SFU_IPC_VERSION, "hello is answered with the version");
    tap_is_str(string(&r, "worker"), m.sfu.worker_id, "and the worker");
    tap_ok(json_is_false(json_object_get(r.json, "draining"))
               && json_is_integer(json_object_get(r.json, "sessions")),
           "and its load");
    json_decref(r.json);
    m.log.fd = -1;
    ask(s, "{\"type\":\"hello\",\"version\":2}", &r);
    tap_is_str(string(&r, "error"), SFU_IPC_ERR_VERSION, "another version");
    tap_is_str(string(&r, "worker"), m.sfu.worker_id, "is told by whom");
    json_decref(r.json);
    is_error(s, "{\"type\":\"hello\"}", SFU_IPC_ERR_VERSION, "and none");
    m.log.fd = 2;
}

static void
nonsense(int s)
{
    struct text t;
    uint64_t refused = server.refused;

    m.log.fd = -1;
    is_error(s, "", SFU_IPC_ERR_MALFORMED, "nothing");
    is_error(s, "GET / HTTP/1.1\r\n\r\n", SFU_IPC_ERR_MALFORMED, "HTTP");
    is_error(s, "{\"type\":\"x\"}", SFU_IPC_ERR_UNKNOWN_TYPE, "a new type");
    is_error(s, "{\"type\":\"session.create\"}", SFU_IPC_ERR_MALFORMED,
             "a lack");
    tap_is_int((long long)(server.refused - refused), 4, "they are counted");
    tap_is_int((long long)server.pending, 0, "and nothing is kept of them");

    /* as long as may be, and the session description too long */
    text_init(&t);
    text_printf(&t, "{\"type\":\"session.create\",\"app\":\"a\",\"offer\":\"");

    while (t.len < SFU_IPC_MESSAGE_MAX - 100) {
        text_append(&t, span_str("v=0 v=0 v=0 v=0 v=0 v=0 v=0 v=0 v=0 v=0 "));
    }

    text_append(&t, span_str("\"}"));
    is_error(s, t.data, SFU_IPC_ERR_SDP_MALFORMED, "four megabytes");
    text_fini(&t);
    m.log.fd = 2;
}

/* longer than a message may be: that costs the connection, which comes back */
static void
too_long(void)
{
    int s = connect_peer();
    char *body = malloc(SFU_IPC_MESSAGE_MAX + 100);
    uint8_t header[4] = { 0x80, 0, 0, 1 };
    struct reply r;

    memset(body, ' ', SFU_IPC_MESSAGE_MAX + 100);
    send_with(s, header, 4, span_of(body, SFU_IPC_MESSAGE_MAX + 100));
    tap_ok(!receive(s, &r, 300), "a message that is too long has no answer");
    free(body);
    nn_close(s);
    s = connect_peer();
    ask(s, "{\"type\":\"hello\",\"version\":1}", &r);
    tap_ok(string(&r, "worker")[0], "and harms nobody else");
    json_decref(r.json);
    nn_close(s);
}

/* one hop after another, as devices would put there */
static void
backtraces(int s)
{
    static const char text[] = "{\"type\":\"hello\",\"version\":1}";
    uint8_t header[256] = { 0 };
    struct reply r;

    for (size_t hops = 0; hops < 7; hops += 2) {
        memset(header, 0, sizeof(header));
        header[3] = 7;
        header[4 * hops] = 0x80;
        header[4 * hops + 3] = 9;
        send_with(s, header, 4 * hops + 4, span_str(text));
        tap_ok(receive(s, &r, 500) && r.id == (hops ? 7u : 9u)
                   && r.len > 4 * hops,
               "%zu hops and the id come back", hops);
        json_decref(r.json);
    }

    memset(header, 0, sizeof(header));

    /* nanomsg itself drops those beyond NN_MAXTTL */
    header[4 * 40] = 0x80;
    send_with(s, header, 4 * 40 + 4, span_str(text));
    tap_ok(!receive(s, &r, 100), "more hops than anybody has");

    /* without an end, and of a length that is no multiple: a body eats it */
    memset(header, 0, sizeof(header));
    send_with(s, header, 12, span_str(text));
    send_with(s, header, 3, span_str(text));
    send_with(s, header, 1, span_str(""));
    header[0] = 0x80;
    send_with(s, header, 7, span_str(text));
    m.log.fd = -1;
    tap_ok(receive(s, &r, 500)
               && strcmp(string(&r, "error"), SFU_IPC_ERR_MALFORMED) == 0,
           "what is left of odd lengths is no JSON");
    json_decref(r.json);
    tap_ok(!receive(s, &r, 100), "and without an end there is no answer");
    m.log.fd = 2;
    is_error(s, "{\"type\":\"session.get\",\"app\":\"a\",\"session\":\"s\"}",
             SFU_IPC_ERR_SESSION_GONE, "all is well afterwards");
}

static void
plain_bytes(void)
{
    struct sockaddr_un sa = { .sun_family = AF_UNIX };
    static const uint8_t bytes[] = {
        0x00, 'S', 'P', 0x00, 0x00, 0x30, 0x00, 0x00,   /* as a REQ */
        0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    };
    struct reply r;
    int s;

    snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", address + 6);

    for (size_t len = 1; len <= sizeof(bytes); len += 4) {
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);

        if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0) {
            send(fd, bytes, len, MSG_NOSIGNAL);
            serve(10);
        }

        close(fd);
    }

    s = connect_peer();
    ask(s, "{\"type\":\"hello\",\"version\":1}", &r);
    tap_ok(string(&r, "worker")[0], "bytes that are no SP harm nobody");
    json_decref(r.json);
    nn_close(s);
}

/* many at once, of two peers: each reply goes to its own */
static void
many_in_flight(void)
{
    enum { EACH = 300 };
    int peers[2] = { connect_peer(), connect_peer() };
    bool seen[2][EACH] = { { false } };
    int matched = 0;
    char text[200];

    serve(50);
    server.settings.pending_max = 1000;
    m.log.fd = -1;

    for (uint32_t i = 0; i < EACH; i++) {
        for (uint32_t p = 0; p < 2; p++) {
            snprintf(text, sizeof(text),
                     "{\"type\":\"session.create\",\"app\":\"app\","
                     "\"request\":\"%u\"}", i);
            send_request(peers[p], p << 16 | i, text);
        }
    }

    for (uint32_t p = 0; p < 2; p++) {
        struct reply r;

        for (int i = 0; i < EACH && receive(peers[p], &r, 1000); i++) {
            uint32_t at = r.id & 0xffff;

            if (r.id >> 16 == p && at < EACH && !seen[p][at]
                && string(&r, "session")[0]) {
                seen[p][at] = true;
                matched++;
            }

            json_decref(r.json);
        }

        nn_close(peers[p]);
    }

    tap_is_int(matched, 2 * EACH, "600 requests have their replies");
    tap_is_int((long long)server.pending, 0, "and none is open");
    sfu_end_sessions(&m.sfu);
    server.settings.pending_max = 100;
    m.log.fd = 2;
}

/* a request that is held, others that overtake it, and a peer that is gone */
static void
held_requests(int s)
{
    struct user publisher, viewer;
    char text[300];
    struct reply r;
    int other;

    user_create(&publisher, &m, "app");
    user_publish(&publisher, SDP_VIDEO, "camera");
    user_connect(&publisher);
    user_create(&viewer, &m, "app");
    snprintf(text, sizeof(text),
             "{\"type\":\"session.subscribe\",\"app\":\"app\",\"session\":"
             "\"%s\",\"tracks\":[{\"publisher\":\"%s\",\"name\":\"camera\"}]}",
             viewer.id, publisher.id);
    send_request(s, 1, text);
    serve(50);
    tap_is_int((long long)server.pending, 1, "one request is held");
    send_request(s, 2, "{\"type\":\"hello\",\"version\":1}");
    tap_ok(receive(s, &r, 500) && r.id == 2, "another one overtakes it");
    json_decref(r.json);

    other = connect_peer();
    serve(50);
    send_request(other, 3, text);
    serve(50);
    tap_is_int((long long)server.pending, 2, "one more is held");
    nn_close(other);

    server.settings.pending_max = 2;
    m.log.fd = -1;
    is_error(s, "{\"type\":\"hello\",\"version\":1}", SFU_IPC_ERR_LIMIT,
             "more than may be open");
    m.log.fd = 2;
    server.settings.pending_max = 100;
    user_send(&publisher, 0, 1);
    tap_ok(receive(s, &r, 1000) && r.id == 1 && string(&r, "offer")[0],
           "the held one is answered when its time has come");
    json_decref(r.json);
    tap_is_int((long long)server.pending, 0,
               "and the one of the peer that left is forgotten");
    user_leave(&publisher);
    user_vanish(&viewer);
}

static void
status(int s)
{
    struct user u;
    struct reply r;
    char text[200];
    json_t *track;

    ask(s, "{\"type\":\"status\"}", &r);
    tap_ok(json_array_size(json_object_get(r.json, "loops")) == 2
               && json_is_integer(json_object_get(r.json, "sessions"))
               && json_is_object(json_object_get(r.json, "requests")),
           "the worker's figures");
    tap_is_str(string(&r, "srtp"), srtp_engine_name(m.loops[0].srtp),
               "and what it seals and opens with");
    json_decref(r.json);
    user_create(&u, &m, "app");
    user_publish(&u, SDP_VIDEO, "camera");
    user_connect(&u);
    user_send(&u, 0, 5);
    serve(50);
    snprintf(text, sizeof(text),
             "{\"type\":\"status\",\"app\":\"app\",\"session\":\"%s\"}", u.id);
    ask(s, text, &r);
    track = json_array_get(json_object_get(r.json, "tracks"), 0);
    tap_is_int(json_integer_value(json_object_get(track, "packets")), 5,
               "a session's figures");
    tap_ok(string(&r, "remote")[0] && string(&r, "srtp_profile")[0],
           "and its transport");
    json_decref(r.json);
    snprintf(text, sizeof(text),
             "{\"type\":\"status\",\"app\":\"other\",\"session\":\"%s\"}",
             u.id);
    is_error(s, text, SFU_IPC_ERR_SESSION_GONE, "not those of another app");
    snprintf(text, sizeof(text), "{\"type\":\"status\",\"session\":\"%s\"}",
             u.id);
    is_error(s, text, SFU_IPC_ERR_SESSION_GONE, "nor of none");
    user_leave(&u);
}

/* the newest of many, the last first, and none of another app */
static void
status_of_app(int s)
{
    struct user u[STATUS_APP_SESSIONS + 3];
    size_t count = sizeof(u) / sizeof(u[0]);
    struct reply r;
    json_t *newest, *one;
    bool in_order = true;

    for (size_t i = 0; i < count; i++) {
        user_create(&u[i], &m, i == 1 ? "other" : "listed");
    }

    user_publish(&u[count - 1], SDP_VIDEO, "camera");
    ask(s, "{\"type\":\"status\",\"app\":\"listed\"}", &r);
    newest = json_object_get(r.json, "newest");
    tap_is_int(json_integer_value(json_object_get(r.json, "sessions")),
               STATUS_APP_SESSIONS + 2, "the number of an app's sessions");
    tap_is_int((long long)json_array_size(newest), STATUS_APP_SESSIONS,
               "and so many of them");

    for (size_t i = 0; i < json_array_size(newest); i++) {
        one = json_object_get(json_array_get(newest, i), "session");
        in_order = in_order
                   && strcmp(json_string_value(one), u[count - 1 - i].id) == 0;
    }

    tap_ok(in_order, "the newest, the last one first");
    one = json_array_get(newest, 0);
    tap_is_int(json_integer_value(json_object_get(one, "published")), 1,
               "with what they publish");
    json_decref(r.json);
    ask(s, "{\"type\":\"status\",\"app\":\"nobody\"}", &r);
    tap_is_int(json_integer_value(json_object_get(r.json, "sessions")), 0,
               "an app without sessions");
    json_decref(r.json);

    for (size_t i = 0; i < count; i++) {
        user_vanish(&u[i]);
    }
}

static void
nobody(struct feed_owner *owner)
{
    (void)owner;
}

/* a long poll, answered when there is something, and only once */
static void
events(int s)
{
    static const char next[] =
        "{\"type\":\"events.next\",\"feed\":\"00112233aabbccdd\","
        "\"since\":%d,\"wait\":%d}";
    struct feed_owner owner = { nobody };
    struct feed_connection *c;
    struct feed_member members[] = {
        feed_text("sdp", "v=0"), feed_text("about", NULL),
        feed_number("id", 7), feed_bool("audio", true),
    };
    struct feed_member broken = feed_text("text", "\xff");
    char text[200];
    struct reply r;

    feed_connection_enter(&feeds, "00112233aabbccdd", 3, 0, &owner, &c);
    snprintf(text, sizeof(text), next, 0, 1000);
    send_request(s, 1, text);
    serve(50);
    tap_is_int((long long)server.pending, 1, "a request for events waits");
    feed_connection_tell(c, "offer", members, 4);
    feed_connection_tell(c, "text", &broken, 1);
    tap_ok(receive(s, &r, 500) && r.id == 1, "and is answered with one");
    json_object_del(r.json, "worker");
    json_object_del(r.json, "epoch");
    {
        char *got = json_dumps(r.json, JSON_COMPACT | JSON_SORT_KEYS);

        tap_is_str(got, "{\"events\":[{\"audio\":true,\"connection\":3,"
                        "\"event\":\"offer\",\"id\":7,\"sdp\":\"v=0\"}],"
                        "\"last\":2}",
                   "its members, and not what is no UTF-8");
        free(got);
    }

    json_decref(r.json);
    snprintf(text, sizeof(text), next, 2, 50);
    ask(s, text, &r);
    tap_ok(json_integer_value(json_object_get(r.json, "last")) == 2
               && json_array_size(json_object_get(r.json, "events")) == 0,
           "which is told once it was acknowledged");
    json_decref(r.json);
    ask(s, "{\"type\":\"events.end\",\"feed\":\"00112233aabbccdd\"}", &r);
    tap_ok(json_object_get(r.json, "error") == NULL
               && feeds.by_id.count == 0, "the end of a process");
    json_decref(r.json);
    ask(s, "{\"type\":\"status\"}", &r);
    tap_is_int(json_integer_value(json_object_get(r.json, "feed_events")), 2,
               "all of it in figures");
    json_decref(r.json);
}

/* a message through all of it: request, channel, feed and event */
static void
signaling(int s)
{
    static const char connect[] =
        "{\"type\":\"channel.connect\",\"app\":\"a\",\"scope\":\"s\","
        "\"name\":\"n\",\"feed\":\"00112233aabbccdd\",\"connection\":%d,"
        "\"born\":%d,\"role\":\"%s\",\"client\":\"v\"}";
    struct reply r;
    char text[300];
    json_t *event;

    ask(s, "{\"type\":\"channel.create\",\"app\":\"a\",\"scope\":\"s\","
           "\"name\":\"n\"}", &r);
    tap_ok(json_is_object(json_object_get(r.json, "channel")), "a channel");
    json_decref(r.json);
    snprintf(text, sizeof(text), connect, 1, 1, "master");
    ask(s, text, &r);
    tap_is_str(string(&r, "mode"), "relay", "its master");
    json_decref(r.json);
    snprintf(text, sizeof(text), connect, 2, 2, "viewer");
    ask(s, text, &r);
    json_decref(r.json);
    send_request(s, 1, "{\"type\":\"events.next\",\"wait\":1000,"
                       "\"feed\":\"00112233aabbccdd\"}");
    serve(20);
    send_request(s, 2, "{\"type\":\"channel.send\",\"connection\":2,"
                       "\"feed\":\"00112233aabbccdd\",\"kind\":\"offer\","
                       "\"payload\":\"eyJ0\"}");
    tap_ok(receive(s, &r, 500) && r.id == 2 && string(&r, "error")[0] == '\0',
           "a message of a viewer");
    json_decref(r.json);
    tap_ok(receive(s, &r, 500) && r.id == 1, "is told to the other side");
    event = json_array_get(json_object_get(r.json, "events"), 0);
    tap_ok(json_integer_value(json_object_get(event, "connection")) == 1
               && strcmp(json_string_value(json_object_get(event, "payload")),
                         "eyJ0") == 0
               && strcmp(json_string_value(json_object_get(event, "from")),
                         "v") == 0, "as it is");
    json_decref(r.json);
    ask(s, "{\"type\":\"events.end\",\"feed\":\"00112233aabbccdd\"}", &r);
    json_decref(r.json);
    ask(s, "{\"type\":\"status\"}", &r);
    tap_is_int(json_integer_value(json_object_get(r.json,
                                                  "signaling_relayed")), 1,
               "and counted");
    json_decref(r.json);
}

/* figures that no loop will send any more, and a socket used again */
static void
stop_and_begin(int s)
{
    struct user u;
    char text[200];

    user_create(&u, &m, "app");
    user_publish(&u, SDP_VIDEO, "camera");
    snprintf(text, sizeof(text),
             "{\"type\":\"status\",\"app\":\"app\",\"session\":\"%s\"}", u.id);
    send_request(s, 1, text);
    serve(0);
    sfu_end_sessions(&m.sfu);
    tap_is_int((long long)server.pending, 0, "a worker that stops owes none");
    ipc_server_close(&server);
    ipc_server_close(&server);
    user_vanish(&u);
    open_server();
    serve(200);
    is_error(s, "{\"type\":\"x\"}", SFU_IPC_ERR_UNKNOWN_TYPE,
             "peers find the next worker by themselves");
}

int
main(void)
{
    int s;

    snprintf(address, sizeof(address), "ipc:///tmp/sfu-server-test.%d",
             (int)getpid());
    model_begin(&m, PORT, 2);

    if (poll_init(&poller)) {
        printf("Bail out! no epoll\n");
        return 1;
    }

    if (feeds_init(&feeds, &feed_settings, &m.log, &m.sfu.wheel,
                   &m.sfu.now)
        || store_open(&store, NULL, &m.log)
        || rooms_init(&rooms, &room_settings, &m.sfu, &feeds, store,
                      &m.log)
        || channels_init(&channels, &channel_settings, &m.log, store, &feeds,
                         &m.sfu, &m.sfu.wheel, &m.sfu.now)) {
        printf("Bail out! no channels\n");
        return 1;
    }

    addresses();
    open_server();
    s = connect_peer();
    hello(s);
    nonsense(s);
    too_long();
    backtraces(s);
    plain_bytes();
    many_in_flight();
    held_requests(s);
    status(s);
    status_of_app(s);
    events(s);
    signaling(s);
    m.log.fd = -1;
    stop_and_begin(s);
    m.log.fd = 2;
    nn_close(s);
    channels_fini(&channels);
    feeds_fini(&feeds);
    rooms_fini(&rooms);
    store_close(store);
    ipc_server_close(&server);
    poll_fini(&poller);
    model_end(&m);
    unlink(address + 6);

    return tap_done();
}
