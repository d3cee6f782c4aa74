/*
 * channel/control_test.c - channels are made, looked at, changed and deleted.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "channel/fixture.h"

static const char *
text_of(enum channel_request_type type, const char *name)
{
    static struct question q;

    q = question(type, name);

    return put_question(&q)[0] ? q.error : q.text;
}

static void
life_of_one(void)
{
    struct store_tag tags[] = { { "k", "v" } };
    struct question q;
    int64_t created;

    begin();
    q = question(CHANNEL_CREATE, "c");
    q.request.tags = tags;
    q.request.tag_count = 1;
    tap_is_str(put_question(&q), "", "a channel");
    created = channels.last_created;
    tap_is_str(q.text, "c 60 -", "with the usual time to live");
    tap_is_str(make("c", 5), SFU_IPC_ERR_EXISTS, "kvs 51: only once");
    tap_is_str(text_of(CHANNEL_GET, "c"), "c 60 - k=v", "as it was made");
    tap_is_str(text_of(CHANNEL_GET, "d"), SFU_IPC_ERR_CHANNEL_NOT_FOUND,
               "and no other");

    q = question(CHANNEL_UPDATE, "c");
    q.request.ttl = 30;
    q.request.version = "not this";
    tap_is_str(put_question(&q), SFU_IPC_ERR_VERSION_MISMATCH,
               "kvs 51: a version that is not the last");
    q.request.version = NULL;
    q.request.storage = "arn:stream";
    tap_is_str(put_question(&q), "", "without a version");
    tap_is_str(q.text, "c 30 arn:stream", "it is changed");
    q.request.ttl = 0;
    q.request.storage = "";
    put_question(&q);
    tap_is_str(q.text, "c 30 -", "in part");

    q = question(CHANNEL_TAG, "c");
    q.request.tags = tags;
    q.request.tag_count = 1;
    tags[0] = (struct store_tag){ "second", "x" };
    q.request.max = 1;
    tap_is_str(put_question(&q), SFU_IPC_ERR_LIMIT, "kvs 53: a tag too many");
    q.request.max = 50;
    tap_is_str(put_question(&q), "", "one more");
    tap_is_str(text_of(CHANNEL_GET, "c"), "c 30 - k=v second=x", "is there");
    q = question(CHANNEL_TAG, "nobody");
    tap_is_str(put_question(&q), SFU_IPC_ERR_CHANNEL_NOT_FOUND,
               "tags of nobody");

    q = question(CHANNEL_DELETE, "c");
    q.request.version = "old";
    tap_is_str(put_question(&q), SFU_IPC_ERR_VERSION_MISMATCH,
               "deleted by who knows it as it is");
    q.request.version = NULL;
    q.request.created = 1;
    tap_is_str(put_question(&q), SFU_IPC_ERR_CHANNEL_NOT_FOUND,
               "and means this one");
    q.request.created = created;
    tap_is_str(put_question(&q), "", "it is");
    end("one channel");
}

static void
many(void)
{
    struct question q;
    char name[16];

    begin();

    for (int i = 0; i < 1003; i++) {
        snprintf(name, sizeof(name), "c%04d", i);
        make(name, 60);
    }

    q = question(CHANNEL_LIST, NULL);
    q.request.max = 2;
    put_question(&q);
    tap_is_str(q.text, "c0000 60 -, c0001 60 -", "two of many");
    tap_ok(q.more, "and there are more");
    q.request.after = "c1000";
    put_question(&q);
    tap_ok(!q.more && strcmp(q.text, "c1001 60 -, c1002 60 -") == 0,
           "the last two");
    q.request.after = NULL;
    q.request.prefix = "c100";
    q.request.max = 10;
    put_question(&q);
    tap_is_str(q.text, "c1000 60 -, c1001 60 -, c1002 60 -", "with a prefix");
    q.request.prefix = NULL;
    q.request.max = 100000;
    put_question(&q);
    tap_ok(q.more, "more than a reply may have");
    q = question(CHANNEL_CREATE, "one more");
    q.request.max = 1003;
    tap_is_str(put_question(&q), SFU_IPC_ERR_LIMIT,
               "more than a scope may have");
    end("many channels");
}

/* a store that cannot be opened: what lives goes on */
static void
no_store(void)
{
    begin();
    make("c", 60);
    join("c", 1, NULL);
    store_close(store);
    store_open(&store, "/nonexistent/store.db", &quiet);
    channels.store = store;
    tap_is_str(make("d", 60), SFU_IPC_ERR_STORE, "nothing can be made");
    tap_is_str(text_of(CHANNEL_GET, "c"), SFU_IPC_ERR_STORE, "or looked at");
    tap_is_str(text_of(CHANNEL_DELETE, "c"), SFU_IPC_ERR_STORE, "or deleted");
    tap_is_str(join("c", 2, "v"), "", "but who is in use can be used");
    say(2, CHANNEL_OFFER, NULL, "o");
    tap_is_str(hear(), "1 offer:o:v", "as before");
    end("a store that fails");
}

int
main(void)
{
    life_of_one();
    many();
    no_store();

    return tap_done();
}
