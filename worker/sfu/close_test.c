/*
 * sfu/close_test.c - the end of tracks, and of sections.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "test/model.h"
#include "test/tap.h"

enum { PORT = 21908 };

static struct model m;

static void
close_with_offer(struct ask *ask, struct user *u)
{
    ask_init(ask, SFU_REQUEST_CLOSE, u);
    ask->request.offer = user_offer(u);
}

static void
end(struct ask *ask)
{
    free((char *)ask->request.offer);
    ask_fini(ask);
}

static bool
is_published(const struct user *u, const char *name)
{
    return sfu_session_publication(user_session(u), name) != NULL;
}

/* a publisher of four tracks, live, and somebody who watches the first */
static void
make(struct user *u, struct user *watcher)
{
    user_create(u, &m, "app");
    user_publish(u, SDP_VIDEO, "a");
    user_publish(u, SDP_VIDEO, "b");
    user_publish(u, SDP_AUDIO, "c");
    user_publish(u, SDP_AUDIO, "d");
    user_connect(u);
    user_send(u, 0, 2);
    user_send(u, 3, 2);
    model_run(&m, 40);
    user_create(watcher, &m, "app");
    user_subscribe(watcher, u, "a");
    user_connect(watcher);
    user_subscribe(watcher, u, "d");
}

static size_t
media_packets(struct user *u)
{
    size_t n = 0;

    client_wait(&u->net, NULL, 60);

    for (size_t i = 0; i < u->net.count; i++) {
        n += !u->net.packets[i].rtcp;
    }

    u->net.count = 0;

    return n;
}

/* 18, check 26: the list counts, not what the offer stopped */
static void
batch(void)
{
    struct user u, watcher;
    struct ask ask;

    make(&u, &watcher);
    u.sdp.sections[1].stopped = true;
    close_with_offer(&ask, &u);
    ask_track(&ask, NULL, "0");
    ask_track(&ask, NULL, "1");
    ask_track(&ask, NULL, "2");
    ask_track(&ask, NULL, "17");
    ask_now(&ask, &m);
    tap_is_str(ask_error(&ask), "", "a batch with one section stopped");

    for (size_t i = 0; i < 3; i++) {
        tap_is_str(ask_track_error(&ask, i), "", "entry %zu is closed", i);
        tap_is_str(ask_mid(&ask, i), ask.tracks[i].mid, "and has its mid");
    }

    tap_is_str(ask_track_error(&ask, 3), SFU_IPC_TRACK_NOT_OPEN,
               "an unknown mid fails by itself");
    tap_ok(user_take_answer(&u, ask.reply.answer), "there is an answer");
    tap_ok(!is_published(&u, "a") && !is_published(&u, "b")
               && !is_published(&u, "c") && is_published(&u, "d"),
           "three tracks are gone, the fourth is not");
    end(&ask);

    user_send(&u, 0, 3);
    tap_is_int((long long)media_packets(&watcher), 0, "the first is silent");
    user_send(&u, 3, 3);
    tap_is_int((long long)media_packets(&watcher), 3, "the last goes on");

    close_with_offer(&ask, &u);
    ask_track(&ask, NULL, "0");
    ask_now(&ask, &m);
    tap_is_str(ask_track_error(&ask, 0), SFU_IPC_TRACK_NOT_OPEN,
               "what is closed cannot be closed");
    tap_ok(user_take_answer(&u, ask.reply.answer), "the answer still comes");
    end(&ask);
    user_leave(&u);
    user_leave(&watcher);
}

static void
forced(void)
{
    struct user u, watcher;
    struct ask ask;
    struct ask pull;

    make(&u, &watcher);
    ask_init(&ask, SFU_REQUEST_CLOSE, &u);
    ask.request.force = true;
    ask.request.offer = "no SDP at all";
    ask_track(&ask, NULL, "0");
    ask_track(&ask, NULL, "9");
    ask_now(&ask, &m);
    tap_is_str(ask_track_error(&ask, 0), "", "forced, whatever was offered");
    tap_is_str(ask_track_error(&ask, 1), SFU_IPC_TRACK_NOT_OPEN,
               "but for what is not there");
    tap_ok(ask.reply.offer == NULL && ask.reply.answer == NULL,
           "nothing is negotiated");
    tap_ok(!is_published(&u, "a"), "the track is gone");
    ask_fini(&ask);
    user_send(&u, 0, 3);
    tap_is_int((long long)media_packets(&watcher), 0, "and silent");

    /* a viewer closes, while an offer of ours is out: 18, check 60 */
    ask_init(&pull, SFU_REQUEST_SUBSCRIBE, &watcher);
    ask_remote(&pull, u.id, "d");
    ask_now(&pull, &m);
    ask_init(&ask, SFU_REQUEST_CLOSE, &watcher);
    ask.request.force = true;
    ask_track(&ask, "d", NULL)->publisher = u.id;
    ask_now(&ask, &m);
    tap_is_str(ask_track_error(&ask, 0), "",
               "forced while an offer is pending, by name");
    tap_ok(ask_mid(&ask, 0)[0] != '\0', "and the mid is told");
    ask_fini(&ask);
    ask_init(&ask, SFU_REQUEST_RENEGOTIATE, &watcher);
    ask.request.answer = user_answer(&watcher, pull.reply.offer);
    ask_now(&ask, &m);
    tap_is_str(ask_error(&ask), "", "the answer is still welcome");
    free((char *)ask.request.answer);
    ask_fini(&ask);
    user_send(&u, 3, 3);
    tap_is_int((long long)media_packets(&watcher), 3,
               "and the second subscription is the one left");
    ask_fini(&pull);

    /* published again on the section that was closed */
    ask_init(&ask, SFU_REQUEST_PUBLISH, &u);
    ask.request.offer = user_offer(&u);
    ask_track(&ask, "a", "0");
    ask_now(&ask, &m);
    tap_is_str(ask_track_error(&ask, 0), "",
               "a section closed by force may be published again");
    tap_ok(user_take_answer(&u, ask.reply.answer) && is_published(&u, "a"),
           "under the old name");
    end(&ask);
    user_leave(&u);
    user_leave(&watcher);
}

/* cloudflare.md, 16: by name, no SDP, not forced */
static void
by_name(void)
{
    struct user u, watcher;
    struct ask ask;
    struct ask renegotiate;

    make(&u, &watcher);
    ask_init(&ask, SFU_REQUEST_CLOSE, &u);
    ask_track(&ask, "a", NULL);
    ask_track(&ask, "nobody", NULL);
    ask_now(&ask, &m);
    tap_is_str(ask_mid(&ask, 0), "0", "a name finds its mid");
    tap_is_str(ask.reply.tracks[0].name, "a", "and is told");
    tap_is_str(ask_track_error(&ask, 1), SFU_IPC_TRACK_NOT_OPEN,
               "an unknown name does not");
    tap_ok(ask.reply.offer != NULL, "the worker offers them as inactive");
    tap_ok(!is_published(&u, "a"), "and has closed already");
    ask_init(&renegotiate, SFU_REQUEST_RENEGOTIATE, &u);
    renegotiate.request.answer = user_answer(&u, ask.reply.offer);
    ask_now(&renegotiate, &m);
    tap_is_str(ask_error(&renegotiate), "", "which the client may answer");
    free((char *)renegotiate.request.answer);
    ask_fini(&renegotiate);
    ask_fini(&ask);

    /* or not: 18, check 30 */
    ask_init(&ask, SFU_REQUEST_CLOSE, &u);
    ask_track(&ask, "b", NULL);
    ask_now(&ask, &m);
    tap_ok(ask.reply.offer != NULL, "another one");
    tap_ok(user_publish(&u, SDP_VIDEO, "e") < u.sdp.count
               && is_published(&u, "e"),
           "is ignored by the next request");
    ask_fini(&ask);

    ask_init(&ask, SFU_REQUEST_CLOSE, &u);
    ask_track(&ask, "b", NULL);
    ask_now(&ask, &m);
    tap_ok(ask.reply.offer == NULL && ask.reply.answer == NULL,
           "nothing changed: nothing is offered");
    ask_fini(&ask);

    ask_init(&ask, SFU_REQUEST_CLOSE, &watcher);
    ask_track(&ask, "a", NULL)->publisher = "somebody else";
    ask_track(&ask, "d", NULL);
    ask_now(&ask, &m);
    tap_is_str(ask_track_error(&ask, 0), SFU_IPC_TRACK_NOT_OPEN,
               "a remote track of another publisher");
    tap_is_str(ask_track_error(&ask, 1), "", "a remote track by its name");
    ask_fini(&ask);
    tap_is_int((long long)user_session(&watcher)->track_count, 1,
               "one is left");

    ask_init(&ask, SFU_REQUEST_CLOSE, &u);
    ask_now(&ask, &m);
    tap_is_str(ask_error(&ask), SFU_IPC_ERR_INVALID, "no tracks");
    ask_fini(&ask);
    user_leave(&u);
    user_leave(&watcher);
}

/* 18, check 28: the bundle-tagged section goes and comes, again and again */
static void
sections_are_recycled(void)
{
    struct user u;
    struct ask ask;
    bool all = true;

    user_create(&u, &m, "app");
    user_publish(&u, SDP_VIDEO, "turns");
    user_publish(&u, SDP_AUDIO, "stays");
    user_connect(&u);

    for (int i = 0; i < 50; i++) {
        u.sdp.sections[0].stopped = true;
        close_with_offer(&ask, &u);
        ask_track(&ask, NULL, u.sdp.sections[0].mid);
        ask_now(&ask, &m);
        all = all && user_take_answer(&u, ask.reply.answer)
              && strcmp(ask_track_error(&ask, 0), "") == 0
              && user_publish(&u, SDP_VIDEO, "turns") == 0;
        end(&ask);
    }

    tap_ok(all, "50 times closed and published");
    tap_is_int((long long)u.sdp.count, 2, "there are still two sections");
    tap_ok(is_published(&u, "turns") && is_published(&u, "stays"),
           "and two tracks");
    user_send(&u, 0, 1);
    model_run(&m, 50);
    tap_ok(sfu_session_publication(user_session(&u), "turns")->live,
           "which work");

    /* its close_notify might be that of a transport it has left */
    user_vanish(&u);
    tap_ok(!model_wait_sessions(&m, 0), "it may be on its way to another");

    for (int i = 0; i < 3 && m.sfu.sessions.count; i++) {
        model_wait_sessions(&m, 0);
    }

    tap_is_int((long long)m.sfu.sessions.count, 0, "but not for long");
}

int
main(void)
{
    model_begin(&m, PORT, 1);
    batch();
    forced();
    by_name();
    sections_are_recycled();
    model_end(&m);

    return tap_done();
}
