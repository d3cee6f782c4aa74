/*
 * sfu/create.h - a session, as a request wants it.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_SFU_CREATE_H
#define SFU_SFU_CREATE_H

#include "sfu/session.h"

/*
 * NULL: the reply says why not.  One that watches a stream has negotiated
 * nothing yet, that comes from its queue.
 */
struct sfu_session *sfu_create(struct sfu *sfu,
                               const struct sfu_request *request,
                               struct sfu_reply *reply);

#endif
