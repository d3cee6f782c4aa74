/*
 * media/command.h - what the control thread tells loops.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Each call posts a task; tasks of one loop run in order.  The objects are
 * made here and handed to their loop, which alone touches them from then on;
 * the control thread keeps the pointers only to name them in later calls,
 * and forgets them with the destroying one, which cannot fail.
 */

#ifndef SFU_MEDIA_COMMAND_H
#define SFU_MEDIA_COMMAND_H

#include "ice/checklist.h"
#include "media/peer.h"
#include "media/sink.h"
#include "media/source.h"

struct media_loop;

/* handles; what is behind them belongs to the loop */
struct media_peer_handle;
struct media_source_handle;
struct media_sink_handle;

/* all: SFU_ERR_NOMEM */
int media_peer_create(struct media_peer_handle **peer, struct media_loop *loop,
                      const struct media_peer_params *params);
void media_peer_destroy(struct media_peer_handle *peer);

int media_peer_set_remote(struct media_peer_handle *peer, bool dtls_active,
                          const struct dtls_fingerprint *fingerprint);
/* the peer is ICE-lite: we check these candidates of it; once */
int media_peer_check(struct media_peer_handle *peer,
                     const struct ice_remote_params *params);
/* of what it sends, in all its sections */
int media_peer_set_extensions(struct media_peer_handle *peer,
                              const struct rtp_extension_map *extensions);
int media_peer_restart_ice(struct media_peer_handle *peer,
                           const struct ice_credentials *credentials);
/* SCTP packets go to and from the data loop's peer of this id */
int media_peer_set_sctp(struct media_peer_handle *peer, uint64_t id);
/* it may move to another transport: see media_transport_let_renew() */
int media_peer_let_renew(struct media_peer_handle *peer);
/* answered by MEDIA_EVENT_FIGURES with the token */
int media_peer_figures(struct media_peer_handle *peer, uint64_t token);

int media_source_create(struct media_source_handle **source,
                        struct media_peer_handle *peer,
                        const struct media_source_params *params);
int media_source_set(struct media_source_handle *source,
                     const struct media_source_params *params);
void media_source_destroy(struct media_source_handle *source);

/*
 * A sink on another loop than its source needs a replica there, once for
 * all sinks of that loop, and the relay that feeds it.
 */
int media_replica_create(struct media_source_handle **replica,
                         struct media_source_handle *source,
                         struct media_loop *loop);
/* destroys the relay as well */
void media_replica_destroy(struct media_source_handle *replica);

/* source: of the peer's own loop */
int media_sink_create(struct media_sink_handle **sink,
                      struct media_peer_handle *peer,
                      const struct media_sink_params *params);
/* the source may be another one, if it is not 0 */
int media_sink_set(struct media_sink_handle *sink,
                   const struct media_sink_params *params);
void media_sink_destroy(struct media_sink_handle *sink);

#endif
