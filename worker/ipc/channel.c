/*
 * ipc/channel.c - channel.*: signaling channels.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ipc/channel.h"

#include "channel/channels.h"
#include "ipc/connection.h"
#include "ipc/server.h"

enum {
    TTL_MAX = 24 * 3600,        /* seconds */
};

static struct ipc_channel *
of_pending(struct ipc_pending *p)
{
    return container_of(p, struct ipc_channel, pending);
}

static void
wrong(struct fields *f, const char *what)
{
    f->wrong = f->wrong != NULL ? f->wrong : what;
}

/* whether a string is there, and not empty */
static bool
has(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static bool
take_type(struct channel_request *r, const char *type)
{
    static const struct {
        const char *name;
        enum channel_request_type type;
    } rows[] = {
        { SFU_IPC_REQ_CHANNEL_CREATE, CHANNEL_CREATE },
        { SFU_IPC_REQ_CHANNEL_GET, CHANNEL_GET },
        { SFU_IPC_REQ_CHANNEL_LIST, CHANNEL_LIST },
        { SFU_IPC_REQ_CHANNEL_UPDATE, CHANNEL_UPDATE },
        { SFU_IPC_REQ_CHANNEL_DELETE, CHANNEL_DELETE },
        { SFU_IPC_REQ_CHANNEL_TAG, CHANNEL_TAG },
        { SFU_IPC_REQ_CHANNEL_CONNECT, CHANNEL_CONNECT },
        { SFU_IPC_REQ_CHANNEL_DISCONNECT, CHANNEL_DISCONNECT },
        { SFU_IPC_REQ_CHANNEL_SEND, CHANNEL_SEND },
        { SFU_IPC_REQ_CHANNEL_CALL, CHANNEL_CALL },
        { SFU_IPC_REQ_CHANNEL_JOIN, CHANNEL_JOIN },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(type, rows[i].name) == 0) {
            r->type = rows[i].type;
            return true;
        }
    }

    return false;
}

static size_t
take_count(struct fields *f, const char *name, const char *what)
{
    return (size_t)take_integer(f, name, SFU_IPC_CHANNEL_LIMIT_MAX, what);
}

/* { key: value } */
static size_t
take_pairs(struct fields *f, const char *name, struct store_tag *tags)
{
    const json_t *object = member(f, name);
    const char *key;
    json_t *value;
    size_t count = 0;

    if (object == NULL) {
        return 0;
    }

    if (!json_is_object(object)
        || json_object_size(object) > SFU_IPC_CHANNEL_TAGS_MAX) {
        wrong(f, "tags");
        return 0;
    }

    json_object_foreach((json_t *)(uintptr_t)object, key, value) {
        struct fields tag = { object, NULL };

        if (key[0] == '\0' || strlen(key) > SFU_IPC_TAG_KEY_MAX) {
            wrong(f, "the key of a tag");
            return 0;
        }

        tags[count].key = key;
        tags[count].value = take_string(&tag, key, SFU_IPC_TAG_VALUE_MAX,
                                        "the value of a tag");

        if (tags[count++].value == NULL) {
            wrong(f, "the value of a tag");
            return 0;
        }
    }

    return count;
}

static size_t
take_keys(struct fields *f, const char *name, const char **keys)
{
    const json_t *list = member(f, name);
    size_t count = json_array_size(list);

    if (list == NULL) {
        return 0;
    }

    if (!json_is_array(list) || count > SFU_IPC_CHANNEL_TAGS_MAX) {
        wrong(f, "keys of tags");
        return 0;
    }

    for (size_t i = 0; i < count; i++) {
        keys[i] = json_string_value(json_array_get(list, i));

        if (keys[i] == NULL) {
            wrong(f, "keys of tags");
            return 0;
        }
    }

    return count;
}

static void
take_limits(struct fields *f, struct channel_limits *l)
{
    struct fields queue = { member(f, "queue"), NULL };

    l->viewers = take_count(f, "viewers", "\"viewers\"");
    l->rate = take_count(f, "rate", "\"rate\"");

    if (queue.object == NULL) {
        return;
    }

    if (!json_is_object(queue.object)) {
        wrong(f, "\"queue\"");
        return;
    }

    l->messages = take_count(&queue, "messages", "\"messages\" of a queue");
    l->bytes = take_count(&queue, "bytes", "\"bytes\" of a queue");
    l->clients = take_count(&queue, "clients", "\"clients\" of a queue");

    if (queue.wrong != NULL) {
        wrong(f, queue.wrong);
    }
}

static void
take_role(struct fields *f, struct channel_request *r)
{
    const char *role = take_string(f, "role", 16, "\"role\"");

    r->master = role != NULL && strcmp(role, "master") == 0;

    if (role != NULL && !r->master && strcmp(role, "viewer") != 0) {
        wrong(f, "\"role\"");
    }
}

static bool
take_kind(struct fields *f, struct channel_request *r)
{
    const char *kind = take_string(f, "kind", 16, "\"kind\"");

    if (kind == NULL) {
        return false;
    }

    if (strcmp(kind, "offer") == 0) {
        r->kind = CHANNEL_OFFER;
    } else if (strcmp(kind, "answer") == 0) {
        r->kind = CHANNEL_ANSWER;
    } else if (strcmp(kind, "candidate") == 0) {
        r->kind = CHANNEL_CANDIDATE;
    } else {
        wrong(f, "\"kind\"");
    }

    return true;
}

static void
take_candidate(struct fields *f, struct channel_candidate *c)
{
    struct fields candidate = { member(f, "candidate"), NULL };

    c->index = -1;

    if (candidate.object == NULL) {
        return;
    }

    if (!json_is_object(candidate.object)) {
        wrong(f, "\"candidate\"");
        return;
    }

    c->candidate = take_string(&candidate, "candidate", SFU_IPC_PAYLOAD_MAX,
                               "\"candidate\"");
    c->mid = take_string(&candidate, "mid", SFU_IPC_MID_MAX,
                         "\"mid\" of a candidate");
    c->ufrag = take_string(&candidate, "ufrag", SFU_IPC_CLIENT_ID_MAX,
                           "\"ufrag\" of a candidate");

    if (member(&candidate, "index") != NULL) {
        c->index = (long)take_integer(&candidate, "index", UINT16_MAX,
                                      "\"index\" of a candidate");
    }

    if (candidate.wrong != NULL) {
        wrong(f, candidate.wrong);
    }
}

static void
take_members(struct ipc_channel *c, struct fields *f)
{
    struct channel_request *r = &c->request;

    r->id = c->pending.message.id;
    r->timeout = c->pending.message.timeout;
    r->key.app = c->pending.message.app;
    r->key.scope = take_string(f, "scope", SFU_IPC_SCOPE_MAX, "\"scope\"");
    r->key.name = take_string(f, "name", SFU_IPC_CHANNEL_NAME_MAX,
                              "\"name\"");
    r->created = take_integer(f, "created", INT64_MAX, "\"created\"");
    r->version = take_string(f, "version", SFU_IPC_CHANNEL_VERSION_MAX,
                             "\"version\"");
    r->ttl = (unsigned)take_integer(f, "ttl", TTL_MAX, "\"ttl\"");
    r->storage = take_string(f, "storage", SFU_IPC_STORAGE_MAX,
                             "\"storage\"");
    r->tags = c->tags;
    r->tag_count = take_pairs(f, r->type == CHANNEL_TAG ? "set" : "tags",
                              c->tags);
    r->remove = c->remove;
    r->remove_count = take_keys(f, "remove", c->remove);
    r->max = take_count(f, "max", "\"max\"");
    r->prefix = take_string(f, "prefix", SFU_IPC_CHANNEL_NAME_MAX,
                            "\"prefix\"");
    r->after = take_string(f, "after", SFU_IPC_CHANNEL_NAME_MAX, "\"after\"");
    r->client = take_string(f, "client", SFU_IPC_CLIENT_ID_MAX, "\"client\"");
    r->again = take_bool(f, "again", "\"again\"");
    r->fanout = take_bool(f, "fanout", "\"fanout\"");
    r->as = take_string(f, "as", SFU_IPC_CLIENT_ID_MAX, "\"as\"");
    r->to = take_string(f, "to", SFU_IPC_CLIENT_ID_MAX, "\"to\"");
    r->from = take_string(f, "from", SFU_IPC_CLIENT_ID_MAX, "\"from\"");
    r->payload = take_string(f, "payload", SFU_IPC_PAYLOAD_MAX, "\"payload\"");
    r->sdp = take_string(f, "sdp", 0, "\"sdp\"");
    take_role(f, r);
    take_limits(f, &r->limits);
    take_candidate(f, &r->candidate);
}

/* NULL, or what a request of this type lacks */
static const char *
lacks(const struct channel_request *r, bool has_connection, bool has_kind)
{
    bool of_connection = r->type == CHANNEL_CONNECT
                         || r->type == CHANNEL_DISCONNECT
                         || r->type == CHANNEL_SEND;

    if (of_connection && !has_connection) {
        return "\"feed\" or \"connection\" is missing";
    }

    if (r->type == CHANNEL_DISCONNECT) {
        return NULL;
    }

    if (r->type == CHANNEL_SEND) {
        return has_kind && has(r->payload) ? NULL
                                           : "\"kind\" or \"payload\" is "
                                             "missing";
    }

    if (r->key.app == NULL || r->key.scope == NULL
        || (r->type != CHANNEL_LIST && !has(r->key.name))) {
        return "\"app\", \"scope\" or \"name\" is missing";
    }

    if (r->type == CHANNEL_CONNECT && !r->master && !has(r->client)) {
        return "a viewer has no \"client\"";
    }

    if (r->type == CHANNEL_JOIN && r->client != NULL && !has(r->client)) {
        return "\"client\" is empty";
    }

    if (r->type == CHANNEL_CALL && (!has(r->from) || !has(r->payload))) {
        return "\"from\" or \"payload\" is missing";
    }

    return NULL;
}

static const char *
take(struct ipc_pending *p, struct fields *f, const char **detail)
{
    struct ipc_channel *c = of_pending(p);
    struct channel_request *r = &c->request;
    struct ipc_connection connection;
    bool has_connection, has_kind;

    if (!take_type(r, p->message.type)) {
        *detail = "this worker knows no such request";
        return SFU_IPC_ERR_UNKNOWN_TYPE;
    }

    take_members(c, f);
    has_connection = ipc_take_connection(f, &connection);
    has_kind = take_kind(f, r);
    r->feed = connection.feed;
    r->connection = connection.number;
    r->born = connection.born;
    *detail = lacks(r, has_connection, has_kind);

    return *detail != NULL ? SFU_IPC_ERR_MALFORMED : NULL;
}

static void
request_done(struct channel_request *request,
             const struct channel_reply *reply)
{
    struct ipc_channel *c = container_of(request, struct ipc_channel, request);

    ipc_answer(&c->pending, ipc_channel_reply(request, reply));
}

static void
ask(struct ipc_pending *p)
{
    struct ipc_channel *c = of_pending(p);

    c->request.done = request_done;
    channels_ask(p->server->serves.channels, &c->request);
}

const struct ipc_family *
ipc_channel_family(void)
{
    static const struct ipc_family family = {
        "channel.", sizeof(struct ipc_channel), take, ask,
    };

    return &family;
}
