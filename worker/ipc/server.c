/*
 * ipc/server.c - requests of nginx, read and answered.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ipc/server.h"

#include <stdlib.h>

#include "base/error.h"
#include "ipc/family.h"

enum {
    BATCH = 64,                 /* messages before others get their turn */
};

static void
send_json(struct ipc_server *server, const struct ipc_header *header,
          json_t *reply)
{
    char *text;

    if (reply == NULL) {
        reply = ipc_message_error(SFU_IPC_ERR_INTERNAL, "out of memory");
    }

    json_object_set_new(reply, "worker",
                        json_string(server->serves.sfu->worker_id));
    text = json_dumps(reply, JSON_COMPACT);

    if (text == NULL
        || ipc_socket_send(&server->socket, header, span_str(text))) {
        server->lost++;
        log_warn(server->serves.sfu->log, "ipc: a reply was lost: %s",
                 ipc_socket_error());
    }

    free(text);
    json_decref(reply);
}

void
ipc_answer(struct ipc_pending *p, json_t *reply)
{
    send_json(p->server, &p->header, reply);
    p->server->pending--;
    ipc_pending_destroy(p);
}

static void
receive(struct ipc_server *server, const struct ipc_header *header,
        struct span text)
{
    struct ipc_pending *p;
    const char *error = SFU_IPC_ERR_LIMIT;
    const char *detail = "too many requests are open";

    if (server->pending < server->settings.pending_max
        && ipc_pending_create(&p, text, &error, &detail) == 0) {
        p->server = server;
        p->header = *header;
        server->pending++;
        p->family->ask(p);
        return;
    }

    server->refused++;
    log_warn(server->serves.sfu->log, "ipc: a message of %zu bytes was "
                                      "refused: %s (%s)", text.len, error,
             detail);
    send_json(server, header, ipc_message_error(error, detail));
}

static void
ready(struct poll_source *source, uint32_t events)
{
    struct ipc_server *server = container_of(source, struct ipc_server,
                                             source);

    (void)events;
    server->serves.sfu->now = clock_now();

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
                const struct ipc_served *serves, struct poll *poll)
{
    *server = (struct ipc_server){
        .serves = *serves, .poll = poll, .settings = *settings,
    };

    if (ipc_socket_open(&server->socket, settings->address,
                        SFU_IPC_MESSAGE_MAX, settings->mode)) {
        log_error(serves->sfu->log, "ipc: cannot listen on %s: %s",
                  settings->address, ipc_socket_error());
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
