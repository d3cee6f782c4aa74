/*
 * channel/watcher.h - viewers whose session is with the worker.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Not a client: its WebSocket may be gone, and the media is not.
 */

#ifndef SFU_CHANNEL_WATCHER_H
#define SFU_CHANNEL_WATCHER_H

#include "channel/channel.h"

struct channel_errand;

struct channel_watcher {
    struct map_entry by_id;             /* in channel.audience */
    char id[SFU_IPC_CLIENT_ID_MAX + 1];
    char session[SFU_IPC_SESSION_ID_LEN + 1];
    char source[SFU_IPC_SESSION_ID_LEN + 1];    /* the camera's session */
    char mids[2][SFU_IPC_MID_MAX + 1];  /* of video and audio; "": none */
};

/* of the camera, as it is published: 0 is video, 1 is audio */
const char *channel_track_name(int i);

struct channel_watcher *channel_watcher_find(const struct channel *channel,
                                             const char *viewer);
/*
 * The errand gave its viewer this session; one that it had before ends.
 * SFU_ERR_NOMEM
 */
int channel_watcher_keep(struct channel_errand *errand, const char *session);

/* those who watched another session of the camera */
void channel_watchers_move(struct channel *channel);
/* those whose sessions are over are forgotten */
void channel_watchers_sweep(struct channel *channel);
/* their sessions end */
void channel_watchers_end(struct channel *channel);

#endif
