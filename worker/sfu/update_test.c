/*
 * sfu/update_test.c - other layers, or another track, where one is sent.
 * cloudflare 35, 36, 37, 60
 * Copyright (C) the ngx_sfu_module authors
 */

#include "test/model.h"
#include "test/tap.h"

enum { PORT = 22020 };

static struct model m;
static struct user a, b;        /* publishers: "camera" and "voice" of each */
static struct user viewer;      /* of a's camera, at this mid */
static char mid[8];

static struct sfu_subscription *
subscription(void)
{
    return sfu_session_subscription_by_mid(user_session(&viewer), mid);
}

static struct sfu_request_track *
update(struct ask *ask, const struct user *publisher, const char *name)
{
    struct sfu_request_track *t;

    ask_init(ask, SFU_REQUEST_UPDATE, &viewer);
    t = ask_remote(ask, publisher->id, name);
    t->mid = mid;

    return t;
}

static struct sfu_request_track *
update_rid(struct ask *ask, const struct user *publisher, const char *name,
           const char *rid)
{
    struct sfu_request_track *t = update(ask, publisher, name);

    t->has_choice = true;
    snprintf(t->choice.rid, sizeof(t->choice.rid), "%s", rid);

    return t;
}

static const char *
done(struct ask *ask)
{
    ask_now(ask, &m);

    return ask_error(ask)[0] ? ask_error(ask) : ask_track_error(ask, 0);
}

/* as if the offer had named encodings: what media does is tested there */
static void
make_simulcast(struct user *u, const char *name)
{
    struct sfu_publication *p = sfu_session_publication(user_session(u), name);

    strcpy(p->encodings[0].rid, "a");
}

static size_t
media_packets(uint32_t ssrc)
{
    size_t n = 0;

    client_wait(&viewer.net, NULL, 60);

    for (size_t i = 0; i < viewer.net.count; i++) {
        const struct client_packet *p = &viewer.net.packets[i];

        n += !p->rtcp && p->data[8] == (uint8_t)(ssrc >> 24)
             && p->data[11] == (uint8_t)ssrc;
    }

    viewer.net.count = 0;

    return n;
}

static uint16_t
last_number(void)
{
    const struct client_packet *p = NULL;

    client_wait(&viewer.net, NULL, 60);

    for (size_t i = 0; i < viewer.net.count; i++) {
        p = viewer.net.packets[i].rtcp ? p : &viewer.net.packets[i];
    }

    viewer.net.count = 0;

    return p != NULL ? (uint16_t)(p->data[2] << 8 | p->data[3]) : 0;
}

static void
begin(void)
{
    size_t index;

    model_begin(&m, PORT, 2);

    for (struct user *u = &a; u != NULL; u = u == &a ? &b : NULL) {
        user_create(u, &m, "app");
        user_publish(u, SDP_AUDIO, "voice");
        user_publish(u, SDP_VIDEO, "camera");
        user_connect(u);
        user_send(u, 0, 2);
        user_send(u, 1, 2);
        model_run(&m, 50);
    }

    user_create(&viewer, &m, "app");
    index = user_subscribe(&viewer, &a, "camera");
    strcpy(mid, viewer.sdp.sections[index].mid);
}

static void
layers(void)
{
    struct ask ask;

    /* cloudflare 36 */
    update_rid(&ask, &a, "camera", "a");
    tap_is_str(done(&ask), SFU_IPC_TRACK_NO_LAYERS,
               "a track without simulcast has nothing to choose from");
    tap_is_str(ask_mid(&ask, 0), mid, "its mid is told");
    ask_fini(&ask);
    update(&ask, &a, "camera");
    tap_is_str(done(&ask), SFU_IPC_TRACK_NO_LAYERS, "nor without a choice");
    ask_fini(&ask);

    /* of SVC nothing is announced, so it may always be asked for */
    update_rid(&ask, &a, "camera", "")->choice.temporal_layers = 1;
    tap_is_str(done(&ask), "", "a limit of layers is taken");
    ask_fini(&ask);
    update_rid(&ask, &a, "camera", "");
    tap_is_str(done(&ask), "", "and lifted");
    ask_fini(&ask);

    /* cloudflare 35: before the transport is there, and it is remembered */
    make_simulcast(&a, "camera");
    update_rid(&ask, &a, "camera", "never");
    tap_is_str(done(&ask), "", "an unknown rid is no mistake");
    tap_is_str(subscription()->choice.rid, "never", "it is stored");
    tap_ok(ask.reply.offer == NULL && ask.reply.answer == NULL,
           "without a description");
    ask_fini(&ask);

    update_rid(&ask, &a, "camera", "a");
    ask.tracks[0].mid = NULL;
    tap_is_str(done(&ask), "", "without a mid the track is found by name");
    tap_is_str(ask_mid(&ask, 0), mid, "and its mid told");
    ask_fini(&ask);
    user_connect(&viewer);
    user_send(&a, 1, 3);
    tap_is_int((long long)media_packets(subscription()->ssrc), 3,
               "then media flows");
}

static void
what_is_not_there(void)
{
    struct ask ask;

    update_rid(&ask, &a, "camera", "a")->mid = "77";
    tap_is_str(done(&ask), SFU_IPC_TRACK_NOT_FOUND, "no such mid");
    ask_fini(&ask);
    update_rid(&ask, &a, "nothing", "a");
    tap_is_str(done(&ask), SFU_IPC_TRACK_NOT_FOUND, "no such track");
    ask_fini(&ask);
    update_rid(&ask, &a, "voice", "a")->mid = NULL;
    tap_is_str(done(&ask), SFU_IPC_TRACK_NOT_FOUND,
               "a track that is not pulled");
    ask_fini(&ask);
    update(&ask, &a, "voice");
    tap_is_str(done(&ask), SFU_IPC_TRACK_FAILED, "sound in place of pictures");
    ask_fini(&ask);
    ask_init(&ask, SFU_REQUEST_UPDATE, &viewer);
    tap_is_str(done(&ask), SFU_IPC_ERR_INVALID, "no tracks at all");
    ask_fini(&ask);
    tap_is_str(subscription()->name, "camera", "all that changed nothing");
}

/* cloudflare 37; b is on another loop than the viewer, or a is */
static void
another_source(void)
{
    uint32_t ssrc = subscription()->ssrc;
    uint16_t before;
    struct ask ask;

    user_send(&a, 1, 1);
    before = last_number();
    update(&ask, &b, "camera");
    tap_is_str(done(&ask), "", "another source in its place");
    tap_is_str(ask_mid(&ask, 0), mid, "at the same mid");
    ask_fini(&ask);
    tap_is_str(subscription()->publisher, b.id, "is what is subscribed to");
    user_send(&a, 1, 2);
    tap_is_int((long long)media_packets(ssrc), 0, "nothing of the old one");
    user_send(&b, 1, 1);
    tap_is_int((uint16_t)(last_number() - before), 1,
               "the new one goes on with its numbers");
    tap_ok(subscription()->ssrc == ssrc, "under its SSRC");
    model_check(&m, "after a swap");

    /* the old one may end now */
    ask_init(&ask, SFU_REQUEST_CLOSE, &a);
    ask_track(&ask, "camera", NULL);
    ask.request.force = true;
    ask_now(&ask, &m);
    ask_fini(&ask);
    user_send(&b, 1, 2);
    tap_is_int((long long)media_packets(ssrc), 2, "and the old one may end");
    model_check(&m, "after its end");
}

/* cloudflare 60: an offer that is pending does not matter */
static void
while_an_offer_is_pending(void)
{
    struct ask pull, ask;

    ask_init(&pull, SFU_REQUEST_SUBSCRIBE, &viewer);
    ask_remote(&pull, b.id, "voice");
    ask_now(&pull, &m);
    tap_ok(pull.reply.offer != NULL, "an offer is pending");
    make_simulcast(&b, "camera");
    update_rid(&ask, &b, "camera", "a");
    tap_is_str(done(&ask), "", "layers are changed nevertheless");
    ask_fini(&ask);
    snprintf(mid, sizeof(mid), "%s", ask_mid(&pull, 0));
    update(&ask, &a, "voice");
    tap_is_str(done(&ask), "", "even the source of what is not answered yet");
    ask_fini(&ask);
    ask_fini(&pull);
    model_check(&m, "while an offer is pending");
}

int
main(void)
{
    begin();
    layers();
    what_is_not_there();
    another_source();
    while_an_offer_is_pending();
    user_leave(&viewer);
    user_leave(&a);
    user_leave(&b);
    model_end(&m);

    return tap_done();
}
