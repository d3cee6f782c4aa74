/*
 * sfu/admission_test.c - joining while too many others do.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "test/model.h"
#include "test/tap.h"

enum { PORT = 21924 };

static struct model m;
static struct user publisher;

/* any wait is too long, or none */
static void
close_doors(bool closed)
{
    m.settings.join_wait = closed ? 0 : 10 * USEC_PER_SEC;
}

static void
descriptions_are_refused(void)
{
    uint64_t refused = m.sfu.figures.joins_refused;
    size_t sessions = m.sfu.sessions.count;
    struct user u;
    struct ask create, publish;

    user_create(&u, &m, "app");
    close_doors(true);
    fake_add(&u.sdp, SDP_AUDIO, SDP_SENDONLY);
    ask_init(&publish, SFU_REQUEST_PUBLISH, &u);
    ask_track(&publish, "voice", "0");
    publish.request.offer = user_offer(&u);
    ask_now(&publish, &m);
    tap_is_str(ask_error(&publish), SFU_IPC_ERR_LIMIT,
               "a first offer is refused");
    ask_fini(&publish);

    ask_init(&create, SFU_REQUEST_CREATE, &u);
    create.request.session = NULL;
    create.request.offer = publish.request.offer;
    ask_now(&create, &m);
    tap_is_str(ask_error(&create), SFU_IPC_ERR_LIMIT,
               "so is a session that comes with one");
    ask_fini(&create);
    free((char *)publish.request.offer);

    tap_is_int((long long)(m.sfu.sessions.count - sessions), 1,
               "a session without one is none to refuse");
    tap_is_int((long long)(m.sfu.figures.joins_refused - refused), 2,
               "both are counted");
    close_doors(false);
    user_vanish(&u);
}

static void
tracks_are_refused_one_by_one(void)
{
    struct user viewer;
    struct ask ask;

    user_create(&viewer, &m, "app");
    close_doors(true);
    ask_init(&ask, SFU_REQUEST_SUBSCRIBE, &viewer);
    ask_remote(&ask, publisher.id, "voice");
    ask_now(&ask, &m);
    tap_is_str(ask_error(&ask), "", "the whole has no error");
    tap_is_str(ask_track_error(&ask, 0), SFU_IPC_TRACK_FAILED,
               "but its track has");
    tap_ok(ask.reply.offer == NULL, "and nothing is offered");
    ask_fini(&ask);

    close_doors(false);
    user_subscribe(&viewer, &publisher, "voice");
    user_connect(&viewer);

    /* who is in is not asked again */
    close_doors(true);
    ask_init(&ask, SFU_REQUEST_SUBSCRIBE, &viewer);
    ask_remote(&ask, publisher.id, "voice");
    ask_now(&ask, &m);
    tap_is_str(ask_track_error(&ask, 0), "", "one who is in may go on");
    ask_fini(&ask);
    close_doors(false);
    user_vanish(&viewer);
}

/* the loop writes its figure each turn, a second at the latest: try again */
static void
others_take_them(void)
{
    struct user u;
    size_t busy = 0;
    bool found = false;

    for (int i = 0; i < 20 && !found; i++) {
        /* the emptiest loop, but for its queue */
        busy = m.sfu.loop_sessions[0] <= m.sfu.loop_sessions[1] ? 0 : 1;
        counter_set(&m.loops[busy].counters.handshake_wait,
                    20 * USEC_PER_SEC);
        user_create(&u, &m, "app");
        found = counter_get(&m.loops[busy].counters.handshake_wait) > 0;

        if (found) {
            tap_ok(user_session(&u)->loop != busy,
                   "a loop with a queue is passed by for another");
        }

        counter_set(&m.loops[busy].counters.handshake_wait, 0);
        user_vanish(&u);
    }
}

int
main(void)
{
    model_begin(&m, PORT, 2);
    user_create(&publisher, &m, "app");
    user_publish(&publisher, SDP_AUDIO, "voice");
    user_connect(&publisher);
    user_send(&publisher, 0, 2);
    model_run(&m, 50);
    descriptions_are_refused();
    tracks_are_refused_one_by_one();
    others_take_them();
    user_vanish(&publisher);
    model_end(&m);

    return tap_done();
}
