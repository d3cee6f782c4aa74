/*
 * media/report.h - the regular reports that a peer is sent.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_MEDIA_REPORT_H
#define SFU_MEDIA_REPORT_H

struct media_peer;

void report_init(struct media_peer *peer);
/* once the transport is connected; until the peer goes */
void report_start(struct media_peer *peer);

#endif
