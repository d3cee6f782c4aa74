/*
 * media/sctp.h - SCTP packets of a peer, between DTLS and the data loop.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The media loop looks at none of them: it takes them out of DTLS for the
 * data loop (data/loop.h), and puts into DTLS what comes back.
 */

#ifndef SFU_MEDIA_SCTP_H
#define SFU_MEDIA_SCTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"

struct media_loop;
struct media_peer;

/* of a peer with data channels */
struct media_sctp {
    struct map_entry by_id;             /* in media_loop.sctp */
    uint64_t id;                        /* the data loop's for the peer */
    struct media_peer *peer;            /* borrowed */
};

/*
 * From now on; the data loop is told once DTLS is there.  An id that is
 * another than before is another association.  SFU_ERR_NOMEM
 */
int media_sctp_begin(struct media_peer *peer, uint64_t id);
void media_sctp_end(struct media_peer *peer);
/* DTLS is there */
void media_sctp_connected(struct media_peer *peer);

/* what the data loop sent to this loop, a portion of it at a time */
void media_sctp_receive(struct media_loop *loop);
/* the data loop, if it was sent something since: it can begin */
void media_sctp_wake(struct media_loop *loop);

#endif
