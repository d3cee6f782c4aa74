/*
 * sfu/admission.h - who may join while many others do.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A session that joins costs a DTLS handshake.  When more come than a loop
 * can shake hands with, all of them wait, repeat what they sent, and give up.
 * So those that began first are let through, and who comes now is told to come
 * again; that costs a twentieth of joining.
 */

#ifndef SFU_SFU_ADMISSION_H
#define SFU_SFU_ADMISSION_H

#include "sfu/session.h"

/* whether handshakes of this loop wait longer than the setting says */
bool admission_closed(const struct sfu *sfu, size_t loop);

/* the answer to a whole request; it is counted */
void admission_refuse(struct sfu *sfu, struct sfu_reply *reply);

/*
 * Whether this request would make the session join, and may not: then the
 * reply says so, of each track where it asks for tracks of others.
 */
bool admission_refuses(struct sfu_session *session,
                       const struct sfu_request *request,
                       struct sfu_reply *reply);

#endif
