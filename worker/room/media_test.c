/*
 * room/media_test.c - everybody sees everybody else.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "room/fixture.h"
#include "sfu/channel.h"

enum { PORT = 21992, MAX = 10 };

static struct world w;
static char room[64];

static void
begin(void)
{
    const char *error;

    world_begin(&w, PORT);
    snprintf(room, sizeof(room), "%s",
             room_create(&w.rooms, "app", MAX, &error)->id);
}

/* as the data loop tells it */
static void
tell_data(const struct person *p, enum data_event_type type, uint16_t stream,
          const char *text)
{
    struct sfu_session *s = member_of(p)->media.producer;
    struct sfu_channel *ch = sfu_data_channel(s->data, stream);
    struct data_event *e = calloc(1, sizeof(*e));

    e->type = type;
    e->session = s->number;
    e->peer = s->data->id;
    e->streams = 200;
    e->channel = ch != NULL ? ch->id : 0;
    e->text = text != NULL ? strdup(text) : NULL;
    sfu_data_event(&e->task, &w.model.sfu);
    world_listen(&w);
}

static size_t
sessions(void)
{
    return w.model.sfu.sessions.count;
}

static void
test_three(void)
{
    struct person a, b, c;
    const struct seen *offer;

    begin();
    person_enter(&a, &w, 1, "a", room);
    person_enter(&b, &w, 2, "b", room);
    person_enter(&c, &w, 3, "c", room);
    tap_ok(person_offer(&a, "avd") == NULL, "one offers (arbiter 26)");
    tap_ok(how_often(&b, "offer") == 0 && how_often(&a, "offer") == 0,
           "who has not offered takes no part");
    person_offer(&b, "avd");
    tap_ok(how_often(&a, "offer") == 1 && how_often(&b, "offer") == 1,
           "the second gets one offer, and so does the first (arbiter 27)");
    offer = saw(&a, "offer", 0);
    tap_ok(strcmp(offer->about, "b") == 0 && strcmp(offer->to, "a") == 0,
           "each about the other");
    tap_is_str(person_answer(&a, offer) != NULL ? "error" : "", "",
               "it is answered");
    offer = saw(&b, "offer", 0);
    tap_ok(person_answer(&b, offer) == NULL, "and that of the other");
    tap_ok(a.consumers[0].sdp.count == 2, "it has all tracks");
    person_offer(&c, "av");
    tap_ok(how_often(&a, "offer") == 1 && how_often(&b, "offer") == 1
               && how_often(&c, "offer") == 2, "three: six in all (arbiter "
                                               "28)");
    tap_is_int((long long)sessions(), 9, "and nine sessions");
    person_answer(&c, saw(&c, "offer", 1));
    world_listen(&w);
    person_leave(&b);
    tap_is_int((long long)sessions(), 4, "one leaves with five of them");
    tap_ok(strcmp(saw(&a, "left", 0)->participant, "b") == 0
               && how_often(&c, "left") == 1 && how_often(&b, "left") == 0,
           "the others are told (arbiter 32)");
    person_enter(&b, &w, 4, "b2", room);
    person_offer(&b, "av");
    tap_ok(how_often(&a, "offer") == 1 && how_often(&b, "offer") == 2,
           "and comes back");
    world_end(&w);
}

static void
test_one_offer_at_a_time(void)
{
    struct person a, b;
    struct seen first;
    uint64_t before;
    size_t count;
    char *sdp;

    begin();
    person_enter(&a, &w, 1, "a", room);
    person_enter(&b, &w, 2, "b", room);
    person_offer(&a, "a");
    person_offer(&b, "a");
    first = *saw(&a, "offer", 0);
    sdp = strdup(first.sdp);
    person_offer(&b, "v");
    tap_is_int((long long)how_often(&a, "offer"), 0,
               "more tracks wait for the answer to the offer before");
    first.sdp = sdp;
    tap_ok(person_answer(&a, &first) == NULL, "which comes");
    free(sdp);
    world_listen(&w);
    tap_is_int((long long)how_often(&a, "offer"), 1, "and then they are "
                                                     "offered");
    tap_ok(person_answer(&a, saw(&a, "offer", 0)) == NULL
               && a.consumers[0].sdp.count == 2, "as one more section");
    b.producer.ice++;
    tap_ok(person_offer(&b, "") == NULL, "ICE restarts (arbiter 36)");
    tap_is_int((long long)how_often(&a, "offer"), 0,
               "which is nobody else's business");
    tap_is_str(person_says(&a, &(struct room_message){
                                   .about = "nobody", .answer = "v=0" }),
               SFU_IPC_ERR_TARGET_GONE, "an answer to nobody");
    tap_is_str(person_says(&a, &(struct room_message){
                                   .about = "b", .answer = "nonsense" }),
               SFU_IPC_ERR_NO_OFFER, "or to nothing");
    before = member_of(&a)->media.producer->number;
    count = sessions();
    tap_is_str(person_says(&a, &(struct room_message){ .offer = "nonsense" }),
               SFU_IPC_ERR_SDP_MALFORMED, "a bad offer");
    tap_ok(sessions() == count
               && member_of(&a)->media.producer->number == before,
           "which costs nothing of what there was");
    tap_is_str(person_says(&a, &(struct room_message){ .answer = "v=0" }),
               SFU_IPC_ERR_INVALID, "an answer where one is not due");
    tap_ok(person_says(&a, &(struct room_message){ .about = "b" }) == NULL,
           "a candidate (arbiter 34)");
    tap_ok(person_offer(&a, "") == NULL, "after all that, an offer again");
    world_end(&w);
}

/* arbiter 30, 31, 35: what is said over data channels */
static void
test_state(void)
{
    struct person a, b, c;
    const struct seen *state;

    begin();
    person_enter(&a, &w, 1, "a", room);
    person_enter(&b, &w, 2, "b", room);
    person_enter(&c, &w, 3, "c", room);
    person_offer(&a, "avd");
    tell_data(&a, DATA_EVENT_UP, 0, NULL);
    tap_is_int((long long)how_often(&a, "state"), 0, "alone: nobody to tell "
                                                     "of");
    person_offer(&b, "ad");
    state = saw(&a, "state", 0);
    tap_ok(state != NULL && strcmp(state->participant, "b") == 0
               && state->audio && !state->video,
           "who comes with tracks is introduced (arbiter 29)");
    tap_is_int((long long)how_often(&b, "state"), 0,
               "to who cannot hear it yet, later");
    tell_data(&b, DATA_EVENT_UP, 0, NULL);
    state = saw(&b, "state", 0);
    tap_ok(state != NULL && state->audio && state->video
               && strcmp(state->participant, "a") == 0, "namely now");
    person_offer(&c, "d");
    tap_ok(how_often(&a, "offer") == 0 && how_often(&a, "state") == 0,
           "nobody is told of who sends nothing (arbiter 35)");
    tap_is_int((long long)how_often(&c, "offer"), 2, "who sees all the same");

    tell_data(&a, DATA_EVENT_TOLD, 110, "{camera off}");
    tap_ok(how_often(&a, "told") == 1 && saw(&a, "told", 0)->id == 110
               && strcmp(saw(&a, "told", 0)->text, "{camera off}") == 0,
           "what one says of its camera");
    room_state(member_of(&a), true, false, false);
    world_listen(&w);
    state = saw(&b, "state", 0);
    tap_ok(state != NULL && state->audio && !state->video
               && how_often(&a, "state") == 0,
           "all others are told (arbiter 30)");
    room_state(member_of(&b), true, false, true);
    world_listen(&w);
    tap_ok(how_often(&a, "state") == 1 && how_often(&b, "state") == 1
               && !saw(&b, "state", 0)->video,
           "who introduces itself hears of the others");

    tap_ok(room_tell(member_of(&a), 110, "{}", "b") == NULL
               && room_tell(member_of(&a), 110, "{}", "gone") == NULL,
           "it is told, or no more");
    tap_is_str(room_tell(member_of(&a), 7, "{}", NULL),
               SFU_IPC_ERR_TARGET_GONE, "but on a channel that is there");
    world_end(&w);
}

/* arbiter 37, and media that is lost */
static void
test_apart(void)
{
    struct person a, b, c;
    const char *error;
    char other[64];

    begin();
    snprintf(other, sizeof(other), "%s",
             room_create(&w.rooms, "app", MAX, &error)->id);
    person_enter(&a, &w, 1, "a", room);
    person_enter(&b, &w, 2, "b", other);
    person_enter(&c, &w, 3, "c", room);
    person_offer(&a, "av");
    person_offer(&b, "av");
    tap_is_int((long long)sessions(), 2, "two rooms do not see each other");
    tap_is_str(person_says(&a, &(struct room_message){ .room = other,
                                                       .offer = "v=0" }),
               SFU_IPC_ERR_TARGET_GONE, "nor is one in both");
    person_offer(&c, "av");
    person_answer(&c, saw(&c, "offer", 0));
    sfu_session_end(member_of(&a)->media.producer, SFU_END_expired, "lost");
    world_listen(&w);
    tap_ok(member_of(&a) != NULL && how_often(&c, "left") == 0,
           "who loses media has not left");
    memset(&a.producer, 0, sizeof(a.producer));
    tap_ok(person_offer(&a, "av") == NULL, "and can begin anew");
    tap_is_int((long long)how_often(&c, "offer"), 1,
               "which the others are offered");
    memset(&a.producer, 0, sizeof(a.producer));
    tap_ok(person_offer(&a, "d") == NULL, "so can who was not lost");
    world_end(&w);
}

/* before it is known that the connection before was lost */
static void
test_again(void)
{
    struct person a, b, again, anew;

    begin();
    person_enter(&a, &w, 1, "a", room);
    person_enter(&b, &w, 2, "b", room);
    person_offer(&a, "av");
    person_offer(&b, "av");
    tap_ok(person_answer(&a, saw(&a, "offer", 0)) == NULL
               && person_answer(&b, saw(&b, "offer", 0)) == NULL, "two meet");
    person_enter(&again, &w, 3, "b", room);
    again.producer = b.producer;
    again.producer.ice++;
    tap_ok(person_offer(&again, "") == NULL
               && how_often(&again, "offer") == 0
               && how_often(&a, "offer") == 0,
           "one comes again, and its page goes on with what it has");
    person_enter(&anew, &w, 4, "b", room);
    anew.producer.key = 1;
    tap_ok(person_offer(&anew, "av") == NULL, "or with a page that has "
                                              "nothing");
    tap_is_int((long long)how_often(&a, "offer"), 1,
               "the other is offered what it sends now");
    tap_is_int((long long)how_often(&anew, "offer"), 1,
               "and it is offered the other again");
    tap_ok(person_answer(&anew, saw(&anew, "offer", 0)) == NULL,
           "which it answers");
    anew.producer = (struct fake_client){ .key = 2 };
    tap_ok(person_offer(&anew, "av") == NULL
               && how_often(&anew, "offer") == 0,
           "who stays, and sends anew, still sees all");
    tap_is_int((long long)sessions(), 4, "no session is left over");
    person_enter(&again, &w, 5, "b", room);
    again.producer = (struct fake_client){ .key = 3 };
    person_offer(&a, "v");
    tap_is_int((long long)how_often(&again, "offer"), 1,
               "once more, and more of the other comes first");
    tap_ok(person_offer(&again, "av") == NULL
               && how_often(&again, "offer") == 0,
           "it is not offered twice before it has answered");
    world_end(&w);
}

/* nobody keeps the control thread for himself */
static void
test_rate(void)
{
    struct person a;
    uint64_t before;

    begin();
    w.model.settings.requests_per_second = 3;
    person_enter(&a, &w, 1, "a", room);
    tap_ok(person_offer(&a, "a") == NULL && person_offer(&a, "v") == NULL
               && person_offer(&a, "d") == NULL, "as many offers as requests");
    before = member_of(&a)->media.producer->number;
    tap_is_str(person_offer(&a, ""), SFU_IPC_ERR_RATE, "and no more");
    tap_ok(member_of(&a)->media.producer->number == before,
           "media goes on");
    tap_ok(person_says(&a, &(struct room_message){ .sender = "a" }) == NULL,
           "candidates do not count");
    tap_ok(room_enter(&w.rooms, &(struct room_enter){
                                    .app = "app", .feed = FEED,
                                    .connection = 1, .born = 1, .room = room,
                                    .participant = "b" }) == NULL,
           "under another name");
    a.producer = (struct fake_client){ .key = 1 };
    tap_is_str(person_offer(&a, "a"), SFU_IPC_ERR_RATE, "it is the same");
    model_run(&w.model, 400);
    tap_ok(person_offer(&a, "") == NULL, "who waits may go on");
    world_end(&w);
}

/* any wait is too long, or none */
static void
crowd(bool crowded)
{
    w.model.settings.join_wait = crowded ? 0 : 10 * USEC_PER_SEC;
}

/* clients of rooms do not ask again, so what is refused comes later */
static void
test_crowded(void)
{
    struct person a, b, c;
    char *offer;

    begin();
    person_enter(&a, &w, 1, "a", room);
    person_enter(&b, &w, 2, "b", room);
    person_enter(&c, &w, 3, "c", room);
    person_offer(&a, "avd");
    person_offer(&b, "d");
    crowd(true);
    person_offer(&b, "av");
    tap_is_int((long long)how_often(&a, "offer"), 0,
               "while too many join, nothing is offered");
    fake_add(&c.producer, SDP_VIDEO, SDP_SENDRECV);
    offer = fake_offer(&c.producer);
    tap_ok(person_says(&c, &(struct room_message){ .offer = offer }) == NULL
               && person_says(&c, &(struct room_message){ .offer = offer })
                      == NULL, "nor refused");
    world_listen(&w);
    tap_is_int((long long)how_often(&c, "answer"), 0, "nor answered");
    model_run(&w.model, 700);
    world_listen(&w);
    tap_ok(how_often(&a, "offer") == 0 && how_often(&c, "answer") == 0
               && sessions() == 4, "while it lasts");
    crowd(false);
    model_run(&w.model, 700);
    world_listen(&w);
    tap_ok(how_often(&c, "answer") == 1
               && fake_apply_answer(&c.producer,
                                    saw(&c, "answer", 0)->sdp) == NULL,
           "an offer is answered later, once");
    tap_ok(how_often(&a, "offer") == 2 && saw(&a, "offer", 0)->sdp != NULL
               && how_often(&b, "offer") == 1 && how_often(&c, "offer") == 2,
           "and all see each other");
    tap_ok(person_answer(&a, saw(&a, "offer", 0)) == NULL,
           "as if nothing had been");
    person_leave(&c);
    crowd(true);
    person_enter(&c, &w, 4, "c", room);
    w.rooms.waiting = w.room_settings.waiting_max;
    tap_is_str(person_says(&c, &(struct room_message){ .offer = offer }),
               SFU_IPC_ERR_LIMIT, "too many wait already");
    w.rooms.waiting = 0;
    tap_ok(person_says(&c, &(struct room_message){ .offer = offer }) == NULL,
           "one more who waits");
    person_leave(&c);
    crowd(false);
    model_run(&w.model, 700);
    world_listen(&w);
    tap_ok(how_often(&a, "offer") == 0 && saw(&c, "answer", 0) == NULL,
           "and goes");
    free(offer);
    world_end(&w);
}

static const char *two_offers[2];

/* two meet, and part, whatever fails; -1 when something did */
static int
meet(void)
{
    static const struct room_agreed agreed[] = {
        { "chat", 100, false }, { "features", 110, true },
    };
    struct person two[2];
    struct room_member *m;
    const char *detail;
    int failed = 0;

    for (size_t i = 0; i < 2; i++) {
        struct room_message message = {
            .sender = "me", .offer = two_offers[i], .channels = agreed,
            .channel_count = 2,
        };

        failed |= person_enter(&two[i], &w, 1 + i, i ? "b" : "a", room)
                  != NULL;
        m = member_of(&two[i]);
        failed |= m == NULL || room_send(&w.rooms, m, &message, &detail) != NULL;
    }

    for (size_t i = 0; i < 2; i++) {
        m = member_of(&two[i]);

        if (m != NULL) {
            room_state(m, true, true, true);
            failed |= list_empty(&m->media.seen)
                      || container_of(m->media.seen.next,
                                      struct room_consumer,
                                      in_viewer)->session == NULL;
        }
    }

    for (size_t i = 0; i < 2; i++) {
        m = member_of(&two[i]);

        if (m != NULL) {
            room_leave(m);
        }
    }

    feeds_run(&w.feeds);
    feeds_end(&w.feeds, FEED);

    return failed ? -1 : 0;
}

static void
test_memory(void)
{
    struct fake_client sdp[2];

    begin();
    memset(sdp, 0, sizeof(sdp));

    for (size_t i = 0; i < 2; i++) {
        fake_add(&sdp[i], SDP_VIDEO, SDP_SENDRECV);
        fake_add(&sdp[i], SDP_APPLICATION, SDP_SENDRECV);
        two_offers[i] = fake_offer(&sdp[i]);
    }

    w.model.log.fd = -1;
    tap_each_allocation_fails(meet);
    w.model.log.fd = 2;
    tap_is_int((long long)sessions(), 0, "no session is left");
    free((char *)two_offers[0]);
    free((char *)two_offers[1]);
    world_end(&w);
}

int
main(void)
{
    test_three();
    test_one_offer_at_a_time();
    test_state();
    test_apart();
    test_again();
    test_rate();
    test_crowded();
    test_memory();

    return tap_done();
}
