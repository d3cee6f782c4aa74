/*
 * sfu/model_fuzz.c - sessions that publish, subscribe and close in any order.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Each byte is a step: of a client, sound or with damaged SDP; of a media
 * loop, whose events are made up; or of time.
 *
 * Whatever happens, every request is answered once, the lists of tracks fit
 * the negotiation they are in, and a client that was not damaged understands
 * all that it is sent.
 */

#include <assert.h>
#include <stdlib.h>

#include "sdp/fake_client.h"
#include "sfu/channel.h"
#include "sfu/fuzz_invariants.h"
#include "sfu/fuzz_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { USERS = 4 };

struct person {
    char id[SFU_IPC_SESSION_ID_LEN + 1];
    struct fake_client sdp;
    char *offer;                /* ours, not looked at yet */
    bool lost_track;            /* took damaged SDP: expects nothing */
    int offering;               /* requests under way that carry its offer */
};

struct game {
    struct sfu sfu;
    struct person people[USERS];
    size_t open;                /* requests without an answer */
    const uint8_t *next;
    const uint8_t *end;
};

struct ask {
    struct sfu_request request;
    struct sfu_request_track tracks[4];
    struct sfu_request_channel channels[4];
    struct game *game;
    struct person *person;
    char *offer;
    char *answer;
    char *mids[4];
    bool damaged;
    struct fake_client before;  /* to which a refused offer is rolled back */
};

static const char *const names[] = { "a", "b", "c", "#a" };

static uint8_t
byte(struct game *g)
{
    return g->next < g->end ? *g->next++ : 0;
}

static struct sfu_session *
session_of(struct game *g, const struct person *p)
{
    return sfu_session_find(&g->sfu, "app", p->id);
}


/* requests */

static void
check_reply(const struct ask *ask, const struct sfu_reply *reply)
{
    const struct sfu_request *r = &ask->request;

    if (reply->error != NULL) {
        assert(reply->detail != NULL && reply->offer == NULL);
        return;
    }

    if (r->type == SFU_REQUEST_PUBLISH || r->type == SFU_REQUEST_SUBSCRIBE
        || r->type == SFU_REQUEST_CLOSE || r->type == SFU_REQUEST_UPDATE) {
        assert(reply->track_count >= r->track_count);
        assert(reply->track_count == r->track_count || r->discover);
    }

    for (size_t i = 0; i < reply->track_count; i++) {
        const struct sfu_reply_track *t = &reply->tracks[i];

        assert((t->error == NULL) == (t->detail == NULL));
        assert(t->error != NULL || t->mid != NULL);
    }

    assert(reply->offer == NULL || reply->answer == NULL);

    if (r->type == SFU_REQUEST_UPDATE) {
        assert(reply->offer == NULL && reply->answer == NULL);
        return;
    }

    if (r->offer != NULL && !r->force) {
        assert(reply->answer != NULL);
    }
}

/* what a client does with the reply */
static void
take(struct ask *ask, struct sfu_reply *reply)
{
    struct person *p = ask->person;

    if (reply->session != NULL && reply->error == NULL) {
        memcpy(p->id, reply->session, sizeof(p->id));
    }

    if (reply->error == NULL && ask->damaged) {
        p->lost_track = true;
    }

    if (p->lost_track) {
        return;
    }

    if (ask->offer != NULL && reply->answer == NULL) {
        p->sdp = ask->before;
    }

    if (ask->offer != NULL && reply->answer != NULL) {
        const char *why = fake_apply_answer(&p->sdp, reply->answer);

        assert(why == NULL);
        free(p->offer);
        p->offer = NULL;        /* ours before that is void */
    }

    if (reply->offer != NULL) {
        free(p->offer);
        p->offer = reply->offer;
        reply->offer = NULL;
    }
}

static void
done(struct sfu_request *request, struct sfu_reply *reply)
{
    struct ask *ask = container_of(request, struct ask, request);

    check_reply(ask, reply);
    ask->person->offering -= ask->offer != NULL;
    take(ask, reply);
    ask->game->open--;
    free(ask->offer);
    free(ask->answer);

    for (size_t i = 0; i < 4; i++) {
        free(ask->mids[i]);
    }

    free(ask);
}

static struct ask *
new_ask(struct game *g, struct person *p, enum sfu_request_type type)
{
    struct ask *ask = calloc(1, sizeof(*ask));

    assert(ask != NULL);
    ask->game = g;
    ask->person = p;
    ask->request = (struct sfu_request){
        .type = type, .id = "f", .app = "app", .session = p->id,
        .tracks = ask->tracks, .done = done,
    };

    return ask;
}

static void
send_ask(struct game *g, struct ask *ask)
{
    ask->request.offer = ask->offer;
    ask->request.answer = ask->answer;
    ask->person->offering += ask->offer != NULL;
    g->open++;
    sfu_ask(&g->sfu, &ask->request);
}

static void
damage(struct game *g, char *text)
{
    size_t len = strlen(text);

    for (int i = byte(g) % 4; i >= 0; i--) {
        size_t at = (size_t)byte(g) << 8 | byte(g);
        uint8_t b = byte(g);

        text[at % len] = b ? (char)b : '\n';
    }
}

/* what a client wants changed when it offers */
static void
change_sections(struct game *g, struct fake_client *c)
{
    uint8_t what = byte(g);

    for (int i = what & 3; i > 0; i--) {
        fake_add(c, what & 4 ? SDP_VIDEO : SDP_AUDIO, 1 + (what >> 3) % 3);

        if ((what & 0x38) == 0x38) {
            fake_add(c, SDP_APPLICATION, SDP_SENDRECV);
        }

        what = byte(g);
    }

    if (what & 64 && c->count) {
        c->sections[byte(g) % c->count].stopped = true;
    }

    c->ice += what >> 7;
}

static void
put_offer(struct game *g, struct ask *ask, bool damaged)
{
    struct person *p = ask->person;

    /* one at a time, as browsers do */
    if (p->offering && !p->lost_track) {
        return;
    }

    ask->before = p->sdp;
    change_sections(g, &p->sdp);

    if (p->sdp.count == 0) {
        return;
    }

    ask->offer = fake_offer(&p->sdp);
    ask->damaged = damaged;
    assert(ask->offer != NULL);

    if (damaged) {
        damage(g, ask->offer);
    }
}

static const char *
some_mid(struct game *g, struct ask *ask, size_t i, uint8_t choice)
{
    const struct person *p = ask->person;
    uint8_t section = byte(g);

    if (choice % 4 == 0 || p->sdp.count == 0) {
        return NULL;
    }

    if (choice % 4 == 1) {
        return names[section % 4];
    }

    ask->mids[i] = strdup(p->sdp.sections[section % p->sdp.count].mid);

    return ask->mids[i];
}

static void
put_tracks(struct game *g, struct ask *ask)
{
    uint8_t count = byte(g) % 4;

    for (size_t i = 0; i < count; i++) {
        struct sfu_request_track *t = &ask->tracks[i];
        uint8_t what = byte(g);

        t->name = names[what & 3];
        t->has_kind = what & 4;
        t->kind = what & 8 ? MEDIA_VIDEO : MEDIA_AUDIO;
        t->bidirectional = what & 16;
        t->mid = some_mid(g, ask, i, what >> 5);

        if (ask->request.type == SFU_REQUEST_UPDATE) {
            t->has_choice = what & 8;
            t->choice.spatial_layers = what >> 4 & 1;
            snprintf(t->choice.rid, sizeof(t->choice.rid), "%s",
                     names[what & 3]);
        }

        if (ask->request.type == SFU_REQUEST_SUBSCRIBE
            || ask->request.type == SFU_REQUEST_UPDATE
            || (ask->request.type == SFU_REQUEST_CLOSE && what & 4)) {
            t->publisher = g->people[byte(g) % USERS].id;
        }
    }

    ask->request.track_count = count;
}

static void
request(struct game *g, struct person *p, uint8_t step)
{
    static const enum sfu_request_type types[] = {
        SFU_REQUEST_PUBLISH, SFU_REQUEST_SUBSCRIBE, SFU_REQUEST_CLOSE,
        SFU_REQUEST_RENEGOTIATE,
    };
    uint8_t how = byte(g);
    bool update = types[step % 4] == SFU_REQUEST_SUBSCRIBE && (how & 128);
    struct ask *ask = new_ask(g, p, update ? SFU_REQUEST_UPDATE
                                           : types[step % 4]);

    if (how & 1) {
        put_offer(g, ask, (how & 0x0e) == 0x0e);
    }

    ask->request.force = how & 16;
    ask->request.discover = how & 32;
    ask->request.by_name = how & 128;
    ask->request.timeout = how & 64 ? 2 * USEC_PER_SEC : 0;
    put_tracks(g, ask);
    send_ask(g, ask);
}

static void
create(struct game *g, struct person *p, bool with_offer)
{
    struct ask *ask;

    /* who asked to watch may still be waiting for a session */
    if (session_of(g, p) != NULL || p->offering) {
        return;
    }

    free(p->offer);
    *p = (struct person){ 0 };
    ask = new_ask(g, p, SFU_REQUEST_CREATE);

    if (with_offer) {
        uint8_t how = byte(g);

        put_offer(g, ask, false);
        ask->request.stream = how % 3 == 1 ? names[how & 3] : NULL;
        ask->request.watch = how % 3 == 2 ? names[how & 3] : NULL;
    } else {
        ask->request.controlling = byte(g) & 1;
    }

    send_ask(g, ask);
}

/* fragments that fit, are new, or make no sense */
static void
trickle(struct game *g, struct person *p)
{
    static const char *const fragments[] = {
        "a=ice-ufrag:ufrag\r\na=ice-pwd:0123456789012345678901\r\n",
        "a=ice-ufrag:other\r\na=ice-pwd:9876543210987654321098\r\n",
        "a=ice-ufrag:\r\n", "",
    };
    struct ask *ask = new_ask(g, p, SFU_REQUEST_TRICKLE);
    uint8_t how = byte(g);

    ask->request.fragment = fragments[how & 3];
    ask->request.match = how & 4 ? "*" : how & 8 ? "tag" : NULL;
    send_ask(g, ask);
}

/* the client takes our offer; its answer may get lost, damaged or doubled */
static void
answer(struct game *g, struct person *p)
{
    const char *why = NULL;
    uint8_t how = byte(g);
    struct ask *ask;
    char *text;

    if (p->offer == NULL || p->offering) {
        return;
    }

    text = fake_answer(&p->sdp, p->offer, &why);
    free(p->offer);
    p->offer = NULL;
    assert(text != NULL || p->lost_track);

    if (text == NULL || how % 8 == 7) {
        free(text);
        return;
    }

    for (int i = 0; i <= (how % 8 == 6); i++) {
        ask = new_ask(g, p, SFU_REQUEST_RENEGOTIATE);
        /* where a third party says that it is */
        assert(asprintf(&ask->answer, "%s%s", text,
                        how & 8 ? "a=candidate:1 1 udp 1 192.0.2.7 9 typ "
                                  "host\r\n"
                                : "") > 0);
        ask->damaged = how % 8 == 5;

        if (ask->damaged) {
            damage(g, ask->answer);
        }

        send_ask(g, ask);
    }

    free(text);
}


/* data channels; without an offer, of ours, there may be an m-section */
static void
channels(struct game *g, struct person *p)
{
    static const enum sfu_request_type types[] = {
        SFU_REQUEST_ESTABLISH, SFU_REQUEST_PUBLISH_CHANNELS,
        SFU_REQUEST_SUBSCRIBE_CHANNELS, SFU_REQUEST_UPDATE_CHANNELS,
        SFU_REQUEST_CLOSE_CHANNELS,
    };
    uint8_t what = byte(g);
    struct ask *ask = new_ask(g, p, types[what % 5]);
    uint8_t count = (what >> 3) % 4;

    ask->request.channels = ask->channels;
    ask->request.channel_count = what % 5 ? count : count & 1;

    for (size_t i = 0; i < ask->request.channel_count; i++) {
        uint8_t how = byte(g);

        ask->channels[i] = (struct sfu_request_channel){
            .name = names[how & 3],
            .publisher = g->people[how >> 2 & 3].id,
            .id = what % 5 == 4 || how & 128 ? how >> 4 & 7 : -1,
            .max_retransmits = how & 16 ? 0 : -1,
            .max_lifetime = how & 32 ? 5 : -1,
            .wait_ack = how & 64, .can_reply = how & 16,
            .has_reply = how & 32,
        };

        if (what % 5 == 1) {
            ask->channels[i].publisher = NULL;
        }
    }

    if (what % 5 == 0 && what & 128) {
        put_offer(g, ask, false);
    }

    send_ask(g, ask);
}


/* what loops tell */

static void
data_event(struct game *g, struct person *p)
{
    static const enum data_event_type types[] = {
        DATA_EVENT_UP, DATA_EVENT_UP, DATA_EVENT_UP, DATA_EVENT_DOWN,
        DATA_EVENT_CLOSING, DATA_EVENT_CLOSING,
    };
    struct sfu_session *s = session_of(g, p);
    uint8_t what = byte(g);
    struct sfu_channel *ch;
    struct data_event *e;

    if (s == NULL || s->data == NULL || s->data->peer == NULL) {
        return;
    }

    e = calloc(1, sizeof(*e));
    assert(e != NULL);
    ch = sfu_data_channel(s->data, what >> 4 & 7);
    e->type = types[what % 6];
    e->session = s->number;
    e->peer = s->data->id;
    e->channel = ch != NULL ? ch->id : 0;
    e->streams = 1 + (what >> 4);
    sfu_data_event(&e->task, &g->sfu);
}

static uint64_t
some_publication(struct sfu_session *s, uint8_t which)
{
    list_each(node, next, &s->publications) {
        struct sfu_publication *p = container_of(node, struct sfu_publication,
                                                 node);

        /* only what has a source can be heard */
        if (which-- % 4 == 0 && p->encoding_count) {
            return p->id;
        }
    }

    return 0;
}

static void
event(struct game *g, struct person *p)
{
    static const enum media_event_type types[] = {
        MEDIA_EVENT_SOURCE_LIVE, MEDIA_EVENT_SOURCE_LIVE,
        MEDIA_EVENT_CONSENT_LOST, MEDIA_EVENT_CONSENT_BACK,
        MEDIA_EVENT_SOURCE_SILENT, MEDIA_EVENT_ENDED,
        MEDIA_EVENT_CONNECTED, MEDIA_EVENT_CONNECTED,
    };
    struct sfu_session *s = session_of(g, p);
    uint8_t what = byte(g);
    struct media_event *e;

    if (s == NULL || s->peer == NULL) {
        return;
    }

    e = calloc(1, sizeof(*e));
    assert(e != NULL);
    e->type = types[what % 8];
    e->session = s->number;
    e->source = some_publication(s, what >> 3);
    e->pt = what & 8 ? 96 : 111;
    e->end = what & 8 ? MEDIA_END_CLOSED : MEDIA_END_EXPIRED;
    e->profile = "none";

    if (e->type == MEDIA_EVENT_CONNECTED && s->state != SFU_SESSION_CONNECTING) {
        free(e);
        return;
    }

    sfu_media_event(&e->task, &g->sfu);
}

static void
step(struct game *g)
{
    uint8_t what = byte(g);
    struct person *p = &g->people[what >> 4 & 3];

    switch (what & 15) {
    case 0:
        create(g, p, what & 64);
        break;
    case 3:
    case 4:
        answer(g, p);
        break;
    case 5:
        event(g, p);
        break;
    case 6:
        if (what & 128) {
            data_event(g, p);
        } else {
            event(g, p);
        }
        break;
    case 7:
        g->sfu.now += (usec_t)byte(g) * 100 * USEC_PER_MS;
        timer_wheel_run(&g->sfu.wheel, g->sfu.now);
        break;
    case 8:
        send_ask(g, new_ask(g, p, what & 64 ? SFU_REQUEST_END
                                            : SFU_REQUEST_GET));
        break;
    case 9:
        trickle(g, p);
        break;
    case 10:
        if (what & 128) {
            channels(g, p);
        } else {
            request(g, p, what & 3);
        }
        break;
    default:
        request(g, p, what & 3);
        break;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct game g = { .next = data, .end = data + size };

    fuzz_model_begin(&g.sfu, USERS);

    for (int i = 0; i < 300 && g.next < g.end; i++) {
        step(&g);
        fuzz_model_turn(&g.sfu);
        assert(check_model(&g.sfu) == g.open);
    }

    sfu_end_sessions(&g.sfu);
    assert(g.open == 0);
    fuzz_model_end(&g.sfu);

    for (int i = 0; i < USERS; i++) {
        free(g.people[i].offer);
    }

    return 0;
}
