/*
 * media/consent.h - who has been silent for too long (RFC 7675, 5.1).
 * Copyright (C) the ngx_sfu_module authors
 *
 * A row for each session that was checked, in a table that is swept: with ten
 * thousand of them a timer each would be found in ten thousand places of the
 * memory, a few times a minute, only to see that a check had come.
 */

#ifndef SFU_MEDIA_CONSENT_H
#define SFU_MEDIA_CONSENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/timer.h"

struct media_transport;

#define CONSENT_NO_ROW SIZE_MAX

struct consent {
    struct timer_wheel *wheel;          /* borrowed */
    struct timer sweep;                 /* armed while there are rows */
    usec_t interval;                    /* between two sweeps */
    usec_t *due;                        /* owned; of each row */
    struct media_transport **whose;     /* owned; of each row; borrowed */
    size_t count;
    size_t room;
    /* may move the row's time, and end the session, but not destroy it */
    void (*silent)(struct media_transport *t, usec_t now);
};

/* patience: the shortest silence that matters; it is noticed soon after */
void consent_init(struct consent *consent, struct timer_wheel *wheel,
                  usec_t patience,
                  void (*silent)(struct media_transport *t, usec_t now));
void consent_fini(struct consent *consent);

/* silent() is called soon after "due", while it stays that.  SFU_ERR_NOMEM */
int consent_watch(struct consent *consent, struct media_transport *t,
                  usec_t now, usec_t due);
/* these two leave one alone that is not watched */
void consent_move(struct consent *consent, const struct media_transport *t,
                  usec_t due);
void consent_forget(struct consent *consent, struct media_transport *t);

#endif
