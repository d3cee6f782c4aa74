/*
 * test/user.c - people who use the model: SDP of a browser, real packets.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "test/model.h"
#include "test/tap.h"

enum { FIRST_SSRC = 5000 };     /* fake_client.h: 5000 and the index */

void
user_create(struct user *u, struct model *m, const char *app)
{
    struct ask ask;

    *u = (struct user){ .model = m, .app = app };
    ask_init(&ask, SFU_REQUEST_CREATE, u);
    ask_now(&ask, m);

    if (ask.reply.session != NULL) {
        snprintf(u->id, sizeof(u->id), "%s", ask.reply.session);
    }

    /* sessions are spread over the loops, and each has its port */
    client_open(&u->net, media_loop_port(
        &m->loops[user_session(u) != NULL ? user_session(u)->loop : 0]));
    ask_fini(&ask);
}

struct sfu_session *
user_session(const struct user *u)
{
    return sfu_session_find(&u->model->sfu, u->app, u->id);
}

/* the fake client's fingerprint is of no certificate: put in that of ours */
static char *
with_fingerprint(struct user *u, char *text)
{
    static const char key[] = "a=fingerprint:sha-256 ";

    for (char *p = text; p != NULL && (p = strstr(p, key)) != NULL;) {
        p += sizeof(key) - 1;
        memcpy(p, u->net.certificate.fingerprint, FAKE_FINGERPRINT);
    }

    return text;
}

static void
take_value(const char *text, const char *key, char *value, size_t size)
{
    const char *p = strstr(text, key);

    if (p != NULL) {
        snprintf(value, size, "%.*s", (int)strcspn(p + strlen(key), "\r"),
                 p + strlen(key));
    }
}

/* where, and under which name, the worker wants to be checked */
static void
take_transport(struct user *u, const char *description)
{
    take_value(description, "a=ice-ufrag:", u->ufrag, sizeof(u->ufrag));
    take_value(description, "a=ice-pwd:", u->pwd, sizeof(u->pwd));
}

char *
user_offer(struct user *u)
{
    return with_fingerprint(u, fake_offer(&u->sdp));
}

bool
user_take_answer(struct user *u, const char *answer)
{
    const char *why = answer != NULL ? fake_apply_answer(&u->sdp, answer)
                                     : "there is no answer";

    if (why != NULL) {
        tap_ok(false, "a browser takes the answer: %s", why);
        return false;
    }

    take_transport(u, answer);

    return true;
}

char *
user_answer(struct user *u, const char *offer)
{
    const char *why = "there is no offer";
    char *answer = offer != NULL ? fake_answer(&u->sdp, offer, &why) : NULL;

    if (answer == NULL) {
        tap_ok(false, "a browser takes the offer: %s", why);
        return NULL;
    }

    take_transport(u, offer);

    return with_fingerprint(u, answer);
}

static bool
is_connected(const struct user *u)
{
    const struct sfu_session *s = user_session(u);

    return s != NULL && s->state == SFU_SESSION_CONNECTED
           && client_connected(&u->net);
}

void
user_connect(struct user *u)
{
    struct dtls_fingerprint worker = { .algorithm = "sha-256", .len = 32 };
    const char *text = u->model->certificate.fingerprint;

    for (size_t i = 0; i < 32; i++) {
        worker.hash[i] = (uint8_t)strtoul(text + 3 * i, NULL, 16);
    }

    model_run(u->model, 10);
    client_check(&u->net, u->ufrag, u->pwd);
    client_handshake(&u->net, &worker);

    for (int i = 0; i < 1000 && !is_connected(u); i++) {
        client_wait(&u->net, NULL, 2);
        model_run(u->model, 0);
    }

    u->connected = is_connected(u);

    if (!u->connected) {
        tap_ok(false, "session %s connects", u->id);
    }
}

static int
payload_type(const struct user *u, enum sdp_kind kind)
{
    const char *name = kind == SDP_VIDEO ? "VP8/90000" : "opus/48000";

    for (int pt = 0; pt < 128; pt++) {
        if (strncmp(u->sdp.meaning[pt], name, strlen(name)) == 0) {
            return pt;
        }
    }

    return 0;
}

void
user_send(struct user *u, size_t index, int count)
{
    uint32_t ssrc = FIRST_SSRC + (uint32_t)index;
    int pt = payload_type(u, u->sdp.sections[index].kind);

    /* loops were told of what was just agreed, and may not have got to it */
    model_run(u->model, 10);

    for (int i = 0; i < count; i++) {
        uint16_t seq = u->seq++;
        const uint8_t packet[] = {
            0x80, (uint8_t)pt, (uint8_t)(seq >> 8), (uint8_t)seq,
            0, 0, (uint8_t)(seq >> 4), (uint8_t)(seq << 4),
            0, 0, (uint8_t)(ssrc >> 8), (uint8_t)ssrc,
            /* a VP8 key frame, or something for Opus */
            0x10, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00,
            (uint8_t)seq,
        };

        client_send_rtp(&u->net, span_of(packet, sizeof(packet)));
    }
}

void
user_leave(struct user *u)
{
    size_t before = u->model->sfu.sessions.count;

    user_vanish(u);

    if (u->connected) {
        u->connected = false;
        tap_ok(model_wait_sessions(u->model, before - 1),
               "a session ends with its close_notify");
    }
}

void
user_vanish(struct user *u)
{
    client_close(&u->net);
}

size_t
user_publish(struct user *u, enum sdp_kind kind, const char *name)
{
    size_t index = (size_t)fake_add(&u->sdp, kind, SDP_SENDONLY);
    struct ask ask;

    ask_init(&ask, SFU_REQUEST_PUBLISH, u);
    ask.request.offer = user_offer(u);
    ask_track(&ask, name, u->sdp.sections[index].mid);
    ask_now(&ask, u->model);

    if (strcmp(ask_error(&ask), "") != 0
        || strcmp(ask_track_error(&ask, 0), "") != 0
        || !user_take_answer(u, ask.reply.answer)) {
        tap_ok(false, "\"%s\" is published: %s %s", name, ask_error(&ask),
               ask_track_error(&ask, 0));
    }

    free((char *)ask.request.offer);
    ask_fini(&ask);

    return index;
}

static size_t
index_of(const struct user *u, const char *mid)
{
    for (size_t i = 0; i < u->sdp.count; i++) {
        if (strcmp(u->sdp.sections[i].mid, mid) == 0) {
            return i;
        }
    }

    return u->sdp.count;
}

size_t
user_subscribe(struct user *u, const struct user *publisher, const char *name)
{
    struct ask pull;
    struct ask answer;
    size_t index = SIZE_MAX;

    ask_init(&pull, SFU_REQUEST_SUBSCRIBE, u);
    ask_init(&answer, SFU_REQUEST_RENEGOTIATE, u);
    ask_remote(&pull, publisher->id, name);
    ask_start(&pull, u->model);
    ask_wait(&pull, u->model, 3000);
    answer.request.answer = user_answer(u, pull.reply.offer);

    if (answer.request.answer != NULL) {
        ask_now(&answer, u->model);
        index = index_of(u, ask_mid(&pull, 0));
    }

    if (strcmp(ask_error(&pull), "") != 0
        || strcmp(ask_track_error(&pull, 0), "") != 0
        || strcmp(ask_error(&answer), "") != 0) {
        tap_ok(false, "\"%s\" is subscribed to: %s %s %s", name,
               ask_error(&pull), ask_track_error(&pull, 0),
               ask_error(&answer));
    }

    free((char *)answer.request.answer);
    ask_fini(&pull);
    ask_fini(&answer);

    return index;
}
