/*
 * ipc/server.c - requests of nginx, given to the model and answered.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ipc/server.h"

#include <stdlib.h>

#include "base/error.h"
#include "ipc/message.h"
#include "ipc/status.h"

enum {
    BATCH = 64,                 /* messages before others get their turn */
};

/* one request that is open */
struct pending {
    struct ipc_server *server;
    struct ipc_header header;
    struct ipc_message message;
    struct sfu_figures_query query;     /* status of a session */
};

static void
send_json(struct ipc_server *server, const struct ipc_header *header,
          json_t *reply)
{
    char *text;

    if (reply == NULL) {
        reply = ipc_message_error(SFU_IPC_ERR_INTERNAL, "out of memory");
    }

    json_object_set_new(reply, "worker", json_string(server->sfu->worker_id));
    text = json_dumps(reply, JSON_COMPACT);

    if (text == NULL
        || ipc_socket_send(&server->socket, header, span_str(text))) {
        server->lost++;
        log_warn(server->sfu->log, "ipc: a reply was lost: %s",
                 ipc_socket_error());
    }

    free(text);
    json_decref(reply);
}

static void
finish(struct pending *p, json_t *reply)
{
    send_json(p->server, &p->header, reply);
    p->server->pending--;
    ipc_message_fini(&p->message);
    free(p);
}

static void
request_done(struct sfu_request *request, struct sfu_reply *reply)
{
    struct pending *p = container_of(request, struct pending,
                                     message.request);

    finish(p, ipc_message_reply(request, reply));
}

static void
query_done(struct sfu_figures_query *query, struct sfu_session *session,
           const struct media_figures *figures)
{
    struct pending *p = container_of(query, struct pending, query);

    finish(p, session != NULL
                  ? status_session(session, figures)
                  : ipc_message_error(SFU_IPC_ERR_SESSION_GONE,
                                      "no such session"));
}

static void
hello(struct pending *p)
{
    struct sfu *sfu = p->server->sfu;

    if (p->message.version != SFU_IPC_VERSION) {
        log_error(sfu->log, "ipc: %s speaks version %d, this worker %d",
                  p->message.peer, p->message.version, SFU_IPC_VERSION);
        finish(p, ipc_message_error(SFU_IPC_ERR_VERSION,
                                    "nginx and sfu-worker do not match"));
        return;
    }

    finish(p, json_pack("{s:i, s:I, s:b}", "version", SFU_IPC_VERSION,
                        "sessions", (json_int_t)sfu->sessions.count,
                        "draining", (int)sfu->draining));
}

static void
status(struct pending *p)
{
    struct sfu *sfu = p->server->sfu;
    const struct sfu_request *r = &p->message.request;
    struct sfu_session *session;

    if (r->session == NULL) {
        finish(p, r->app != NULL ? status_app(sfu, r->app)
                                 : status_worker(sfu));
        return;
    }

    session = r->app != NULL ? sfu_session_find(sfu, r->app, r->session)
                             : NULL;

    if (session == NULL) {
        finish(p, ipc_message_error(SFU_IPC_ERR_SESSION_GONE,
                                    "no such session"));
        return;
    }

    p->query.done = query_done;
    sfu_ask_figures(sfu, session, &p->query);
}

static void
dispatch(struct pending *p)
{
    switch (p->message.type) {
    case IPC_HELLO:
        hello(p);
        return;
    case IPC_STATUS:
        status(p);
        return;
    case IPC_ASK:
        p->message.request.done = request_done;
        sfu_ask(p->server->sfu, &p->message.request);
        return;
    }
}

static void
receive(struct ipc_server *server, const struct ipc_header *header,
        struct span text)
{
    struct pending *p = NULL;
    const char *error = SFU_IPC_ERR_INTERNAL;
    const char *detail = "out of memory";

    if (server->pending >= server->settings.pending_max) {
        error = SFU_IPC_ERR_LIMIT;
        detail = "too many requests are open";
    } else {
        p = calloc(1, sizeof(*p));
    }

    if (p != NULL && ipc_message_parse(&p->message, text, &error, &detail)
                         == 0) {
        p->server = server;
        p->header = *header;
        server->pending++;
        dispatch(p);
        return;
    }

    server->refused++;
    log_warn(server->sfu->log, "ipc: a message of %zu bytes was refused: "
                               "%s (%s)", text.len, error, detail);
    send_json(server, header, ipc_message_error(error, detail));

    if (p != NULL) {
        ipc_message_fini(&p->message);
        free(p);
    }
}

static void
ready(struct poll_source *source, uint32_t events)
{
    struct ipc_server *server = container_of(source, struct ipc_server,
                                             source);

    (void)events;
    server->sfu->now = clock_now();

    for (int i = 0; i < BATCH; i++) {
        struct ipc_header header;
        struct span text;

        switch (ipc_socket_receive(&server->socket, &header, &text)) {

        case 0:
            receive(server, &header, text);
            ipc_socket_free(text);
            break;

        case SFU_ERR_AGAIN:
            return;

        default:
            server->refused++;
            break;
        }
    }
}

int
ipc_server_open(struct ipc_server *server, const struct ipc_settings *settings,
                struct sfu *sfu, struct poll *poll)
{
    *server = (struct ipc_server){
        .sfu = sfu, .poll = poll, .settings = *settings,
    };

    if (ipc_socket_open(&server->socket, settings->address,
                        SFU_IPC_MESSAGE_MAX, settings->mode)) {
        log_error(sfu->log, "ipc: cannot listen on %s: %s", settings->address,
                  ipc_socket_error());
        return SFU_ERR_SYSTEM;
    }

    server->source = (struct poll_source){ server->socket.fd, ready };

    return poll_add(poll, &server->source, false);
}

void
ipc_server_close(struct ipc_server *server)
{
    if (server->socket.socket != -1) {
        poll_remove(server->poll, &server->source);
        ipc_socket_close(&server->socket);
    }
}
