/*
 * sfu/sfu.c - the model: apps, sessions, tracks, subscriptions.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sfu/sfu.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/random.h"
#include "sfu/create.h"
#include "sfu/listing.h"
#include "sfu/operation.h"
#include "sfu/queue.h"
#include "sfu/session.h"

enum { QUERY_TIME = 2 * USEC_PER_SEC };

const char *
sfu_session_end_name(enum sfu_session_end end)
{
    static const char *const names[] = {
#define X(name) #name,
        SFU_SESSION_ENDS(X)
#undef X
    };

    return end < SFU_END_COUNT ? names[end] : "";
}

int
sfu_init(struct sfu *sfu, const struct sfu_settings *settings,
         struct log *log, struct media_loop *loops, size_t loop_count,
         const char *fingerprint)
{
    int error;

    *sfu = (struct sfu){
        .settings = settings, .log = log, .loops = loops,
        .loop_count = loop_count, .fingerprint = fingerprint,
        .now = clock_now(), .next_number = 1,
    };
    sfu->started = sfu->now;
    random_hex(sfu->worker_id, SFU_IPC_WORKER_ID_LEN);
    timer_wheel_init(&sfu->wheel, sfu->now);
    list_init(&sfu->held);
    list_init(&sfu->in_order);
    list_init(&sfu->queries);
    sfu->loop_sessions = calloc(loop_count, sizeof(*sfu->loop_sessions));
    error = mailbox_init(&sfu->mailbox);

    if (error || (error = map_init(&sfu->sessions))
        || (error = map_init(&sfu->numbers))
        || (error = map_init(&sfu->streams))) {
        return error;
    }

    return sfu->loop_sessions != NULL ? 0 : SFU_ERR_NOMEM;
}

static void
finish_query(struct sfu_figures_query *query, struct sfu_session *session,
             const struct media_figures *figures)
{
    list_remove(&query->node);
    timer_disarm(&query->sfu->wheel, &query->timer);
    query->done(query, session, figures);
}

void
sfu_end_sessions(struct sfu *sfu)
{
    struct map_entry *e;

    /* no loop will answer these any more */
    while (!list_empty(&sfu->queries)) {
        finish_query(container_of(sfu->queries.next, struct sfu_figures_query,
                                  node), NULL, NULL);
    }

    while ((e = map_next(&sfu->sessions, NULL)) != NULL) {
        sfu_session_end(container_of(e, struct sfu_session, by_id),
                        SFU_END_shutdown, "the worker stops");
    }
}

void
sfu_fini(struct sfu *sfu)
{
    sfu_end_sessions(sfu);
    mailbox_fini(&sfu->mailbox);
    map_fini(&sfu->sessions);
    map_fini(&sfu->numbers);
    map_fini(&sfu->streams);
    free(sfu->loop_sessions);
}

struct sfu_session *
sfu_session_find(struct sfu *sfu, const char *app, const char *id)
{
    struct map_entry *e = map_find(&sfu->sessions, span_str(id));
    struct sfu_session *session;

    if (e == NULL) {
        return NULL;
    }

    session = container_of(e, struct sfu_session, by_id);

    return strcmp(session->app, app) == 0 ? session : NULL;
}

static void
run_held(struct sfu *sfu)
{
    struct list held;

    /* each puts itself back if it still waits */
    list_init(&held);

    for (struct list *node; (node = list_shift(&sfu->held)) != NULL;) {
        list_append(&held, node);
    }

    for (struct list *node; (node = list_shift(&held)) != NULL;) {
        queue_run(container_of(node, struct sfu_session, in_held));
    }
}

/* something that sessions wait for may have come, or gone */
static void
retry_held(struct sfu *sfu)
{
    while (sfu->retry) {
        sfu->retry = false;
        run_held(sfu);
    }
}

void
sfu_ask(struct sfu *sfu, struct sfu_request *request)
{
    struct sfu_session *session;
    struct sfu_reply reply;

    sfu_reply_init(&reply);
    timer_init(&request->hold, NULL);

    if (request->type == SFU_REQUEST_CREATE) {
        session = sfu_create(sfu, request, &reply);

        if (session != NULL && operation_is_queued(request)) {
            queue_add(session, request);
        } else {
            queue_finish(sfu, request, &reply);
        }

        retry_held(sfu);
        return;
    }

    if (request->type == SFU_REQUEST_LIST) {
        listing_make(sfu, request, &reply);
        queue_finish(sfu, request, &reply);
        return;
    }

    session = sfu_session_find(sfu, request->app, request->session);

    if (session == NULL) {
        sfu_reply_error(&reply, SFU_IPC_ERR_SESSION_GONE, "no such session");
        queue_finish(sfu, request, &reply);
        return;
    }

    if (!sfu_session_may_ask(session)) {
        sfu_reply_error(&reply, SFU_IPC_ERR_RATE,
                        "too many requests of this session");
        queue_finish(sfu, request, &reply);
        return;
    }

    if (request->type == SFU_REQUEST_END) {
        sfu_session_end(session, SFU_END_deleted, "as was asked for");
        queue_finish(sfu, request, &reply);
    } else {
        queue_add(session, request);
    }

    retry_held(sfu);
}

/* figures */

static void
query_timed_out(struct timer *timer, usec_t now)
{
    (void)now;
    finish_query(container_of(timer, struct sfu_figures_query, timer), NULL,
                 NULL);
}

void
sfu_ask_figures(struct sfu *sfu, struct sfu_session *session,
                struct sfu_figures_query *query)
{
    query->sfu = sfu;
    query->token = sfu->next_number++;
    query->session = session->number;
    timer_init(&query->timer, query_timed_out);
    list_append(&sfu->queries, &query->node);
    timer_arm(&sfu->wheel, &query->timer, sfu->now + QUERY_TIME);

    if (session->peer == NULL
        || media_peer_figures(session->peer, query->token)) {
        finish_query(query, session, NULL);
    }
}

static void
answer_query(struct sfu *sfu, struct sfu_session *session,
             const struct media_event *event)
{
    list_each(node, next, &sfu->queries) {
        struct sfu_figures_query *query = container_of(
            node, struct sfu_figures_query, node);

        if (query->token == event->token) {
            finish_query(query, session, event->figures);
            return;
        }
    }
}

struct sfu_session *
sfu_by_number(struct sfu *sfu, uint64_t number)
{
    struct map_entry *e = map_find(&sfu->numbers,
                                   span_of(&number, sizeof(number)));

    return e != NULL ? container_of(e, struct sfu_session, by_number) : NULL;
}

/* its requests may have ended it */
static void
tell_connected(struct sfu *sfu, uint64_t number)
{
    struct sfu_session *session = sfu_by_number(sfu, number);

    if (session != NULL && session->observer != NULL
        && session->observer->connected != NULL) {
        session->observer->connected(session->observer);
    }
}

void
sfu_media_event(struct task *task, void *owner)
{
    struct media_event *event = container_of(task, struct media_event, task);
    struct sfu *sfu = owner;
    struct sfu_session *session = sfu != NULL
                                      ? sfu_by_number(sfu, event->session)
                                      : NULL;

    if (sfu != NULL && event->type == MEDIA_EVENT_FIGURES) {
        answer_query(sfu, session, event);
    } else if (session != NULL && event->type == MEDIA_EVENT_CONNECTED) {
        /* in a storm of joins only its own requests look again */
        sfu_session_event(session, event);
        queue_run(session);
        tell_connected(sfu, event->session);
    } else if (session != NULL) {
        sfu_session_event(session, event);
        sfu->retry = true;
    }

    free(event->figures);
    free(event);
}

void
sfu_run_mailbox(struct sfu *sfu)
{
    struct list tasks;

    sfu->now = clock_now();
    mailbox_take(&sfu->mailbox, &tasks);
    mailbox_run(&tasks, sfu);
    retry_held(sfu);
}

void
sfu_run_timers(struct sfu *sfu)
{
    sfu->now = clock_now();
    timer_wheel_run(&sfu->wheel, sfu->now);
    retry_held(sfu);
}
