/*
 * test/model.c - the model with media loops.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "test/model.h"

#include <poll.h>

#include "test/tap.h"

static void
must(bool ok, const char *what)
{
    if (!ok) {
        printf("Bail out! %s\n", what);
        exit(1);
    }
}

void
model_defaults(struct model *m, uint16_t port)
{
    memset(m, 0, sizeof(*m));
    m->settings = (struct sfu_settings){
        .sessions_max = 1000,
        .tracks_max = 100,
        .queue_max = 16,
        .requests_per_second = 1000,
        .sdp = sdp_limits_default(),
        .candidates_max = 8,
        .hold_time = 2 * USEC_PER_SEC,
        .join_wait = 10 * USEC_PER_SEC,
        .young_time = 5 * USEC_PER_SEC,
        .offer_expiry = 15 * USEC_PER_SEC,
        .connect_time = 30 * USEC_PER_SEC,
        .announce = { "127.0.0.1" },
        .announce_count = 1,
    };
    m->media = (struct media_settings){
        .tcp = true,
        .tcp_limits = { 16, 8, 300 * USEC_PER_MS, 65536 },
        .socket_buffer = 1 << 20,
        .outbox_slots = 64,
        .buffers_max = 4096,
        .history_packets = 256,
        .streams_max = 16,
        .resend_percent = 100,
        .resend_burst = 1 << 20,
        .ring_bytes = 1 << 20,
        .consent_lost = 8 * USEC_PER_SEC,
        .consent_expired = 30 * USEC_PER_SEC,
        .handshake_time = 10 * USEC_PER_SEC,
        .source_silent = 30 * USEC_PER_SEC,
        .keyframe_interval = 200 * USEC_PER_MS,
        .report_interval = 100 * USEC_PER_MS,
        .transport_cc_interval = 20 * USEC_PER_MS,
    };
    m->data_settings = (struct data_settings){
        .sctp = { 8, 16384 },
        .queue_max = 65536,
        .session_max = 1 << 20,
        .memory_max = 1 << 20,
        .ring_bytes = 1 << 20,
        .opens_per_second = 100,
        .tells_per_second = 50,
        .tell_max = 8192,
        .ack_time = 30 * USEC_PER_SEC,
    };
    must(address_parse(&m->media.bind, "127.0.0.1", port) == 0, "address");
}

void
model_start(struct model *m, size_t loops)
{
    m->log = (struct log){ .fd = 2, .level = LOG_ERROR };
    m->loop_count = loops;

    if (getenv("SFU_TEST_LOG") != NULL) {
        m->log.level = LOG_DEBUG;
    }

    must(sfu_srtp_library_init() == 0, "no SRTP");
    must(dtls_certificate_make(&m->certificate) == 0
             && dtls_context_create(&m->dtls, &m->certificate) == 0,
         "no DTLS");
    must(sfu_init(&m->sfu, &m->settings, &m->log, m->loops, loops,
                  m->certificate.fingerprint) == 0, "no model");

    must(data_loop_init(&m->data, &m->data_settings, &m->log,
                        &m->sfu.mailbox, loops) == 0, "no data loop");
    m->sfu.data = &m->data;

    for (unsigned i = 0; i < loops; i++) {
        must(media_loop_init(&m->loops[i], i, &m->media, &m->log, m->dtls,
                             &m->sfu.mailbox) == 0, "no loop");
        data_loop_attach(&m->data, i, &m->loops[i].mailbox);
        media_loop_attach(&m->loops[i], &m->data.ports[i]);
        must(media_loop_start(&m->loops[i]) == 0, "no thread");
    }

    must(data_loop_start(&m->data) == 0, "no thread");
}

void
model_begin(struct model *m, uint16_t port, size_t loops)
{
    model_defaults(m, port);
    model_start(m, loops);
}

static size_t
length(const struct list *head)
{
    size_t n = 0;

    for (const struct list *node = head->next; node != head;
         node = node->next) {
        n++;
    }

    return n;
}

void
model_check(struct model *m, const char *when)
{
    size_t publications = 0, subscriptions = 0, on_loops = 0;
    bool tracks_fit = true;

    for (struct map_entry *e = NULL;
         (e = map_next(&m->sfu.sessions, e)) != NULL;) {
        struct sfu_session *s = container_of(e, struct sfu_session, by_id);

        tracks_fit = tracks_fit
                     && s->track_count == length(&s->publications)
                                          + length(&s->subscriptions)
                     && s->queue_len == length(&s->queue);
        publications += length(&s->publications);
        subscriptions += length(&s->subscriptions);
    }

    for (size_t i = 0; i < m->loop_count; i++) {
        on_loops += m->sfu.loop_sessions[i];
    }

    tap_ok(tracks_fit
               && publications == m->sfu.figures.publications
               && subscriptions == m->sfu.figures.subscriptions
               && on_loops == m->sfu.sessions.count
               && m->sfu.numbers.count == m->sfu.sessions.count,
           "%s: the figures are those of the lists", when);
}

void
model_end(struct model *m)
{
    uint64_t left = 0;

    sfu_end_sessions(&m->sfu);
    model_check(m, "at the end");
    tap_ok(m->sfu.sessions.count == 0 && list_empty(&m->sfu.held)
               && m->sfu.wheel.armed == 0 && list_empty(&m->sfu.queries),
           "at the end: no session, timer or query is left");

    for (size_t i = 0; i < m->loop_count; i++) {
        media_loop_stop(&m->loops[i]);
    }

    data_loop_stop(&m->data);
    data_loop_drain(&m->data);

    for (size_t i = 0; i < m->loop_count; i++) {
        media_loop_fini(&m->loops[i]);
        left += counter_get(&m->loops[i].counters.transports)
                + counter_get(&m->loops[i].counters.buffers);
    }

    tap_is_int((long long)left, 0, "at the end: no transport, no buffer");
    tap_ok(m->data.peers.count == 0 && m->data.channels.count == 0
               && counter_get(&m->data.counters.associations) == 0,
           "at the end: no data channel");
    data_loop_fini(&m->data);
    sfu_fini(&m->sfu);
    dtls_context_destroy(m->dtls);
    dtls_certificate_fini(&m->certificate);
    sfu_srtp_library_fini();
}

/* as main.c: the mailbox only when it has something */
static void
turn(struct model *m, int ms)
{
    struct pollfd p = { m->sfu.mailbox.fd, POLLIN, 0 };

    if (poll(&p, 1, ms) == 1) {
        sfu_run_mailbox(&m->sfu);
    }

    sfu_run_timers(&m->sfu);
}

void
model_run(struct model *m, int ms)
{
    usec_t end = clock_now() + (usec_t)ms * USEC_PER_MS;

    do {
        turn(m, 2);
    } while (clock_now() < end);
}

bool
model_wait_sessions(struct model *m, size_t count)
{
    for (int i = 0; i < 1000 && m->sfu.sessions.count != count; i++) {
        turn(m, 2);
    }

    return m->sfu.sessions.count == count;
}


/* requests */

void
ask_init(struct ask *ask, enum sfu_request_type type, const struct user *user)
{
    memset(ask, 0, sizeof(*ask));
    ask->request.type = type;
    ask->request.id = "test";
    ask->request.app = user->app;
    ask->request.session = user->id;
    ask->request.tracks = ask->tracks;
}

struct sfu_request_track *
ask_track(struct ask *ask, const char *name, const char *mid)
{
    struct sfu_request_track *t = &ask->tracks[ask->request.track_count++];

    t->name = name;
    t->mid = mid;

    return t;
}

struct sfu_request_track *
ask_remote(struct ask *ask, const char *publisher, const char *name)
{
    struct sfu_request_track *t = ask_track(ask, name, NULL);

    t->publisher = publisher;

    return t;
}

static void
done(struct sfu_request *request, struct sfu_reply *reply)
{
    struct ask *ask = container_of(request, struct ask, request);

    must(!ask->done, "a request is answered twice");
    ask->done = true;
    ask->reply = *reply;
    sfu_reply_init(reply);
}

void
ask_start(struct ask *ask, struct model *m)
{
    ask->request.done = done;
    m->sfu.now = clock_now();
    sfu_ask(&m->sfu, &ask->request);
}

bool
ask_wait(struct ask *ask, struct model *m, int ms)
{
    usec_t end = clock_now() + (usec_t)ms * USEC_PER_MS;

    while (!ask->done && clock_now() < end) {
        turn(m, 2);
    }

    return ask->done;
}

void
ask_now(struct ask *ask, struct model *m)
{
    ask_start(ask, m);
    must(ask->done, "a request is held that should be answered at once");
}

void
ask_fini(struct ask *ask)
{
    sfu_reply_fini(&ask->reply);
}

const char *
ask_error(const struct ask *ask)
{
    return ask->reply.error != NULL ? ask->reply.error : "";
}

const char *
ask_track_error(const struct ask *ask, size_t i)
{
    if (i >= ask->reply.track_count) {
        return "there is no such entry";
    }

    return ask->reply.tracks[i].error != NULL ? ask->reply.tracks[i].error
                                              : "";
}

const char *
ask_mid(const struct ask *ask, size_t i)
{
    return i < ask->reply.track_count && ask->reply.tracks[i].mid != NULL
               ? ask->reply.tracks[i].mid
               : "";
}
