/*
 * media/report.h - the regular reports that a peer is sent.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_MEDIA_REPORT_H
#define SFU_MEDIA_REPORT_H

struct media_peer;

void report_init(struct media_peer *peer);
/*
 * There is something to report, or may soon be: a stream, a source, a sink, a
 * question.  Reports go out from now on, once the transport is connected, and
 * stop by themselves when nothing of this is left.
 */
void report_want(struct media_peer *peer);

#endif
