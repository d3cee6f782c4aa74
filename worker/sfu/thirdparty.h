/*
 * sfu/thirdparty.h - sessions whose peer is another server.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Such a peer answers our offer, and is ICE-lite as we are.  So this session
 * is not: its offers say so, it controls, and it checks the candidates that
 * the answer names (RFC 8445, 6.1.1).
 */

#ifndef SFU_SFU_THIRDPARTY_H
#define SFU_SFU_THIRDPARTY_H

#include "sfu/session.h"

/* a description of the peer was committed; only the first one counts */
void thirdparty_follow(struct sfu_session *session, const char *description);

#endif
