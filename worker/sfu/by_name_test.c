/*
 * sfu/by_name_test.c - clients that know tracks by their names alone.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sfu/listing.h"
#include "test/model.h"
#include "test/tap.h"

enum { PORT = 21936 };

static struct model m;
static struct user a, viewer;

static void
publish(struct ask *ask, struct user *u, const char *name, const char *mid)
{
    ask_init(ask, SFU_REQUEST_PUBLISH, u);
    ask->request.by_name = true;
    ask->request.offer = user_offer(u);
    ask_track(ask, name, mid);
    ask_now(ask, &m);

    if (ask->reply.answer != NULL) {
        user_take_answer(u, ask->reply.answer);
    }
}

static void
subscribe(struct ask *ask, struct user *u, const char *name)
{
    ask_init(ask, SFU_REQUEST_SUBSCRIBE, u);
    ask->request.by_name = true;
    ask_remote(ask, a.id, name);
    ask_now(ask, &m);
}

static void
answer(struct user *u, const char *offer, const char *what)
{
    struct ask ask;

    ask_init(&ask, SFU_REQUEST_RENEGOTIATE, u);
    ask.request.description = user_answer(u, offer);
    ask_now(&ask, &m);
    tap_is_str(ask_error(&ask), "", "%s", what);
    free((char *)ask.request.answer);
    ask_fini(&ask);
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
    size_t n = 0;

    list_each(node, next, &user_session(u)->publications) {
        n++;
    }

    return n;
}

static void
where_a_track_is(void)
{
    struct ask ask;

    user_create(&a, &m, "app");
    fake_add(&a.sdp, SDP_AUDIO, SDP_SENDONLY);
    fake_add(&a.sdp, SDP_VIDEO, SDP_SENDONLY);
    fake_add(&a.sdp, SDP_VIDEO, SDP_RECVONLY);
    publish(&ask, &a, "camera", "9");
    tap_is_str(ask_error(&ask), SFU_IPC_TRACK_FAILED,
               "two sections are left: which one?");
    tap_is_int(sdp_negotiation_remote(user_session(&a)->negotiation)->known,
               false, "and the offer was not applied");
    end(&ask);
    a.sdp.waiting = false;

    publish(&ask, &a, "camera", "1");
    tap_is_str(ask_error(&ask), "", "the mid tells");
    tap_is_str(ask_mid(&ask, 0), "1", "which section");
    end(&ask);

    publish(&ask, &a, "voice", "");
    tap_is_str(ask_mid(&ask, 0), "0", "only one is left that sends");
    end(&ask);

    publish(&ask, &a, "more", NULL);
    tap_is_str(ask_error(&ask), SFU_IPC_TRACK_FAILED, "none is left");
    end(&ask);
    tap_is_int((long long)publications(&a), 2, "two tracks");

    publish(&ask, &a, "other camera", "1");
    end(&ask);
    tap_ok(sfu_session_publication(user_session(&a), "camera") == NULL,
           "a section carries what came last");
    publish(&ask, &a, "camera", "1");
    end(&ask);
    tap_is_int((long long)publications(&a), 2, "still two tracks");
}

/* the publisher is not connected, and nothing was sent yet */
static void
nothing_is_waited_for(void)
{
    struct ask ask;

    user_create(&viewer, &m, "app");
    subscribe(&ask, &viewer, "camera");
    tap_is_str(ask_error(&ask), "", "an offer at once");
    tap_ok(strstr(ask.reply.offer, " camera\r\n") != NULL,
           "the msid has the name");
    end(&ask);

    subscribe(&ask, &viewer, "camera");
    tap_is_str(ask_mid(&ask, 0), "1000", "one section, however often");
    end(&ask);

    subscribe(&ask, &viewer, "gone");
    tap_is_str(ask_error(&ask), SFU_IPC_TRACK_NOT_FOUND,
               "what is not there fails as a whole");
    end(&ask);

    subscribe(&ask, &viewer, "voice");
    tap_is_str(ask_mid(&ask, 0), "1001", "the pending offer grows");
    answer(&viewer, ask.reply.offer, "all of it is answered");
    end(&ask);
}

/* the client offers instead of answering: ours waits */
static void
an_offer_is_taken_back(void)
{
    struct user both;
    struct sfu_subscription *s;
    struct ask ask;

    user_create(&both, &m, "app");
    subscribe(&ask, &both, "camera");
    end(&ask);
    fake_add(&both.sdp, SDP_AUDIO, SDP_SENDONLY);
    publish(&ask, &both, "own", "0");
    tap_is_str(ask_error(&ask), "", "the client's offer is taken");
    end(&ask);
    s = container_of(user_session(&both)->subscriptions.next,
                     struct sfu_subscription, in_session);
    tap_is_str(s->mid, "", "the subscription waits");

    subscribe(&ask, &both, "voice");
    tap_ok(s->mid[0] != '\0' && strstr(ask.reply.offer, s->mid) != NULL,
           "for our next offer");
    answer(&both, ask.reply.offer, "which is answered");
    tap_is_int((long long)both.sdp.count, 3, "with both");
    end(&ask);

    /* taken back again, and closed while it waits */
    fake_add(&both.sdp, SDP_AUDIO, SDP_SENDONLY);
    subscribe(&ask, &both, "camera");
    end(&ask);
    ask_init(&ask, SFU_REQUEST_CLOSE, &both);
    ask.request.by_name = true;
    ask.request.offer = user_offer(&both);
    ask_remote(&ask, a.id, "camera");
    ask_now(&ask, &m);
    tap_is_str(ask_error(&ask), "", "a subscription is closed by name");
    user_take_answer(&both, ask.reply.answer);
    end(&ask);
    model_check(&m, "taken back and closed");
    user_leave(&both);
}

static void
what_ended(void)
{
    struct ask ask;
    const struct sdp_section *section;

    ask_init(&ask, SFU_REQUEST_CLOSE, &a);
    ask.request.by_name = true;
    ask.request.offer = user_offer(&a);
    ask_track(&ask, "voice", NULL);
    ask_track(&ask, "gone", NULL);
    ask_now(&ask, &m);
    tap_is_str(ask_error(&ask), SFU_IPC_TRACK_NOT_OPEN, "not by halves");
    ask_fini(&ask);
    tap_is_int((long long)publications(&a), 2, "so both are there");
    ask.reply = (struct sfu_reply){ 0 };
    ask.done = false;
    ask.request.track_count = 1;
    ask_now(&ask, &m);
    tap_is_str(ask_error(&ask), "", "one is closed");
    user_take_answer(&a, ask.reply.answer);
    end(&ask);
    tap_is_int((long long)publications(&a), 1, "the other is not");
    section = sdp_negotiation_find(user_session(&a)->negotiation,
                                   span_str("0"));
    tap_ok(section->alive && !section->closed,
           "its section is the client's to use");

    subscribe(&ask, &viewer, "camera");
    tap_ok(strstr(ask.reply.offer, " voice\r\n") == NULL,
           "our next offer sends it no more");
    answer(&viewer, ask.reply.offer, "says the viewer");
    end(&ask);
    tap_is_int((long long)user_session(&viewer)->track_count, 1,
               "one subscription is left");
}

static void
silence(void)
{
    struct media_event event = { .type = MEDIA_EVENT_SOURCE_SILENT };

    event.source = container_of(user_session(&a)->publications.next,
                                struct sfu_publication, node)->id;
    sfu_session_event(user_session(&a), &event);
    tap_is_int((long long)publications(&a), 1, "a silent track is paused");
}

static void
begins_with_nothing(void)
{
    static const char empty[] = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\n"
                                "t=0 0\r\n";
    struct user u = { .model = &m, .app = "app" };
    struct ask ask;

    ask_init(&ask, SFU_REQUEST_CREATE, &u);
    ask.request.offer = empty;
    ask_now(&ask, &m);
    tap_is_str(ask_error(&ask), SFU_IPC_ERR_SDP_MALFORMED,
               "no m-section");
    ask_fini(&ask);

    ask_init(&ask, SFU_REQUEST_CREATE, &u);
    ask.request.offer = empty;
    ask.request.by_name = true;
    ask.request.metadata = "who";
    ask_now(&ask, &m);
    tap_ok(ask.reply.answer != NULL
               && strstr(ask.reply.answer, "m=") == NULL,
           "is a beginning for who goes by name");
    ask_fini(&ask);
}

static void
is_listed(void)
{
    struct user u = { .model = &m, .app = "another" };
    struct ask ask;

    ask_init(&ask, SFU_REQUEST_LIST, &viewer);
    ask_now(&ask, &m);
    tap_is_int((long long)ask.reply.session_count, 4, "the app's sessions");
    tap_is_str(ask.reply.sessions[0].id, a.id, "the oldest first");
    tap_is_str(ask.reply.sessions[3].metadata, "who", "with metadata");
    tap_is_str(ask.reply.sessions[3].state, "new", "and state");
    tap_is_int((long long)ask.reply.after, 0, "that is all");
    ask_fini(&ask);

    for (int i = 0; i < LISTING_MAX + 1; i++) {
        ask_init(&ask, SFU_REQUEST_CREATE, &u);
        ask_now(&ask, &m);
        ask_fini(&ask);
    }

    ask_init(&ask, SFU_REQUEST_LIST, &u);
    ask_now(&ask, &m);
    tap_is_int((long long)ask.reply.session_count, LISTING_MAX, "a page");
    u.net.count = (size_t)ask.reply.after;
    ask_fini(&ask);
    ask_init(&ask, SFU_REQUEST_LIST, &u);
    ask.request.after = u.net.count;
    ask_now(&ask, &m);
    tap_is_int((long long)ask.reply.session_count, 1, "and the next");
    tap_is_int((long long)ask.reply.after, 0, "which is the last");
    ask_fini(&ask);
}

int
main(void)
{
    model_begin(&m, PORT, 1);
    where_a_track_is();
    nothing_is_waited_for();
    an_offer_is_taken_back();
    what_ended();
    silence();
    begins_with_nothing();
    is_listed();
    user_vanish(&a);
    user_vanish(&viewer);
    model_end(&m);

    return tap_done();
}
