/*
 * load/janus_request.c - requests to Janus.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <stdio.h>
#include <stdlib.h>

#include "load/janus_priv.h"

enum {
    REQUEST_TIME = 20 * USEC_PER_SEC,
    ROOM_EXISTS = 427,
};

struct step {
    struct load_janus *janus;
    struct load_peer *peer;             /* NULL: it is about the session */
    load_janus_done next;
    const char *what;
};

void
load_janus_give_up(struct load_janus *j, struct load_peer *p,
                   const char *what, const char *why)
{
    if (p != NULL) {
        load_peer_fail(p, "%s: %s", what, why);
        return;
    }

    /* what the run was about is done */
    if (j->ending) {
        return;
    }

    snprintf(j->fatal, sizeof(j->fatal), "janus: %s: %s", what, why);
    load_dialect_ready(j->load, j->fatal);
}

const char *
load_janus_error(json_t *reply)
{
    json_t *data = json_object_get(json_object_get(reply, "plugindata"),
                                   "data");
    const char *text = json_string_value(json_object_get(
        json_object_get(reply, "error"), "reason"));

    if (text == NULL
        && json_integer_value(json_object_get(data, "error_code"))
               != ROOM_EXISTS) {
        text = json_string_value(json_object_get(data, "error"));
    }

    return text;
}

static void
step_done(void *ctx, const struct load_http_response *response)
{
    struct step step = *(struct step *)ctx;
    struct load_peer *p = step.peer;
    json_t *reply;
    const char *error;

    free(ctx);

    if (p != NULL) {
        p->requests--;

        if (p->state == LOAD_PEER_GONE && step.next != NULL) {
            return;
        }
    }

    if (step.next == NULL) {
        return;                 /* a goodbye */
    }

    if (response->status != 200) {
        load_janus_give_up(step.janus, p, step.what,
                           response->status ? "not status 200"
                                            : response->error);
        return;
    }

    reply = json_loadb((const char *)response->body.data, response->body.len,
                       0, NULL);
    error = reply != NULL ? load_janus_error(reply) : "no JSON";

    if (error != NULL) {
        load_janus_give_up(step.janus, p, step.what, error);
    } else {
        step.next(step.janus, p, reply);
    }

    json_decref(reply);
}

void
load_janus_url(const struct load_janus *j, uint64_t handle,
               char url[LOAD_JANUS_URL_MAX])
{
    int n = snprintf(url, LOAD_JANUS_URL_MAX, "%s", j->load->options.url);

    if (j->session && n < LOAD_JANUS_URL_MAX) {
        n += snprintf(url + n, (size_t)(LOAD_JANUS_URL_MAX - n), "/%llu",
                      (unsigned long long)j->session);
    }

    if (handle && n < LOAD_JANUS_URL_MAX) {
        snprintf(url + n, (size_t)(LOAD_JANUS_URL_MAX - n), "/%llu",
                 (unsigned long long)handle);
    }
}

void
load_janus_ask(struct load_janus *j, struct load_peer *p, uint64_t handle,
               const char *what, json_t *body, load_janus_done next)
{
    struct step *step = malloc(sizeof(*step));
    const char *secret = j->load->options.secret;
    char url[LOAD_JANUS_URL_MAX];
    char id[24];
    char *text;
    struct load_http_request request = {
        .method = "POST", .url = url, .content_type = "application/json",
        .timeout = REQUEST_TIME, .done = step_done, .ctx = step,
    };

    snprintf(id, sizeof(id), "%llu", (unsigned long long)++j->transaction);
    json_object_set_new(body, "transaction", json_string(id));

    if (secret[0]) {
        json_object_set_new(body, "apisecret", json_string(secret));
    }

    text = json_dumps(body, JSON_COMPACT);
    json_decref(body);

    if (step == NULL || text == NULL) {
        free(step);
        free(text);
        load_janus_give_up(j, p, what, "out of memory");
        return;
    }

    *step = (struct step){ j, p, next, what };
    load_janus_url(j, handle, url);
    request.body = text;

    if (p != NULL) {
        p->requests++;
    }

    load_http_send(&j->load->http, &request);
    free(text);
}
