/*
 * test/model.h - the model with media loops, and people who use it.
 * Copyright (C) the ngx_sfu_module authors
 *
 * What main.c wires together, without ipc: requests are structs, time is
 * real, packets go over loopback.  A user is a browser as far as its SDP goes
 * (sdp/fake_client.h) and as far as its packets go (test/client.h).
 *
 *     model_begin(&m, PORT, 1);
 *     user_create(&u, &m, "app");
 *     user_publish(&u, SDP_VIDEO, "camera");
 *     user_connect(&u);
 *     user_send(&u, 0, 10);
 *     user_leave(&u);
 *     model_end(&m);
 */

#ifndef SFU_TEST_MODEL_H
#define SFU_TEST_MODEL_H

#include "data/loop.h"
#include "sdp/fake_client.h"
#include "sfu/session.h"
#include "sfu/sfu.h"
#include "test/client.h"

enum { MODEL_LOOPS_MAX = 2 };

struct model {
    struct sfu_settings settings;       /* may be changed between requests */
    struct media_settings media;
    struct data_settings data_settings;
    struct log log;
    struct media_loop loops[MODEL_LOOPS_MAX];
    size_t loop_count;
    struct data_loop data;
    struct dtls_certificate certificate;
    struct dtls_context *dtls;
    struct sfu sfu;
};

/* both end the test when something of the machine fails */
void model_begin(struct model *m, uint16_t port, size_t loops);
/* the same in two steps, with other settings of media in between */
void model_defaults(struct model *m, uint16_t port);
void model_start(struct model *m, size_t loops);
/* says whether anything is left behind */
void model_end(struct model *m);
/* what main.c does for so many milliseconds */
void model_run(struct model *m, int ms);
/* up to two seconds; whether there are so many sessions now */
bool model_wait_sessions(struct model *m, size_t count);
/* the figures and maps of the model fit each other */
void model_check(struct model *m, const char *when);


struct user {
    struct model *model;
    const char *app;
    char id[SFU_IPC_SESSION_ID_LEN + 1];
    struct fake_client sdp;
    struct client net;
    bool connected;
    char ufrag[32];             /* the worker's, as it told last */
    char pwd[64];
    uint16_t seq;
};

void user_create(struct user *u, struct model *m, const char *app);
/* NULL: no such session any more */
struct sfu_session *user_session(const struct user *u);

/* freed by the caller */
char *user_offer(struct user *u);
/* the worker's answer; false, and a failed test, when a browser minds */
bool user_take_answer(struct user *u, const char *answer);
/* to the worker's offer; NULL, and a failed test, when a browser minds */
char *user_answer(struct user *u, const char *offer);

/* a check, DTLS, and what the model makes of it */
void user_connect(struct user *u);
/* so many packets of the section at this index */
void user_send(struct user *u, size_t index, int count);
/* close_notify, and the session is gone */
void user_leave(struct user *u);
/* without a word */
void user_vanish(struct user *u);

/* one more section, under a name; the index of the section */
size_t user_publish(struct user *u, enum sdp_kind kind, const char *name);
/* with the answer; the index of the section.  A failed test otherwise */
size_t user_subscribe(struct user *u, const struct user *publisher,
                      const char *name);


/* one request; the reply is there once it is done */
struct ask {
    struct sfu_request request;
    struct sfu_request_track tracks[SFU_IPC_TRACKS_MAX];
    struct sfu_reply reply;
    bool done;
};

void ask_init(struct ask *ask, enum sfu_request_type type,
              const struct user *user);
struct sfu_request_track *ask_track(struct ask *ask, const char *name,
                                    const char *mid);
struct sfu_request_track *ask_remote(struct ask *ask, const char *publisher,
                                     const char *name);
/* may be waiting afterwards */
void ask_start(struct ask *ask, struct model *m);
bool ask_wait(struct ask *ask, struct model *m, int ms);
/* starts it and expects it to be done at once */
void ask_now(struct ask *ask, struct model *m);
/* the request is done, or its session over */
void ask_fini(struct ask *ask);

/* of the whole request: "" for none */
const char *ask_error(const struct ask *ask);
const char *ask_track_error(const struct ask *ask, size_t i);
const char *ask_mid(const struct ask *ask, size_t i);

#endif
