/*
 * sfu/observer.h - who wants to know what becomes of a session.
 * Copyright (C) the ngx_sfu_module authors
 *
 * For what is built of sessions: rooms, and signaling channels that the
 * worker takes part in.  Embed it, and put it into sfu_session.observer; take
 * it out again when you go before the session does.  Any of the functions may
 * be NULL; they are called last, so any of them may end other sessions.
 */

#ifndef SFU_SFU_OBSERVER_H
#define SFU_SFU_OBSERVER_H

#include <stdint.h>

struct sfu_observer {
    /* media can flow, also after it could not for a while */
    void (*connected)(struct sfu_observer *observer);
    /* so can messages of data channels */
    void (*data_up)(struct sfu_observer *observer);
    /* text on a channel that tells; borrowed */
    void (*told)(struct sfu_observer *observer, uint16_t stream,
                 const char *text);
    /* the session is no more, nor does it know the observer */
    void (*ended)(struct sfu_observer *observer);
};

#endif
