/*
 * sfu/listing.h - the sessions of an app.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_SFU_LISTING_H
#define SFU_SFU_LISTING_H

#include "sfu/sfu.h"

/* sessions in one reply: with the longest metadata it still is one message */
enum { LISTING_MAX = 400 };

/* the oldest first, those after request->after */
void listing_make(struct sfu *sfu, const struct sfu_request *request,
                  struct sfu_reply *reply);

#endif
