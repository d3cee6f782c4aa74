/*
 * channel/media_test.c - channels whose other side is the worker.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The whole model with media loops on loopback; clients are those of
 * test/model.h.  "kvs 60" names a behaviour of the reference of that service.
 */

#include "base/error.h"
#include "channel/channel.h"
#include "feed/connection.h"
#include "sfu/stream.h"
#include "test/model.h"
#include "test/tap.h"

#define FEED "00000000000000fe"

enum { PORT = 21960 };

static struct model m;
static struct feed_settings feed_settings = {
    600 * (usec_t)USEC_PER_SEC, 1000, 1024, 1 << 20, 1 << 24,
};
static struct channel_settings settings = { 1 << 22, 64, 1000 };
static struct feeds feeds;
static struct store *store;
static struct channels channels;
static uint64_t heard;          /* events of the feed so far */

static void
pass(int ms)
{
    usec_t end = clock_now() + (usec_t)ms * USEC_PER_MS;

    do {
        model_run(&m, 0);
        channels_run(&channels);
        feeds_run(&feeds);
    } while (clock_now() < end);
}


/* requests */

struct question {
    struct channel_request request;
    bool done;
    const char *error;
};

static void
answered(struct channel_request *request, const struct channel_reply *reply)
{
    struct question *q = container_of(request, struct question, request);

    q->done = true;
    q->error = reply->error != NULL ? reply->error : "";
}

static void
ignored(struct channel_request *request, const struct channel_reply *reply)
{
    (void)request;
    (void)reply;
}

static const char *
put_question(struct channel_request request)
{
    struct question q = { request, false, "" };

    q.request.id = "test";
    q.request.done = answered;
    q.request.candidate.index = -1;
    m.sfu.now = clock_now();
    channels_ask(&channels, &q.request);

    for (int i = 0; i < 500 && !q.done; i++) {
        pass(2);
    }

    return q.error;
}

static struct channel_request
to_channel(enum channel_request_type type, const char *name)
{
    return (struct channel_request){
        .type = type, .key = { "app", "scope", name },
    };
}

static const char *
join(const char *name, uint64_t number, const char *client)
{
    struct channel_request r = to_channel(CHANNEL_CONNECT, name);

    r.feed = FEED;
    r.connection = number;
    r.born = (int64_t)number;
    r.master = client == NULL;
    r.client = client;
    r.as = "AS";
    r.fanout = true;
    r.limits.clients = 64;

    return put_question(r);
}

static const char *
say(uint64_t number, enum channel_kind kind, const char *sdp)
{
    return put_question((struct channel_request){
        .type = CHANNEL_SEND, .feed = FEED, .connection = number,
        .kind = kind, .payload = "opaque", .sdp = sdp, .to = "AS",
    });
}


/* events */

struct listener {
    struct feed_query query;
    uint64_t connection;
    const char *event;
    char *text;                 /* the first member of the event waited for */
    char from[64];
};

static void
take(struct feed_query *query)
{
    struct listener *l = container_of(query, struct listener, query);

    for (const struct feed_event *e = feed_query_next(query, NULL); e != NULL;
         e = feed_query_next(query, e)) {
        if (e->connection != l->connection || strcmp(e->name, l->event) != 0
            || l->text != NULL) {
            continue;
        }

        l->text = strdup(e->members[0].text != NULL ? e->members[0].text : "");
        snprintf(l->from, sizeof(l->from), "%s",
                 e->count > 1 && e->members[1].text != NULL
                     ? e->members[1].text
                     : "");
    }

    heard = query->last;
}

/* one event of a connection, within so many ms; what else comes is lost */
static struct listener
hear(uint64_t connection, const char *event, int ms)
{
    struct listener l = { .connection = connection, .event = event };
    usec_t end = clock_now() + (usec_t)ms * USEC_PER_MS;

    do {
        pass(2);
        l.query = (struct feed_query){ .since = heard, .done = take };
        feeds_ask(&feeds, FEED, &l.query);
    } while (l.text == NULL && clock_now() < end);

    return l;
}


/* people */

/* the session of the description that it was sent last */
static void
find_session(struct user *u)
{
    list_each(node, next, &m.sfu.in_order) {
        struct sfu_session *s = container_of(node, struct sfu_session,
                                             in_order);

        if (strcmp(s->credentials.ufrag, u->ufrag) == 0) {
            snprintf(u->id, sizeof(u->id), "%s", s->id);
        }
    }
}

static void
arrive(struct user *u)
{
    *u = (struct user){ .model = &m, .app = "app" };
    client_open(&u->net, media_loop_port(&m.loops[0]));
}

/* takes the worker's offer, as its master or one who was invited */
static char *
take_offer(struct user *u, uint64_t connection, const char *from)
{
    struct listener l = hear(connection, SFU_IPC_EVENT_OFFER, 2000);
    char *answer;

    tap_is_str(l.text != NULL ? l.from : NULL, from, "an offer");
    answer = user_answer(u, l.text);
    find_session(u);
    free(l.text);

    return answer;
}

/* a master with media, connected by this number */
static void
camera(struct user *u, const char *name, uint64_t connection)
{
    char *answer;

    arrive(u);
    tap_is_str(join(name, connection, NULL), "", "a master connects");
    answer = take_offer(u, connection, "AS");
    tap_is_str(say(connection, CHANNEL_ANSWER, answer), "", "and answers");
    free(answer);
    user_connect(u);
}

static void
send_media(struct user *u, int count)
{
    for (size_t i = 0; i < u->sdp.count; i++) {
        user_send(u, i, count);
    }
}

static void
ask_to_watch(struct user *u, uint64_t connection, const char *name,
             const char *id)
{
    char *offer;

    arrive(u);
    /* talk-back, which goes nowhere */
    fake_add(&u->sdp, SDP_AUDIO, SDP_SENDRECV);
    fake_add(&u->sdp, SDP_VIDEO, SDP_RECVONLY);

    if (name != NULL) {
        tap_is_str(join(name, connection, id), "", "a viewer connects");
    }

    offer = user_offer(u);
    tap_is_str(say(connection, CHANNEL_OFFER, offer), "", "and offers");
    free(offer);
}

static char *
take_answer(struct user *u, uint64_t connection, int ms)
{
    struct listener l = hear(connection, SFU_IPC_EVENT_ANSWER, ms);

    if (l.text != NULL && user_take_answer(u, l.text)) {
        find_session(u);
        user_connect(u);
    }

    return l.text;
}

static size_t
packets(const struct user *u)
{
    size_t n = 0;

    for (size_t i = 0; i < u->net.count; i++) {
        n += !u->net.packets[i].rtcp;
    }

    return n;
}

/* whether media of the camera arrives */
static bool
watches(struct user *viewer, struct user *from)
{
    size_t before = packets(viewer);

    for (int i = 0; i < 100 && packets(viewer) < before + 4; i++) {
        send_media(from, 1);
        pass(10);
        client_wait(&viewer->net, NULL, 10);
    }

    return packets(viewer) >= before + 4;
}

static void
make(const char *name)
{
    tap_is_str(put_question(to_channel(CHANNEL_CREATE, name)), "",
               "channel \"%s\"", name);
}

static size_t
lines_with(const char *text, const char *what)
{
    size_t n = 0;

    for (const char *p = text; p != NULL && (p = strstr(p, what)) != NULL;
         p++) {
        n++;
    }

    return n;
}


/* a codec that nobody knows */
static void
spoil(char *sdp, const char *codec)
{
    for (char *p = sdp; p != NULL && (p = strstr(p, codec)) != NULL;) {
        p[0] = 'X';
    }
}

static void
our_offer_is_small(void)
{
    struct listener l;

    make("small");
    join("small", 1, NULL);
    l = hear(1, SFU_IPC_EVENT_OFFER, 2000);
    tap_ok(l.text != NULL && strlen(l.text) < 7000, "our offer has %zu bytes",
           l.text != NULL ? strlen(l.text) : 0);
    tap_is_int((long long)lines_with(l.text, "a=recvonly"), 2,
               "it receives sound and pictures");
    tap_ok(l.text != NULL && strstr(l.text, "m=video 9 UDP/TLS/RTP/SAVPF 109 ")
                                 != NULL, "H.264 comes first");
    tap_ok(l.text != NULL
               && strstr(l.text, "packetization-mode=1;profile-level-id=42e01f")
                      != NULL, "as all know it");
    tap_is_int((long long)lines_with(l.text, "H264/90000"), 1, "once");
    free(l.text);
    put_question(to_channel(CHANNEL_DELETE, "small"));
    pass(20);
    tap_is_int((long long)m.sfu.sessions.count, 0,
               "with the channel its sessions end");
}

static void
fanout(void)
{
    struct user cam, first, second, third;
    char *answer;

    make("door");
    ask_to_watch(&first, 10, "door", "v1");
    pass(50);
    tap_is_int((long long)channels.figures.waiting, 1,
               "a viewer waits for the master");
    camera(&cam, "door", 1);
    pass(50);
    send_media(&cam, 3);
    answer = take_answer(&first, 10, 3000);
    tap_ok(answer != NULL, "kvs 60: and is answered when there is media");
    tap_is_int((long long)lines_with(answer, "m=video 9 UDP/TLS/RTP/SAVPF"), 1,
               "on its own sections");
    tap_is_int((long long)(lines_with(answer, "VP8/90000")
                           + lines_with(answer, "VP9/90000")
                           + lines_with(answer, "H264/90000")), 1,
               "with the master's codec alone");
    free(answer);
    tap_ok(watches(&first, &cam), "it sees the master");

    ask_to_watch(&second, 11, "door", "v2");
    free(take_answer(&second, 11, 3000));
    tap_ok(watches(&second, &cam), "so does the next one");
    tap_ok(stream_find(&m.sfu, "app", "door") == user_session(&cam),
           "and whoever watches the stream of this name");

    /* the same viewer once more: a page that was loaded again */
    ask_to_watch(&third, 12, "door", "v1");
    free(take_answer(&third, 12, 3000));
    tap_ok(watches(&third, &cam), "a viewer that comes again");
    tap_ok(user_session(&first) == NULL, "takes the place of its old session");
    tap_is_int((long long)channels.figures.watchers, 2, "two are watching");

    /* nginx lost the WebSocket, or the worker forgot it; media went on */
    {
        struct channel_request r = to_channel(CHANNEL_CONNECT, "door");
        struct listener l;

        r.feed = FEED;
        r.connection = r.born = 2;
        r.master = r.again = r.fanout = true;
        tap_is_str(put_question(r), "", "a master that was lost");
        l = hear(2, SFU_IPC_EVENT_OFFER, 200);
        tap_ok(l.text == NULL, "needs no other offer");
        free(l.text);
    }

    /* WebSockets are not media */
    put_question((struct channel_request){
        .type = CHANNEL_DISCONNECT, .feed = FEED, .connection = 2 });
    put_question((struct channel_request){
        .type = CHANNEL_DISCONNECT, .feed = FEED, .connection = 12 });
    tap_ok(watches(&third, &cam), "kvs 46: media outlives the WebSockets");
    user_leave(&second);
    tap_ok(watches(&third, &cam), "and viewers who leave");

    user_vanish(&first);
    user_leave(&third);
    user_leave(&cam);
    put_question(to_channel(CHANNEL_DELETE, "door"));
}

static void
master_comes_again(void)
{
    struct user cam, again, viewer, late;
    struct listener l;
    char *answer;

    make("gate");
    camera(&cam, "gate", 20);
    send_media(&cam, 3);
    ask_to_watch(&viewer, 21, "gate", "v");
    free(take_answer(&viewer, 21, 3000));
    tap_ok(watches(&viewer, &cam), "a viewer watches");
    camera(&again, "gate", 22);
    tap_ok(watches(&viewer, &cam), "the first session goes on");
    pass(300);

    for (int i = 0; i < 100 && user_session(&cam) != NULL; i++) {
        send_media(&again, 1);
        pass(20);
    }

    tap_ok(user_session(&cam) == NULL, "until the second one has media");
    tap_ok(watches(&viewer, &again), "and the viewer sees that, unasked");
    tap_ok(stream_find(&m.sfu, "app", "gate") == user_session(&again),
           "which has the name now");

    /* one that comes after the other has gone */
    user_leave(&again);
    user_vanish(&cam);
    camera(&again, "gate", 24);
    tap_ok(watches(&viewer, &again), "nor need it ask after a while");

    /* it is gone, its WebSocket is not: who comes now makes it offer */
    user_leave(&again);
    ask_to_watch(&late, 23, "gate", "w");
    l = hear(24, SFU_IPC_EVENT_OFFER, 4000);
    tap_ok(l.text != NULL, "a master without media gets another offer");
    arrive(&cam);
    answer = user_answer(&cam, l.text);
    free(l.text);
    spoil(answer, "VP8/");
    spoil(answer, "H264/");
    spoil(answer, "opus/");
    spoil(answer, "PCMU/");
    tap_is_str(say(24, CHANNEL_ANSWER, answer), SFU_IPC_ERR_SDP_UNACCEPTABLE,
               "which it cannot answer");
    free(answer);
    user_vanish(&cam);
    l = hear(24, SFU_IPC_EVENT_OFFER, 500);
    tap_ok(l.text == NULL, "it is not asked again and again");
    user_vanish(&late);
    user_leave(&viewer);
    put_question(to_channel(CHANNEL_DELETE, "gate"));
    pass(20);
}

/* an answer for each, and one offer for the master; kvs 61 */
static void
twenty(void)
{
    enum { VIEWERS = 20 };
    struct user cam, viewers[VIEWERS];
    struct listener l;
    char id[16];
    size_t answers = 0;

    make("yard");
    camera(&cam, "yard", 100);

    for (int i = 0; i < VIEWERS; i++) {
        snprintf(id, sizeof(id), "v%d", i);
        ask_to_watch(&viewers[i], 101 + (uint64_t)i, "yard", id);
    }

    /* what is said meanwhile is one viewer's affair */
    heard = 0;
    send_media(&cam, 3);
    pass(500);

    for (int i = 0; i < VIEWERS; i++) {
        struct feed_query q = { .since = 0 };

        l = (struct listener){ .connection = 101 + (uint64_t)i,
                               .event = SFU_IPC_EVENT_ANSWER };
        q.done = take;
        l.query = q;
        feeds_ask(&feeds, FEED, &l.query);
        answers += l.text != NULL;
        free(l.text);
        client_close(&viewers[i].net);
    }

    tap_is_int((long long)answers, VIEWERS, "kvs 61: twenty are answered");
    tap_is_int((long long)channels.figures.watchers, VIEWERS, "each");
    user_leave(&cam);
    put_question(to_channel(CHANNEL_DELETE, "yard"));
    pass(20);
}

/* a question goes to the master itself, whoever serves its viewers */
static void
call(void)
{
    struct question q = { to_channel(CHANNEL_CALL, "bell"), false, "" };
    struct channel_request r;
    struct listener l;

    make("bell");
    join("bell", 200, NULL);
    q.request.id = "test";
    q.request.from = "alexa";
    q.request.payload = "question";
    q.request.done = answered;
    channels_ask(&channels, &q.request);
    l = hear(200, SFU_IPC_EVENT_MESSAGE, 1000);
    tap_is_str(l.text, "offer", "a master is asked, in fan-out, too");
    free(l.text);
    r = (struct channel_request){
        .type = CHANNEL_SEND, .feed = FEED, .connection = 200,
        .kind = CHANNEL_ANSWER, .payload = "answer", .to = "alexa",
    };
    tap_is_str(put_question(r), "", "and its answer");
    tap_ok(q.done && q.error[0] == '\0', "is the answer");
    put_question(to_channel(CHANNEL_DELETE, "bell"));
    pass(20);
}

static void
refusals(void)
{
    struct user cam, viewer;
    struct listener l;

    make("hall");
    tap_is_str(join("hall", 30, NULL), "", "a master");
    l = hear(30, SFU_IPC_EVENT_OFFER, 2000);
    tap_is_str(say(30, CHANNEL_ANSWER, NULL), SFU_IPC_ERR_SDP_MALFORMED,
               "an answer that is no description");
    tap_is_str(say(30, CHANNEL_ANSWER, "v=0\r\nnonsense"),
               SFU_IPC_ERR_SDP_MALFORMED, "nor is this");
    tap_is_str(say(30, CHANNEL_CANDIDATE, NULL), "",
               "candidates are as good as none");
    arrive(&cam);
    {
        char *answer = user_answer(&cam, l.text);

        find_session(&cam);
        tap_is_str(say(30, CHANNEL_ANSWER, answer), "",
                   "a good one may still come");
        tap_is_str(say(30, CHANNEL_ANSWER, "v=0\r\n"),
                   SFU_IPC_ERR_SDP_UNACCEPTABLE, "once");
        free(answer);
    }

    free(l.text);
    user_connect(&cam);
    send_media(&cam, 3);
    tap_is_str(join("hall", 31, "v"), "", "a viewer");
    tap_is_str(say(31, CHANNEL_OFFER, NULL), SFU_IPC_ERR_SDP_MALFORMED,
               "whose offer is none");
    tap_is_str(say(31, CHANNEL_OFFER, "v=0\r\nnonsense"), "", "or nonsense");
    l = hear(31, SFU_IPC_EVENT_REFUSED, 2000);
    tap_ok(l.text != NULL, "is told so");
    free(l.text);
    tap_is_str(join("hall", 32, "\001"), SFU_IPC_ERR_INVALID,
               "an id that is the worker's");
    ask_to_watch(&viewer, 31, NULL, NULL);
    free(take_answer(&viewer, 31, 3000));
    tap_ok(watches(&viewer, &cam), "all is well afterwards");
    user_leave(&viewer);
    user_leave(&cam);
    put_question(to_channel(CHANNEL_DELETE, "hall"));
    pass(20);
}

static void
storage(void)
{
    struct channel_request r;
    struct user cam, viewer;
    struct listener l;
    char *answer;

    make("vault");
    tap_is_str(put_question(to_channel(CHANNEL_JOIN, "vault")),
               SFU_IPC_ERR_INVALID, "without storage there is none");
    r = to_channel(CHANNEL_UPDATE, "vault");
    r.storage = "arn:stream";
    tap_is_str(put_question(r), "", "storage");

    /* one who joins before its WebSocket is there */
    r = to_channel(CHANNEL_JOIN, "vault");
    tap_is_str(put_question(r), "", "a master joins");
    pass(20);
    tap_is_int((long long)channels.figures.waiting, 1, "and finds an offer");
    arrive(&cam);
    tap_is_str(join("vault", 40, NULL), "", "when it connects");
    answer = take_offer(&cam, 40, "");
    spoil(answer, "H264/");
    tap_is_str(say(40, CHANNEL_ANSWER, answer), SFU_IPC_ERR_SDP_UNACCEPTABLE,
               "kvs 62: without H.264 it is refused");
    free(answer);
    pass(20);
    tap_is_int((long long)m.sfu.sessions.count, 0, "and so is its session");
    user_vanish(&cam);

    arrive(&viewer);
    r.client = "v";
    tap_is_str(join("vault", 41, "v"), "", "a viewer");
    tap_is_str(put_question(r), "", "may join before there is media");
    tap_is_str(say(41, CHANNEL_OFFER, "v=0\r\n"), "",
               "and has nothing to offer");

    r.client = NULL;
    tap_is_str(put_question(r), "", "the master joins again");
    l = hear(40, SFU_IPC_EVENT_OFFER, 2000);
    tap_ok(l.text != NULL && l.from[0] == '\0'
               && lines_with(l.text, "H264/90000") == 1
               && lines_with(l.text, "VP8/90000") == 0
               && lines_with(l.text, "opus/48000") == 1,
           "kvs 62: an offer without a sender, of H.264 and Opus");
    arrive(&cam);
    answer = user_answer(&cam, l.text);
    free(l.text);
    find_session(&cam);
    tap_is_str(say(40, CHANNEL_ANSWER, answer), "", "is answered");
    free(answer);
    user_connect(&cam);
    /* Opus alone: what else the test's user sends would be VP8 */
    user_send(&cam, 0, 3);
    answer = take_offer(&viewer, 41, "");
    tap_is_str(say(41, CHANNEL_ANSWER, answer), "",
               "the viewer answers an offer, too");
    free(answer);
    user_connect(&viewer);
    tap_ok(watches(&viewer, &cam), "kvs 62: and media arrives");
    user_leave(&viewer);
    user_leave(&cam);
    put_question(to_channel(CHANNEL_DELETE, "vault"));
    pass(20);
}

/* clients that were relayed to each other before there was storage */
static void
storage_later(void)
{
    struct channel_request r;
    struct user cam, viewer;
    char *answer;

    make("later");
    r = to_channel(CHANNEL_CONNECT, "later");
    r.feed = FEED;
    r.connection = r.born = 80;
    r.master = true;
    r.limits.clients = 64;
    tap_is_str(put_question(r), "", "a master that is relayed");
    r.connection = r.born = 81;
    r.master = false;
    r.client = "v";
    tap_is_str(put_question(r), "", "and a viewer");
    r = to_channel(CHANNEL_UPDATE, "later");
    r.storage = "arn:stream";
    put_question(r);
    r = to_channel(CHANNEL_JOIN, "later");
    tap_is_str(put_question(r), "", "the master joins");
    arrive(&cam);
    answer = take_offer(&cam, 80, "");
    r = (struct channel_request){
        .type = CHANNEL_SEND, .feed = FEED, .connection = 80,
        .kind = CHANNEL_ANSWER, .payload = "opaque", .sdp = answer,
    };
    tap_is_str(put_question(r), "", "and is understood");
    free(answer);
    user_connect(&cam);
    user_send(&cam, 0, 3);
    r = to_channel(CHANNEL_JOIN, "later");
    r.client = "v";
    tap_is_str(put_question(r), "", "so does the viewer");
    arrive(&viewer);
    answer = take_offer(&viewer, 81, "");
    tap_is_str(say(81, CHANNEL_ANSWER, answer), "", "which answers the worker");
    free(answer);
    user_connect(&viewer);
    tap_ok(watches(&viewer, &cam), "and watches");
    user_leave(&viewer);
    user_leave(&cam);
    put_question(to_channel(CHANNEL_DELETE, "later"));
    pass(20);
}

/* descriptions of a run in which all went well */
static char *an_answer, *an_offer;

/* as if packets had come */
static void
bring_to_life(void)
{
    list_each(node, next, &m.sfu.in_order) {
        struct sfu_session *s = container_of(node, struct sfu_session,
                                             in_order);

        list_each(at, then, &s->publications) {
            struct sfu_publication *p = container_of(at,
                                                     struct sfu_publication,
                                                     node);
            size_t count;
            struct sdp_codec *codecs = sfu_publication_codecs(p, &count);

            p->live = codecs != NULL;
            p->pt = codecs != NULL ? codecs[0].pt : 0;
            free(codecs);
        }
    }
}

static int
meet(void)
{
    struct listener l;
    bool failed = put_question(to_channel(CHANNEL_CREATE, "poor"))[0];

    failed |= join("poor", 60, NULL)[0];
    l = hear(60, SFU_IPC_EVENT_OFFER, 0);
    failed |= l.text == NULL;
    free(l.text);
    failed |= say(60, CHANNEL_ANSWER, an_answer)[0];
    bring_to_life();
    failed |= join("poor", 61, "v")[0];
    failed |= say(61, CHANNEL_OFFER, an_offer)[0];
    l = hear(61, SFU_IPC_EVENT_ANSWER, 0);
    failed |= l.text == NULL;
    free(l.text);
    put_question(to_channel(CHANNEL_DELETE, "poor"));
    pass(0);
    feeds_end(&feeds, FEED);
    heard = 0;

    return failed ? -1 : 0;
}

static void
memory_runs_out(void)
{
    struct user cam, viewer;
    struct listener l;

    arrive(&cam);
    arrive(&viewer);
    fake_add(&viewer.sdp, SDP_AUDIO, SDP_RECVONLY);
    fake_add(&viewer.sdp, SDP_VIDEO, SDP_RECVONLY);
    an_offer = user_offer(&viewer);
    make("poor");
    join("poor", 50, NULL);
    l = hear(50, SFU_IPC_EVENT_OFFER, 2000);
    an_answer = user_answer(&cam, l.text);
    free(l.text);
    put_question(to_channel(CHANNEL_DELETE, "poor"));
    m.log.fd = -1;
    tap_each_allocation_fails(meet);
    m.log.fd = 2;
    user_vanish(&cam);
    user_vanish(&viewer);
    sfu_end_sessions(&m.sfu);
    pass(0);
}

/* the worker stops while somebody waits, and somebody is on the way */
static void
stops(void)
{
    make("last");
    join("last", 70, NULL);
    pass(5);
    tap_is_str(say(70, CHANNEL_ANSWER, an_answer), "", "a master");
    bring_to_life();
    join("last", 71, "v");
    say(71, CHANNEL_OFFER, an_offer);
    join("last", 72, "w");
    m.sfu.now = clock_now();
    channels_ask(&channels, &(struct channel_request){
        .type = CHANNEL_SEND, .id = "test", .feed = FEED, .connection = 72,
        .kind = CHANNEL_OFFER, .payload = "x", .sdp = an_offer,
        .done = ignored });
    make("waits");
    join("waits", 73, "v");
    say(73, CHANNEL_OFFER, an_offer);
    sfu_end_sessions(&m.sfu);
    channels_fini(&channels);
    feeds_fini(&feeds);
    store_close(store);
    tap_ok(channels.bytes == 0 && channels.figures.cameras == 0
               && channels.figures.watchers == 0
               && list_empty(&channels.finished)
               && m.sfu.sessions.count == 0, "nobody is left");
}

int
main(void)
{
    model_begin(&m, PORT, 1);
    m.settings.hold_time = 400 * USEC_PER_MS;

    if (feeds_init(&feeds, &feed_settings, &m.log, &m.sfu.wheel, &m.sfu.now)
        || store_open(&store, NULL, &m.log)
        || channels_init(&channels, &settings, &m.log, store, &feeds, &m.sfu,
                         &m.sfu.wheel, &m.sfu.now)) {
        printf("Bail out! no channels\n");
        return 1;
    }

    our_offer_is_small();
    fanout();
    master_comes_again();
    twenty();
    call();
    refusals();
    storage();
    storage_later();
    tap_ok(channels.figures.cameras == 0 && channels.figures.watchers == 0
               && m.sfu.sessions.count == 0, "nobody is left over");
    memory_runs_out();
    stops();
    model_end(&m);
    free(an_answer);
    free(an_offer);

    return tap_done();
}
