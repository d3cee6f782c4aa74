/*
 * channel/channel_fuzz.c - bytes as a sequence of requests.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Each request has exactly one answer, viewers never hear each other, and
 * nothing grows beyond its limits.
 */

#include <assert.h>

#include "base/reader.h"
#include "channel/fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { QUESTIONS = 64, MESSAGES = 4, BYTES = 64, CLIENTS = 3 };

static const char *const names[] = { "a", "b" };
static const char *const ids[] = { "v", "w", "x", "y", "z" };
static const char *const payloads[] = {
    "o", "12345678", "a payload that is a little longer than others",
    "a payload that is longer than what may ever wait in one mailbox is",
};

static int answers;

static void
count_answers(struct channel_request *request,
              const struct channel_reply *reply)
{
    questioned(request, reply);
    answers++;
}

static void
fill(struct channel_request *r, struct reader *in)
{
    static const enum channel_request_type types[] = {
        CHANNEL_SEND, CHANNEL_CONNECT, CHANNEL_DISCONNECT, CHANNEL_CALL,
        CHANNEL_UPDATE, CHANNEL_DELETE, CHANNEL_CREATE, CHANNEL_TAG,
    };
    uint8_t type = reader_u8(in);
    uint8_t who = reader_u8(in);
    uint8_t what = reader_u8(in);

    /* most of them messages */
    r->type = type < 128 ? CHANNEL_SEND : types[type % 8];
    r->key.name = names[who & 1];
    r->feed = who & 2 ? FEED : "00000000000000ff";
    r->connection = 1 + (uint64_t)(who >> 2) % 12;
    r->born = who >> 4;
    r->master = (what & 7) == 7;
    r->client = ids[what % 5];
    r->to = what & 0x80 ? NULL : ids[what % 5];
    r->from = ids[what % 5];
    r->kind = (enum channel_kind)((what >> 3) % 3);
    r->payload = payloads[(what >> 5) & 3];
    r->ttl = r->type == CHANNEL_UPDATE ? 1 + what % 9u : 0;
    r->limits = (struct channel_limits){
        4, 20, MESSAGES, BYTES, CLIENTS,
    };

    /* before anybody connects, a channel has greater limits */
    if (r->type == CHANNEL_CALL && channel_find(&channels, &r->key) == NULL) {
        r->type = CHANNEL_CONNECT;
    }
}

/* a viewer is told what a master said; all else it has no name for */
static void
check_told(struct feed_query *query)
{
    for (const struct feed_event *e = feed_query_next(query, NULL); e != NULL;
         e = feed_query_next(query, e)) {
        assert(e->count >= 1 && e->members[0].text != NULL);
    }
}

static void
check(void)
{
    size_t waiting = 0, masters = 0, viewers = 0;

    for (struct map_entry *e = NULL;
         (e = map_next(&channels.by_key, e)) != NULL;) {
        struct channel *ch = container_of(e, struct channel, by_key);

        assert(ch->mailboxes.count <= CLIENTS);
        assert(ch->viewers.count <= 4);
        masters += ch->master != NULL;
        viewers += ch->viewers.count;

        for (struct map_entry *b = NULL;
             (b = map_next(&ch->mailboxes, b)) != NULL;) {
            struct channel_mailbox *box =
                container_of(b, struct channel_mailbox, by_recipient);

            assert(box->count > 0 && box->count <= MESSAGES);
            assert(box->bytes <= BYTES);
            assert(timer_armed(&box->timer));
            /* it is there: nothing waits for it */
            assert(channel_client_find(ch, box->recipient) == NULL);
            waiting += box->count;
        }
    }

    assert(channels.figures.waiting == waiting);
    assert(channels.figures.masters == masters);
    assert(channels.figures.viewers == viewers);
    assert(feeds.connections == masters + viewers);
}

/* the store stays: opening one takes longer than all the rest */
static void
start(void)
{
    static struct store *kept;

    if (kept == NULL) {
        begin();
        kept = store;
    } else {
        timer_wheel_init(&wheel, now);
        feeds_init(&feeds, &feed_settings, &quiet, &wheel, &now);
        channels_init(&channels, &settings, &quiet, store, &feeds, NULL,
                      &wheel, &now);
    }

    settings.memory_max = 512;
    make("a", 5);
    make("b", 5);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct question questions[QUESTIONS];
    struct reader in = reader_over(span_of(data, size));
    int asked = 0;

    start();
    answers = 0;

    while (reader_left(&in) && asked < QUESTIONS) {
        struct question *q = &questions[asked++];
        uint8_t then;

        *q = question(CHANNEL_SEND, NULL);
        fill(&q->request, &in);
        q->request.done = count_answers;
        channels_ask(&channels, &q->request);
        then = reader_u8(&in);

        if (then & 1) {
            pass((then >> 1) / 64.0);
        }

        if (then >= 0xf0) {
            feeds_end(&feeds, then & 2 ? FEED : "00000000000000ff");
        }

        if (then & 4) {
            struct feed_query query = { .since = then, .done = check_told };

            feeds_ask(&feeds, FEED, &query);
        }

        check();
    }

    channels_fini(&channels);
    feeds_fini(&feeds);
    assert(answers == asked && channels.bytes == 0 && wheel.armed == 0);

    return 0;
}
