/*
 * sfu/renegotiate_test.c - answers, new offers, and whose turn it is.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "test/model.h"
#include "test/tap.h"

enum { PORT = 21912 };

static struct model m;
static struct user publisher;

static const char *
renegotiate(struct user *u, const char *offer, const char *answer)
{
    struct ask ask;
    const char *error;

    ask_init(&ask, SFU_REQUEST_RENEGOTIATE, u);
    ask.request.offer = offer;
    ask.request.answer = answer;
    ask_now(&ask, &m);
    error = ask_error(&ask);

    if (ask.reply.answer != NULL) {
        user_take_answer(u, ask.reply.answer);
    }

    ask_fini(&ask);

    return error;
}

static void
answers(void)
{
    struct user u;
    struct ask pull;
    char *answer;
    char *other;

    user_create(&u, &m, "app");
    tap_is_str(renegotiate(&u, NULL, NULL), SFU_IPC_ERR_INVALID,
               "no description");
    tap_is_str(renegotiate(&u, NULL, "v=0\r\n"), SFU_IPC_ERR_NO_OFFER,
               "an answer to nothing");
    ask_init(&pull, SFU_REQUEST_SUBSCRIBE, &u);
    ask_remote(&pull, publisher.id, "camera");
    ask_now(&pull, &m);
    answer = user_answer(&u, pull.reply.offer);
    ask_fini(&pull);
    tap_is_str(renegotiate(&u, NULL, "v=0\r\n"), SFU_IPC_ERR_SDP_MALFORMED,
               "a broken answer");
    tap_is_str(renegotiate(&u, NULL, answer), "",
               "changes nothing: the right one is taken");
    tap_is_str(renegotiate(&u, NULL, answer), "",
               "the same answer again: its reply got lost");
    other = fake_describe(&u.sdp, "active", NULL);
    tap_is_str(renegotiate(&u, NULL, other), SFU_IPC_ERR_NO_OFFER,
               "another answer answers nothing");
    free(other);
    free(answer);
    user_connect(&u);
    tap_is_str(sfu_session_state_name(user_session(&u)), "connected",
               "media connects");

    /* our sections that the client rejects: the subscription is dropped */
    ask_init(&pull, SFU_REQUEST_SUBSCRIBE, &u);
    ask_remote(&pull, publisher.id, "camera");
    ask_now(&pull, &m);
    free(user_answer(&u, pull.reply.offer));
    u.sdp.sections[u.sdp.count - 1].stopped = true;
    answer = fake_describe(&u.sdp, "active", NULL);
    memcpy(strstr(answer, "a=fingerprint:sha-256 ") + 22,
           u.net.certificate.fingerprint, FAKE_FINGERPRINT);
    tap_is_str(renegotiate(&u, NULL, answer), "", "a section is rejected");
    tap_is_int((long long)user_session(&u)->track_count, 1,
               "and its subscription is gone");
    free(answer);
    ask_fini(&pull);
    user_leave(&u);
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

/*
 * Chromium moves to another transport when the section goes away that its
 * BUNDLE group is named after, and closes the one before.
 */
static void
first_section_goes(void)
{
    struct user from, to;
    struct ask ask;

    user_create(&from, &m, "app");
    user_publish(&from, SDP_AUDIO, "voice");
    user_publish(&from, SDP_VIDEO, "camera");
    user_connect(&from);
    user_send(&from, 0, 2);
    user_send(&from, 1, 2);
    model_run(&m, 50);
    user_create(&to, &m, "app");
    user_subscribe(&to, &from, "voice");
    user_connect(&to);
    user_subscribe(&to, &from, "camera");
    user_send(&from, 1, 3);
    tap_ok(media_packets(&to) > 0, "media flows");

    for (int i = 0; i < 2; i++) {
        struct user *u = i ? &to : &from;

        u->sdp.sections[0].stopped = true;
        ask_init(&ask, SFU_REQUEST_CLOSE, u);
        ask.request.offer = user_offer(u);
        ask_track(&ask, NULL, u->sdp.sections[0].mid);
        ask_now(&ask, &m);
        tap_is_str(ask_error(&ask), "", "the first section is closed");
        user_take_answer(u, ask.reply.answer);
        free((char *)ask.request.offer);
        ask_fini(&ask);
        model_run(&m, 20);
        client_move(&u->net);
        model_run(&m, 50);
        tap_ok(user_session(u) != NULL, "the session waits for another "
                                        "transport");
        user_connect(u);
        tap_ok(u->connected, "and has it");
    }

    user_send(&from, 1, 3);
    tap_ok(media_packets(&to) > 0, "media flows, under other keys");
    user_leave(&to);
    user_leave(&from);
}

static void
offers(void)
{
    struct user u;
    struct ask ask;
    char *offer;
    char ufrag[32];

    user_create(&u, &m, "app");
    user_publish(&u, SDP_VIDEO, "camera");
    user_connect(&u);
    snprintf(ufrag, sizeof(ufrag), "%s", u.ufrag);

    offer = user_offer(&u);
    tap_is_str(renegotiate(&u, offer, NULL), "", "an offer is answered");
    tap_is_str(u.ufrag, ufrag, "with the credentials of before");
    free(offer);

    /* 7.6 */
    u.sdp.ice++;
    offer = user_offer(&u);
    tap_is_str(renegotiate(&u, offer, NULL), "", "an ICE restart is answered");
    tap_ok(strcmp(u.ufrag, ufrag) != 0, "with other credentials");
    model_run(&m, 20);
    u.net.stun_replies = 0;
    client_check(&u.net, u.ufrag, u.pwd);
    client_wait(&u.net, NULL, 60);
    tap_is_int((long long)u.net.stun_replies, 1, "which count");
    user_send(&u, 0, 2);
    model_run(&m, 50);
    tap_ok(sfu_session_publication(user_session(&u), "camera")->live,
           "and DTLS and SRTP go on");
    offer[10] = '\0';
    tap_is_str(renegotiate(&u, offer, NULL), SFU_IPC_ERR_SDP_MALFORMED,
               "a broken offer");
    free(offer);

    /* another certificate would be another client */
    offer = fake_offer(&u.sdp);
    tap_is_str(renegotiate(&u, offer, NULL), SFU_IPC_ERR_SDP_UNACCEPTABLE,
               "another fingerprint is refused");
    free(offer);
    ask_init(&ask, SFU_REQUEST_GET, &u);
    ask_now(&ask, &m);
    tap_is_int((long long)ask.reply.track_count, 1, "all is as it was");
    tap_is_str(ask.reply.tracks[0].mid, "0", "GET tells the mid");
    tap_ok(!ask.reply.tracks[0].remote && ask.reply.tracks[0].active
               && ask.reply.tracks[0].publisher == NULL, "local and active");
    ask_fini(&ask);
    user_leave(&u);
}

/* what a held request blocks: its own session's later ones, and no others */
static void
turns(void)
{
    struct user silent, u, other;
    struct ask held, publish, close, get, pull;

    user_create(&silent, &m, "app");
    user_publish(&silent, SDP_VIDEO, "quiet");
    user_connect(&silent);
    user_create(&u, &m, "app");
    user_publish(&u, SDP_AUDIO, "voice");
    user_connect(&u);
    user_create(&other, &m, "app");

    ask_init(&held, SFU_REQUEST_SUBSCRIBE, &u);
    ask_remote(&held, silent.id, "quiet");
    ask_start(&held, &m);
    fake_add(&u.sdp, SDP_VIDEO, SDP_SENDONLY);
    ask_init(&publish, SFU_REQUEST_PUBLISH, &u);
    publish.request.offer = user_offer(&u);
    ask_track(&publish, "camera", "1");
    ask_start(&publish, &m);
    tap_ok(!held.done && !publish.done, "a later publish waits its turn");

    ask_init(&get, SFU_REQUEST_GET, &u);
    ask_now(&get, &m);
    tap_is_int((long long)get.reply.track_count, 1, "GET does not");
    ask_fini(&get);
    ask_init(&close, SFU_REQUEST_CLOSE, &u);
    close.request.force = true;
    ask_track(&close, NULL, "17");
    ask_now(&close, &m);
    tap_is_str(ask_track_error(&close, 0), SFU_IPC_TRACK_NOT_OPEN,
               "nor does what is forced");
    ask_fini(&close);
    tap_is_str(renegotiate(&u, NULL, "v=0\r\n"), SFU_IPC_ERR_NO_OFFER,
               "nor does an answer");
    ask_init(&pull, SFU_REQUEST_SUBSCRIBE, &other);
    ask_remote(&pull, publisher.id, "camera");
    ask_now(&pull, &m);
    tap_is_str(ask_track_error(&pull, 0), "", "nor do other sessions");
    ask_fini(&pull);

    m.settings.queue_max = 2;
    ask_init(&pull, SFU_REQUEST_SUBSCRIBE, &u);
    ask_remote(&pull, publisher.id, "camera");
    ask_now(&pull, &m);
    tap_is_str(ask_error(&pull), SFU_IPC_ERR_RATE, "a queue has a limit");
    ask_fini(&pull);
    m.settings.queue_max = 16;

    user_send(&silent, 0, 1);
    tap_ok(ask_wait(&held, &m, 500), "the held one is served");
    tap_ok(publish.done, "and then the next one");
    tap_is_str(ask_error(&publish), SFU_IPC_ERR_OFFER_PENDING,
               "which now meets our offer");
    free((char *)publish.request.offer);
    ask_fini(&publish);
    ask_fini(&held);

    /* a session that ends answers what waits in it */
    ask_init(&held, SFU_REQUEST_SUBSCRIBE, &other);
    ask_init(&publish, SFU_REQUEST_PUBLISH, &other);
    m.settings.offer_expiry = 0;
    model_run(&m, 5);
    user_leave(&silent);
    user_create(&silent, &m, "app");
    user_publish(&silent, SDP_VIDEO, "quiet");
    ask_remote(&held, silent.id, "quiet");
    ask_track(&publish, "later", NULL);
    ask_start(&held, &m);
    ask_start(&publish, &m);
    tap_ok(!held.done && !publish.done, "two wait");
    sfu_session_end(user_session(&other), SFU_END_expired, "test");
    tap_ok(held.done && publish.done, "both are answered");
    tap_is_str(ask_error(&held), SFU_IPC_ERR_SESSION_GONE, "as gone");
    ask_fini(&held);
    ask_fini(&publish);
    m.settings.offer_expiry = 15 * USEC_PER_SEC;
    user_vanish(&other);
    user_vanish(&silent);
    user_leave(&u);
}

int
main(void)
{
    model_begin(&m, PORT, 2);
    user_create(&publisher, &m, "app");
    user_publish(&publisher, SDP_VIDEO, "camera");
    user_connect(&publisher);
    user_send(&publisher, 0, 1);
    model_run(&m, 50);
    answers();
    offers();
    first_section_goes();
    turns();
    user_leave(&publisher);
    model_end(&m);

    return tap_done();
}
