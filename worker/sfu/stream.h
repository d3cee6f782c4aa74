/*
 * sfu/stream.h - sessions that have a name of their own in an app.
 * Copyright (C) the ngx_sfu_module authors
 *
 * One who publishes to an address (WHIP) is found by that address, through
 * every dialect: the name stands wherever a publisher's session id may.
 */

#ifndef SFU_SFU_STREAM_H
#define SFU_SFU_STREAM_H

#include "sfu/operation.h"

/*
 * All that the offer sends is published, and the session has the name from
 * then on.  A session that had it before ends: who publishes again after a
 * crash must not wait until the old connection is found dead.
 */
void stream_publish(struct sfu_session *session,
                    const struct sfu_request *request,
                    struct sfu_reply *reply);

/* all of a stream sent to a new session; it ends soon when that fails */
enum operation_result stream_watch(struct sfu_session *session,
                                   const struct sfu_request *request,
                                   struct sfu_reply *reply);

/* from now on; who had it ends, and a session has one for ever */
void stream_take_name(struct sfu_session *session, const char *name);

/* by id, or by the name of a stream; NULL: there is none in this app */
struct sfu_session *stream_find(struct sfu *sfu, const char *app,
                                const char *publisher);

/* "video", "audio-2": what the nth section of a kind is called */
void stream_track_name(char name[SFU_IPC_TRACK_NAME_MAX + 1],
                       enum media_kind kind, size_t nth);

#endif
