/*
 * ipc/family_fuzz.c - bytes as a request, and a reply to it.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <assert.h>
#include <stdlib.h>

#include "ipc/channel.h"
#include "ipc/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* what came out is what include/sfu_ipc.h says */
static void
check(const struct sfu_request *r)
{
    assert(r->track_count <= SFU_IPC_TRACKS_MAX && r->timeout >= 0);
    assert(r->app != NULL && strlen(r->app) <= SFU_IPC_APP_ID_MAX);
    assert(r->session != NULL || r->type == SFU_REQUEST_CREATE
           || r->type == SFU_REQUEST_LIST);

    for (size_t i = 0; i < r->track_count; i++) {
        const struct sfu_request_track *t = &r->tracks[i];

        assert(t->name != NULL || t->mid != NULL);
        assert(t->name == NULL || strlen(t->name) <= SFU_IPC_TRACK_NAME_MAX);
        assert(r->type != SFU_REQUEST_SUBSCRIBE || t->publisher != NULL);
    }
}

/* what was asked for comes back as text that can be read */
static void
echo(const struct sfu_request *request)
{
    struct sfu_reply reply;
    json_t *o;
    json_t *again;
    char *text;

    sfu_reply_init(&reply);
    assert(sfu_reply_tracks(&reply, request) == 0);
    assert(sfu_reply_set(&reply.offer, request->offer) == 0);
    assert(sfu_reply_set(&reply.session, request->session) == 0);
    o = ipc_session_reply(request, &reply);
    assert(o != NULL);
    text = json_dumps(o, JSON_COMPACT);
    assert(text != NULL);
    again = json_loads(text, 0, NULL);
    assert(json_equal(o, again));
    free(text);
    json_decref(again);
    json_decref(o);
    sfu_reply_fini(&reply);
}

static bool
is_within(const char *text, size_t max)
{
    return text == NULL || strlen(text) <= max;
}

/* what came out is what include/sfu_ipc_channel.h says */
static void
check_channel(const struct channel_request *r)
{
    bool of_connection = r->type == CHANNEL_SEND
                         || r->type == CHANNEL_DISCONNECT
                         || r->type == CHANNEL_CONNECT;

    assert(is_within(r->key.scope, SFU_IPC_SCOPE_MAX)
           && is_within(r->key.name, SFU_IPC_CHANNEL_NAME_MAX)
           && is_within(r->client, SFU_IPC_CLIENT_ID_MAX)
           && is_within(r->to, SFU_IPC_CLIENT_ID_MAX)
           && is_within(r->as, SFU_IPC_CLIENT_ID_MAX)
           && is_within(r->payload, SFU_IPC_PAYLOAD_MAX)
           && is_within(r->storage, SFU_IPC_STORAGE_MAX));
    assert(!of_connection || (r->feed != NULL && r->connection != 0));
    assert(r->type == CHANNEL_SEND || r->type == CHANNEL_DISCONNECT
           || (r->key.app != NULL && r->key.scope != NULL));
    assert(r->type != CHANNEL_CONNECT || r->master || r->client != NULL);
    assert(r->type != CHANNEL_SEND || r->payload != NULL);
    assert(r->tag_count <= SFU_IPC_CHANNEL_TAGS_MAX
           && r->remove_count <= SFU_IPC_CHANNEL_TAGS_MAX);

    for (size_t i = 0; i < r->tag_count; i++) {
        assert(r->tags[i].key[0] && r->tags[i].value != NULL);
    }

    for (size_t i = 0; i < r->remove_count; i++) {
        assert(r->remove[i] != NULL);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ipc_pending *p;
    const char *error = NULL;
    const char *detail = NULL;

    if (ipc_pending_create(&p, span_of(data, size), &error, &detail) == 0) {
        assert(p->message.id != NULL);

        if (p->family == ipc_session_family()) {
            struct ipc_session *s = container_of(p, struct ipc_session,
                                                 pending);

            check(&s->request);
            echo(&s->request);
        } else if (p->family == ipc_channel_family()) {
            check_channel(&container_of(p, struct ipc_channel,
                                        pending)->request);
        }
    } else {
        assert(p == NULL && error != NULL && detail != NULL);
    }

    ipc_pending_destroy(p);

    return 0;
}
