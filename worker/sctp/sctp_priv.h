/*
 * sctp/sctp_priv.h - what stack and associations share.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_SCTP_PRIV_H
#define SFU_SCTP_PRIV_H

#include <stdbool.h>

#include "base/list.h"
#include "sctp/association.h"

struct socket;                          /* usrsctp's */

/*
 * What usrsctp takes for an address.  It may still use one after the socket
 * was closed, so these are kept for a while, and freed with the stack.
 */
struct sfu_sctp_address {
    struct list node;                   /* in sfu_sctp_stack.unused */
    struct sfu_sctp_address *all;           /* the next of all */
    struct sfu_sctp_association *association;   /* NULL: nobody's any more */
    usec_t unused_since;
};

struct sfu_sctp_stack {
    const struct sfu_sctp_settings *settings;   /* borrowed */
    size_t associations;
    usec_t now;
    usec_t ticked;
    usec_t active;                      /* something last came or went */
    struct list ready;                  /* of associations with news */
    bool working;                       /* on that list */
    struct list unused;                 /* of struct sfu_sctp_address */
    struct sfu_sctp_address *addresses;     /* owned: all there are */
    uint8_t *buffer;                    /* owned: a message and a byte */
};

struct sfu_sctp_association {
    struct sfu_sctp_stack *stack;       /* borrowed */
    const struct sfu_sctp_events *events;       /* borrowed */
    void *ctx;
    struct list ready;
    struct socket *socket;              /* owned */
    struct sfu_sctp_address *address;
    bool up;
    bool down;

    /* a message that comes in pieces */
    uint8_t *partial;                   /* owned */
    size_t partial_len;
    bool partial_lost;                  /* too long, or no memory */

    /* streams that are to be reset: one request at a time is all SCTP has */
    uint16_t *resets;                   /* owned */
    size_t reset_count;
    size_t reset_room;
};

/* association.c: there is news; it is looked at when usrsctp was left */
void sfu_sctp_ready(struct sfu_sctp_association *a);
/* an option of usrsctp's; false: refused */
bool sfu_sctp_set(struct sfu_sctp_association *a, int option,
                  const void *value, size_t len);
void sfu_sctp_close_socket(struct sfu_sctp_association *a);

/* send.c: as many of those asked for as SCTP lets us */
void sfu_sctp_try_resets(struct sfu_sctp_association *a);

/* receive.c: reads what is there, and tells */
void sfu_sctp_association_work(struct sfu_sctp_association *association);

/* stack.c: NULL: out of memory */
struct sfu_sctp_address *sfu_sctp_address_take(struct sfu_sctp_stack *stack);
void sfu_sctp_address_leave(struct sfu_sctp_stack *stack,
                        struct sfu_sctp_address *address);
/* usrsctp was left: now what was noted meanwhile is done */
void sfu_sctp_stack_work(struct sfu_sctp_stack *stack);

#endif
