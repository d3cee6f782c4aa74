/*
 * sfu/publish_test.c - names for what clients send.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "test/model.h"
#include "test/tap.h"

enum { PORT = 21900 };

static struct model m;

/* an ask to publish, with the client's offer of this moment */
static void
begin(struct ask *ask, struct user *u)
{
    ask_init(ask, SFU_REQUEST_PUBLISH, u);
    ask->request.offer = user_offer(u);
}

static void
end(struct ask *ask)
{
    free((char *)ask->request.offer);
    ask_fini(ask);
}

static size_t
publications(const struct user *u)
{
    const struct sfu_session *s = user_session(u);
    size_t n = 0;

    for (const struct list *node = s->publications.next;
         node != &s->publications; node = node->next) {
        n++;
    }

    return n;
}

static void
sessions_are_made(void)
{
    struct user a, b;
    struct ask ask;

    user_create(&a, &m, "app");
    user_create(&b, &m, "app");
    tap_is_int((long long)strlen(a.id), SFU_IPC_SESSION_ID_LEN,
               "a session without a description has an id");
    tap_ok(strncmp(a.id, m.sfu.worker_id, SFU_IPC_WORKER_ID_LEN) == 0,
           "that names its worker");
    tap_ok(strcmp(a.id, b.id) != 0, "and is its own");
    tap_is_str(sfu_session_state_name(user_session(&a)), "new", "it is new");

    fake_add(&a.sdp, SDP_AUDIO, SDP_SENDONLY);
    ask_init(&ask, SFU_REQUEST_CREATE, &a);
    ask.request.offer = user_offer(&a);
    ask_now(&ask, &m);
    tap_is_str(ask_error(&ask), "", "a session with an offer");
    tap_ok(user_take_answer(&a, ask.reply.answer), "is answered");
    tap_is_int((long long)ask.reply.track_count, 0, "and names no track");
    snprintf(a.id, sizeof(a.id), "%s", ask.reply.session);
    tap_is_int((long long)publications(&a), 0, "what it sends has no name");
    end(&ask);

    /* 16: published later, on the section that is there */
    begin(&ask, &a);
    ask_track(&ask, "voice", "0");
    ask_now(&ask, &m);
    tap_is_str(ask_track_error(&ask, 0), "", "until it is given one");
    user_take_answer(&a, ask.reply.answer);
    end(&ask);

    ask_init(&ask, SFU_REQUEST_CREATE, &a);
    ask.request.offer = "v=0\r\n";
    ask_now(&ask, &m);
    tap_is_str(ask_error(&ask), SFU_IPC_ERR_SDP_MALFORMED,
               "a broken offer makes no session");
    tap_is_int((long long)m.sfu.figures.sessions_ended[SFU_END_refused], 1,
               "it was refused");
    ask_fini(&ask);
    user_vanish(&a);
    user_vanish(&b);
}

static void
by_mid(void)
{
    struct user u;
    struct ask ask;

    user_create(&u, &m, "app");
    fake_add(&u.sdp, SDP_AUDIO, SDP_SENDONLY);
    fake_add(&u.sdp, SDP_VIDEO, SDP_SENDONLY);
    fake_add(&u.sdp, SDP_VIDEO, SDP_RECVONLY);
    begin(&ask, &u);
    ask_track(&ask, "camera", "1");
    ask_track(&ask, "voice", "0");
    ask_track(&ask, "nothing", "17");
    ask_track(&ask, "receives", "2");
    ask_now(&ask, &m);
    tap_is_str(ask_error(&ask), "", "a batch is taken, though some fail");
    tap_is_int((long long)ask.reply.track_count, 4, "with an entry for each");
    tap_is_str(ask_mid(&ask, 0), "1", "in the order asked for");
    tap_is_str(ask.reply.tracks[0].name, "camera", "with its name");
    tap_is_int(ask.reply.tracks[0].kind, MEDIA_VIDEO, "and its kind");
    tap_is_str(ask_mid(&ask, 1), "0", "the second as well");
    tap_is_str(ask_track_error(&ask, 2), SFU_IPC_TRACK_FAILED,
               "a mid that was not offered");
    tap_is_str(ask_track_error(&ask, 3), SFU_IPC_TRACK_FAILED,
               "a section that does not send");
    tap_ok(ask.reply.offer == NULL && user_take_answer(&u, ask.reply.answer),
           "the answer is one");
    tap_is_int((long long)publications(&u), 2, "two tracks are there");
    end(&ask);

    /* the reply got lost: the same again, with a new offer */
    begin(&ask, &u);
    ask_track(&ask, "camera", "1");
    ask_track(&ask, "voice", "0");
    ask_now(&ask, &m);
    tap_is_str(ask_track_error(&ask, 0), "", "said again it is the same");
    tap_is_str(ask_mid(&ask, 0), "1", "under the same mid");
    tap_is_int((long long)publications(&u), 2, "and not one more");
    user_take_answer(&u, ask.reply.answer);
    end(&ask);

    begin(&ask, &u);
    ask_track(&ask, "voice", "1");
    ask_track(&ask, "other", "0");
    ask_now(&ask, &m);
    tap_is_str(ask_track_error(&ask, 0), SFU_IPC_TRACK_REPEATED,
               "a name that lives under another mid");
    tap_is_str(ask_track_error(&ask, 1), SFU_IPC_TRACK_FAILED,
               "a section that has another name");
    user_take_answer(&u, ask.reply.answer);
    end(&ask);

    ask_init(&ask, SFU_REQUEST_PUBLISH, &u);
    ask.request.offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n";
    ask_track(&ask, "camera", "1");
    ask_now(&ask, &m);
    tap_is_str(ask_error(&ask), SFU_IPC_ERR_SDP_MALFORMED,
               "a broken offer is refused");
    tap_is_int((long long)publications(&u), 2, "and nothing has changed");
    ask_fini(&ask);
    user_vanish(&u);
}

static void
names_move(void)
{
    struct user u;
    struct ask ask;

    user_create(&u, &m, "app");
    user_publish(&u, SDP_AUDIO, "voice");
    user_publish(&u, SDP_VIDEO, "camera");

    /* 5.2 a: the old section is stopped in this very offer */
    u.sdp.sections[1].stopped = true;
    fake_add(&u.sdp, SDP_VIDEO, SDP_SENDONLY);
    begin(&ask, &u);
    ask_track(&ask, "camera", "2");
    ask_now(&ask, &m);
    tap_is_str(ask_track_error(&ask, 0), "",
               "a name moves with the section that was stopped");
    tap_is_str(ask_mid(&ask, 0), "2", "to the new one");
    tap_is_int((long long)publications(&u), 2, "and leaves nothing behind");
    user_take_answer(&u, ask.reply.answer);
    end(&ask);

    /* one entry says where it belongs, the other takes what is left */
    fake_add(&u.sdp, SDP_AUDIO, SDP_SENDONLY);
    fake_add(&u.sdp, SDP_AUDIO, SDP_SENDONLY);
    begin(&ask, &u);
    ask_track(&ask, "twice", NULL);
    ask_track(&ask, "twice", u.sdp.sections[1].mid);
    ask_now(&ask, &m);
    tap_is_str(ask_track_error(&ask, 0), SFU_IPC_TRACK_REPEATED,
               "a name that stands twice in a request");
    tap_is_str(ask_track_error(&ask, 1), "", "goes to the entry with a mid");
    user_take_answer(&u, ask.reply.answer);
    end(&ask);
    user_vanish(&u);
}

/* cloudflare.md, 16 */
static void
without_mid(void)
{
    struct user u;
    struct ask ask;

    user_create(&u, &m, "app");
    fake_add(&u.sdp, SDP_VIDEO, SDP_SENDONLY);
    fake_add(&u.sdp, SDP_AUDIO, SDP_SENDONLY);
    fake_add(&u.sdp, SDP_AUDIO, SDP_SENDONLY);
    fake_add(&u.sdp, SDP_VIDEO, SDP_SENDONLY);
    begin(&ask, &u);
    ask_track(&ask, "any", NULL);
    ask_track(&ask, "sound", NULL)->has_kind = true;    /* audio */
    ask_track(&ask, "track-2", NULL);
    ask_track(&ask, "said", "0");
    ask_track(&ask, "too many", NULL);
    ask_now(&ask, &m);
    tap_is_str(ask_mid(&ask, 3), "0", "entries with a mid come first");
    tap_is_str(ask_mid(&ask, 0), "1", "then the first that is free");
    tap_is_str(ask_track_error(&ask, 1), "", "of its kind, if it has one");
    tap_is_str(ask_mid(&ask, 2), "3", "what is left goes to the rest");
    tap_is_str(ask_track_error(&ask, 4), SFU_IPC_TRACK_FAILED,
               "until nothing is left");
    user_take_answer(&u, ask.reply.answer);
    end(&ask);

    begin(&ask, &u);
    ask_track(&ask, "any", NULL);
    ask_now(&ask, &m);
    tap_is_str(ask_mid(&ask, 0), "1", "a bound name finds its section again");
    user_take_answer(&u, ask.reply.answer);
    end(&ask);
    user_vanish(&u);

    user_create(&u, &m, "app");
    fake_add(&u.sdp, SDP_AUDIO, SDP_SENDONLY);
    fake_add(&u.sdp, SDP_VIDEO, SDP_SENDONLY);
    fake_add(&u.sdp, SDP_VIDEO, SDP_SENDONLY);
    begin(&ask, &u);
    ask_track(&ask, "track-2", NULL);
    ask_now(&ask, &m);
    tap_is_str(ask_mid(&ask, 0), "2", "the track id of the msid comes first");
    user_take_answer(&u, ask.reply.answer);
    end(&ask);
    user_vanish(&u);
}

static void
discovered(void)
{
    struct user u;
    struct ask ask;

    user_create(&u, &m, "app");
    user_publish(&u, SDP_AUDIO, "voice");
    fake_add(&u.sdp, SDP_VIDEO, SDP_SENDONLY);
    fake_add(&u.sdp, SDP_AUDIO, SDP_RECVONLY);
    fake_add(&u.sdp, SDP_AUDIO, SDP_SENDONLY);
    begin(&ask, &u);
    ask.request.discover = true;
    ask_now(&ask, &m);
    tap_is_int((long long)ask.reply.track_count, 2,
               "every sending section without a name is named");
    tap_is_str(ask_mid(&ask, 0), "1", "the video");
    tap_is_int(ask.reply.tracks[0].kind, MEDIA_VIDEO, "as such");
    tap_is_str(ask_mid(&ask, 1), "3", "and the second audio");
    tap_ok(ask.reply.track_count == 2
               && strcmp(ask.reply.tracks[0].name, ask.reply.tracks[1].name),
           "under names of their own");
    user_take_answer(&u, ask.reply.answer);
    end(&ask);

    begin(&ask, &u);
    ask.request.discover = true;
    ask_now(&ask, &m);
    tap_is_int((long long)ask.reply.track_count, 0, "and only once");
    tap_ok(user_take_answer(&u, ask.reply.answer), "still with an answer");
    end(&ask);

    ask_init(&ask, SFU_REQUEST_PUBLISH, &u);
    ask.request.discover = true;
    ask_now(&ask, &m);
    tap_is_str(ask_error(&ask), SFU_IPC_ERR_INVALID,
               "without an offer there is nothing to discover");
    end(&ask);
    begin(&ask, &u);
    ask_now(&ask, &m);
    tap_is_str(ask_error(&ask), SFU_IPC_ERR_INVALID, "nor without the wish");
    end(&ask);
    user_vanish(&u);
}

static void
answer_ours(struct user *u, struct ask *ask)
{
    struct ask answer;

    ask_init(&answer, SFU_REQUEST_RENEGOTIATE, u);
    answer.request.answer = user_answer(u, ask->reply.offer);
    ask_now(&answer, &m);
    tap_is_str(ask_error(&answer), "", "the answer is taken");
    free((char *)answer.request.answer);
    ask_fini(&answer);
}

static struct sfu_request_track *
video(struct sfu_request_track *t)
{
    t->has_kind = true;
    t->kind = MEDIA_VIDEO;

    return t;
}

static void
by_our_offer(void)
{
    struct user u;
    struct ask ask;

    user_create(&u, &m, "app");
    ask_init(&ask, SFU_REQUEST_PUBLISH, &u);
    video(ask_track(&ask, "camera", NULL));
    video(ask_track(&ask, "camera", NULL));
    ask_track(&ask, "kindless", NULL);
    ask_now(&ask, &m);
    tap_is_str(ask_track_error(&ask, 0), "", "we offer to receive");
    tap_is_str(ask_track_error(&ask, 1), SFU_IPC_TRACK_REPEATED,
               "the same name only once");
    tap_is_str(ask_track_error(&ask, 2), SFU_IPC_TRACK_FAILED,
               "and what has a kind");
    tap_ok(ask.reply.offer != NULL && ask.reply.answer == NULL, "an offer");
    answer_ours(&u, &ask);
    tap_is_int(u.sdp.sections[0].wants, SDP_SENDONLY, "that the client takes");
    tap_is_int((long long)publications(&u), 1, "there is one track");
    user_connect(&u);
    user_send(&u, 0, 3);
    model_run(&m, 60);
    tap_ok(sfu_session_publication(user_session(&u), "camera")->live,
           "whose packets come in");
    ask_fini(&ask);

    ask_init(&ask, SFU_REQUEST_PUBLISH, &u);
    video(ask_track(&ask, "camera", NULL));
    ask_now(&ask, &m);
    tap_is_str(ask_track_error(&ask, 0), SFU_IPC_TRACK_REPEATED,
               "a name that is taken");
    tap_ok(ask.reply.offer == NULL, "is not offered for");
    ask_fini(&ask);
    user_leave(&u);
}

/* nobody answered: asked again, it is the same section that we offer */
static void
our_offer_gets_lost(void)
{
    struct user u;
    struct ask ask;
    char mid[32];

    user_create(&u, &m, "app");
    ask_init(&ask, SFU_REQUEST_PUBLISH, &u);
    video(ask_track(&ask, "camera", NULL));
    ask_now(&ask, &m);
    snprintf(mid, sizeof(mid), "%s", ask_mid(&ask, 0));
    ask_fini(&ask);

    ask_init(&ask, SFU_REQUEST_PUBLISH, &u);
    video(ask_track(&ask, "camera", NULL));
    ask_now(&ask, &m);
    tap_is_str(ask_error(&ask), SFU_IPC_ERR_OFFER_PENDING,
               "while our offer is pending nothing else goes");
    ask_fini(&ask);

    m.settings.offer_expiry = 20 * USEC_PER_MS;
    model_run(&m, 30);
    ask_init(&ask, SFU_REQUEST_PUBLISH, &u);
    video(ask_track(&ask, "camera", NULL));
    ask_now(&ask, &m);
    tap_is_str(ask_track_error(&ask, 0), "", "then it may be asked for again");
    tap_is_str(ask_mid(&ask, 0), mid, "and has its mid already");
    m.settings.offer_expiry = 15 * USEC_PER_SEC;
    answer_ours(&u, &ask);
    tap_is_int((long long)publications(&u), 1, "one track");
    tap_is_int((long long)u.sdp.count, 1, "and one section");
    ask_fini(&ask);
    user_vanish(&u);
}

static void
limits_hold(void)
{
    struct user u;
    struct ask ask;

    m.settings.tracks_max = 2;
    user_create(&u, &m, "app");

    for (int i = 0; i < 3; i++) {
        fake_add(&u.sdp, SDP_AUDIO, SDP_SENDONLY);
    }

    begin(&ask, &u);
    ask_track(&ask, "a", "0");
    ask_track(&ask, "b", "1");
    ask_track(&ask, "c", "2");
    ask_now(&ask, &m);
    tap_is_str(ask_track_error(&ask, 1), "", "as many tracks as allowed");
    tap_is_str(ask_track_error(&ask, 2), SFU_IPC_TRACK_FAILED, "not one more");
    user_take_answer(&u, ask.reply.answer);
    end(&ask);
    user_vanish(&u);
    m.settings.tracks_max = 100;

    /* 18, check 14 */
    user_create(&u, &m, "app");

    for (int i = 0; i < 32; i++) {
        fake_add(&u.sdp, i % 2 ? SDP_AUDIO : SDP_VIDEO, SDP_SENDONLY);
    }

    begin(&ask, &u);

    for (int i = 0; i < 32; i++) {
        ask_track(&ask, u.sdp.sections[i].mid, u.sdp.sections[i].mid);
    }

    ask_now(&ask, &m);
    tap_ok(user_take_answer(&u, ask.reply.answer), "32 tracks in a batch");
    tap_is_int((long long)publications(&u), 32, "and all of them are there");
    end(&ask);
    user_vanish(&u);
}

static int
publish_once(void)
{
    static struct model *model = &m;
    struct user u = { .model = model, .app = "app" };
    struct ask ask;
    int error;

    ask_init(&ask, SFU_REQUEST_CREATE, &u);
    ask_start(&ask, model);
    error = ask.reply.error != NULL;

    if (ask.reply.session != NULL && !error) {
        snprintf(u.id, sizeof(u.id), "%s", ask.reply.session);
    }

    ask_fini(&ask);

    if (error) {
        return -1;
    }

    ask_init(&ask, SFU_REQUEST_PUBLISH, &u);
    ask.request.offer = (const char *)tap_read_file(
        "sdp-parse/chromium-publish.sdp", &(size_t){ 0 });
    ask.request.discover = true;
    ask_start(&ask, model);
    error = ask.reply.error != NULL;

    for (size_t i = 0; i < ask.reply.track_count; i++) {
        error |= ask.reply.tracks[i].error != NULL;
    }

    end(&ask);

    if (user_session(&u) != NULL) {
        sfu_session_end(user_session(&u), SFU_END_closed, "test");
    }

    return error ? -1 : 0;
}

int
main(void)
{
    model_begin(&m, PORT, 1);
    sessions_are_made();
    by_mid();
    names_move();
    without_mid();
    discovered();
    by_our_offer();
    our_offer_gets_lost();
    limits_hold();
    model_check(&m, "after all that");
    m.log.fd = -1;      /* memory runs out hundreds of times */
    tap_each_allocation_fails(publish_once);
    model_end(&m);

    return tap_done();
}
