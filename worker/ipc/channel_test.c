/*
 * ipc/channel_test.c - requests of channels as JSON, and their replies.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ipc/channel.h"

#include <stdlib.h>

#include "test/tap.h"

#define KEY "\"app\":\"a\",\"scope\":\"s\",\"name\":\"n\""
#define WHO "\"feed\":\"0123456789abcdef\",\"connection\":7"

static const struct {
    const char *why;
    const char *text;
    const char *error;          /* NULL: understood */
} rows[] = {
    { "create", "{\"type\":\"channel.create\"," KEY ",\"ttl\":60,\"max\":5000,"
      "\"tags\":{\"k\":\"v\",\"x\":\"\"}}", NULL },
    { "get", "{\"type\":\"channel.get\"," KEY ",\"created\":17}", NULL },
    { "list", "{\"type\":\"channel.list\",\"app\":\"a\",\"scope\":\"s\","
      "\"prefix\":\"p\",\"after\":\"b\",\"max\":9}", NULL },
    { "update", "{\"type\":\"channel.update\"," KEY ",\"version\":\"V1\","
      "\"ttl\":5,\"storage\":\"\"}", NULL },
    { "delete", "{\"type\":\"channel.delete\"," KEY "}", NULL },
    { "tag", "{\"type\":\"channel.tag\"," KEY ",\"set\":{\"k\":\"v\"},"
      "\"remove\":[\"x\"],\"max\":50}", NULL },
    { "a master", "{\"type\":\"channel.connect\"," KEY "," WHO
      ",\"born\":1700000000000,\"role\":\"master\"}", NULL },
    { "a viewer", "{\"type\":\"channel.connect\"," KEY "," WHO
      ",\"role\":\"viewer\",\"client\":\"v\",\"queue\":{\"messages\":64,"
      "\"bytes\":262144,\"clients\":1024},\"viewers\":10,\"rate\":3,"
      "\"again\":true,\"fanout\":false}", NULL },
    { "disconnect", "{\"type\":\"channel.disconnect\"," WHO "}", NULL },
    { "an offer", "{\"type\":\"channel.send\"," WHO ",\"kind\":\"offer\","
      "\"payload\":\"eyJ0\",\"sdp\":\"v=0\"}", NULL },
    { "a candidate", "{\"type\":\"channel.send\"," WHO
      ",\"kind\":\"candidate\",\"to\":\"v\",\"payload\":\"eyJ0\","
      "\"candidate\":{\"candidate\":\"\",\"mid\":\"0\",\"index\":0}}", NULL },
    { "call", "{\"type\":\"channel.call\"," KEY ",\"from\":\"x\","
      "\"payload\":\"eyJ0\"}", NULL },

    { "join", "{\"type\":\"channel.join\"," KEY ",\"client\":\"v\"}", NULL },
    { "a master joins", "{\"type\":\"channel.join\"," KEY "}", NULL },
    { "nobody joins", "{\"type\":\"channel.join\"," KEY ",\"client\":\"\"}",
      SFU_IPC_ERR_MALFORMED },
    { "an unknown one", "{\"type\":\"channel.dance\"," KEY "}",
      SFU_IPC_ERR_UNKNOWN_TYPE },
    { "no name", "{\"type\":\"channel.get\",\"app\":\"a\",\"scope\":\"s\"}",
      SFU_IPC_ERR_MALFORMED },
    { "an empty name", "{\"type\":\"channel.get\",\"app\":\"a\","
      "\"scope\":\"s\",\"name\":\"\"}", SFU_IPC_ERR_MALFORMED },
    { "no app", "{\"type\":\"channel.list\",\"scope\":\"s\"}",
      SFU_IPC_ERR_MALFORMED },
    { "tags that are a list", "{\"type\":\"channel.create\"," KEY
      ",\"tags\":[]}", SFU_IPC_ERR_MALFORMED },
    { "a tag that is a number", "{\"type\":\"channel.create\"," KEY
      ",\"tags\":{\"k\":1}}", SFU_IPC_ERR_MALFORMED },
    { "a tag that is nothing", "{\"type\":\"channel.create\"," KEY
      ",\"tags\":{\"k\":null}}", SFU_IPC_ERR_MALFORMED },
    { "a tag without a key", "{\"type\":\"channel.create\"," KEY
      ",\"tags\":{\"\":\"v\"}}", SFU_IPC_ERR_MALFORMED },
    { "a key that is a number", "{\"type\":\"channel.tag\"," KEY
      ",\"remove\":[1]}", SFU_IPC_ERR_MALFORMED },
    { "a time to live of years", "{\"type\":\"channel.create\"," KEY
      ",\"ttl\":99999999}", SFU_IPC_ERR_MALFORMED },
    { "a connection of no feed", "{\"type\":\"channel.connect\"," KEY
      ",\"connection\":7,\"role\":\"master\"}", SFU_IPC_ERR_MALFORMED },
    { "a connection without a number", "{\"type\":\"channel.disconnect\","
      "\"feed\":\"0123456789abcdef\"}", SFU_IPC_ERR_MALFORMED },
    { "a viewer without an id", "{\"type\":\"channel.connect\"," KEY "," WHO
      ",\"role\":\"viewer\"}", SFU_IPC_ERR_MALFORMED },
    { "a third role", "{\"type\":\"channel.connect\"," KEY "," WHO
      ",\"role\":\"director\",\"client\":\"v\"}", SFU_IPC_ERR_MALFORMED },
    { "a queue that is a number", "{\"type\":\"channel.connect\"," KEY "," WHO
      ",\"role\":\"master\",\"queue\":64}", SFU_IPC_ERR_MALFORMED },
    { "a queue of less than nothing", "{\"type\":\"channel.connect\"," KEY ","
      WHO ",\"role\":\"master\",\"queue\":{\"bytes\":-1}}",
      SFU_IPC_ERR_MALFORMED },
    { "a message of no kind", "{\"type\":\"channel.send\"," WHO
      ",\"payload\":\"eyJ0\"}", SFU_IPC_ERR_MALFORMED },
    { "a message of another kind", "{\"type\":\"channel.send\"," WHO
      ",\"kind\":\"greeting\",\"payload\":\"eyJ0\"}", SFU_IPC_ERR_MALFORMED },
    { "a message of nothing", "{\"type\":\"channel.send\"," WHO
      ",\"kind\":\"offer\",\"payload\":\"\"}", SFU_IPC_ERR_MALFORMED },
    { "a candidate that is a string", "{\"type\":\"channel.send\"," WHO
      ",\"kind\":\"candidate\",\"payload\":\"x\",\"candidate\":\"y\"}",
      SFU_IPC_ERR_MALFORMED },
    { "a section that cannot be", "{\"type\":\"channel.send\"," WHO
      ",\"kind\":\"candidate\",\"payload\":\"x\",\"candidate\":"
      "{\"candidate\":\"\",\"index\":65536}}", SFU_IPC_ERR_MALFORMED },
    { "a call of nobody", "{\"type\":\"channel.call\"," KEY
      ",\"payload\":\"eyJ0\"}", SFU_IPC_ERR_MALFORMED },
};

static const char *
parse(const char *text, struct ipc_pending **p)
{
    const char *error = "";
    const char *detail = NULL;
    int rc = ipc_pending_create(p, span_str(text), &error, &detail);

    return rc == 0 ? NULL : detail != NULL ? error : "no detail";
}

static void
what_is_understood(void)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ipc_pending *p;

        tap_is_str(parse(rows[i].text, &p), rows[i].error, "%s", rows[i].why);
        ipc_pending_destroy(p);
    }
}

static void
all_members_arrive(void)
{
    struct ipc_pending *p;
    const struct channel_request *r;

    parse(rows[7].text, &p);
    r = &container_of(p, struct ipc_channel, pending)->request;
    tap_ok(r->type == CHANNEL_CONNECT && !r->master && r->again && !r->fanout
               && strcmp(r->client, "v") == 0 && r->connection == 7
               && strcmp(r->feed, "0123456789abcdef") == 0
               && strcmp(r->key.app, "a") == 0
               && strcmp(r->key.scope, "s") == 0
               && strcmp(r->key.name, "n") == 0, "a viewer");
    tap_ok(r->limits.messages == 64 && r->limits.bytes == 262144
               && r->limits.clients == 1024 && r->limits.viewers == 10
               && r->limits.rate == 3, "and its limits");
    ipc_pending_destroy(p);

    parse(rows[10].text, &p);
    r = &container_of(p, struct ipc_channel, pending)->request;
    tap_ok(r->type == CHANNEL_SEND && r->kind == CHANNEL_CANDIDATE
               && strcmp(r->to, "v") == 0 && strcmp(r->payload, "eyJ0") == 0
               && strcmp(r->candidate.candidate, "") == 0
               && strcmp(r->candidate.mid, "0") == 0
               && r->candidate.index == 0 && r->candidate.ufrag == NULL,
           "a candidate");
    ipc_pending_destroy(p);

    parse(rows[5].text, &p);
    r = &container_of(p, struct ipc_channel, pending)->request;
    tap_ok(r->tag_count == 1 && strcmp(r->tags[0].key, "k") == 0
               && strcmp(r->tags[0].value, "v") == 0 && r->remove_count == 1
               && strcmp(r->remove[0], "x") == 0 && r->max == 50, "tags");
    ipc_pending_destroy(p);
}

static void
is_reply(enum channel_request_type type, const struct channel_reply *reply,
         const char *expected, const char *name)
{
    struct channel_request request = { .type = type };
    json_t *o = ipc_channel_reply(&request, reply);
    char *text = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS);

    tap_is_str(text, expected, "%s", name);
    free(text);
    json_decref(o);
}

static void
replies(void)
{
    struct channel_record records[] = {
        { "c", 17, "V1", 60, NULL }, { "d", 18, "V2", 5, "arn" },
    };
    struct store_tag tags[] = { { "k", "v" } };
    struct channel_reply r = { .records = records, .record_count = 2 };

    is_reply(CHANNEL_LIST, &r,
             "{\"channels\":[{\"created\":17,\"name\":\"c\",\"ttl\":60,"
             "\"version\":\"V1\"},{\"created\":18,\"name\":\"d\","
             "\"storage\":\"arn\",\"ttl\":5,\"version\":\"V2\"}],"
             "\"more\":false}", "two channels");
    r = (struct channel_reply){ .records = records, .record_count = 1,
                                .tags = tags, .tag_count = 1 };
    is_reply(CHANNEL_GET, &r,
             "{\"channel\":{\"created\":17,\"name\":\"c\",\"ttl\":60,"
             "\"version\":\"V1\"},\"tags\":{\"k\":\"v\"}}",
             "one, and its tags");
    r = (struct channel_reply){ .mode = CHANNEL_FANOUT };
    is_reply(CHANNEL_CONNECT, &r, "{\"mode\":\"fanout\"}", "a connection");
    r = (struct channel_reply){ .payload = "eyJ0" };
    is_reply(CHANNEL_CALL, &r, "{\"payload\":\"eyJ0\"}", "an answer");
    is_reply(CHANNEL_SEND, &r, "{}", "nothing to say");
    r = (struct channel_reply){ .error = SFU_IPC_ERR_EXISTS, .detail = "x" };
    is_reply(CHANNEL_CREATE, &r, "{\"detail\":\"x\",\"error\":\"exists\"}",
             "an error");
}

int
main(void)
{
    what_is_understood();
    all_members_arrive();
    replies();

    return tap_done();
}
