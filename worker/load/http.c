/*
 * load/http.c - HTTP requests, on libcurl's multi socket interface.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "load/http.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "base/error.h"
#include "base/text.h"

enum {
    CONNECTIONS = 256,          /* at once; what is more, waits in libcurl */
    IDLE_MAX = 256,             /* handles that are kept */
    BODY_MAX = 4 << 20,
};

struct request {
    struct list node;
    struct load_http *http;             /* borrowed */
    CURL *easy;                         /* owned */
    struct curl_slist *headers;         /* owned, while it is out */
    struct text body;
    bool background;
    char error[CURL_ERROR_SIZE];
    void (*done)(void *ctx, const struct load_http_response *response);
    void *ctx;
};

/* libcurl says which descriptor to watch; this watches it */
struct watch {
    struct poll_source source;
    struct load_http *http;
};

static void collect(struct load_http *http);

static void
ready(struct poll_source *source, uint32_t events)
{
    struct watch *watch = container_of(source, struct watch, source);
    struct load_http *http = watch->http;
    int running;
    int bits = (events & EPOLLIN ? CURL_CSELECT_IN : 0)
               | (events & EPOLLOUT ? CURL_CSELECT_OUT : 0)
               | (events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);

    curl_multi_socket_action(http->multi, source->fd, bits, &running);
    collect(http);
}

static int
on_curl_timer(CURLM *multi, long ms, void *ctx)
{
    struct load_http *http = ctx;

    (void)multi;

    http->due = ms < 0 ? -1 : http->engine->now + (usec_t)ms * USEC_PER_MS;

    return 0;
}

static int
on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *at)
{
    struct load_http *http = ctx;
    struct watch *watch = at;

    (void)easy;

    if (what == CURL_POLL_REMOVE) {
        if (watch != NULL) {
            poll_remove(&http->engine->poll, &watch->source);
            curl_multi_assign(http->multi, fd, NULL);
            free(watch);
        }

        return 0;
    }

    if (watch != NULL) {
        poll_set_writable(&http->engine->poll, &watch->source,
                          what & CURL_POLL_OUT);
        return 0;
    }

    watch = calloc(1, sizeof(*watch));

    if (watch == NULL) {
        return -1;
    }

    watch->source = (struct poll_source){ .fd = fd, .ready = ready };
    watch->http = http;
    poll_add(&http->engine->poll, &watch->source, what & CURL_POLL_OUT);
    curl_multi_assign(http->multi, fd, watch);

    return 0;
}

static size_t
on_body(char *data, size_t size, size_t count, void *ctx)
{
    struct request *r = ctx;

    if (r->body.len + size * count > BODY_MAX) {
        return 0;
    }

    text_append(&r->body, span_of(data, size * count));

    return size * count;
}

int
load_http_init(struct load_http *http, struct load_engine *engine)
{
    *http = (struct load_http){ .engine = engine, .due = -1 };
    list_init(&http->requests);
    list_init(&http->idle);

    if (curl_global_init(CURL_GLOBAL_DEFAULT)) {
        return SFU_ERR_LIBRARY;
    }

    http->multi = curl_multi_init();

    if (http->multi == NULL) {
        return SFU_ERR_LIBRARY;
    }

    curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
                      (long)CONNECTIONS);
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS);

    return 0;
}

static void
destroy(struct request *r)
{
    list_remove(&r->node);
    curl_easy_cleanup(r->easy);
    curl_slist_free_all(r->headers);
    text_fini(&r->body);
    free(r);
}

void
load_http_fini(struct load_http *http)
{
    if (http->multi == NULL) {
        return;
    }

    list_each(node, next, &http->requests) {
        struct request *r = container_of(node, struct request, node);

        curl_multi_remove_handle(http->multi, r->easy);
        destroy(r);
    }

    list_each(node, next, &http->idle) {
        destroy(container_of(node, struct request, node));
    }

    curl_multi_cleanup(http->multi);
    curl_global_cleanup();
    http->multi = NULL;
}

/* a handle that was used before keeps what it learnt of the server */
static struct request *
take(struct load_http *http)
{
    struct list *node = list_shift(&http->idle);
    struct request *r;

    if (node != NULL) {
        http->idle_count--;
        return container_of(node, struct request, node);
    }

    r = calloc(1, sizeof(*r));

    if (r == NULL || (r->easy = curl_easy_init()) == NULL) {
        free(r);
        return NULL;
    }

    r->http = http;
    list_init(&r->node);
    text_init(&r->body);

    return r;
}

static void
give_back(struct request *r)
{
    curl_slist_free_all(r->headers);
    r->headers = NULL;
    text_fini(&r->body);
    text_init(&r->body);

    if (r->http->idle_count < IDLE_MAX) {
        r->http->idle_count++;
        curl_easy_reset(r->easy);
        list_remove(&r->node);
        list_append(&r->http->idle, &r->node);
    } else {
        destroy(r);
    }
}

/* calls back for what is done */
static void
collect(struct load_http *http)
{
    CURLMsg *msg;
    int left;

    while (http->multi != NULL
           && (msg = curl_multi_info_read(http->multi, &left)) != NULL) {
        struct load_http_response response = { .error = "", .location = "" };
        struct request *r;
        struct curl_header *location;
        CURLcode code = msg->data.result;

        if (msg->msg != CURLMSG_DONE) {
            continue;
        }

        curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &r);
        curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &response.status);

        if (curl_easy_header(r->easy, "Location", 0, CURLH_HEADER, -1,
                             &location) == CURLHE_OK) {
            response.location = location->value;
        }

        curl_multi_remove_handle(http->multi, r->easy);

        if (code != CURLE_OK) {
            response.status = 0;
            response.error = r->error[0] ? r->error : curl_easy_strerror(code);
        }

        response.body = span_of(r->body.data != NULL ? r->body.data : "",
                                r->body.len);
        http->waiting -= !r->background;
        r->done(r->ctx, &response);
        give_back(r);
    }
}

void
load_http_run(struct load_http *http)
{
    int running;

    if (http->due >= 0 && http->due <= http->engine->now) {
        http->due = -1;
        curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0,
                                 &running);
        collect(http);
    }
}

static void
add_header(struct request *r, const char *name, const char *value)
{
    struct text line;
    char *text;

    text_init(&line);
    text_printf(&line, "%s: %s", name, value);
    text = text_take(&line);

    if (text != NULL) {
        r->headers = curl_slist_append(r->headers, text);
    }

    free(text);
}

static void
set_up(struct request *r, const struct load_http_request *request)
{
    CURL *easy = r->easy;

    r->error[0] = '\0';
    r->background = request->background;
    r->done = request->done;
    r->ctx = request->ctx;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, r);
    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, r->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, r);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "sfu-load");
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                     (long)(request->timeout / USEC_PER_MS));

    if (request->content_type != NULL) {
        add_header(r, "Content-Type", request->content_type);
        /* the size first: that is how much is copied */
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE,
                         (long)strlen(request->body));
        curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->body);
    }

    if (request->authorization != NULL) {
        add_header(r, "Authorization", request->authorization);
    }

    /* a body of a kilobyte or more would wait for "100 Continue" */
    r->headers = curl_slist_append(r->headers, "Expect:");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, r->headers);
}

void
load_http_send(struct load_http *http,
               const struct load_http_request *request)
{
    static const struct load_http_response none = {
        .error = "out of memory", .location = "",
    };
    struct request *r = take(http);

    if (r == NULL) {
        request->done(request->ctx, &none);
        return;
    }

    set_up(r, request);
    http->waiting += !r->background;
    list_append(&http->requests, &r->node);
    curl_multi_add_handle(http->multi, r->easy);
}
