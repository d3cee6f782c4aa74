/*
 * media/sctp.c - SCTP packets of a peer, between DTLS and the data loop.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/sctp.h"

#include <stdlib.h>

#include "base/error.h"
#include "data/port.h"
#include "media/loop.h"
#include "media/peer.h"

enum {
    /* of the data loop's packets, before media has its turn again */
    PORTION = 64,
};

static void
put(struct media_sctp *sctp, enum data_record_type type, struct span bytes)
{
    struct media_loop *loop = sctp->peer->loop;

    if (!data_port_put(&loop->data->in, sctp->id, type, bytes)) {
        media_drop(&loop->counters, MEDIA_DROP_ring_full);
        return;
    }

    loop->data->wake_data = true;
}

static void
from_dtls(void *ctx, struct span packet)
{
    put(ctx, DATA_RECORD_PACKET, packet);
}

void
media_sctp_connected(struct media_peer *peer)
{
    if (peer->sctp != NULL) {
        dtls_accept_data(peer->transport.dtls, from_dtls, peer->sctp);
        put(peer->sctp, DATA_RECORD_CONNECTED, span_of(NULL, 0));
    }
}

int
media_sctp_begin(struct media_peer *peer, uint64_t id)
{
    struct media_sctp *sctp;

    media_sctp_end(peer);
    sctp = calloc(1, sizeof(*sctp));

    if (sctp == NULL) {
        return SFU_ERR_NOMEM;
    }

    sctp->id = id;
    sctp->peer = peer;
    peer->sctp = sctp;
    map_insert(&peer->loop->sctp, &sctp->by_id,
               span_of(&sctp->id, sizeof(sctp->id)));

    if (media_transport_connected(&peer->transport)) {
        media_sctp_connected(peer);
    }

    return 0;
}

void
media_sctp_end(struct media_peer *peer)
{
    if (peer->sctp == NULL) {
        return;
    }

    if (peer->transport.dtls != NULL) {
        dtls_accept_data(peer->transport.dtls, NULL, NULL);
    }

    map_remove(&peer->loop->sctp, &peer->sctp->by_id);
    free(peer->sctp);
    peer->sctp = NULL;
}

static void
receive(struct media_loop *loop, const struct data_record *record,
        struct span bytes)
{
    struct map_entry *e = map_find(&loop->sctp,
                                   span_of(&record->peer,
                                           sizeof(record->peer)));
    struct media_transport *t;

    if (e == NULL) {
        return;                 /* its session ended meanwhile */
    }

    t = &container_of(e, struct media_sctp, by_id)->peer->transport;

    if (!media_transport_connected(t) || dtls_send_data(t->dtls, bytes)) {
        media_drop(&loop->counters, MEDIA_DROP_send_failed);
    }
}

void
media_sctp_receive(struct media_loop *loop)
{
    struct data_record record;
    struct ring *ring;
    int left = PORTION;
    uint8_t *p;
    size_t len;

    if (loop->data == NULL) {
        return;
    }

    ring = &loop->data->out;

    while ((p = ring_peek(ring, &len)) != NULL) {
        if (left-- == 0) {
            mailbox_wake(&loop->mailbox);
            return;
        }

        memcpy(&record, p, sizeof(record));
        receive(loop, &record, span_of(p + sizeof(record),
                                       len - sizeof(record)));
        ring_advance(ring);
        ring_release(ring);
    }
}

void
media_sctp_wake(struct media_loop *loop)
{
    if (loop->data != NULL && loop->data->wake_data) {
        loop->data->wake_data = false;
        mailbox_wake(loop->data->data);
    }
}
