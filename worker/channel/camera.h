/*
 * channel/camera.h - the master sends its media to us.
 * Copyright (C) the ngx_sfu_module authors
 *
 * We offer, since that is what a viewer does.  A master that comes again gets
 * another offer; until media of the new session is there the one before goes
 * on, and then who watches is moved over, without a description.
 */

#ifndef SFU_CHANNEL_CAMERA_H
#define SFU_CHANNEL_CAMERA_H

#include "base/timer.h"
#include "sfu_ipc.h"

struct channel;
struct channel_request;

struct channel_camera {
    char current[SFU_IPC_SESSION_ID_LEN + 1];   /* "": none */
    char next[SFU_IPC_SESSION_ID_LEN + 1];      /* "": none */
    bool making;                /* the offer of the next one */
    bool storage;               /* H.264 and Opus, and nothing else */
    bool answered;              /* the next one: media may come */
    usec_t since;               /* it was answered */
    usec_t offered;             /* the last time that it was begun */
    struct timer timer;
};

void channel_camera_init(struct channel *channel);
/* its sessions end */
void channel_camera_fini(struct channel *channel);
bool channel_camera_is_used(const struct channel *channel);
/* its media flows, and nothing newer is on the way */
bool channel_camera_is_up(const struct channel *channel);

/* all its tracks have media, or some have and the others took too long */
bool channel_camera_is_ready(const struct channel *channel);

/* the master is to answer an offer of ours; one that it has not is void */
void channel_camera_offer(struct channel *channel, bool storage);
/* its answer; the request is answered sooner or later */
void channel_camera_take(struct channel *channel,
                         struct channel_request *request);
/* who has media for viewers; NULL: nobody, and there may be an offer now */
const char *channel_camera_source(struct channel *channel);
/* something is to be looked at again soon */
void channel_camera_hurry(struct channel *channel);

#endif
