/*
 * ipc/worker.c - hello and status.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ipc/worker.h"

#include "base/list.h"
#include "ipc/server.h"
#include "ipc/status.h"

enum { TEXT_MAX = 256 };

struct hello {
    struct ipc_pending pending;
    int version;
    const char *peer;           /* never NULL */
};

struct status {
    struct ipc_pending pending;
    const char *session;
    struct sfu_figures_query query;     /* status of a session */
};

static const char *
take_hello(struct ipc_pending *p, struct fields *f, const char **detail)
{
    struct hello *h = container_of(p, struct hello, pending);

    (void)detail;
    h->version = (int)take_integer(f, "version", 1 << 20, "\"version\"");
    h->peer = take_string(f, "peer", TEXT_MAX, "\"peer\"");
    h->peer = h->peer != NULL ? h->peer : "-";

    return NULL;
}

static void
ask_hello(struct ipc_pending *p)
{
    struct hello *h = container_of(p, struct hello, pending);
    struct sfu *sfu = p->server->serves.sfu;

    if (h->version != SFU_IPC_VERSION) {
        log_error(sfu->log, "ipc: %s speaks version %d, this worker %d",
                  h->peer, h->version, SFU_IPC_VERSION);
        ipc_answer_error(p, SFU_IPC_ERR_VERSION,
                         "nginx and sfu-worker do not match");
        return;
    }

    ipc_answer(p, json_pack("{s:i, s:I, s:b}", "version", SFU_IPC_VERSION,
                            "sessions", (json_int_t)sfu->sessions.count,
                            "draining", (int)sfu->draining));
}

static const char *
take_status(struct ipc_pending *p, struct fields *f, const char **detail)
{
    struct status *s = container_of(p, struct status, pending);

    (void)detail;
    s->session = take_string(f, "session", TEXT_MAX, "\"session\"");

    return NULL;
}

static void
no_session(struct ipc_pending *p)
{
    ipc_answer_error(p, SFU_IPC_ERR_SESSION_GONE, "no such session");
}

static void
query_done(struct sfu_figures_query *query, struct sfu_session *session,
           const struct media_figures *figures)
{
    struct status *s = container_of(query, struct status, query);

    if (session == NULL) {
        no_session(&s->pending);
        return;
    }

    ipc_answer(&s->pending, status_session(session, figures));
}

static void
ask_status(struct ipc_pending *p)
{
    struct status *s = container_of(p, struct status, pending);
    const struct ipc_served *serves = &p->server->serves;
    const char *app = p->message.app;
    struct sfu_session *session;

    if (s->session == NULL) {
        ipc_answer(p, app != NULL ? status_app(serves->sfu, app)
                                  : status_worker(serves));
        return;
    }

    session = app != NULL ? sfu_session_find(serves->sfu, app, s->session)
                          : NULL;

    if (session == NULL) {
        no_session(p);
        return;
    }

    s->query.done = query_done;
    sfu_ask_figures(serves->sfu, session, &s->query);
}

const struct ipc_family *
ipc_worker_hello(void)
{
    static const struct ipc_family family = {
        SFU_IPC_REQ_HELLO, sizeof(struct hello), take_hello, ask_hello,
    };

    return &family;
}

const struct ipc_family *
ipc_worker_status(void)
{
    static const struct ipc_family family = {
        SFU_IPC_REQ_STATUS, sizeof(struct status), take_status, ask_status,
    };

    return &family;
}
