/*
 * sfu/stream_test.c - publishing to an address, and watching it.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sdp/fragment.h"
#include "sfu/stream.h"
#include "test/model.h"
#include "test/tap.h"

enum { PORT = 21920 };

static struct model m;

/* a client with its sections, and no session yet */
static void
arrive(struct user *u, unsigned wants)
{
    *u = (struct user){ .model = &m, .app = "app" };
    client_open(&u->net, media_loop_port(&m.loops[0]));
    fake_add(&u->sdp, SDP_AUDIO, wants);
    fake_add(&u->sdp, SDP_VIDEO, wants);
}

static void
ask_create(struct ask *ask, struct user *u)
{
    ask_init(ask, SFU_REQUEST_CREATE, u);
    ask->request.offer = user_offer(u);
}

static void
end(struct ask *ask)
{
    free((char *)ask->request.offer);
    ask_fini(ask);
}

static void
take_session(struct user *u, const struct ask *ask)
{
    snprintf(u->id, sizeof(u->id), "%s",
             ask->reply.session != NULL ? ask->reply.session : "");
    tap_ok(user_take_answer(u, ask->reply.answer), "it is answered");
}

static void
publish(struct user *u, const char *stream)
{
    struct ask ask;

    arrive(u, SDP_SENDONLY);
    ask_create(&ask, u);
    ask.request.stream = stream;
    ask_now(&ask, &m);
    tap_is_str(ask_error(&ask), "", "stream \"%s\" is published", stream);
    tap_is_int((long long)ask.reply.track_count, 2, "with two tracks");
    tap_is_str(ask.reply.tracks[0].name, "audio", "that are called by kind");
    tap_is_str(ask.reply.tracks[1].name, "video", "each");
    take_session(u, &ask);
    tap_is_str(ask.reply.etag, u->ufrag, "the entity tag is that of ICE");
    end(&ask);
}

static void
watch(struct user *u, const char *stream, struct ask *ask)
{
    arrive(u, SDP_RECVONLY);
    ask_create(ask, u);
    ask->request.watch = stream;
    ask_start(ask, &m);
}

static size_t
media_packets(const struct user *u)
{
    size_t n = 0;

    for (size_t i = 0; i < u->net.count; i++) {
        n += !u->net.packets[i].rtcp;
    }

    return n;
}

/* up to two seconds */
static bool
wait_media(struct user *u, size_t count)
{
    for (int i = 0; i < 100 && media_packets(u) < count; i++) {
        client_wait(&u->net, NULL, 20);
    }

    return media_packets(u) == count;
}

static void
published_and_watched(void)
{
    struct user publisher, viewer, puller;
    struct ask ask;

    publish(&publisher, "studio 1");
    watch(&viewer, "studio 1", &ask);
    tap_ok(!ask.done, "a viewer waits for the first packets");
    user_connect(&publisher);
    user_send(&publisher, 0, 3);
    user_send(&publisher, 1, 3);
    tap_ok(ask_wait(&ask, &m, 3000), "and is answered when they come");
    tap_is_str(ask_error(&ask), "", "without an error");
    tap_is_int((long long)ask.reply.track_count, 2, "with both tracks");
    take_session(&viewer, &ask);
    end(&ask);
    user_connect(&viewer);
    user_send(&publisher, 0, 5);
    user_send(&publisher, 1, 5);
    tap_ok(wait_media(&viewer, 10), "media flows");

    /* any dialect names it by the name of the stream */
    user_create(&puller, &m, "app");
    ask_init(&ask, SFU_REQUEST_SUBSCRIBE, &puller);
    ask_remote(&ask, "studio 1", "video");
    ask_now(&ask, &m);
    tap_is_str(ask_track_error(&ask, 0), "", "others pull it by that name");
    ask_fini(&ask);

    user_leave(&publisher);
    user_vanish(&puller);
    watch(&puller, "studio 1", &ask);
    tap_ok(ask.done, "afterwards there is no stream");
    tap_is_str(ask_error(&ask), SFU_IPC_ERR_STREAM_NOT_FOUND, "to watch");
    end(&ask);
    user_vanish(&puller);
    /* the session that was refused ends in a moment */
    model_run(&m, 50);
    user_leave(&viewer);
}

static void
replaced(void)
{
    struct user first, second;

    publish(&first, "camera");
    publish(&second, "camera");
    tap_ok(user_session(&first) == NULL, "who publishes again replaces");
    tap_ok(stream_find(&m.sfu, "app", "camera") == user_session(&second),
           "the one before");
    tap_ok(stream_find(&m.sfu, "another app", "camera") == NULL,
           "names are an app's own");
    user_vanish(&first);
    user_vanish(&second);
}

static void
ended(void)
{
    struct user u;
    struct ask ask;

    publish(&u, "short");
    ask_init(&ask, SFU_REQUEST_END, &u);
    ask_now(&ask, &m);
    tap_is_str(ask_error(&ask), "", "a session is ended when it is asked for");
    tap_ok(user_session(&u) == NULL
               && stream_find(&m.sfu, "app", "short") == NULL,
           "and its name is free");
    ask_fini(&ask);
    ask_init(&ask, SFU_REQUEST_END, &u);
    ask_now(&ask, &m);
    tap_is_str(ask_error(&ask), SFU_IPC_ERR_SESSION_GONE, "only once");
    ask_fini(&ask);
    user_vanish(&u);
}

static void
refused(void)
{
    struct user u;
    struct ask ask;
    size_t before;

    model_run(&m, 50);
    before = m.sfu.sessions.count;
    arrive(&u, SDP_RECVONLY);
    ask_create(&ask, &u);
    ask.request.stream = "nothing";
    ask_now(&ask, &m);
    tap_is_str(ask_error(&ask), SFU_IPC_ERR_SDP_UNACCEPTABLE,
               "an offer that sends nothing is no stream");
    tap_ok(ask.reply.session == NULL || m.sfu.sessions.count == before,
           "and no session");
    end(&ask);
    ask_init(&ask, SFU_REQUEST_CREATE, &u);
    ask.request.stream = "nothing";
    ask_now(&ask, &m);
    tap_is_str(ask_error(&ask), SFU_IPC_ERR_INVALID, "a stream has an offer");
    ask_fini(&ask);
    user_vanish(&u);
    watch(&u, "nothing", &ask);
    model_run(&m, 50);
    tap_is_int((long long)m.sfu.sessions.count, (long long)before,
               "a viewer of nothing leaves no session behind");
    end(&ask);
    user_vanish(&u);
}

static void
trickle(struct user *u, const char *match, const char *fragment,
        struct ask *ask)
{
    ask_init(ask, SFU_REQUEST_TRICKLE, u);
    ask->request.match = match;
    ask->request.fragment = fragment;
    ask_now(ask, &m);
}

static void
restarted(void)
{
    static const char again[] = "a=ice-ufrag:newfrag\r\n"
                                "a=ice-pwd:anewpasswordoftwentytwo\r\n";
    const struct sdp_remote *remote;
    char same[256];
    char etag[32];
    struct user u;
    struct ask ask;

    publish(&u, "moving");
    remote = sdp_negotiation_remote(user_session(&u)->negotiation);
    snprintf(same, sizeof(same),
             "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\nm=audio 9 UDP/TLS/RTP/SAVPF "
             "0\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n",
             remote->ufrag, remote->pwd);

    trickle(&u, NULL, same, &ask);
    tap_is_str(ask_error(&ask), SFU_IPC_ERR_MATCH_MISSING,
               "a fragment needs its entity tag");
    ask_fini(&ask);
    trickle(&u, "another", same, &ask);
    tap_is_str(ask_error(&ask), SFU_IPC_ERR_MATCH_FAILED, "the right one");
    ask_fini(&ask);
    trickle(&u, u.ufrag, "a=candidate:1\r\n", &ask);
    tap_is_str(ask_error(&ask), SFU_IPC_ERR_SDP_MALFORMED,
               "and credentials");
    ask_fini(&ask);
    trickle(&u, u.ufrag, same, &ask);
    tap_is_str(ask_error(&ask), "", "candidates are taken");
    tap_ok(ask.reply.fragment == NULL, "and change nothing");
    ask_fini(&ask);

    trickle(&u, "*", again, &ask);
    tap_is_str(ask_error(&ask), "", "new credentials restart ICE");
    tap_ok(ask.reply.etag != NULL && strcmp(ask.reply.etag, u.ufrag) != 0,
           "with another entity tag");
    snprintf(etag, sizeof(etag), "%s", ask.reply.etag);
    tap_ok(ask.reply.fragment != NULL
               && strstr(ask.reply.fragment, etag) != NULL
               && strstr(ask.reply.fragment, "a=candidate:") != NULL,
           "and credentials of ours");
    snprintf(u.ufrag, sizeof(u.ufrag), "%s", etag);
    sscanf(strstr(ask.reply.fragment, "a=ice-pwd:"), "a=ice-pwd:%63[^\r]",
           u.pwd);
    ask_fini(&ask);
    trickle(&u, "*", again, &ask);
    tap_ok(ask.reply.fragment == NULL, "the same ones again do not");
    ask_fini(&ask);
    user_connect(&u);
    tap_ok(u.connected, "the new ones connect");
    user_leave(&u);
}

/* an encoder with a control channel: it is no track, and in nobody's way */
static void
with_data(void)
{
    struct user u, viewer;
    struct ask ask;

    arrive(&u, SDP_SENDONLY);
    fake_add(&u.sdp, SDP_APPLICATION, SDP_SENDRECV);
    ask_create(&ask, &u);
    ask.request.stream = "with data";
    ask_now(&ask, &m);
    tap_is_int((long long)ask.reply.track_count, 2,
               "m=application in a stream's offer is no track");
    take_session(&u, &ask);
    tap_ok(sdp_negotiation_data(user_session(&u)->negotiation) != NULL
               && user_session(&u)->data != NULL, "but taken");
    end(&ask);
    user_connect(&u);
    user_send(&u, 0, 2);
    user_send(&u, 1, 2);
    watch(&viewer, "with data", &ask);
    tap_ok(ask_wait(&ask, &m, 2000) && ask.reply.track_count == 2,
           "and the stream is watched");
    take_session(&viewer, &ask);
    end(&ask);
    user_leave(&u);
    user_vanish(&viewer);
}

int
main(void)
{
    model_begin(&m, PORT, 1);
    published_and_watched();
    replaced();
    ended();
    refused();
    restarted();
    with_data();
    model_check(&m, "at the end");
    model_end(&m);

    return tap_done();
}
