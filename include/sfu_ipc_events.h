/*
 * include/sfu_ipc_events.h - what the worker tells nginx by itself.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A WebSocket at nginx is a "connection" here.  Each nginx process has one
 * feed at each worker, and numbers its connections: a request that makes one
 * known (SFU_IPC_REQ_CHANNEL_CONNECT, SFU_IPC_REQ_ROOM_ENTER) has
 *     "feed"        SFU_IPC_FEED_ID_LEN hexadecimal digits, random, new with
 *                   each nginx process
 *     "connection"  a number from 1 on, never used again with this feed
 *     "born"        milliseconds since 1970 at which the client came: where
 *                   only one may be, the youngest is, also after a restart of
 *                   the worker, when all come again in any order
 * and all later requests for it have the first two.
 *
 * Events are a cursor and no broadcast: nothing is lost while both sides live,
 * however slow the one or the other is.
 */

#ifndef SFU_IPC_EVENTS_H
#define SFU_IPC_EVENTS_H

#define SFU_IPC_FEED_ID_LEN 16

/*
 * { "feed", "since": n, "wait": ms, at most 10 s }
 * -> { "epoch": n, "last": n,
 *      "events": [{ "connection": n, "event": name, ... }] }
 * Answered as soon as there is an event, or after "wait" with none; events
 * come in order, those that a reply has are numbered up to "last".  "since"
 * is the "last" of the reply before, 0 at first: what it acknowledges is
 * forgotten, what it does not is said again.  One request waits at a time: a
 * second one of the same feed answers the first, without events.
 *
 * A feed that was not asked for during the worker's feed time (5 s) is gone
 * with its connections, as if each had left.  Who asks for it again has another
 * "epoch" then, as after a restart of the worker: all its connections have to
 * come again, and "last" counts from the beginning.
 */
#define SFU_IPC_REQ_EVENTS_NEXT "events.next"

/* { "feed" } -> {}: the process ends, its connections are gone */
#define SFU_IPC_REQ_EVENTS_END "events.end"

/*
 * The connection is forgotten by the worker, nothing follows.
 * { "reason": "overflow" (it did not take its events) | "replaced" (there is a
 *   younger one in its place) | "deleted" (what it was connected to) }
 */
#define SFU_IPC_EVENT_END "end"

/*
 * A description of the worker's own, { "sdp", and more, by whom it is }.  All
 * candidates are in it.
 */
#define SFU_IPC_EVENT_OFFER "offer"
#define SFU_IPC_EVENT_ANSWER "answer"

#endif
