/*
 * sfu/queue.h - the requests of a session, one after another.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Requests that change SDP run in the order in which they came.  One that
 * waits (for the transport, for media) blocks those behind it, no other
 * session, and not the renegotiation that the client owes us.
 */

#ifndef SFU_SFU_QUEUE_H
#define SFU_SFU_QUEUE_H

#include "sfu/request.h"

/* runs it now, or when its turn comes; the session may end meanwhile */
void queue_add(struct sfu_session *session, struct sfu_request *request);
/* something happened: those that wait look again */
void queue_run(struct sfu_session *session);
/* answers all of them with this error */
void queue_fail(struct sfu_session *session, const char *error,
                const char *detail);

/* logs, counts, and gives the request back */
void queue_finish(struct sfu *sfu, struct sfu_request *request,
                  struct sfu_reply *reply);

#endif
