/*
 * room/consumer.h - what one participant sees of another.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_ROOM_CONSUMER_H
#define SFU_ROOM_CONSUMER_H

#include "room/media.h"

/*
 * The viewer gets an offer of all tracks of the subject, if there are any that
 * it was not offered, as soon as it has answered the last one.
 */
void room_consumer_update(struct room_member *viewer,
                          struct room_member *subject);
/* where too many joined for its offer */
void room_consumer_again(struct room_consumer *consumer);
void room_consumer_destroy(struct room_consumer *consumer);

#endif
