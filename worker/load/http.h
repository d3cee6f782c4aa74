/*
 * load/http.h - HTTP requests, on libcurl's multi socket interface.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Any number of requests may be made; some hundred are on the wire at once,
 * over connections that are kept, and the others wait.
 */

#ifndef SFU_LOAD_HTTP_H
#define SFU_LOAD_HTTP_H

#include <stddef.h>

#include "base/list.h"
#include "base/span.h"
#include "load/engine.h"

struct load_http {
    struct load_engine *engine;         /* borrowed */
    void *multi;                        /* owned; libcurl's */
    usec_t due;                 /* of load_http_run(); -1: not at all */
    struct list requests;               /* that are out */
    size_t waiting;                     /* of these, not in the background */
    struct list idle;                   /* handles to be used again */
    size_t idle_count;
};

struct load_http_response {
    long status;                /* 0: there was none */
    const char *error;          /* why, then; else "" */
    const char *location;       /* as it was written; "" without one */
    struct span body;
};

struct load_http_request {
    const char *method;
    const char *url;
    const char *content_type;   /* NULL: no body */
    const char *authorization;  /* the header's value; NULL: none */
    const char *body;           /* copied; zero-terminated */
    usec_t timeout;
    bool background;            /* nobody waits for it: a long poll */

    /* once, also when the request cannot be made; the response is borrowed */
    void (*done)(void *ctx, const struct load_http_response *response);
    void *ctx;
};

/* SFU_ERR_LIBRARY */
int load_http_init(struct load_http *http, struct load_engine *engine);
/* requests that are out end without their callback */
void load_http_fini(struct load_http *http);

/* before each wait, for not longer than until http->due */
void load_http_run(struct load_http *http);

void load_http_send(struct load_http *http,
                    const struct load_http_request *request);

#endif
