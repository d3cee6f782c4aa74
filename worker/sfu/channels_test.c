/*
 * sfu/channels_test.c - what requests do to the data channels of sessions.
 * Copyright (C) the ngx_sfu_module authors
 *
 * No client speaks SCTP here: that an association is up, or a stream was
 * reset, is told as the data loop would.  Messages are data/'s business.
 */

#include "test/model.h"

#include "sfu/channel.h"
#include "test/tap.h"

enum { PORT = 21310 };

#define OFFER(more)                                                           \
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"                     \
    "a=group:BUNDLE 0\r\n" more                                               \
    "a=mid:0\r\na=ice-ufrag:them\r\na=ice-pwd:0123456789012345678901\r\n"     \
    "a=fingerprint:sha-256 "                                                  \
    "AA:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"                        \
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\na=setup:"

#define DATA OFFER("m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"     \
                   "a=sctp-port:5000\r\n")
#define AUDIO OFFER("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=sendonly\r\n"       \
                    "a=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n")

static struct model m;

struct asked {
    struct ask ask;
    struct sfu_request_channel channels[SFU_IPC_CHANNELS_MAX];
};

static struct sfu_request_channel *
add(struct asked *a, const char *name, const char *publisher)
{
    struct sfu_request_channel *ch =
        &a->channels[a->ask.request.channel_count++];

    *ch = (struct sfu_request_channel){
        .name = name, .publisher = publisher, .id = -1,
        .max_retransmits = -1, .max_lifetime = -1,
    };

    return ch;
}

static void
init(struct asked *a, enum sfu_request_type type, const struct user *u)
{
    ask_init(&a->ask, type, u);
    a->ask.request.channels = a->channels;
}

static const char *
error_at(const struct asked *a, size_t i)
{
    if (i >= a->ask.reply.channel_count) {
        return "there is no such entry";
    }

    return a->ask.reply.channels[i].error != NULL
               ? a->ask.reply.channels[i].error
               : "";
}

static long
id_at(const struct asked *a, size_t i)
{
    return i < a->ask.reply.channel_count ? a->ask.reply.channels[i].id : -2;
}

/* as the data loop tells it */
static void
tell(const struct user *u, enum data_event_type type, uint64_t channel)
{
    struct data_event *e = calloc(1, sizeof(*e));

    e->type = type;
    e->session = user_session(u)->number;
    e->peer = user_session(u)->data->id;
    e->channel = channel;
    e->streams = 8;
    sfu_data_event(&e->task, &m.sfu);
}

static uint64_t
number_of(const struct user *u, uint16_t id)
{
    return sfu_data_channel(user_session(u)->data, id)->id;
}

/* one channel; the id, or -1 */
static long
publish(const struct user *u, const char *name)
{
    struct asked a;
    long id;

    init(&a, SFU_REQUEST_PUBLISH_CHANNELS, u);
    add(&a, name, NULL);
    ask_now(&a.ask, &m);
    id = error_at(&a, 0)[0] ? -1 : id_at(&a, 0);
    ask_fini(&a.ask);

    return id;
}

static const char *
close_one(const struct user *u, long id)
{
    static char error[64];
    struct asked a;

    init(&a, SFU_REQUEST_CLOSE_CHANNELS, u);
    add(&a, NULL, NULL)->id = id;
    ask_now(&a.ask, &m);
    snprintf(error, sizeof(error), "%s", error_at(&a, 0));
    tap_is_int(id_at(&a, 0), id, "closing: the entry has its id");
    ask_fini(&a.ask);

    return error;
}

/* what GET says of the channel at this place */
static const char *
state_at(const struct user *u, size_t i)
{
    struct ask ask;
    const char *state = "not there";

    ask_init(&ask, SFU_REQUEST_GET, u);
    ask_now(&ask, &m);

    if (i < ask.reply.channel_count) {
        state = ask.reply.channels[i].state;
    }

    ask_fini(&ask);

    return state;
}

static void
leave(struct user *u)
{
    struct ask ask;

    ask_init(&ask, SFU_REQUEST_END, u);
    ask_now(&ask, &m);
    ask_fini(&ask);
    user_vanish(u);
}

/* a session whose first offer has m=application (cloudflare 44) */
static void
open_session(struct user *u, bool up)
{
    struct asked a;

    user_create(u, &m, "app");
    init(&a, SFU_REQUEST_ESTABLISH, u);
    a.ask.request.offer = DATA "actpass\r\n";
    ask_now(&a.ask, &m);
    tap_is_str(ask_error(&a.ask), "", "an offer with m=application");
    ask_fini(&a.ask);

    if (up) {
        tell(u, DATA_EVENT_UP, 0);
    }
}

static void
test_establish(void)
{
    struct user u;
    struct asked a;
    struct ask answer;

    user_create(&u, &m, "app");
    init(&a, SFU_REQUEST_ESTABLISH, &u);
    a.ask.request.offer = AUDIO "actpass\r\n";
    ask_now(&a.ask, &m);
    tap_is_str(ask_error(&a.ask), SFU_IPC_ERR_SDP_UNACCEPTABLE,
               "an offer without m=application");
    tap_is_int(user_session(&u)->state, SFU_SESSION_NEW, "changes nothing");
    ask_fini(&a.ask);

    init(&a, SFU_REQUEST_ESTABLISH, &u);
    add(&a, "server-events", NULL)->id = 0;
    ask_now(&a.ask, &m);
    tap_ok(a.ask.reply.offer != NULL && a.ask.reply.answer == NULL,
           "without an offer there is ours (cloudflare 39)");
    tap_is_int(id_at(&a, 0), 0, "the channel has the id it was asked for");
    ask_fini(&a.ask);

    init(&a, SFU_REQUEST_ESTABLISH, &u);
    ask_now(&a.ask, &m);
    tap_is_str(ask_error(&a.ask), SFU_IPC_ERR_OFFER_PENDING,
               "once more while it waits");
    ask_fini(&a.ask);

    ask_init(&answer, SFU_REQUEST_RENEGOTIATE, &u);
    answer.request.answer =
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
        "a=group:BUNDLE 1000\r\n"
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:1000\r\n"
        "a=ice-ufrag:them\r\na=ice-pwd:0123456789012345678901\r\n"
        "a=fingerprint:sha-256 "
        "AA:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
        "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n"
        "a=setup:active\r\na=sctp-port:5000\r\n";
    ask_now(&answer, &m);
    tap_is_str(ask_error(&answer), "", "the answer");
    ask_fini(&answer);

    init(&a, SFU_REQUEST_ESTABLISH, &u);
    ask_now(&a.ask, &m);
    tap_is_str(ask_error(&a.ask), SFU_IPC_ERR_ESTABLISHED,
               "once more when it is agreed");
    ask_fini(&a.ask);
    tap_is_str(state_at(&u, 0), "not there", "the event channel is not shown");
    tell(&u, DATA_EVENT_UP, 0);
    tap_is_str(close_one(&u, 0), SFU_IPC_TRACK_NOT_OPEN,
               "nor to be closed");
    tap_is_int(publish(&u, "first"), 1, "ids begin at 1");
    leave(&u);
}

static void
test_hold(void)
{
    struct user u;
    struct asked a;

    user_create(&u, &m, "app");
    init(&a, SFU_REQUEST_PUBLISH_CHANNELS, &u);
    add(&a, "chat", NULL);
    ask_now(&a.ask, &m);
    tap_is_str(ask_error(&a.ask), SFU_IPC_ERR_NOT_CONNECTED,
               "nothing was negotiated: told at once");
    ask_fini(&a.ask);
    leave(&u);

    open_session(&u, false);
    init(&a, SFU_REQUEST_PUBLISH_CHANNELS, &u);
    add(&a, "chat", NULL);
    ask_start(&a.ask, &m);
    tap_ok(!a.ask.done, "not connected so far: held");
    tell(&u, DATA_EVENT_UP, 0);
    tap_ok(a.ask.done && id_at(&a, 0) == 1, "until it is up");
    ask_fini(&a.ask);
    leave(&u);

    m.settings.hold_time = 50 * USEC_PER_MS;
    open_session(&u, false);
    init(&a, SFU_REQUEST_SUBSCRIBE_CHANNELS, &u);
    add(&a, "chat", u.id);
    ask_start(&a.ask, &m);
    tap_ok(ask_wait(&a.ask, &m, 2000), "or too long");
    tap_is_str(ask_error(&a.ask), SFU_IPC_ERR_NOT_CONNECTED, "which is told");
    ask_fini(&a.ask);

    init(&a, SFU_REQUEST_PUBLISH_CHANNELS, &u);
    ask_now(&a.ask, &m);
    tap_is_str(ask_error(&a.ask), SFU_IPC_ERR_INVALID, "no channels");
    ask_fini(&a.ask);
    tell(&u, DATA_EVENT_UP, 0);
    publish(&u, "chat");
    tell(&u, DATA_EVENT_DOWN, 0);
    tap_is_str(state_at(&u, 0), "not there", "channels end with SCTP");
    init(&a, SFU_REQUEST_PUBLISH_CHANNELS, &u);
    add(&a, "more", NULL);
    ask_now(&a.ask, &m);
    tap_is_str(ask_error(&a.ask), SFU_IPC_ERR_NOT_CONNECTED,
               "and there are no new ones");
    ask_fini(&a.ask);
    leave(&u);
    m.settings.hold_time = 2 * USEC_PER_SEC;
}

static void
test_publish(void)
{
    struct user u;
    struct asked a;

    open_session(&u, true);
    init(&a, SFU_REQUEST_PUBLISH_CHANNELS, &u);
    add(&a, "one", NULL);
    add(&a, "one", NULL);
    *add(&a, "two", NULL) = (struct sfu_request_channel){
        .name = "two", .id = -1, .max_retransmits = 1, .max_lifetime = 1 };
    add(&a, "three", NULL)->id = 5;
    add(&a, "four", NULL)->id = 5;
    add(&a, "five", NULL)->id = 8;
    add(&a, "six", NULL);
    ask_now(&a.ask, &m);
    tap_is_str(ask_error(&a.ask), "", "a batch that is half good");
    tap_is_int(id_at(&a, 0), 1, "the lowest id");
    tap_is_str(error_at(&a, 1), SFU_IPC_TRACK_REPEATED, "a name twice");
    tap_is_str(error_at(&a, 2), SFU_IPC_TRACK_FAILED, "both limits");
    tap_is_int(id_at(&a, 3), 5, "an id that was agreed elsewhere");
    tap_is_str(error_at(&a, 4), SFU_IPC_TRACK_FAILED, "an id in use");
    tap_is_str(error_at(&a, 5), SFU_IPC_TRACK_FAILED, "an id too high");
    tap_is_int(id_at(&a, 6), 2, "the next one");
    ask_fini(&a.ask);
    tap_is_int(publish(&u, "7"), 3, "another");
    tap_is_int(publish(&u, "8"), 4, "another");
    tap_is_int(publish(&u, "9"), 6, "the one that is in use is left out");
    tap_is_int(publish(&u, "10"), 7, "the last one");
    tap_is_int(publish(&u, "11"), -1, "and then no more");
    leave(&u);
}

static void
test_subscribe(void)
{
    struct user u, other, stranger;
    struct asked a;

    open_session(&u, true);
    open_session(&other, true);
    tap_is_int(publish(&u, "chat"), 1, "a channel");
    init(&a, SFU_REQUEST_SUBSCRIBE_CHANNELS, &other);
    add(&a, "chat", u.id)->can_reply = true;
    add(&a, "chat", u.id)->wait_ack = true;
    add(&a, "nothing", u.id);
    add(&a, "chat", "nobody");
    ask_now(&a.ask, &m);
    tap_ok(id_at(&a, 0) == 1 && id_at(&a, 1) == 2, "two subscriptions to it");
    tap_is_str(error_at(&a, 2), SFU_IPC_TRACK_NOT_FOUND, "no such name");
    tap_is_str(error_at(&a, 3), SFU_IPC_TRACK_NOT_FOUND, "no such session");
    ask_fini(&a.ask);
    tap_is_str(state_at(&other, 1), "active", "it is active");

    init(&a, SFU_REQUEST_UPDATE_CHANNELS, &other);
    *add(&a, "chat", u.id) = (struct sfu_request_channel){
        .name = "chat", .publisher = u.id, .id = 2, .has_reply = true,
        .can_reply = true };
    add(&a, "chat", other.id);
    add(&a, "chat", u.id)->id = 7;
    ask_now(&a.ask, &m);
    tap_ok(id_at(&a, 0) == 2 && a.ask.reply.channels[0].can_reply,
           "the second one may reply now");
    tap_is_str(error_at(&a, 1), SFU_IPC_TRACK_NOT_FOUND, "not of this one");
    tap_is_str(error_at(&a, 2), SFU_IPC_TRACK_NOT_FOUND, "nor of this id");
    ask_fini(&a.ask);

    stranger = (struct user){ .app = "elsewhere" };
    user_create(&stranger, &m, "elsewhere");
    init(&a, SFU_REQUEST_ESTABLISH, &stranger);
    a.ask.request.offer = DATA "actpass\r\n";
    ask_now(&a.ask, &m);
    ask_fini(&a.ask);
    tell(&stranger, DATA_EVENT_UP, 0);
    init(&a, SFU_REQUEST_SUBSCRIBE_CHANNELS, &stranger);
    add(&a, "chat", u.id);
    ask_now(&a.ask, &m);
    tap_is_str(error_at(&a, 0), SFU_IPC_TRACK_NOT_FOUND, "of another app");
    ask_fini(&a.ask);

    leave(&u);
    tap_is_str(state_at(&other, 0), "inactive", "its publisher is gone");
    leave(&other);
    leave(&stranger);
}

static void
test_close(void)
{
    struct user u, other;
    struct asked a;
    uint64_t number;

    open_session(&u, true);
    open_session(&other, true);
    publish(&u, "chat");
    init(&a, SFU_REQUEST_SUBSCRIBE_CHANNELS, &other);
    add(&a, "chat", u.id);
    ask_now(&a.ask, &m);
    ask_fini(&a.ask);
    number = number_of(&u, 1);
    tap_is_str(close_one(&u, 1), "", "closed by id");
    tap_is_str(close_one(&u, 1), SFU_IPC_TRACK_NOT_OPEN, "once");
    tap_is_str(close_one(&u, 6), SFU_IPC_TRACK_NOT_OPEN, "an unknown id");
    tap_is_str(state_at(&other, 0), "inactive", "subscribers are left alone");
    tap_is_int(publish(&u, "chat"), 2,
               "the name is free, the id is not so far");
    tell(&u, DATA_EVENT_CLOSED, number);
    tap_is_int(publish(&u, "again"), 1, "and then it is");
    tell(&u, DATA_EVENT_CLOSING, number_of(&u, 2));
    tap_is_int(publish(&u, "chat"), 3, "one that the peer closed");
    tell(&u, DATA_EVENT_CLOSED, 4711);
    tap_is_str(close_one(&other, 1), "", "a subscription");
    leave(&u);
    leave(&other);
}

static void
test_renewal(void)
{
    struct user u;

    open_session(&u, true);
    tap_is_int(publish(&u, "chat"), 1, "a channel");
    sfu_data_let_renew(user_session(&u)->data);
    tell(&u, DATA_EVENT_DOWN, 0);
    tap_ok(sfu_channel_find(user_session(&u), "chat") != NULL
               && !user_session(&u)->data->up,
           "outlives its association, when the transport may change");
    tell(&u, DATA_EVENT_UP, 0);
    tap_is_int(publish(&u, "more"), 2, "and another comes");
    tell(&u, DATA_EVENT_DOWN, 0);
    timer_disarm(&m.sfu.wheel, &user_session(&u)->connect_timer);
    m.sfu.now += 31 * USEC_PER_SEC;
    timer_wheel_run(&m.sfu.wheel, m.sfu.now);
    tap_ok(sfu_channel_find(user_session(&u), "chat") == NULL
               && user_session(&u)->data->down, "or none, in its time");
    leave(&u);
}

struct witness {
    struct sfu_observer observer;
    int up, ended;
    uint16_t stream;
    char text[16];
};

static void
saw_up(struct sfu_observer *o)
{
    container_of(o, struct witness, observer)->up++;
}

static void
saw_text(struct sfu_observer *o, uint16_t stream, const char *text)
{
    struct witness *seen = container_of(o, struct witness, observer);

    seen->stream = stream;
    snprintf(seen->text, sizeof(seen->text), "%s", text);
}

static void
saw_end(struct sfu_observer *o)
{
    container_of(o, struct witness, observer)->ended++;
}

static void
test_observer(void)
{
    struct witness seen = { .observer = { .data_up = saw_up,
                                          .told = saw_text,
                                          .ended = saw_end } };
    struct sfu_channel_params params = { .stream = 110, .tells = true };
    struct sfu_session *session;
    struct sfu_channel *ch;
    struct data_event *e;
    struct user u;

    open_session(&u, false);
    session = user_session(&u);
    session->observer = &seen.observer;
    ch = sfu_channel_create(session->data, &params);
    tap_ok(ch != NULL && !session->data->up, "agreed on before it is up");
    tell(&u, DATA_EVENT_UP, 0);
    tap_is_int(seen.up, 1, "an observer hears that it is up");
    e = calloc(1, sizeof(*e));
    e->type = DATA_EVENT_TOLD;
    e->session = session->number;
    e->peer = session->data->id;
    e->channel = ch->id;
    e->text = strdup("hello");
    sfu_data_event(&e->task, &m.sfu);
    tap_ok(seen.stream == 110 && strcmp(seen.text, "hello") == 0,
           "and what is said to us");
    leave(&u);
    tap_is_int(seen.ended, 1, "and of the end");
}

int
main(void)
{
    model_begin(&m, PORT, 1);
    test_establish();
    test_hold();
    test_publish();
    test_subscribe();
    test_close();
    test_renewal();
    test_observer();
    model_end(&m);

    return tap_done();
}
