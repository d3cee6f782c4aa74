/*
 * media/handshake.h - DTLS of the transports of a loop, in small portions.
 * Copyright (C) the ngx_sfu_module authors
 *
 * One step of a handshake (a key exchange, a signature) takes as long as
 * forwarding a hundred packets.  A storm of joins must not delay running
 * media by more than a portion, so what is over waits for the loop's next
 * turn; each transport keeps a few datagrams, and they take turns.
 */

#ifndef SFU_MEDIA_HANDSHAKE_H
#define SFU_MEDIA_HANDSHAKE_H

#include "media/transport.h"

void media_handshake_init(struct media_transport *t);
/* nothing more is read or repeated */
void media_handshake_stop(struct media_transport *t);
/* close_notify, once connected */
void media_handshake_close(struct media_transport *t);
void media_handshake_fini(struct media_transport *t);

/* once both a proven address and a fingerprint are there; else nothing */
void media_handshake_begin(struct media_transport *t);

/* now, or kept for later */
void media_handshake_datagram(struct media_transport *t,
                              struct span datagram,
                              const struct address *from);

/*
 * The loop's turn: what waits goes on until the portion is used up.  Whether
 * some is left, so that the loop must not sleep.
 */
bool media_handshakes_run(struct media_loop *loop);

#endif
