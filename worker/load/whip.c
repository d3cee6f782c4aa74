/*
 * load/whip.c - publishing by WHIP (RFC 9725), watching by WHEP
 * (draft-ietf-wish-whep).
 * Copyright (C) the ngx_sfu_module authors
 *
 * One request each: our offer goes out, the answer comes back, and the
 * Location is what is deleted in the end.  The --url is a template: {role}
 * becomes "whip" or "whep", {stream} the publisher's name.
 */

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "load/load.h"

enum { URL_MAX = 1024, REQUEST_TIME = 20 * USEC_PER_SEC };

static void
name_stream(const struct load_peer *publisher, char *name, size_t size)
{
    snprintf(name, size, "load-%d-%zu", (int)getpid(), publisher->index);
}

/* false when it does not fit */
static bool
fill_template(const char *template, const char *role, const char *stream,
              char url[URL_MAX])
{
    struct text out;
    bool fits;

    text_init(&out);

    while (*template) {
        if (strncmp(template, "{role}", 6) == 0) {
            text_printf(&out, "%s", role);
            template += 6;
        } else if (strncmp(template, "{stream}", 8) == 0) {
            text_printf(&out, "%s", stream);
            template += 8;
        } else {
            text_append(&out, span_of(template++, 1));
        }
    }

    fits = text_ok(&out) && out.data != NULL && out.len < URL_MAX;

    if (fits) {
        strcpy(url, out.data);
    }

    text_fini(&out);

    return fits;
}

/* RFC 9725, 4.2: the Location may be relative to the endpoint */
static void
keep_location(struct load_peer *p, const char *location)
{
    CURLU *url = curl_url();
    char *whole = NULL;

    /* p->location is the endpoint until the answer is here */
    if (url != NULL && location[0] != '\0'
        && curl_url_set(url, CURLUPART_URL, p->location, 0) == CURLUE_OK
        && curl_url_set(url, CURLUPART_URL, location, 0) == CURLUE_OK
        && curl_url_get(url, CURLUPART_URL, &whole, 0) == CURLUE_OK
        && strlen(whole) < sizeof(p->location)) {
        strcpy(p->location, whole);
    } else {
        p->location[0] = '\0';
    }

    curl_free(whole);
    curl_url_cleanup(url);
}

static void
answered(void *ctx, const struct load_http_response *response)
{
    struct load_peer *p = ctx;
    struct load_remote remote;
    const char *why = "";

    p->requests--;

    if (p->state == LOAD_PEER_GONE) {
        return;
    }

    if (response->status != 201) {
        p->location[0] = '\0';

        if (response->status) {
            load_peer_fail(p, "status %ld instead of 201", response->status);
        } else {
            load_peer_fail(p, "%s", response->error);
        }

        return;
    }

    keep_location(p, response->location);

    if (load_answer_read(response->body, p->media, p->media_count,
                         &p->agreement, &remote, &why)) {
        load_peer_fail(p, "the answer: %s", why);
        return;
    }

    load_peer_connect(p, &remote);
}

static void
send_request(struct load_peer *p, const char *method, const char *url,
             const char *offer, void (*done)(void *,
                                             const struct load_http_response *))
{
    const struct load_options *o = &p->load->options;
    char bearer[640];
    struct load_http_request request = {
        .method = method, .url = url, .timeout = REQUEST_TIME,
        .content_type = offer != NULL ? "application/sdp" : NULL,
        .body = offer, .authorization = o->secret[0] ? bearer : NULL,
        .done = done, .ctx = p,
    };

    snprintf(bearer, sizeof(bearer), "Bearer %s", o->secret);
    p->requests++;
    load_http_send(&p->load->http, &request);
}

static void
offer_to(struct load_peer *p, const char *role,
         const struct load_peer *publisher)
{
    struct load_local local = load_peer_local(p, true);
    char stream[64];
    char url[URL_MAX];
    char *offer = load_offer_write(&local, p->media, p->media_count);

    name_stream(publisher, stream, sizeof(stream));

    if (offer == NULL
        || !fill_template(p->load->options.url, role, stream, url)
        || strlen(url) >= sizeof(p->location)) {
        free(offer);
        load_peer_fail(p, "the endpoint's URL is too long");
        return;
    }

    strcpy(p->location, url);
    send_request(p, "POST", url, offer, answered);
    free(offer);
}

static void
publish(struct load_peer *p)
{
    offer_to(p, "whip", p);
}

/* a player offers to receive what is to be had */
static void
watch(struct load_peer *p)
{
    const struct load_peer *from = p->watched[0];

    for (size_t i = 0; i < from->media_count; i++) {
        struct load_media *m = &p->media[i];

        *m = from->media[i];
        m->sends = false;
        m->layers = 1;
        m->accepted = false;
    }

    p->media_count = from->media_count;
    offer_to(p, "whep", from);
}

static void
left(void *ctx, const struct load_http_response *response)
{
    struct load_peer *p = ctx;

    (void)response;
    p->requests--;
}

static void
leave(struct load_peer *p)
{
    if (p->location[0] != '\0') {
        send_request(p, "DELETE", p->location, NULL, left);
    }
}

const struct load_dialect load_whip = {
    .name = "whip",
    .one_connection = false,
    .many_feeds = false,
    .publish = publish,
    .watch = watch,
    .leave = leave,
};
