/*
 * ipc/session_test.c - requests of nginx as JSON, and their replies.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ipc/session.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "test/tap.h"

#define ASK "\"app\":\"a\",\"session\":\"s\""

static const struct {
    const char *why;
    const char *text;
    const char *error;          /* NULL: understood */
} rows[] = {
    { "hello", "{\"type\":\"hello\",\"version\":1,\"peer\":\"nginx\"}", NULL },
    { "hello with nothing else", "{\"type\":\"hello\"}", NULL },
    { "status", "{\"type\":\"status\"}", NULL },
    { "create", "{\"type\":\"session.create\",\"app\":\"a\"}", NULL },
    { "create with more",
      "{\"type\":\"session.create\",\"app\":\"a\",\"label\":\"l\","
      "\"offer\":\"v=0\",\"request\":\"r\",\"timeout\":5000}", NULL },
    { "publish",
      "{\"type\":\"session.publish\"," ASK ",\"offer\":\"v=0\",\"tracks\":"
      "[{\"name\":\"n\",\"mid\":\"0\",\"kind\":\"video\"}]}", NULL },
    { "discover",
      "{\"type\":\"session.publish\"," ASK ",\"offer\":\"v=0\","
      "\"discover\":true}", NULL },
    { "subscribe",
      "{\"type\":\"session.subscribe\"," ASK ",\"tracks\":"
      "[{\"name\":\"n\",\"publisher\":\"p\",\"mid\":\"#n\"}]}", NULL },
    { "renegotiate",
      "{\"type\":\"session.renegotiate\"," ASK ",\"answer\":\"v=0\"}", NULL },
    { "close",
      "{\"type\":\"session.close_tracks\"," ASK ",\"force\":true,"
      "\"tracks\":[{\"mid\":\"0\"},{\"name\":\"n\"}]}", NULL },
    { "a description of either kind",
      "{\"type\":\"session.renegotiate\"," ASK ",\"description\":\"v=0\"}",
      NULL },
    { "by name",
      "{\"type\":\"session.publish\"," ASK ",\"by_name\":true,\"tracks\":"
      "[{\"name\":\"n\",\"label\":\"my camera\"}]}", NULL },
    { "by name as a number",
      "{\"type\":\"session.publish\"," ASK ",\"by_name\":1}",
      SFU_IPC_ERR_MALFORMED },
    { "list", "{\"type\":\"session.list\",\"app\":\"a\",\"after\":7}", NULL },
    { "list of no app", "{\"type\":\"session.list\"}", SFU_IPC_ERR_MALFORMED },
    { "list after something",
      "{\"type\":\"session.list\",\"app\":\"a\",\"after\":\"x\"}",
      SFU_IPC_ERR_MALFORMED },
    { "get", "{\"type\":\"session.get\"," ASK "}", NULL },
    { "a third party",
      "{\"type\":\"session.create\",\"app\":\"a\",\"controlling\":true}",
      NULL },
    { "a third party that is no bool",
      "{\"type\":\"session.create\",\"app\":\"a\",\"controlling\":1}",
      SFU_IPC_ERR_MALFORMED },
    { "a stream",
      "{\"type\":\"session.create\",\"app\":\"a\",\"offer\":\"v=0\","
      "\"stream\":\"studio 1\"}", NULL },
    { "a viewer",
      "{\"type\":\"session.create\",\"app\":\"a\",\"offer\":\"v=0\","
      "\"watch\":\"studio 1\"}", NULL },
    { "a stream without a name",
      "{\"type\":\"session.create\",\"app\":\"a\",\"offer\":\"v=0\","
      "\"stream\":\"\"}", SFU_IPC_ERR_MALFORMED },
    { "trickle",
      "{\"type\":\"session.trickle\"," ASK ",\"match\":\"*\","
      "\"fragment\":\"a=ice-ufrag:x\"}", NULL },
    { "end", "{\"type\":\"session.end\"," ASK "}", NULL },
    { "establish", "{\"type\":\"session.establish_channels\"," ASK "}", NULL },
    { "establish with a channel",
      "{\"type\":\"session.establish_channels\"," ASK ",\"offer\":\"v=0\","
      "\"channels\":[{\"name\":\"events\",\"id\":0}]}", NULL },
    { "establish with two",
      "{\"type\":\"session.establish_channels\"," ASK ",\"channels\":"
      "[{\"name\":\"a\"},{\"name\":\"b\"}]}", SFU_IPC_ERR_MALFORMED },
    { "publish a channel",
      "{\"type\":\"session.publish_channels\"," ASK ",\"channels\":"
      "[{\"name\":\"a\",\"ordered\":false,\"max_retransmits\":0},"
      "{\"name\":\"b\",\"max_lifetime\":100,\"id\":65534}]}", NULL },
    { "subscribe to a channel",
      "{\"type\":\"session.subscribe_channels\"," ASK ",\"channels\":"
      "[{\"name\":\"a\",\"publisher\":\"p\",\"wait_ack\":true,"
      "\"can_reply\":true}]}", NULL },
    { "update a channel",
      "{\"type\":\"session.update_channels\"," ASK ",\"channels\":"
      "[{\"name\":\"a\",\"publisher\":\"p\",\"can_reply\":false}]}", NULL },
    { "close a channel",
      "{\"type\":\"session.close_channels\"," ASK ",\"channels\":"
      "[{\"id\":1}]}", NULL },
    { "a channel without a name",
      "{\"type\":\"session.publish_channels\"," ASK ",\"channels\":[{}]}",
      SFU_IPC_ERR_MALFORMED },
    { "a subscription without a publisher",
      "{\"type\":\"session.subscribe_channels\"," ASK ",\"channels\":"
      "[{\"name\":\"a\"}]}", SFU_IPC_ERR_MALFORMED },
    { "closing without an id",
      "{\"type\":\"session.close_channels\"," ASK ",\"channels\":"
      "[{\"name\":\"a\"}]}", SFU_IPC_ERR_MALFORMED },
    { "an id that is no stream",
      "{\"type\":\"session.close_channels\"," ASK ",\"channels\":"
      "[{\"id\":65535}]}", SFU_IPC_ERR_MALFORMED },
    { "fewer retransmissions than none",
      "{\"type\":\"session.publish_channels\"," ASK ",\"channels\":"
      "[{\"name\":\"a\",\"max_retransmits\":-1}]}", SFU_IPC_ERR_MALFORMED },
    { "channels that are no list",
      "{\"type\":\"session.close_channels\"," ASK ",\"channels\":{}}",
      SFU_IPC_ERR_MALFORMED },
    { "a channel that is no object",
      "{\"type\":\"session.close_channels\"," ASK ",\"channels\":[1]}",
      SFU_IPC_ERR_MALFORMED },
    { "null is as good as absent",
      "{\"type\":\"session.get\"," ASK ",\"offer\":null,\"tracks\":null,"
      "\"force\":null,\"timeout\":null,\"request\":null}", NULL },
    { "unknown members are ignored",
      "{\"type\":\"session.get\"," ASK ",\"x\":[{\"y\":{}}]}", NULL },

    { "events", "{\"type\":\"events.next\",\"feed\":\"0123456789abcdef\","
      "\"since\":7,\"wait\":5000}", NULL },
    { "no more events",
      "{\"type\":\"events.end\",\"feed\":\"0123456789abcdef\"}", NULL },
    { "events of nobody", "{\"type\":\"events.next\"}",
      SFU_IPC_ERR_MALFORMED },
    { "a feed id too short",
      "{\"type\":\"events.next\",\"feed\":\"0123456789abcde\"}",
      SFU_IPC_ERR_MALFORMED },
    { "a feed id that is none",
      "{\"type\":\"events.next\",\"feed\":\"0123456789ABCDEF\"}",
      SFU_IPC_ERR_MALFORMED },
    { "events since before the first",
      "{\"type\":\"events.next\",\"feed\":\"0123456789abcdef\","
      "\"since\":-1}", SFU_IPC_ERR_MALFORMED },
    { "an unknown kind of events",
      "{\"type\":\"events.last\",\"feed\":\"0123456789abcdef\"}",
      SFU_IPC_ERR_UNKNOWN_TYPE },
    { "a type that begins like one", "{\"type\":\"hello.world\"}",
      SFU_IPC_ERR_UNKNOWN_TYPE },

    { "nothing", "", SFU_IPC_ERR_MALFORMED },
    { "no JSON", "hello", SFU_IPC_ERR_MALFORMED },
    { "an array", "[]", SFU_IPC_ERR_MALFORMED },
    { "half an object", "{\"type\":\"hello\"", SFU_IPC_ERR_MALFORMED },
    { "something behind", "{\"type\":\"hello\"}}", SFU_IPC_ERR_MALFORMED },
    { "no UTF-8", "{\"type\":\"hel\xfflo\"}", SFU_IPC_ERR_MALFORMED },
    { "a surrogate alone", "{\"type\":\"\\ud800\"}", SFU_IPC_ERR_MALFORMED },
    { "a member twice", "{\"type\":\"hello\",\"type\":\"hello\"}",
      SFU_IPC_ERR_MALFORMED },
    { "no type", "{\"app\":\"a\"}", SFU_IPC_ERR_MALFORMED },
    { "a type that is no string", "{\"type\":1}", SFU_IPC_ERR_MALFORMED },
    { "an unknown type", "{\"type\":\"session.dance\"}",
      SFU_IPC_ERR_UNKNOWN_TYPE },
    { "an empty type", "{\"type\":\"\"}", SFU_IPC_ERR_UNKNOWN_TYPE },
    { "a zero in the type", "{\"type\":\"hello\\u0000x\"}",
      SFU_IPC_ERR_MALFORMED },
    { "no app", "{\"type\":\"session.get\",\"session\":\"s\"}",
      SFU_IPC_ERR_MALFORMED },
    { "no session", "{\"type\":\"session.get\",\"app\":\"a\"}",
      SFU_IPC_ERR_MALFORMED },
    { "a number as app", "{\"type\":\"session.create\",\"app\":1}",
      SFU_IPC_ERR_MALFORMED },
    { "a zero in the offer",
      "{\"type\":\"session.create\",\"app\":\"a\",\"offer\":\"v\\u0000\"}",
      SFU_IPC_ERR_MALFORMED },
    { "an offer that is an object",
      "{\"type\":\"session.create\",\"app\":\"a\",\"offer\":{}}",
      SFU_IPC_ERR_MALFORMED },
    { "force as a number",
      "{\"type\":\"session.close_tracks\"," ASK ",\"force\":1}",
      SFU_IPC_ERR_MALFORMED },
    { "discover as a string",
      "{\"type\":\"session.publish\"," ASK ",\"discover\":\"true\"}",
      SFU_IPC_ERR_MALFORMED },
    { "a timeout that is none",
      "{\"type\":\"session.get\"," ASK ",\"timeout\":-1}",
      SFU_IPC_ERR_MALFORMED },
    { "a timeout of weeks",
      "{\"type\":\"session.get\"," ASK ",\"timeout\":99999999999}",
      SFU_IPC_ERR_MALFORMED },
    { "a timeout with a fraction",
      "{\"type\":\"session.get\"," ASK ",\"timeout\":1.5}",
      SFU_IPC_ERR_MALFORMED },
    { "a version that does not fit",
      "{\"type\":\"hello\",\"version\":99999999999}", SFU_IPC_ERR_MALFORMED },
    { "a number beyond all", "{\"type\":\"hello\",\"version\":1e999}",
      SFU_IPC_ERR_MALFORMED },
    { "tracks that are no list",
      "{\"type\":\"session.publish\"," ASK ",\"tracks\":{}}",
      SFU_IPC_ERR_MALFORMED },
    { "a track that is no object",
      "{\"type\":\"session.publish\"," ASK ",\"tracks\":[1]}",
      SFU_IPC_ERR_MALFORMED },
    { "layers that are no object",
      "{\"type\":\"session.subscribe\"," ASK ",\"tracks\":[{\"name\":\"n\","
      "\"publisher\":\"p\",\"layers\":1}]}", SFU_IPC_ERR_MALFORMED },
    { "more layers than there are",
      "{\"type\":\"session.update_tracks\"," ASK ",\"tracks\":[{\"name\":\"n\","
      "\"publisher\":\"p\",\"layers\":{\"spatial\":9}}]}",
      SFU_IPC_ERR_MALFORMED },
    { "a rid that is no string",
      "{\"type\":\"session.update_tracks\"," ASK ",\"tracks\":[{\"name\":\"n\","
      "\"publisher\":\"p\",\"layers\":{\"rid\":1}}]}",
      SFU_IPC_ERR_MALFORMED },
    { "an update without a publisher",
      "{\"type\":\"session.update_tracks\"," ASK ",\"tracks\":"
      "[{\"name\":\"n\",\"mid\":\"1\"}]}", SFU_IPC_ERR_MALFORMED },
    { "a track without a name",
      "{\"type\":\"session.publish\"," ASK ",\"tracks\":[{\"mid\":\"0\"}]}",
      SFU_IPC_ERR_MALFORMED },
    { "a track with an empty one",
      "{\"type\":\"session.publish\"," ASK ",\"tracks\":[{\"name\":\"\"}]}",
      SFU_IPC_ERR_MALFORMED },
    { "a subscription without a publisher",
      "{\"type\":\"session.subscribe\"," ASK ",\"tracks\":[{\"name\":\"n\"}]}",
      SFU_IPC_ERR_MALFORMED },
    { "a close of nothing",
      "{\"type\":\"session.close_tracks\"," ASK ",\"tracks\":[{}]}",
      SFU_IPC_ERR_MALFORMED },
    { "a third kind",
      "{\"type\":\"session.publish\"," ASK ",\"tracks\":"
      "[{\"name\":\"n\",\"kind\":\"smell\"}]}", SFU_IPC_ERR_MALFORMED },
    { "a zero in a name",
      "{\"type\":\"session.publish\"," ASK ",\"tracks\":"
      "[{\"name\":\"n\\u0000\"}]}", SFU_IPC_ERR_MALFORMED },
    { "a mistake in the last track",
      "{\"type\":\"session.publish\"," ASK ",\"tracks\":"
      "[{\"name\":\"n\"},{\"name\":\"m\",\"mid\":7}]}",
      SFU_IPC_ERR_MALFORMED },
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
    const struct sfu_request *r;

    parse("{\"type\":\"session.subscribe\",\"app\":\"a\",\"session\":\"s\","
          "\"request\":\"r\",\"timeout\":1500,\"offer\":\"o\","
          "\"tracks\":[{\"name\":\"n\xc3\xa9\",\"publisher\":\"p\"},"
          "{\"name\":\"m\",\"publisher\":\"q\",\"kind\":\"video\","
          "\"mid\":\"4\",\"bidirectional\":true,\"layers\":{\"rid\":\"h\","
          "\"by_priority\":true,\"by_availability\":true,\"spatial\":2,"
          "\"temporal\":1}}]}", &p);
    r = &container_of(p, struct ipc_session, pending)->request;
    tap_ok(p->family == ipc_session_family()
               && r->type == SFU_REQUEST_SUBSCRIBE, "the type");
    tap_is_str(r->app, "a", "app");
    tap_is_str(r->session, "s", "session");
    tap_is_str(r->id, "r", "request");
    tap_is_str(r->offer, "o", "offer");
    tap_ok(r->answer == NULL && r->label == NULL, "what is not there");
    tap_is_int(r->timeout, 1500 * USEC_PER_MS, "timeout, in microseconds");
    tap_is_int((long long)r->track_count, 2, "tracks");
    tap_is_str(r->tracks[0].name, "n\xc3\xa9", "a name in UTF-8");
    tap_ok(!r->tracks[0].has_kind && r->tracks[0].mid == NULL
               && !r->tracks[0].bidirectional, "an entry with little");
    tap_ok(r->tracks[1].has_kind && r->tracks[1].kind == MEDIA_VIDEO
               && r->tracks[1].bidirectional
               && strcmp(r->tracks[1].mid, "4") == 0
               && strcmp(r->tracks[1].publisher, "q") == 0,
           "an entry with all");
    tap_ok(!r->tracks[0].has_choice && r->tracks[1].has_choice
               && strcmp(r->tracks[1].choice.rid, "h") == 0
               && r->tracks[1].choice.by_priority
               && r->tracks[1].choice.by_availability
               && r->tracks[1].choice.spatial_layers == 2
               && r->tracks[1].choice.temporal_layers == 1, "and its layers");
    ipc_pending_destroy(p);
}

/* a request to publish so many tracks, with names of this length */
static const char *
publish(size_t count, size_t name_len)
{
    struct ipc_pending *p;
    const char *error;
    struct text t;

    text_init(&t);
    text_printf(&t, "{\"type\":\"session.publish\"," ASK ",\"tracks\":[");

    for (size_t i = 0; i < count; i++) {
        text_printf(&t, "%s{\"name\":\"%0*zu\"}", i ? "," : "",
                    (int)name_len, i);
    }

    text_printf(&t, "]}");
    error = parse(t.data, &p);
    ipc_pending_destroy(p);
    text_fini(&t);

    return error;
}

static const char *
nested(size_t depth)
{
    struct ipc_pending *p;
    const char *error;
    struct text t;

    text_init(&t);
    text_printf(&t, "{\"type\":\"hello\",\"x\":");

    for (size_t i = 0; i < depth; i++) {
        text_append(&t, span_str("["));
    }

    for (size_t i = 0; i < depth; i++) {
        text_append(&t, span_str("]"));
    }

    text_append(&t, span_str("}"));
    error = parse(t.data, &p);
    ipc_pending_destroy(p);
    text_fini(&t);

    return error;
}

static void
limits(void)
{
    tap_is_str(publish(SFU_IPC_TRACKS_MAX, 4), NULL, "64 tracks");
    tap_is_str(publish(SFU_IPC_TRACKS_MAX + 1, 4), SFU_IPC_ERR_MALFORMED,
               "65 tracks");
    tap_is_str(publish(1, SFU_IPC_TRACK_NAME_MAX), NULL, "a name of 256");
    tap_is_str(publish(1, SFU_IPC_TRACK_NAME_MAX + 1), SFU_IPC_ERR_MALFORMED,
               "a name of 257");
    tap_is_str(nested(100), NULL, "lists within lists");
    tap_is_str(nested(1000000), SFU_IPC_ERR_MALFORMED, "but not for ever");
}

static char *
reply_text(const struct sfu_request *request, const struct sfu_reply *reply)
{
    json_t *o = ipc_session_reply(request, reply);
    char *text = o != NULL ? json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS)
                           : NULL;

    json_decref(o);

    return text;
}

static void
is_reply(const struct sfu_request *request, const struct sfu_reply *reply,
         const char *expected, const char *name)
{
    char *text = reply_text(request, reply);

    tap_is_str(text, expected, "%s", name);
    free(text);
}

static void
replies(void)
{
    struct sfu_request request = { .type = SFU_REQUEST_SUBSCRIBE,
                                   .track_count = 2 };
    struct sfu_reply_track tracks[2] = {
        { .name = (char *)"n", .mid = (char *)"4", .publisher = (char *)"p",
          .has_kind = true, .kind = MEDIA_VIDEO },
        { .name = (char *)"m", .mid = (char *)"5", .publisher = (char *)"p",
          .has_kind = true, .error = SFU_IPC_TRACK_NOT_FOUND,
          .detail = "words" },
    };
    struct sfu_reply reply = { .offer = (char *)"o", .tracks = tracks,
                               .track_count = 2 };
    struct sfu_reply_session sessions[2] = {
        { .id = (char *)"i", .state = "new" },
        { .id = (char *)"j", .state = "new", .metadata = (char *)"m" },
    };

    is_reply(&request, &reply,
             "{\"offer\":\"o\",\"tracks\":[{\"kind\":\"video\",\"mid\":\"4\","
             "\"name\":\"n\",\"publisher\":\"p\"},{\"detail\":\"words\","
             "\"error\":\"track_not_found\",\"name\":\"m\","
             "\"publisher\":\"p\"}]}",
             "an entry that failed has no mid");
    request.type = SFU_REQUEST_CLOSE;
    reply.offer = NULL;
    reply.track_count = 0;
    is_reply(&request, &reply, "{\"tracks\":[]}", "asked for a list, a list");
    reply = (struct sfu_reply){ .error = SFU_IPC_ERR_RATE, .detail = "slow" };
    is_reply(&request, &reply, "{\"detail\":\"slow\",\"error\":\"rate\"}",
             "an error");
    reply = (struct sfu_reply){ .error = SFU_IPC_ERR_INTERNAL };
    is_reply(&request, &reply,
             "{\"detail\":\"internal\",\"error\":\"internal\"}",
             "an error without words has some");
    request = (struct sfu_request){ .type = SFU_REQUEST_GET };
    reply = (struct sfu_reply){ .state = "new" };
    is_reply(&request, &reply, "{\"state\":\"new\",\"tracks\":[]}",
             "a session with nothing");
    tracks[0].remote = tracks[0].active = true;
    reply = (struct sfu_reply){ .state = "connected", .tracks = tracks,
                                .track_count = 1 };
    is_reply(&request, &reply,
             "{\"state\":\"connected\",\"tracks\":[{\"active\":true,"
             "\"direction\":\"remote\",\"kind\":\"video\",\"mid\":\"4\","
             "\"name\":\"n\",\"publisher\":\"p\"}]}", "and with a track");
    tracks[0].remote = false;
    tracks[0].label = (char *)"my camera";
    tracks[0].publisher = NULL;
    is_reply(&request, &reply,
             "{\"state\":\"connected\",\"tracks\":[{\"active\":true,"
             "\"direction\":\"local\",\"kind\":\"video\","
             "\"label\":\"my camera\",\"mid\":\"4\",\"name\":\"n\"}]}",
             "that has a label");
    request = (struct sfu_request){ .type = SFU_REQUEST_LIST };
    reply = (struct sfu_reply){ 0 };
    is_reply(&request, &reply, "{\"sessions\":[]}", "no sessions");
    reply = (struct sfu_reply){ .sessions = sessions, .session_count = 2,
                                .after = 9 };
    is_reply(&request, &reply,
             "{\"after\":9,\"sessions\":[{\"session\":\"i\",\"state\":\"new\"},"
             "{\"metadata\":\"m\",\"session\":\"j\",\"state\":\"new\"}]}",
             "two of more sessions");
    request = (struct sfu_request){ .type = SFU_REQUEST_PUBLISH,
                                    .discover = true };
    reply = (struct sfu_reply){ .answer = (char *)"a" };
    is_reply(&request, &reply, "{\"answer\":\"a\",\"tracks\":[]}",
             "nothing discovered is a list, too");
    reply = (struct sfu_reply){ .answer = (char *)"\xff" };
    is_reply(&request, &reply, NULL, "half a reply is none");
    request = (struct sfu_request){ .type = SFU_REQUEST_RENEGOTIATE };
    reply = (struct sfu_reply){ 0 };
    is_reply(&request, &reply, "{}", "nothing to say");
}

int
main(void)
{
    what_is_understood();
    all_members_arrive();
    limits();
    replies();

    return tap_done();
}
