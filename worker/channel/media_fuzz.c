/*
 * channel/media_fuzz.c - a master and viewers whose other side is the worker.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Each two bytes are a step of somebody, of media, or of time.  Whatever
 * happens, each request has one answer, a viewer is answered what it has
 * offered last, and a client that was not damaged understands us.
 */

#include "base/error.h"
#include "channel/channel.h"
#include "channel/client.h"
#include "channel/watcher.h"
#include "sdp/fake_client.h"
#include "sfu/fuzz_invariants.h"
#include "sfu/fuzz_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { VIEWERS = 3, SESSIONS = 12, STEPS = 120 };

#define FEED "00112233aabbccdd"

/* the master is the last one */
struct person {
    uint64_t connection;        /* 0: not here */
    struct fake_client sdp;
    bool relayed;               /* what it says is not for the worker */
    bool offered;               /* it waits for an answer of ours */
    uint64_t since;             /* what was told before is for an older one */
    bool damaged;               /* it sent what it did not mean */
    char *offer;                /* ours, not answered yet */
};

struct game {
    struct sfu sfu;
    struct feeds feeds;
    struct channels channels;
    struct person people[VIEWERS + 1];
    uint64_t connections;
    uint64_t since;
    bool busy;                  /* the turn goes on */
    size_t asked;
    size_t answered;
    const uint8_t *next;
    const uint8_t *end;
};

/* on the heap, since some are answered much later */
struct question {
    struct channel_request request;
    struct game *game;
    char *sdp;
};

static const char *const ids[] = { "a", "b", "c" };

static const struct feed_settings feed_settings = {
    60 * USEC_PER_SEC, 1000, 200, 1 << 20, 1 << 22,
};

static const struct channel_settings channel_settings = { 1 << 20, 2, 3 };

static uint8_t
byte(struct game *g)
{
    return g->next < g->end ? *g->next++ : 0;
}

static void
forget(struct person *p)
{
    free(p->offer);
    *p = (struct person){ 0 };
}


/* requests */

static void
answered(struct channel_request *request, const struct channel_reply *reply)
{
    struct question *q = container_of(request, struct question, request);

    assert(reply->error == NULL || reply->detail != NULL);
    q->game->answered++;
    free(q->sdp);
    free(q);
}

static void
ask(struct game *g, struct channel_request request, char *sdp)
{
    struct question *q = calloc(1, sizeof(*q));

    assert(q != NULL);
    *q = (struct question){ request, g, sdp };
    q->request.id = "fuzz";
    q->request.done = answered;
    q->request.sdp = sdp;
    q->request.payload = "payload";
    g->asked++;
    channels_ask(&g->channels, &q->request);
}

static struct channel_request
to_channel(enum channel_request_type type)
{
    return (struct channel_request){ .type = type,
                                     .key = { "app", "scope", "c" } };
}

static struct channel_request
of_connection(enum channel_request_type type, const struct person *p)
{
    struct channel_request r = to_channel(type);

    r.feed = FEED;
    r.connection = p->connection;

    return r;
}


/* what people hear */

static const char *
text_of(const struct feed_event *e, const char *name)
{
    for (size_t i = 0; i < e->count; i++) {
        if (strcmp(e->members[i].name, name) == 0) {
            return e->members[i].text;
        }
    }

    return NULL;
}

static void
take_event(struct game *g, const struct feed_event *e)
{
    for (size_t i = 0; i <= VIEWERS; i++) {
        struct person *p = &g->people[i];

        if (p->connection == 0 || p->connection != e->connection) {
            continue;
        }

        if (strcmp(e->name, SFU_IPC_EVENT_END) == 0) {
            forget(p);
        } else if (strcmp(e->name, SFU_IPC_EVENT_OFFER) == 0) {
            free(p->offer);
            p->offer = strdup(text_of(e, "sdp"));
            p->sdp = (struct fake_client){ 0 };
        } else if (strcmp(e->name, SFU_IPC_EVENT_ANSWER) == 0
                   && p->offered && !p->damaged && e->number > p->since) {
            const char *why = fake_apply_answer(&p->sdp, text_of(e, "sdp"));

            assert(why == NULL);
            p->offered = false;
        }
    }
}

struct listener {
    struct feed_query query;
    struct game *game;
};

static void
told(struct feed_query *query)
{
    struct listener *l = container_of(query, struct listener, query);
    const struct feed_event *e = NULL;

    while ((e = feed_query_next(query, e)) != NULL) {
        take_event(l->game, e);
    }

    l->game->since = query->last;
}

static void
hear(struct game *g)
{
    struct listener l = { { .since = g->since, .done = told }, g };

    channels_run(&g->channels);
    feeds_run(&g->feeds);
    assert(feeds_ask(&g->feeds, FEED, &l.query) == 0);
}


/* steps */

static void
come(struct game *g, size_t i, uint8_t how)
{
    struct person *p = &g->people[i];
    struct channel_request r;

    forget(p);
    p->connection = ++g->connections;
    r = of_connection(CHANNEL_CONNECT, p);
    r.born = how & 3;
    r.master = i == VIEWERS;
    r.client = r.master ? NULL : ids[i];
    r.fanout = !(how & 64);
    p->relayed = !r.fanout;
    r.again = how & 32;
    r.as = how & 16 ? "AS" : NULL;
    r.limits.clients = 2;
    ask(g, r, NULL);
}

static void
damage(struct game *g, struct person *p, char *sdp, uint8_t how)
{
    if (sdp != NULL && how & 128) {
        sdp[byte(g) % strlen(sdp)] ^= 1;
        p->damaged = true;
    }
}

static void
offer(struct game *g, size_t i, uint8_t how)
{
    struct person *p = &g->people[i];
    struct channel_request r = of_connection(CHANNEL_SEND, p);
    char *sdp;

    /* another number of sections each time: it tells whose answer it is */
    p->sdp = (struct fake_client){ 0 };
    free(p->offer);
    p->offer = NULL;
    p->offered = !p->relayed;
    p->damaged = false;
    p->since = feed_find(&g->feeds, FEED)->last;

    for (int n = 0; n <= (how & 3); n++) {
        fake_add(&p->sdp, n & 1 ? SDP_AUDIO : SDP_VIDEO,
                 how & 4 ? SDP_RECVONLY : SDP_SENDRECV);
    }

    sdp = fake_offer(&p->sdp);
    damage(g, p, sdp, how);
    ask(g, r, sdp);
}

static void
answer(struct game *g, size_t i, uint8_t how)
{
    struct person *p = &g->people[i];
    struct channel_request r = of_connection(CHANNEL_SEND, p);
    const char *why = NULL;
    char *sdp = NULL;

    r.kind = how & 64 ? CHANNEL_CANDIDATE : CHANNEL_ANSWER;
    r.to = how & 32 ? "AS" : NULL;

    if (p->offer != NULL && !(how & 16)) {
        sdp = fake_answer(&p->sdp, p->offer, &why);
        assert(sdp != NULL && why == NULL);
        free(p->offer);
        p->offer = NULL;
    } else if (!(how & 8)) {
        sdp = strdup("v=0");
    }

    damage(g, p, sdp, how);
    ask(g, r, sdp);
}

static struct sfu_session *
nth_session(struct game *g, size_t n)
{
    list_each(node, next, &g->sfu.in_order) {
        if (n-- == 0) {
            return container_of(node, struct sfu_session, in_order);
        }
    }

    return NULL;
}

/* as if loops had said so */
static void
media(struct game *g, uint8_t how)
{
    struct sfu_session *s = nth_session(g, how >> 4 & 7);

    if (s == NULL) {
        return;
    }

    if (how & 1) {
        sfu_session_end(s, SFU_END_expired, "fuzz");
        return;
    }

    if (s->state != SFU_SESSION_NEW) {
        s->state = how & 2 ? SFU_SESSION_DISCONNECTED : SFU_SESSION_CONNECTED;
    }

    list_each(node, next, &s->publications) {
        struct sfu_publication *p = container_of(node, struct sfu_publication,
                                                 node);
        const struct sdp_section *section = sdp_negotiation_find(
            s->negotiation, span_str(p->mid));

        if (section->receives && section->codec_count && (how & 4)) {
            p->live = true;
            p->pt = section->codecs[0].pt;
        }
    }

    g->sfu.retry = true;
}

static void
manage(struct game *g, uint8_t how)
{
    struct channel_request r = to_channel(CHANNEL_UPDATE);

    if (how & 1) {
        r.storage = how & 2 ? "somewhere" : "";
        ask(g, r, NULL);
    } else if (how & 2) {
        ask(g, to_channel(CHANNEL_DELETE), NULL);
        ask(g, to_channel(CHANNEL_CREATE), NULL);
    } else {
        r = to_channel(CHANNEL_JOIN);
        r.client = how & 4 ? ids[how >> 3 & 1] : NULL;
        ask(g, r, NULL);
    }
}

static void
step(struct game *g)
{
    uint8_t what = byte(g);
    uint8_t how = byte(g);
    size_t i = what >> 4 & 3;

    g->busy = (what & 15) != 3 && (how & 8);

    switch (what & 15) {
    case 0:
    case 1:
        come(g, i, how);
        break;
    case 2:
        ask(g, of_connection(CHANNEL_DISCONNECT, &g->people[i]), NULL);
        forget(&g->people[i]);
        break;
    case 3:
    case 4:
        g->sfu.now += (usec_t)how * (what & 64 ? 100 : 5) * USEC_PER_MS;
        timer_wheel_run(&g->sfu.wheel, g->sfu.now);
        break;
    case 5:
    case 6:
    case 7:
        media(g, how);
        break;
    case 8:
        manage(g, how);
        break;
    case 9:
    case 10:
    case 11:
        answer(g, what & 128 ? VIEWERS : i, how);
        break;
    default:
        offer(g, i % VIEWERS, how);
        break;
    }
}

static void
check(struct game *g)
{
    size_t watchers = 0;

    check_model(&g->sfu);

    for (struct map_entry *e = NULL;
         (e = map_next(&g->channels.by_key, e)) != NULL;) {
        struct channel *ch = container_of(e, struct channel, by_key);

        assert(ch->audience.count <= VIEWERS);
        assert(ch->camera.next[0] || !ch->camera.answered);
        watchers += ch->audience.count;

        /* somebody will look at it again */
        assert(timer_armed(&ch->camera.timer)
               || (ch->audience.count == 0 && !ch->camera.current[0]));
    }

    assert(g->channels.figures.watchers == watchers);
    assert(g->channels.figures.cameras <= g->channels.by_key.count);
    assert(list_empty(&g->channels.finished));
    assert(g->answered <= g->asked);
}

/* one for all runs: opening it takes longer than all the rest */
static struct store *
the_store(void)
{
    static struct store *store;

    if (store == NULL) {
        assert(store_open(&store, NULL, &fuzz_model.log) == 0);
    }

    return store;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct game g = { .next = data, .end = data + size };

    fuzz_model_begin(&g.sfu, SESSIONS);
    assert(feeds_init(&g.feeds, &feed_settings, &fuzz_model.log, &g.sfu.wheel,
                      &g.sfu.now) == 0);
    assert(channels_init(&g.channels, &channel_settings, &fuzz_model.log,
                         the_store(), &g.feeds, &g.sfu, &g.sfu.wheel,
                         &g.sfu.now) == 0);
    ask(&g, to_channel(CHANNEL_CREATE), NULL);
    come(&g, VIEWERS, 16);
    hear(&g);

    for (int i = 0; i < STEPS && g.next < g.end; i++) {
        step(&g);
        fuzz_model_turn(&g.sfu);

        /* much may be said in one turn */
        if (!g.busy) {
            hear(&g);
            check(&g);
        }
    }

    ask(&g, to_channel(CHANNEL_DELETE), NULL);
    sfu_end_sessions(&g.sfu);
    channels_fini(&g.channels);
    feeds_fini(&g.feeds);
    assert(g.answered == g.asked && g.channels.bytes == 0);
    assert(g.channels.figures.watchers == 0);
    fuzz_model_end(&g.sfu);

    for (size_t i = 0; i <= VIEWERS; i++) {
        forget(&g.people[i]);
    }

    return 0;
}
