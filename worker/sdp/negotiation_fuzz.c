/*
 * sdp/negotiation_fuzz.c - a session in which everything goes wrong.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Each byte is a step of a client or of the server: sections come and go,
 * offers and answers cross, get lost, or arrive damaged.  A damaged one may
 * be refused or taken, on a clone; what went undamaged must be understood by
 * the other side, and a payload type, an extension id and a mid mean what
 * they meant before.
 */

#include <assert.h>
#include <stdlib.h>

#include "sdp/fake_client.h"
#include "sdp/negotiation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct game {
    struct sdp_negotiation *n;
    struct fake_client c;
    uint32_t ssrc;

    const uint8_t *next;
    const uint8_t *end;
};

static const struct sdp_codec codecs[] = {
    { CODEC_VP8, 96, 1, 97, -1, 90000, 0, "" },
    { CODEC_H264, 102, 1, 103, -1, 90000, 0,
      "packetization-mode=1;profile-level-id=42e01f" },
    { CODEC_H264, 45, 1, -1, -1, 90000, 0,
      "packetization-mode=1;profile-level-id=640c1f" },
    { CODEC_VP9, 111, 1, 96, -1, 90000, 0, "profile-id=2" },
};

static const struct sdp_codec audio[] = {
    { CODEC_OPUS, 96, 2, -1, -1, 48000, SDP_FB_NACK, "" },
    { CODEC_RED, 97, 2, -1, 96, 48000, 0, "96/96" },
    { CODEC_PCMU, 0, 1, -1, -1, 8000, 0, "" },
};

static uint8_t
byte(struct game *g)
{
    return g->next < g->end ? *g->next++ : 0;
}

/* what holds after each step */
static void
check(const struct sdp_negotiation *n)
{
    for (size_t i = 0; i < sdp_negotiation_count(n); i++) {
        const struct sdp_section *s = sdp_negotiation_at(n, i);

        assert(s != NULL && s->index == i && s->mid[0] != '\0');
        assert(sdp_negotiation_find(n, span_str(s->mid)) == s);
        assert(!(s->sends || s->receives || s->remote_receives) || s->alive);
        assert(!(s->sends || s->receives) || !(s->closed || s->pending));
        assert(!s->sends || (s->has_track && s->remote_receives));
        assert(!s->lost || s->pending);
        assert(!s->alive
               || (s->kind == SDP_APPLICATION ? sdp_negotiation_data(n) == s
                                              : s->codec_count > 0));
        assert(!s->has_data || (s->alive && s->sctp_port && !s->pending));

        for (size_t k = 0; k < s->codec_count; k++) {
            assert(s->codecs[k].id != CODEC_NONE);
            assert(s->codecs[k].fmtp != NULL);
            assert(s->codecs[k].rtx_pt != s->codecs[k].pt);
        }

        for (int k = 0; k < RTP_EXT_COUNT; k++) {
            if ((s->send_extensions | s->receive_extensions) >> k & 1) {
                assert(sdp_negotiation_extension(n, k) != 0);
            }
        }
    }
}

/* some bytes of the text become others */
static void
damage(struct game *g, char *text)
{
    size_t len = strlen(text);

    for (int i = byte(g) % 8; i >= 0; i--) {
        size_t at = (size_t)byte(g) << 8 | byte(g);
        uint8_t b = byte(g);

        text[at % len] = b ? (char)b : '\n';
    }
}

static void
damaged_description(struct game *g, bool is_answer)
{
    struct sdp_negotiation *copy;
    const char *why = NULL;
    char *text = fake_describe(&g->c, is_answer ? "active" : "actpass", NULL);
    char *answer = NULL;
    int rc;

    assert(text != NULL && sdp_negotiation_clone(&copy, g->n) == 0);
    damage(g, text);
    rc = is_answer ? sdp_negotiation_apply_answer(copy, span_str(text), &why)
                   : sdp_negotiation_apply_offer(copy, span_str(text), &why);
    assert(rc == 0 || why != NULL);

    if (rc == 0) {
        check(copy);

        if (!is_answer) {
            assert(sdp_negotiation_write_answer(copy, &answer) == 0);
            check(copy);
        }
    }

    free(answer);
    free(text);
    sdp_negotiation_destroy(copy);
    check(g->n);
}

static void
client_offers(struct game *g, bool answer_arrives)
{
    const char *why = NULL;
    char *offer, *answer;

    if (g->c.count == 0 || sdp_negotiation_state(g->n) != SDP_STABLE) {
        return;
    }

    offer = fake_offer(&g->c);
    assert(sdp_negotiation_apply_offer(g->n, span_str(offer), &why) == 0);
    check(g->n);
    assert(sdp_negotiation_write_answer(g->n, &answer) == 0);
    check(g->n);
    g->c.waiting = !answer_arrives;

    if (answer_arrives) {
        why = fake_apply_answer(&g->c, answer);
        assert(why == NULL);
    }

    free(offer);
    free(answer);
}

enum { ARRIVES, OFFER_LOST, ANSWER_LOST };

static void
server_offers(struct game *g, int fate)
{
    const char *why = NULL;
    char *offer, *answer = NULL;

    if (sdp_negotiation_write_offer(g->n, &offer) != 0) {
        return;
    }

    check(g->n);

    /* a client that waits for an answer cannot take an offer */
    if (fate != OFFER_LOST && !g->c.waiting
        && sdp_negotiation_count(g->n) <= FAKE_SECTIONS) {
        answer = fake_answer(&g->c, offer, &why);
        assert(answer != NULL);
    }

    free(offer);

    if (answer != NULL && fate == ARRIVES) {
        assert(sdp_negotiation_apply_answer(g->n, span_str(answer), &why)
               == 0);

    } else {
        damaged_description(g, true);
        assert(sdp_negotiation_abandon_offer(g->n) == 0);
    }

    free(answer);
    check(g->n);
}

static void
server_adds(struct game *g, uint8_t which)
{
    bool video = which & 1;
    struct sdp_track t = {
        .kind = video ? MEDIA_VIDEO : MEDIA_AUDIO,
        .codecs = video ? &codecs[which >> 1 & 3] : &audio[0],
        .codec_count = video ? 1 : 3,
        .ssrc = g->ssrc,
        .rtx_ssrc = video && (which & 8) ? g->ssrc + 1 : 0,
        .stream = "stream",
        .track = "track",
    };
    size_t index;

    g->ssrc += 2;

    if (which & 16) {
        (void)sdp_negotiation_add_receiving(g->n, t.kind, NULL, 0, &index);

    } else if (which & 32) {
        (void)sdp_negotiation_attach(g->n, which >> 6, &t);

    } else {
        (void)sdp_negotiation_add_sending(g->n, &t, &index);
    }

    check(g->n);
}

static void
replace_by_clone(struct game *g)
{
    struct sdp_negotiation *copy;

    assert(sdp_negotiation_clone(&copy, g->n) == 0);
    sdp_negotiation_destroy(g->n);
    g->n = copy;
    check(g->n);
}

static void
step(struct game *g)
{
    uint8_t what = byte(g);
    uint8_t arg = byte(g);

    switch (what % 12) {
    case 0:
        /* a transceiver has no index before it is offered */
        if (sdp_negotiation_state(g->n) == SDP_STABLE) {
            if (arg & 128) {
                fake_add(&g->c, SDP_APPLICATION, SDP_SENDRECV);
            } else {
                fake_add(&g->c, arg & 1 ? SDP_VIDEO : SDP_AUDIO,
                         arg >> 1 & 3);
            }

            client_offers(g, arg & 8);
        }
        break;
    case 1:
        /* what the client offered is settled before it changes its mind */
        if (g->c.count && !g->c.waiting) {
            g->c.sections[arg % g->c.count].stopped = true;
        }
        break;
    case 2:
    case 3:
        client_offers(g, true);
        break;
    case 4:
        client_offers(g, false);
        break;
    case 5:
        damaged_description(g, false);
        break;
    case 6:
        if (arg & 128) {
            size_t index;

            (void)sdp_negotiation_add_data(g->n, &index);
        } else {
            server_adds(g, arg);
        }
        break;
    case 7:
        (void)sdp_negotiation_close(g->n, arg);
        break;
    case 8:
        (void)sdp_negotiation_reopen(g->n, arg);
        break;
    case 9:
        server_offers(g, arg % 3);
        break;
    case 10:
        replace_by_clone(g);
        break;
    case 11:
        if (!g->c.waiting) {
            g->c.ice = arg % 100;
        }
        break;
    }

    check(g->n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sdp_candidate candidate = { "192.0.2.1", 10000, false };
    struct sdp_local local = {
        .ufrag = "ours", .pwd = "0123456789012345678901", .cname = "cname",
        .fingerprint = "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
                       "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF",
        .origin_id = 1, .candidates = &candidate, .candidate_count = 1,
        .message_max = 262144,
    };
    struct sdp_limits limits = sdp_limits_default();
    struct game *g = calloc(1, sizeof(*g));

    assert(g != NULL);
    limits.media = FAKE_SECTIONS;
    g->ssrc = 1;
    g->next = data;
    g->end = data + (size < 400 ? size : 400);
    assert(sdp_negotiation_create(&g->n, &local, &limits) == 0);

    while (g->next < g->end) {
        step(g);
    }

    sdp_negotiation_destroy(g->n);
    free(g);

    return 0;
}
