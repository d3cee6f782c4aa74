/*
 * sfu/lifetime_test.c - how sessions and tracks end, and what stays: nothing.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "test/model.h"
#include "test/tap.h"

enum { PORT = 21916 };

static struct model m;

static const char *
create(const char *app)
{
    struct user u = { .app = app };
    struct ask ask;
    const char *error;

    ask_init(&ask, SFU_REQUEST_CREATE, &u);
    ask_now(&ask, &m);
    error = ask_error(&ask);
    ask_fini(&ask);

    return error;
}

static const char *
get(const struct user *u)
{
    struct ask ask;
    const char *error;

    ask_init(&ask, SFU_REQUEST_GET, u);
    ask_now(&ask, &m);
    error = ask_error(&ask);
    ask_fini(&ask);

    return error;
}

/* 13: 50 a second; 18, check 59 */
static void
requests_have_a_rate(void)
{
    struct user u, other;
    int taken = 0;

    m.settings.requests_per_second = 50;
    user_create(&u, &m, "app");
    user_create(&other, &m, "app");

    for (int i = 0; i < 50; i++) {
        taken += strcmp(get(&u), "") == 0;
        model_run(&m, 2);
    }

    tap_is_int(taken, 50, "so many requests within a second");
    tap_is_str(get(&u), SFU_IPC_ERR_RATE, "not one more");
    tap_is_str(get(&other), "", "but of another session");

    /* 0.3 s into the next second, 70 % of the one before still count */
    user_session(&u)->second_began -= 1300 * USEC_PER_MS
                                      - (m.sfu.now
                                         - user_session(&u)->second_began);
    taken = 0;

    for (int i = 0; i < 50; i++) {
        taken += strcmp(get(&u), "") == 0;
    }

    tap_ok(taken >= 14 && taken <= 17, "the second slides: %d more", taken);
    user_session(&u)->second_began -= 10 * USEC_PER_SEC;
    tap_is_str(get(&u), "", "after a rest there is room");
    m.settings.requests_per_second = 1000;
    user_vanish(&u);
    user_vanish(&other);
}

static void
sessions_have_a_number(void)
{
    m.settings.sessions_max = m.sfu.sessions.count + 1;
    tap_is_str(create("app"), "", "the last session");
    tap_is_str(create("app"), SFU_IPC_ERR_LIMIT, "is the last one");
    m.settings.sessions_max = 1000;
    m.sfu.draining = true;
    tap_is_str(create("app"), SFU_IPC_ERR_DRAINING,
               "a worker that stops makes none");
    m.sfu.draining = false;
}

static void
orphans_are_reaped(void)
{
    struct user never, offered, fine;
    size_t before;
    uint64_t unconnected;

    sfu_end_sessions(&m.sfu);
    unconnected = m.sfu.figures.sessions_ended[SFU_END_unconnected];
    m.settings.connect_time = 400 * USEC_PER_MS;
    user_create(&never, &m, "app");
    user_create(&fine, &m, "app");
    user_publish(&fine, SDP_AUDIO, "voice");
    user_connect(&fine);
    model_run(&m, 200);
    user_create(&offered, &m, "app");
    user_publish(&offered, SDP_AUDIO, "voice");
    before = m.sfu.sessions.count;
    tap_is_int((long long)before, 3, "three sessions");
    model_run(&m, 250);
    tap_ok(user_session(&never) == NULL,
           "one without a description is reaped");
    tap_ok(user_session(&offered) != NULL,
           "one with has its time from then on");
    tap_ok(model_wait_sessions(&m, 1), "and then is reaped as well");
    tap_ok(user_session(&fine) != NULL, "what is connected stays");
    tap_is_str(get(&never), SFU_IPC_ERR_SESSION_GONE, "the others are gone");
    tap_is_int((long long)(m.sfu.figures.sessions_ended[SFU_END_unconnected]
                           - unconnected), 2, "for that reason");
    m.settings.connect_time = 30 * USEC_PER_SEC;
    user_vanish(&never);
    user_vanish(&offered);
    user_leave(&fine);
}

static void
another_certificate_ends_it(void)
{
    struct user u;
    struct dtls_fingerprint worker = { .algorithm = "sha-256", .len = 32 };
    char *offer;
    struct ask ask;

    /* the fake client's own fingerprint, which no certificate has */
    user_create(&u, &m, "app");
    fake_add(&u.sdp, SDP_AUDIO, SDP_SENDONLY);
    offer = fake_offer(&u.sdp);
    ask_init(&ask, SFU_REQUEST_RENEGOTIATE, &u);
    ask.request.offer = offer;
    ask_now(&ask, &m);
    user_take_answer(&u, ask.reply.answer);

    for (size_t i = 0; i < 32; i++) {
        worker.hash[i] = (uint8_t)strtoul(m.certificate.fingerprint + 3 * i,
                                          NULL, 16);
    }

    model_run(&m, 10);
    client_check(&u.net, u.ufrag, u.pwd);
    client_handshake(&u.net, &worker);

    for (int i = 0; i < 500 && user_session(&u) != NULL; i++) {
        client_wait(&u.net, NULL, 2);
        model_run(&m, 0);
    }

    tap_ok(user_session(&u) == NULL, "another certificate than SDP said");
    tap_is_int((long long)m.sfu.figures.sessions_ended[SFU_END_handshake], 1,
               "ends the session by its handshake");
    free(offer);
    ask_fini(&ask);
    user_vanish(&u);
}

static void
wait_for_state(struct user *u, enum sfu_session_state state)
{
    for (int i = 0; i < 200 && user_session(u) != NULL
                    && user_session(u)->state != state; i++) {
        model_run(&m, 10);

        if (u->sdp.sections[0].kind == SDP_VIDEO) {
            user_send(u, 0, 1);     /* or its track is over as well */
        }
    }
}

/* 6.4 and 13: consent is lost after 0.6 s here, and the session after 2.4 */
static void
consent_is_lost(void)
{
    struct user u, viewer;
    struct ask ask;
    struct ask held;

    user_create(&u, &m, "app");
    user_publish(&u, SDP_VIDEO, "camera");
    user_publish(&u, SDP_AUDIO, "never");
    user_connect(&u);
    user_send(&u, 0, 2);
    user_create(&viewer, &m, "app");
    ask_init(&held, SFU_REQUEST_SUBSCRIBE, &viewer);
    ask_remote(&held, u.id, "never");
    ask_start(&held, &m);
    tap_ok(!held.done, "somebody waits for a track");
    wait_for_state(&u, SFU_SESSION_DISCONNECTED);
    tap_ok(user_session(&u) != NULL
               && user_session(&u)->state == SFU_SESSION_DISCONNECTED,
           "without checks a session is disconnected");
    tap_ok(held.done, "who waited for its track waits no more");
    tap_is_str(ask_track_error(&held, 0), SFU_IPC_TRACK_NOT_FOUND,
               "it is not found");
    ask_fini(&held);

    ask_init(&ask, SFU_REQUEST_SUBSCRIBE, &viewer);
    ask_remote(&ask, u.id, "camera");
    ask_now(&ask, &m);
    tap_is_str(ask_track_error(&ask, 0), SFU_IPC_TRACK_NOT_FOUND,
               "its tracks are refused at once");
    ask_fini(&ask);

    client_check(&u.net, u.ufrag, u.pwd);
    wait_for_state(&u, SFU_SESSION_CONNECTED);
    ask_init(&ask, SFU_REQUEST_SUBSCRIBE, &viewer);
    ask_remote(&ask, u.id, "camera");
    ask_now(&ask, &m);
    tap_is_str(ask_track_error(&ask, 0), "", "until checks are back");
    ask_fini(&ask);
    wait_for_state(&u, SFU_SESSION_NEW);
    tap_ok(model_wait_sessions(&m, 1), "without any it is over");
    tap_is_int((long long)m.sfu.figures.sessions_ended[SFU_END_expired], 1,
               "as expired");
    tap_ok(list_empty(&user_session(&viewer)->subscriptions)
               || container_of(user_session(&viewer)->subscriptions.next,
                               struct sfu_subscription, in_session)
                          ->publication == NULL,
           "and its tracks with it");
    user_vanish(&u);
    user_vanish(&viewer);
    sfu_end_sessions(&m.sfu);
}

static void
silence_ends_tracks(void)
{
    struct user u;

    user_create(&u, &m, "app");
    user_publish(&u, SDP_VIDEO, "camera");
    user_publish(&u, SDP_AUDIO, "voice");
    user_connect(&u);

    for (int i = 0; i < 20; i++) {
        user_send(&u, 0, 1);
        client_check(&u.net, u.ufrag, u.pwd);
        client_wait(&u.net, NULL, 1);
        model_run(&m, 75);
    }

    tap_ok(sfu_session_publication(user_session(&u), "voice") == NULL,
           "a track without packets is over");
    tap_ok(sfu_session_publication(user_session(&u), "camera") != NULL,
           "another is not");
    user_publish(&u, SDP_AUDIO, "voice");
    tap_ok(sfu_session_publication(user_session(&u), "voice") != NULL,
           "its name is free again");
    user_leave(&u);
}

struct query {
    struct sfu_figures_query query;
    int called;
    bool figures;
};

static void
query_done(struct sfu_figures_query *query, struct sfu_session *session,
           const struct media_figures *figures)
{
    struct query *q = container_of(query, struct query, query);

    q->called++;
    q->figures = session != NULL && figures != NULL && figures->count == 1;
}

static void
figures_are_told(void)
{
    struct user u;
    struct query q = { .query.done = query_done };

    user_create(&u, &m, "app");
    sfu_ask_figures(&m.sfu, user_session(&u), &q.query);
    tap_ok(q.called == 1 && !q.figures,
           "a session without a peer has no figures");
    user_publish(&u, SDP_AUDIO, "voice");
    user_connect(&u);
    sfu_ask_figures(&m.sfu, user_session(&u), &q.query);
    tap_is_int(q.called, 1, "figures are asked for");
    model_run(&m, 60);
    tap_ok(q.called == 2 && q.figures, "and told");

    sfu_ask_figures(&m.sfu, user_session(&u), &q.query);
    sfu_session_end(user_session(&u), SFU_END_closed, "test");
    model_run(&m, 60);
    tap_ok(q.called == 3 && !q.figures, "those of a session that ends are not");

    user_vanish(&u);
    user_create(&u, &m, "app");
    user_publish(&u, SDP_AUDIO, "voice");
    sfu_ask_figures(&m.sfu, user_session(&u), &q.query);
    sfu_end_sessions(&m.sfu);
    tap_is_int(q.called, 4, "and nobody waits when the worker stops");
    user_vanish(&u);
}

/* 18, check 47 */
static void
hundreds_come_and_go(void)
{
    uint64_t created = m.sfu.figures.sessions_created;
    struct user u;
    uint64_t left = 0;

    for (int i = 0; i < 300; i++) {
        user_create(&u, &m, "app");

        if (i % 3) {
            user_publish(&u, SDP_VIDEO, "camera");
            user_publish(&u, SDP_AUDIO, "voice");
        }

        if (i % 60 == 59) {
            user_connect(&u);
            user_send(&u, 0, 3);
            model_run(&m, 20);
            user_subscribe(&u, &u, "camera");
            user_leave(&u);
            continue;
        }

        user_vanish(&u);

        if (i % 2) {
            sfu_session_end(user_session(&u), SFU_END_closed, "test");
        }
    }

    tap_is_int((long long)(m.sfu.figures.sessions_created - created), 300,
               "300 sessions came");
    model_check(&m, "with many sessions");
    tap_ok(m.sfu.loop_sessions[0] - m.sfu.loop_sessions[1] + 1 <= 2,
           "spread over the loops");
    m.settings.connect_time = 0;
    sfu_end_sessions(&m.sfu);
    model_run(&m, 100);

    for (size_t i = 0; i < m.loop_count; i++) {
        left += counter_get(&m.loops[i].counters.transports);
    }

    tap_is_int((long long)left, 0, "and the loops have none of them any more");
    m.settings.connect_time = 30 * USEC_PER_SEC;
}

static struct user seen;

static int
subscribe_once(void)
{
    struct user u = { .model = &m, .app = "app" };
    struct ask ask;
    int error;

    ask_init(&ask, SFU_REQUEST_CREATE, &u);
    ask_start(&ask, &m);
    error = ask.reply.error != NULL;

    if (!error) {
        snprintf(u.id, sizeof(u.id), "%s", ask.reply.session);
    }

    ask_fini(&ask);

    if (error) {
        return -1;
    }

    ask_init(&ask, SFU_REQUEST_SUBSCRIBE, &u);
    ask_remote(&ask, seen.id, "camera");
    ask_remote(&ask, seen.id, "voice");
    ask_start(&ask, &m);
    error = ask.reply.error != NULL || ask_track_error(&ask, 0)[0]
            || ask_track_error(&ask, 1)[0];
    ask_fini(&ask);

    ask_init(&ask, SFU_REQUEST_CLOSE, &u);
    ask.request.force = true;
    ask_track(&ask, NULL, "1000");
    ask_start(&ask, &m);
    error |= ask.reply.error != NULL;
    ask_fini(&ask);
    sfu_session_end(user_session(&u), SFU_END_closed, "test");

    return error ? -1 : 0;
}

static void
memory_runs_out(void)
{
    user_create(&seen, &m, "app");
    user_publish(&seen, SDP_VIDEO, "camera");
    user_publish(&seen, SDP_AUDIO, "voice");
    user_connect(&seen);
    user_send(&seen, 0, 1);
    user_send(&seen, 1, 1);
    model_run(&m, 50);
    m.log.fd = -1;
    tap_each_allocation_fails(subscribe_once);
    m.log.fd = 2;
    model_check(&m, "after running out of memory");
    user_vanish(&seen);
}

int
main(void)
{
    model_defaults(&m, PORT);
    m.media.consent_lost = 600 * USEC_PER_MS;
    m.media.consent_expired = 2400 * USEC_PER_MS;
    m.media.source_silent = 1 * USEC_PER_SEC;
    model_start(&m, 2);
    requests_have_a_rate();
    sessions_have_a_number();
    orphans_are_reaped();
    another_certificate_ends_it();
    consent_is_lost();
    silence_ends_tracks();
    figures_are_told();
    hundreds_come_and_go();
    model_end(&m);

    /* with more patience: a request that waits would outlive its turn */
    model_begin(&m, PORT, 2);
    memory_runs_out();
    model_end(&m);

    return tap_done();
}
