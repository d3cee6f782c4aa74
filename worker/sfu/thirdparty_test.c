/*
 * sfu/thirdparty_test.c - a session whose peer is a server: another of ours.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "test/model.h"
#include "test/tap.h"

enum { PORT = 21928 };

static struct model m;

static struct sfu_session *
find(const char *id)
{
    return id != NULL ? sfu_session_find(&m.sfu, "app", id) : NULL;
}

static bool
is_connected(const char *id)
{
    const struct sfu_session *s = find(id);

    return s != NULL && s->state == SFU_SESSION_CONNECTED;
}

static bool
is_live(const char *id)
{
    const struct sfu_session *s = find(id);

    return s != NULL && !list_empty(&s->publications)
           && container_of(s->publications.next, struct sfu_publication,
                           node)->live;
}

static bool
wait_for(bool (*that)(const char *id), const char *id)
{
    for (int i = 0; i < 300 && !that(id); i++) {
        model_run(&m, 10);
    }

    return that(id);
}

/* ours; the caller frees it */
static char *
create(bool controlling)
{
    struct user nobody = { .app = "app" };
    struct ask ask;
    char *id;

    ask_init(&ask, SFU_REQUEST_CREATE, &nobody);
    ask.request.controlling = controlling;
    ask_now(&ask, &m);
    id = ask.reply.session != NULL ? strdup(ask.reply.session) : NULL;
    ask_fini(&ask);

    return id;
}

static void
ask_about(struct ask *ask, enum sfu_request_type type, const char *session)
{
    struct user user = { .app = "app" };

    ask_init(ask, type, &user);
    ask->request.session = session;
}

/* our offer to receive; the caller frees it */
static char *
offer(const char *id)
{
    struct sfu_request_track *track;
    struct ask ask;
    char *sdp;

    ask_about(&ask, SFU_REQUEST_PUBLISH, id);
    track = ask_track(&ask, "assistant", NULL);
    track->has_kind = true;
    track->kind = MEDIA_AUDIO;
    track->bidirectional = true;
    ask_now(&ask, &m);
    tap_is_str(ask_error(&ask), "", "the session offers");
    sdp = ask.reply.offer != NULL ? strdup(ask.reply.offer) : NULL;
    ask_fini(&ask);

    return sdp;
}

static char *
answer(const char *id, const char *to)
{
    struct ask ask;
    char *sdp;

    ask_about(&ask, SFU_REQUEST_PUBLISH, id);
    ask.request.offer = to;
    ask.request.discover = true;
    ask_now(&ask, &m);
    tap_is_str(ask_error(&ask), "", "the third party answers");
    sdp = ask.reply.answer != NULL ? strdup(ask.reply.answer) : NULL;
    ask_fini(&ask);

    return sdp;
}

static const char *
take_answer(const char *id, const char *sdp)
{
    struct ask ask;
    const char *error;

    ask_about(&ask, SFU_REQUEST_RENEGOTIATE, id);
    ask.request.answer = sdp;
    ask_now(&ask, &m);
    error = ask_error(&ask);
    ask_fini(&ask);

    return error;
}

/* cloudflare 58 */
static void
somebody_talks_to_it(void)
{
    struct user human;
    char *ours, *theirs, *sdp, *reply;
    struct ask pull;

    user_create(&human, &m, "app");
    user_publish(&human, SDP_AUDIO, "voice");
    user_connect(&human);
    user_send(&human, 0, 2);
    model_run(&m, 50);

    ours = create(true);
    theirs = create(false);
    sdp = offer(ours);
    tap_ok(sdp != NULL && strstr(sdp, "a=ice-lite") == NULL,
           "as a full agent");
    reply = answer(theirs, sdp);
    tap_is_str(take_answer(ours, reply), "", "which is taken");
    tap_ok(wait_for(is_connected, ours), "it was checked, and is connected");
    tap_ok(wait_for(is_connected, theirs), "so is the other side");

    ask_about(&pull, SFU_REQUEST_SUBSCRIBE, ours);
    ask_remote(&pull, human.id, "voice")->mid = "#assistant";
    ask_now(&pull, &m);
    tap_is_str(ask_track_error(&pull, 0), "", "a track is attached");
    tap_ok(pull.reply.offer == NULL, "without another description");
    ask_fini(&pull);

    for (int i = 0; i < 100 && !is_live(theirs); i++) {
        user_send(&human, 0, 1);
        model_run(&m, 20);
    }

    tap_ok(is_live(theirs), "and arrives there");
    sfu_session_end(find(theirs), SFU_END_deleted, "it hangs up");
    tap_ok(model_wait_sessions(&m, 1), "which ends ours");

    free(sdp);
    free(reply);
    free(ours);
    free(theirs);
    user_vanish(&human);
}

/* to whom nothing may be sent but checks, and only so many */
static void
nobody_answers(void)
{
    static const char candidate[] =
        "a=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\n";
    char *ours = create(true);
    char *theirs = create(false);
    char *sdp = offer(ours);
    char *reply = answer(theirs, sdp);
    uint64_t out[2];
    char *other;
    char *line;

    sfu_session_end(find(theirs), SFU_END_deleted, "before it is checked");
    model_run(&m, 50);
    /* the same words, with an address where nobody listens */
    line = strstr(reply, "a=candidate:");
    other = calloc(1, strlen(reply) + sizeof(candidate));
    memcpy(other, reply, (size_t)(line - reply));
    strcat(other, candidate);
    strcat(other, strstr(line, "a=end-of-candidates"));
    out[0] = counter_get(&m.loops[0].counters.checks_sent)
             + counter_get(&m.loops[1].counters.checks_sent);
    tap_is_str(take_answer(ours, other), "", "an answer from nowhere");
    model_run(&m, 800);
    out[1] = counter_get(&m.loops[0].counters.checks_sent)
             + counter_get(&m.loops[1].counters.checks_sent);
    tap_ok(out[1] > out[0] && out[1] - out[0] <= 2, "is checked %d times",
           (int)(out[1] - out[0]));
    tap_ok(!is_connected(ours), "in vain");
    sfu_session_end(find(ours), SFU_END_deleted, "the test is over");
    free(sdp);
    free(reply);
    free(other);
    free(ours);
    free(theirs);
}

static void
they_are_refused(void)
{
    char *id;

    m.settings.candidates_max = 0;
    id = create(true);
    tap_ok(id == NULL, "there are none where none may be");
    free(id);
    m.settings.candidates_max = 8;
}

int
main(void)
{
    model_begin(&m, PORT, 2);
    somebody_talks_to_it();
    nobody_answers();
    they_are_refused();
    model_end(&m);

    return tap_done();
}
