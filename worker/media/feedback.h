/*
 * media/feedback.h - RTCP that peers send, and the feedback they are sent.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_MEDIA_FEEDBACK_H
#define SFU_MEDIA_FEEDBACK_H

#include "base/span.h"

struct media_peer;
struct media_source;

void feedback_init(struct media_peer *peer);

/* a decrypted compound packet */
void feedback_receive(struct media_peer *peer, struct span compound);

/*
 * There is something to tell: losses soon, arrivals once their interval has
 * passed.  Called for every packet.
 */
void feedback_want_nacks(struct media_peer *peer);
void feedback_want_transport_cc(struct media_peer *peer);
/* now; PLI, or FIR where the publisher knows nothing else */
void feedback_ask_keyframe(struct media_peer *peer,
                           struct media_source *source);

#endif
