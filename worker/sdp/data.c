/*
 * sdp/data.c - the m-section of data channels.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sdp/data.h"

#include "base/error.h"
#include "sdp/scan.h"

static bool
is_old(struct span protocol)
{
    return span_eq_str(protocol, "DTLS/SCTP");
}

/* the port of the old form, or that of a=sctp-port; 0: none */
static uint16_t
port_of(const struct sdp_media *m)
{
    uint64_t port;

    if (is_old(m->protocol)) {
        return scan_number(m->format_list, UINT16_MAX, &port)
                   ? (uint16_t)port
                   : 0;
    }

    return span_eq_str(m->format_list, "webrtc-datachannel") ? m->sctp_port
                                                             : 0;
}

static bool
is_dtls_sctp(struct span protocol)
{
    return span_eq_str(protocol, "UDP/DTLS/SCTP")
           || span_eq_str(protocol, "TCP/DTLS/SCTP") || is_old(protocol);
}

const struct sdp_section *
sdp_negotiation_data(const struct sdp_negotiation *n)
{
    for (size_t i = 0; i < n->entry_count; i++) {
        const struct sdp_entry *e = n->entries[i];

        if (e != NULL && e->section.alive
            && e->section.kind == SDP_APPLICATION) {
            return &e->section;
        }
    }

    return NULL;
}

bool
sdp_data_is_acceptable(const struct sdp_negotiation *n,
    const struct sdp_media *m, size_t index)
{
    const struct sdp_section *other = sdp_negotiation_data(n);

    return n->local.message_max != 0 && m->kind == SDP_APPLICATION
           && is_dtls_sctp(m->protocol) && port_of(m) != 0
           && (other == NULL || other->index == index);
}

void
sdp_data_fill(struct sdp_entry *e, const struct sdp_media *m)
{
    sdp_entry_set_sctp(e, m);
    e->section.sctp_port = port_of(m);
    e->section.alive = true;
    e->sctpmap = is_old(m->protocol);
}

void
sdp_data_compose(const struct sdp_negotiation *n, const struct sdp_entry *e,
    struct sdp_media *m)
{
    m->format_list = span_str(e->sctpmap ? "5000" : "webrtc-datachannel");
    m->direction = SDP_SENDRECV;
    m->sctp_port = SDP_SCTP_PORT;
    m->sctpmap = e->sctpmap;
    m->has_max_message_size = true;
    m->max_message_size = n->local.message_max;
}

/* an index that had data channels before, else one more */
static size_t
free_index(const struct sdp_negotiation *n)
{
    for (size_t i = 0; i < n->entry_count; i++) {
        const struct sdp_section *s = &n->entries[i]->section;

        if (!s->alive && s->kind == SDP_APPLICATION) {
            return i;
        }
    }

    return n->entry_count;
}

int
sdp_negotiation_add_data(struct sdp_negotiation *n, size_t *index)
{
    struct sdp_entry *e;
    int rc;

    if (n->local.message_max == 0 || sdp_negotiation_data(n) != NULL) {
        return SFU_ERR_STATE;
    }

    rc = sdp_section_create(n, SDP_APPLICATION, free_index(n),
                            "UDP/DTLS/SCTP", &e);

    if (rc != 0) {
        return rc;
    }

    rc = sdp_entry_set_line(e, e->kind_name, span_str("webrtc-datachannel"));

    if (rc != 0) {
        sdp_entry_destroy(e);
        return rc;
    }

    *index = e->section.index;

    return sdp_negotiation_put(n, e);
}
