/*
 * sdp/simulcast.c - several encodings of one track (RFC 8853, RFC 8851).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sdp/simulcast.h"

#include "base/error.h"
#include "sdp/scan.h"

enum { LAYERS_MAX = 16 };

struct layers {
    struct sdp_layer at[LAYERS_MAX];
    size_t count;
    size_t max;
};

/* packets without it cannot be told apart (RFC 8853, 5.2) */
static bool
tells_rids(const struct sdp_section *s)
{
    return s->receive_extensions >> RTP_EXT_RID & 1;
}

static bool
sends_rid(const struct sdp_media *m, struct span id)
{
    for (size_t i = 0; i < m->rid_count; i++) {
        if (m->rids[i].direction == SDP_SENDONLY
            && span_eq(m->rids[i].id, id)) {
            return true;
        }
    }

    return false;
}

static bool
is_taken(const struct layers *l, struct span id)
{
    for (size_t i = 0; i < l->count; i++) {
        if (span_eq_str(id, l->at[i].rid)) {
            return true;
        }
    }

    return false;
}

/* RFC 8853, 5.1: "send 1,~4;2;~3 recv 5"; of alternatives the first will do */
static struct span
list_to_send(struct span value)
{
    while (value.len) {
        struct span direction = scan_word(&value);
        struct span list = scan_word(&value);

        if (span_eq_str(direction, "send")) {
            return list;
        }
    }

    return span_of(NULL, 0);
}

static int
take_rids(struct layers *l, struct sdp_arena *arena, const struct sdp_media *m)
{
    struct span list = list_to_send(m->simulcast);

    while (list.len && l->count < l->max) {
        struct span alternatives = scan_until(&list, ';');
        struct span id = scan_until(&alternatives, ',');

        /* one that is paused now may begin any time */
        if (id.len && id.data[0] == '~') {
            id = span_of(id.data + 1, id.len - 1);
        }

        if (id.len == 0 || id.len > SDP_RID_MAX || !sends_rid(m, id)
            || is_taken(l, id)) {
            continue;
        }

        l->at[l->count].rid = sdp_arena_text(arena, id);

        if (l->at[l->count++].rid == NULL) {
            return SFU_ERR_NOMEM;
        }
    }

    return 0;
}

static uint32_t
rtx_of(const struct sdp_media *m, uint32_t ssrc)
{
    for (size_t i = 0; i < m->fid_count; i++) {
        if (m->fids[i].ssrc == ssrc) {
            return m->fids[i].rtx;
        }
    }

    return 0;
}

/*
 * The group begins with the lowest layer; the names are ours, for those who
 * choose, and sorted they go from the best to the worst as dialects want it.
 */
static void
take_sims(struct layers *l, const struct sdp_media *m)
{
    static const char *const names[LAYERS_MAX] = {
        "a", "b", "c", "d", "e", "f", "g", "h",
        "i", "j", "k", "l", "m", "n", "o", "p",
    };
    size_t count = m->sim_count < l->max ? m->sim_count : l->max;

    for (size_t i = 0; i < count; i++) {
        l->at[l->count++] = (struct sdp_layer){
            .rid = names[count - 1 - i],
            .ssrc = m->sims[i],
            .rtx_ssrc = rtx_of(m, m->sims[i]),
        };
    }
}

int
sdp_simulcast_accept(struct sdp_entry *e, const struct sdp_media *m,
    size_t max)
{
    struct layers l = { .max = max < LAYERS_MAX ? max : LAYERS_MAX };
    int rc = 0;

    if (tells_rids(&e->section)) {
        rc = take_rids(&l, &e->arena, m);
    }

    if (rc == 0 && m->rid_count == 0 && m->sim_count > 1) {
        take_sims(&l, m);
    }

    return rc == 0 ? sdp_entry_set_layers(e, l.at, l.count) : rc;
}

int
sdp_simulcast_compose(struct sdp_arena *arena, struct sdp_media *m,
    const struct sdp_section *section)
{
    size_t room = section->layer_count * (SDP_RID_MAX + 1) + 8;
    struct sdp_rid *rids;
    char *list, *end;

    if (section->layer_count == 0) {
        return 0;
    }

    /* Chromium sends the first SSRC of a group alone unless it is told this */
    if (section->layers[0].ssrc) {
        m->conference = true;
        return 0;
    }

    rids = sdp_arena_alloc(arena, section->layer_count * sizeof(*rids));
    list = sdp_arena_alloc(arena, room);

    if (rids == NULL || list == NULL) {
        return SFU_ERR_NOMEM;
    }

    end = stpcpy(list, "recv ");

    for (size_t i = 0; i < section->layer_count; i++) {
        rids[i] = (struct sdp_rid){
            .id = span_str(section->layers[i].rid),
            .direction = SDP_RECVONLY,
        };
        end = stpcpy(end, i ? ";" : "");
        end = stpcpy(end, section->layers[i].rid);
    }

    m->rids = rids;
    m->rid_count = section->layer_count;
    m->simulcast = span_str(list);

    return 0;
}
