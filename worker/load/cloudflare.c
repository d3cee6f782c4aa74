/*
 * load/cloudflare.c - joining through the Cloudflare dialect
 * (docs/cloudflare.md, sections 5 and 6).
 * Copyright (C) the ngx_sfu_module authors
 *
 * Publish: sessions/new, tracks/new with an offer.  Watch: sessions/new,
 * tracks/new with remote tracks, renegotiate with our answer to the offer.
 * There is no call that ends a session: the transport does.
 */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "load/load.h"

enum { URL_MAX = 1024, REQUEST_TIME = 20 * USEC_PER_SEC };

typedef void (*done_fn)(struct load_peer *p, json_t *reply);

/* a request of a peer, and what comes after it */
struct step {
    struct load_peer *peer;
    done_fn next;
    const char *what;
};

static void
step_done(void *ctx, const struct load_http_response *response)
{
    struct step step = *(struct step *)ctx;
    struct load_peer *p = step.peer;
    json_t *reply;
    const char *code;

    free(ctx);
    p->requests--;

    if (p->state == LOAD_PEER_GONE) {
        return;
    }

    if (response->status == 0) {
        load_peer_fail(p, "%s: %s", step.what, response->error);
        return;
    }

    reply = json_loadb((const char *)response->body.data, response->body.len,
                       0, NULL);
    code = json_string_value(json_object_get(reply, "errorDescription"));

    if (response->status < 200 || response->status > 299 || reply == NULL) {
        load_peer_fail(p, "%s: status %ld%s%s", step.what, response->status,
                       code != NULL ? ": " : "", code != NULL ? code : "");
    } else {
        step.next(p, reply);
    }

    json_decref(reply);
}

/* takes the body */
static void
ask(struct load_peer *p, const char *what, const char *method,
    const char *path, json_t *body, done_fn next)
{
    const struct load_options *o = &p->load->options;
    struct step *step = malloc(sizeof(*step));
    char *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
    char url[URL_MAX];
    char bearer[512];
    struct load_http_request request = {
        .method = method, .url = url, .timeout = REQUEST_TIME,
        .authorization = bearer, .content_type = "application/json",
        .body = text != NULL ? text : "", .done = step_done, .ctx = step,
    };

    json_decref(body);

    if (step == NULL || (body != NULL && text == NULL)) {
        free(step);
        free(text);
        load_peer_fail(p, "%s: out of memory", what);
        return;
    }

    *step = (struct step){ p, next, what };
    snprintf(url, sizeof(url), "%s/%s%s", o->url, o->app, path);
    snprintf(bearer, sizeof(bearer), "Bearer %s", o->secret);
    p->requests++;
    load_http_send(&p->load->http, &request);
    free(text);
}

static void
ask_session(struct load_peer *p, const char *what, const char *method,
            const char *call, json_t *body, done_fn next)
{
    char path[LOAD_ID_MAX + 64];

    snprintf(path, sizeof(path), "/sessions/%s/%s", p->id, call);
    ask(p, what, method, path, body, next);
}

static bool
take_id(struct load_peer *p, json_t *reply)
{
    const char *id = json_string_value(json_object_get(reply, "sessionId"));

    if (id == NULL || strlen(id) >= sizeof(p->id)) {
        load_peer_fail(p, "sessions/new: no sessionId");
        return false;
    }

    strcpy(p->id, id);

    return true;
}

static const char *
description_of(json_t *reply)
{
    return json_string_value(json_object_get(
        json_object_get(reply, "sessionDescription"), "sdp"));
}

static json_t *
pack_description(const char *type, const char *sdp)
{
    return json_pack("{s:s, s:s}", "type", type, "sdp", sdp);
}


/* publish */

static void
answered(struct load_peer *p, json_t *reply)
{
    const char *sdp = description_of(reply);
    struct load_remote remote;
    const char *why = "the answer has no description";

    if (p->id[0] == '\0' && !take_id(p, reply)) {
        return;
    }

    if (sdp == NULL
        || load_answer_read(span_str(sdp), p->media, p->media_count,
                            &p->agreement, &remote, &why)) {
        load_peer_fail(p, "publish: %s", why);
        return;
    }

    load_peer_connect(p, &remote);
}

static void
offer_tracks(struct load_peer *p, json_t *reply)
{
    struct load_local local = load_peer_local(p, true);
    json_t *tracks = json_array();
    char *offer;

    if (!take_id(p, reply)) {
        json_decref(tracks);
        return;
    }

    for (size_t i = 0; i < p->media_count; i++) {
        json_array_append_new(tracks, json_pack(
            "{s:s, s:s, s:s}", "location", "local", "mid", p->media[i].mid,
            "trackName", codec_name(p->media[i].codec)));
    }

    offer = load_offer_write(&local, p->media, p->media_count);
    ask_session(p, "tracks/new", "POST", "tracks/new",
                json_pack("{s:o, s:o}", "sessionDescription",
                          pack_description("offer", offer != NULL ? offer
                                                                  : ""),
                          "tracks", tracks), answered);
    free(offer);
}

static void
publish(struct load_peer *p)
{
    struct load_local local = load_peer_local(p, true);
    char *offer;

    if (!p->silent) {
        ask(p, "sessions/new", "POST", "/sessions/new", NULL, offer_tracks);
        return;
    }

    /* a session that is there: connected, and with no track */
    offer = load_offer_write(&local, p->media, p->media_count);
    ask(p, "sessions/new", "POST", "/sessions/new",
        json_pack("{s:o}", "sessionDescription",
                  pack_description("offer", offer != NULL ? offer : "")),
        answered);
    free(offer);
}


/* watch */

static void
renegotiated(struct load_peer *p, json_t *reply)
{
    (void)p;
    (void)reply;
}

static void
offered(struct load_peer *p, json_t *reply)
{
    struct load_local local = load_peer_local(p, false);
    const char *sdp = description_of(reply);
    json_t *tracks = json_object_get(reply, "tracks");
    const char *why = "the reply has no offer";
    struct load_remote remote;
    char *answer;

    for (size_t i = 0; i < json_array_size(tracks); i++) {
        const char *error = json_string_value(json_object_get(
            json_array_get(tracks, i), "errorDescription"));

        if (error != NULL) {
            load_peer_fail(p, "watch: a track failed: %s", error);
            return;
        }
    }

    if (sdp == NULL
        || load_answer_write(span_str(sdp), &local, p->media, p->media_count,
                             &p->agreement, &remote, &answer, &why)) {
        load_peer_fail(p, "watch: %s", why);
        return;
    }

    ask_session(p, "renegotiate", "PUT", "renegotiate",
                json_pack("{s:o}", "sessionDescription",
                          pack_description("answer", answer)), renegotiated);
    free(answer);
    load_peer_connect(p, &remote);
}

static void
add_pull(struct load_peer *p, json_t *tracks, const struct load_peer *from,
         const struct load_media *media)
{
    const char *rid = p->load->options.rid;
    json_t *track = json_pack("{s:s, s:s, s:s}", "location", "remote",
                              "sessionId", from->id, "trackName",
                              codec_name(media->codec));

    if (rid[0] && media->layers > 1) {
        json_object_set_new(track, "simulcast",
                            json_pack("{s:s}", "preferredRid", rid));
    }

    json_array_append_new(tracks, track);
}

static void
pull(struct load_peer *p)
{
    json_t *tracks = json_array();

    for (size_t i = 0; i < p->watched_count; i++) {
        const struct load_peer *from = p->watched[i];

        for (size_t k = 0; k < from->media_count; k++) {
            add_pull(p, tracks, from, &from->media[k]);
        }
    }

    ask_session(p, "tracks/new", "POST", "tracks/new",
                json_pack("{s:o}", "tracks", tracks), offered);
}

static void
session_made(struct load_peer *p, json_t *reply)
{
    if (take_id(p, reply)) {
        pull(p);
    }
}

static void
watch(struct load_peer *p)
{
    if (p->id[0] != '\0') {
        pull(p);
        return;
    }

    ask(p, "sessions/new", "POST", "/sessions/new", NULL, session_made);
}

static void
leave(struct load_peer *p)
{
    (void)p;
}

const struct load_dialect load_cloudflare = {
    .name = "cloudflare",
    .one_connection = true,
    .many_feeds = true,
    .publish = publish,
    .watch = watch,
    .leave = leave,
};
