/*
 * sfu/subscribe_test.c - tracks of others, and the waiting for them.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "test/model.h"
#include "test/tap.h"

enum { PORT = 21904 };

static struct model m;
static struct user a, b;        /* publishers: "voice" and "camera" of each */
static struct user viewer;

static void
pull(struct ask *ask, struct user *u, const struct user *publisher,
     const char *name)
{
    ask_init(ask, SFU_REQUEST_SUBSCRIBE, u);
    ask_remote(ask, publisher->id, name);
}

static void
answer(struct user *u, const struct ask *ask, const char *what)
{
    struct ask renegotiate;

    ask_init(&renegotiate, SFU_REQUEST_RENEGOTIATE, u);
    renegotiate.request.answer = user_answer(u, ask->reply.offer);

    if (renegotiate.request.answer != NULL) {
        ask_now(&renegotiate, &m);
        tap_is_str(ask_error(&renegotiate), "", "%s", what);
    }

    free((char *)renegotiate.request.answer);
    ask_fini(&renegotiate);
}

static size_t
media_count(const struct user *u)
{
    size_t n = 0;

    for (size_t i = 0; i < u->net.count; i++) {
        n += !u->net.packets[i].rtcp;
    }

    return n;
}

/* so many are waited for, two seconds at most, and a little for more */
static size_t
media_packets(struct user *u, size_t expected)
{
    size_t n;

    for (int i = 0; i < 100 && media_count(u) < expected; i++) {
        client_wait(&u->net, NULL, 20);
    }

    client_wait(&u->net, NULL, 20);
    n = media_count(u);
    u->net.count = 0;

    return n;
}

static void
publish_both(struct user *u)
{
    user_create(u, &m, "app");
    user_publish(u, SDP_AUDIO, "voice");
    user_publish(u, SDP_VIDEO, "camera");
    user_connect(u);
    user_send(u, 0, 2);
    user_send(u, 1, 2);
    model_run(&m, 50);
}

static void
what_is_unknown(void)
{
    struct ask ask;
    usec_t began = clock_now();

    pull(&ask, &viewer, &a, "nothing");
    ask_remote(&ask, "0123456789abcdef0123456789abcdef", "camera");
    ask_remote(&ask, "", "");
    ask_now(&ask, &m);
    tap_is_str(ask_error(&ask), "", "unknown tracks fail by themselves");
    tap_is_int((long long)ask.reply.track_count, 3, "one entry for each");
    tap_is_str(ask_track_error(&ask, 0), SFU_IPC_TRACK_NOT_FOUND, "a name");
    tap_is_str(ask_track_error(&ask, 1), SFU_IPC_TRACK_NOT_FOUND,
               "a publisher");
    tap_is_str(ask.reply.tracks[0].name, "nothing", "as they were asked for");
    tap_ok(ask.reply.offer == NULL && ask.reply.answer == NULL,
           "without a description");
    tap_ok(clock_now() - began < 500 * USEC_PER_MS, "at once");
    ask_fini(&ask);

    ask_init(&ask, SFU_REQUEST_SUBSCRIBE, &viewer);
    ask_now(&ask, &m);
    tap_is_str(ask_error(&ask), SFU_IPC_ERR_INVALID, "no tracks at all");
    ask_fini(&ask);
    tap_is_str(sfu_session_state_name(user_session(&viewer)), "new",
               "and nothing has happened to the session");
}

static void
first_pull_connects(void)
{
    struct ask ask;

    /* two publishers, half good */
    pull(&ask, &viewer, &a, "camera");
    ask_remote(&ask, a.id, "gone");
    ask_remote(&ask, b.id, "voice");
    ask_now(&ask, &m);
    tap_is_str(ask_mid(&ask, 0), "1000", "a batch that is half good");
    tap_is_str(ask_track_error(&ask, 1), SFU_IPC_TRACK_NOT_FOUND,
               "says which is not");
    tap_is_str(ask.reply.tracks[0].publisher, a.id, "with the publisher");
    tap_is_int(ask.reply.tracks[0].kind, MEDIA_VIDEO, "and the kind");
    tap_ok(ask_mid(&ask, 2)[0] && strcmp(ask_mid(&ask, 2), "1000"),
           "under a mid of its own");
    tap_ok(ask.reply.offer != NULL && strstr(ask.reply.offer, a.id) != NULL,
           "the msid names the publisher");
    answer(&viewer, &ask, "the client answers");
    tap_is_int((long long)viewer.sdp.count, 2, "sections for the good ones");
    ask_fini(&ask);
    user_connect(&viewer);
    user_send(&a, 1, 5);
    user_send(&b, 0, 3);
    tap_is_int((long long)media_packets(&viewer, 8), 8, "media flows");
}

static void
other_apps_see_nothing(void)
{
    struct user stranger;
    struct ask ask;

    user_create(&stranger, &m, "another");
    pull(&ask, &stranger, &a, "camera");
    ask_now(&ask, &m);
    tap_is_str(ask_track_error(&ask, 0), SFU_IPC_TRACK_NOT_FOUND,
               "a track of another app");
    ask_fini(&ask);

    snprintf(stranger.id, sizeof(stranger.id), "%s", a.id);
    ask_init(&ask, SFU_REQUEST_GET, &stranger);
    ask_now(&ask, &m);
    tap_is_str(ask_error(&ask), SFU_IPC_ERR_SESSION_GONE,
               "a session of another app");
    ask_fini(&ask);
    user_vanish(&stranger);
}

static void
own_tracks(void)
{
    size_t index = user_subscribe(&a, &a, "camera");

    tap_ok(index < a.sdp.count && a.sdp.sections[index].kind == SDP_VIDEO,
           "a session may watch itself");
    a.net.count = 0;
    user_send(&a, 1, 4);
    tap_ok(media_packets(&a, 4) >= 4, "and does");
}

static void
kinds_and_limits(void)
{
    struct ask ask;

    pull(&ask, &viewer, &a, "camera");
    ask.tracks[0].has_kind = true;      /* audio */
    ask_now(&ask, &m);
    tap_is_str(ask_track_error(&ask, 0), SFU_IPC_TRACK_FAILED,
               "a track of another kind than expected");
    ask_fini(&ask);

    m.settings.tracks_max = user_session(&viewer)->track_count;
    pull(&ask, &viewer, &a, "camera");
    ask_now(&ask, &m);
    tap_is_str(ask_track_error(&ask, 0), SFU_IPC_TRACK_FAILED,
               "more tracks than a session may have");
    tap_ok(ask.reply.offer == NULL, "are not offered");
    ask_fini(&ask);
    m.settings.tracks_max = 100;
}

static void
first_packet_is_waited_for(void)
{
    struct user late;
    struct ask ask;

    user_create(&late, &m, "app");
    user_publish(&late, SDP_VIDEO, "new");
    user_connect(&late);
    pull(&ask, &viewer, &late, "new");
    ask_remote(&ask, a.id, "camera");
    ask_start(&ask, &m);
    model_run(&m, 100);
    tap_ok(!ask.done, "a young track without packets holds its batch");
    tap_is_int((long long)m.sfu.figures.requests_held, 1, "which is counted");
    user_send(&late, 0, 1);
    tap_ok(ask_wait(&ask, &m, 500), "until its first packet");
    tap_is_str(ask_track_error(&ask, 0), "", "then it is served");
    tap_is_str(ask_track_error(&ask, 1), "", "and so are the others");
    answer(&viewer, &ask, "and agreed on");
    ask_fini(&ask);
    user_leave(&late);
}

/* who waits hears at once that there is nothing to wait for any more */
static void
what_goes_is_told(void)
{
    struct user late, slow;
    struct ask ask;
    struct ask close;

    user_create(&late, &m, "app");
    user_publish(&late, SDP_VIDEO, "new");
    user_connect(&late);
    pull(&ask, &viewer, &late, "new");
    ask_start(&ask, &m);
    tap_ok(!ask.done, "a young track is waited for");
    ask_init(&close, SFU_REQUEST_CLOSE, &late);
    close.request.force = true;
    ask_track(&close, NULL, "0");
    ask_now(&close, &m);
    tap_ok(ask.done, "its end ends the wait");
    tap_is_str(ask_track_error(&ask, 0), SFU_IPC_TRACK_NOT_FOUND,
               "with the reason");
    ask_fini(&close);
    ask_fini(&ask);

    user_create(&slow, &m, "app");
    user_publish(&slow, SDP_VIDEO, "later");
    pull(&ask, &slow, &late, "nothing");
    ask_now(&ask, &m);
    tap_is_str(ask_track_error(&ask, 0), SFU_IPC_TRACK_NOT_FOUND,
               "a connecting session need not wait for what is not there");
    ask_fini(&ask);
    user_connect(&slow);
    user_leave(&slow);
    user_leave(&late);
}

static void
holds_end(void)
{
    struct user silent, slow;
    struct ask ask;
    struct ask other;
    usec_t began = clock_now();

    m.settings.hold_time = 150 * USEC_PER_MS;
    user_create(&silent, &m, "app");
    user_publish(&silent, SDP_VIDEO, "quiet");
    user_connect(&silent);
    user_create(&slow, &m, "app");
    user_publish(&slow, SDP_VIDEO, "later");
    pull(&ask, &viewer, &silent, "quiet");
    ask_remote(&ask, slow.id, "later");
    ask_remote(&ask, a.id, "camera");
    ask_start(&ask, &m);
    tap_ok(!ask.done && ask_wait(&ask, &m, 1000), "a hold ends");
    tap_ok(clock_now() - began >= 150 * USEC_PER_MS, "not before its time");
    tap_is_str(ask_track_error(&ask, 0), SFU_IPC_TRACK_SILENT,
               "connected, and still silent");
    tap_is_str(ask_track_error(&ask, 1), SFU_IPC_TRACK_NOT_FOUND,
               "not even connected");
    tap_is_str(ask_track_error(&ask, 2), "", "what is there is served");
    answer(&viewer, &ask, "and agreed on");
    ask_fini(&ask);

    /* 6.4: the subscriber itself does not get connected */
    pull(&ask, &slow, &a, "camera");
    pull(&other, &slow, &a, "voice");
    ask_start(&ask, &m);
    ask_start(&other, &m);
    began = clock_now();
    tap_ok(!ask.done && ask_wait(&ask, &m, 1000), "the second hold ends");
    tap_is_str(ask_error(&ask), SFU_IPC_ERR_NOT_CONNECTED,
               "a session that negotiated and never connects");
    tap_ok(ask_wait(&other, &m, 60),
           "time spent in the queue is part of the hold");
    tap_is_str(ask_error(&other), SFU_IPC_ERR_NOT_CONNECTED, "also here");
    ask_fini(&ask);
    ask_fini(&other);

    /* the asker's own patience ends first */
    m.settings.hold_time = 5 * USEC_PER_SEC;
    pull(&ask, &slow, &a, "camera");
    ask.request.timeout = 400 * USEC_PER_MS;
    ask_start(&ask, &m);
    tap_ok(ask_wait(&ask, &m, 350), "the answer comes before it gives up");
    ask_fini(&ask);

    /* it connects while the request waits */
    pull(&ask, &slow, &a, "camera");
    ask_start(&ask, &m);
    tap_ok(!ask.done, "one more waits");
    user_connect(&slow);
    tap_ok(ask_wait(&ask, &m, 500), "and is served when it connects");
    tap_is_str(ask_track_error(&ask, 0), "", "as ever");
    answer(&slow, &ask, "and agreed on");
    ask_fini(&ask);

    /* old and silent is no reason to wait */
    m.settings.young_time = 0;
    model_run(&m, 10);
    pull(&ask, &viewer, &silent, "quiet");
    ask_now(&ask, &m);
    tap_is_str(ask_track_error(&ask, 0), SFU_IPC_TRACK_SILENT,
               "an old silent track is not waited for");
    ask_fini(&ask);
    m.settings.young_time = 5 * USEC_PER_SEC;
    m.settings.hold_time = 2 * USEC_PER_SEC;
    user_leave(&silent);
    user_leave(&slow);
}

static void
pending_offers(void)
{
    struct ask first;
    struct ask second;
    struct ask publish;
    size_t before = viewer.sdp.count;

    pull(&first, &viewer, &a, "voice");
    ask_now(&first, &m);
    pull(&second, &viewer, &b, "camera");
    ask_now(&second, &m);
    tap_is_str(ask_error(&second), SFU_IPC_ERR_OFFER_PENDING,
               "our offer is pending");
    ask_fini(&second);

    m.settings.offer_expiry = 50 * USEC_PER_MS;
    model_run(&m, 60);

    /* 6.5: never applied by the client; the new offer has all of it */
    pull(&second, &viewer, &b, "camera");
    ask_now(&second, &m);
    tap_is_str(ask_error(&second), "", "until it has expired");
    tap_ok(strcmp(ask_mid(&first, 0), ask_mid(&second, 0)) != 0,
           "mids are not given twice");
    answer(&viewer, &second, "a client that never saw the lost offer answers");
    tap_is_int((long long)viewer.sdp.count, (long long)before + 2,
               "the next offer has the sections of the lost one");
    ask_fini(&first);
    ask_fini(&second);

    /* applied, and the answer got lost */
    pull(&first, &viewer, &a, "voice");
    ask_now(&first, &m);
    free(user_answer(&viewer, first.reply.offer));
    model_run(&m, 60);
    pull(&second, &viewer, &b, "voice");
    ask_now(&second, &m);
    answer(&viewer, &second, "nor does one mind that had applied it");
    ask_fini(&first);
    ask_fini(&second);

    /* lost, and then the client offers: its own section takes the index */
    pull(&first, &viewer, &a, "voice");
    ask_now(&first, &m);
    model_run(&m, 60);
    fake_add(&viewer.sdp, SDP_AUDIO, SDP_SENDONLY);
    ask_init(&publish, SFU_REQUEST_PUBLISH, &viewer);
    publish.request.offer = user_offer(&viewer);
    ask_track(&publish, "mine", viewer.sdp.sections[viewer.sdp.count - 1].mid);
    ask_now(&publish, &m);
    tap_is_str(ask_track_error(&publish, 0), "",
               "after a lost offer the client may offer");
    user_take_answer(&viewer, publish.reply.answer);
    free((char *)publish.request.offer);
    ask_fini(&publish);
    tap_ok(sfu_session_subscription_by_mid(user_session(&viewer),
                                           ask_mid(&first, 0)) == NULL,
           "what it never saw is gone");
    ask_fini(&first);
    m.settings.offer_expiry = 15 * USEC_PER_SEC;
    model_check(&m, "after lost offers");
}

/* WHEP and others: the client offers to receive */
static void
with_client_offer(void)
{
    struct user u;
    struct ask ask;

    user_create(&u, &m, "app");
    fake_add(&u.sdp, SDP_AUDIO, SDP_RECVONLY);
    fake_add(&u.sdp, SDP_VIDEO, SDP_RECVONLY);
    fake_add(&u.sdp, SDP_VIDEO, SDP_RECVONLY);
    pull(&ask, &u, &a, "camera");
    ask_remote(&ask, b.id, "camera")->mid = "1";
    ask_remote(&ask, b.id, "nothing");
    ask_remote(&ask, a.id, "voice");
    ask_remote(&ask, b.id, "voice");
    ask_remote(&ask, a.id, "camera")->mid = "1";
    ask.request.offer = user_offer(&u);
    ask_now(&ask, &m);
    tap_is_str(ask_mid(&ask, 0), "1", "the first section that fits");
    tap_is_str(ask_track_error(&ask, 1), SFU_IPC_TRACK_FAILED,
               "is not free any more for the one that names it");
    tap_is_str(ask_track_error(&ask, 2), SFU_IPC_TRACK_NOT_FOUND, "unknown");
    tap_is_str(ask_mid(&ask, 3), "0", "audio goes to audio");
    tap_is_str(ask_track_error(&ask, 4), SFU_IPC_TRACK_FAILED,
               "no second section of the kind");
    tap_is_str(ask_track_error(&ask, 5), SFU_IPC_TRACK_FAILED,
               "nor twice on one section");
    tap_ok(ask.reply.offer == NULL, "no offer");
    tap_ok(user_take_answer(&u, ask.reply.answer),
           "the answer is there though some failed");
    free((char *)ask.request.offer);
    ask_fini(&ask);
    user_connect(&u);
    user_send(&a, 1, 3);
    user_send(&a, 0, 3);
    tap_is_int((long long)media_packets(&u, 6), 6, "media flows");

    pull(&ask, &u, &b, "nothing");
    ask.request.offer = user_offer(&u);
    ask_now(&ask, &m);
    tap_ok(user_take_answer(&u, ask.reply.answer),
           "an answer even when all failed");
    free((char *)ask.request.offer);
    ask_fini(&ask);
    user_leave(&u);
}

/* 6.6: the other half of a section that the client publishes on */
static void
attached_by_name(void)
{
    struct user u;
    struct ask ask;
    const struct sdp_section *s;
    uint32_t ssrc;

    user_create(&u, &m, "app");
    fake_add(&u.sdp, SDP_AUDIO, SDP_SENDRECV);
    fake_add(&u.sdp, SDP_AUDIO, SDP_SENDRECV);
    ask_init(&ask, SFU_REQUEST_PUBLISH, &u);
    ask.request.offer = user_offer(&u);
    ask_track(&ask, "mic", "0")->bidirectional = true;
    ask_track(&ask, "other", "1");
    ask_now(&ask, &m);
    user_take_answer(&u, ask.reply.answer);
    free((char *)ask.request.offer);
    ask_fini(&ask);
    s = sdp_negotiation_find(user_session(&u)->negotiation, span_str("0"));
    ssrc = s->track.ssrc;
    tap_ok(s->sends && s->receives, "a bidirectional section is sendrecv");
    s = sdp_negotiation_find(user_session(&u)->negotiation, span_str("1"));
    tap_ok(!s->sends && s->receives, "another is not");
    user_connect(&u);

    pull(&ask, &u, &a, "voice");
    ask.tracks[0].mid = "#nobody";
    ask_remote(&ask, a.id, "camera")->mid = "#mic";
    ask_remote(&ask, a.id, "voice")->mid = "#other";
    ask_remote(&ask, a.id, "voice")->mid = "17";
    ask_now(&ask, &m);
    tap_is_str(ask_track_error(&ask, 0), SFU_IPC_TRACK_FAILED, "no such name");
    tap_is_str(ask_track_error(&ask, 1), SFU_IPC_TRACK_FAILED,
               "a section of another kind");
    tap_is_str(ask_track_error(&ask, 2), SFU_IPC_TRACK_FAILED,
               "one on which we do not send");
    tap_is_str(ask_track_error(&ask, 3), SFU_IPC_TRACK_FAILED, "no such mid");
    ask_fini(&ask);

    pull(&ask, &u, &a, "voice");
    ask.tracks[0].mid = "#mic";
    ask_remote(&ask, b.id, "voice")->mid = "#mic";
    ask_now(&ask, &m);
    tap_is_str(ask_mid(&ask, 0), "0", "the answer has the real mid");
    tap_is_str(ask_track_error(&ask, 1), SFU_IPC_TRACK_FAILED,
               "and the place is taken");
    tap_ok(ask.reply.offer == NULL && ask.reply.answer == NULL,
           "nothing is negotiated");
    ask_fini(&ask);
    user_send(&a, 0, 3);

    for (int i = 0; i < 100 && media_count(&u) < 3; i++) {
        client_wait(&u.net, NULL, 20);
    }

    tap_ok(u.net.count > 0 && u.net.packets[0].data[8] == (ssrc >> 24 & 0xff)
               && u.net.packets[0].data[11] == (ssrc & 0xff),
           "packets come under the SSRC that the answer told");
    tap_is_int((long long)media_packets(&u, 3), 3, "all of them");

    /* once more: the stream that is there goes on with another source */
    pull(&ask, &u, &b, "voice");
    ask.tracks[0].mid = "0";
    ask_remote(&ask, a.id, "voice")->mid = "#mic";
    ask_now(&ask, &m);
    tap_is_str(ask_mid(&ask, 0), "0", "another track at the same mid");
    tap_is_str(ask_track_error(&ask, 1), SFU_IPC_TRACK_FAILED, "and only one");
    ask_fini(&ask);
    s = sdp_negotiation_find(user_session(&u)->negotiation, span_str("0"));
    tap_ok(s->track.ssrc == ssrc, "keeps the SSRC");
    model_check(&m, "after attaching again");
    user_send(&b, 0, 2);
    tap_is_int((long long)media_packets(&u, 2), 2, "and its packets come");
    user_leave(&u);
    model_check(&m, "after attaching");
}

static void
publisher_ends(void)
{
    struct user u;
    struct ask ask;

    user_create(&u, &m, "app");
    user_subscribe(&u, &a, "camera");
    user_connect(&u);
    user_subscribe(&u, &b, "camera");
    user_leave(&a);
    ask_init(&ask, SFU_REQUEST_GET, &u);
    ask_now(&ask, &m);
    tap_is_int((long long)ask.reply.track_count, 2, "both tracks are listed");
    tap_ok(ask.reply.track_count == 2 && !ask.reply.tracks[0].active
               && ask.reply.tracks[1].active && ask.reply.tracks[0].remote,
           "and the one of the publisher that left is inactive");
    tap_is_str(ask.reply.state, "connected", "the subscriber is connected");
    ask_fini(&ask);
    user_send(&b, 1, 3);
    tap_is_int((long long)media_packets(&u, 3), 3, "the other one goes on");
    pull(&ask, &u, &a, "camera");
    ask_now(&ask, &m);
    tap_is_str(ask_track_error(&ask, 0), SFU_IPC_TRACK_NOT_FOUND,
               "asked for again it is not found");
    ask_fini(&ask);
    user_leave(&u);
    model_check(&m, "after the publisher left");
}

int
main(void)
{
    model_begin(&m, PORT, 2);
    publish_both(&a);
    publish_both(&b);
    user_create(&viewer, &m, "app");
    what_is_unknown();
    first_pull_connects();
    other_apps_see_nothing();
    own_tracks();
    kinds_and_limits();
    first_packet_is_waited_for();
    what_goes_is_told();
    holds_end();
    pending_offers();
    with_client_offer();
    attached_by_name();
    publisher_ends();
    user_leave(&viewer);
    user_leave(&b);
    model_end(&m);

    return tap_done();
}
