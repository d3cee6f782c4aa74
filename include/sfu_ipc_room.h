/*
 * include/sfu_ipc_room.h - rooms: everybody sees everybody else.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A room of an app is served by the worker, or by a foreign SFU that is
 * connected to nginx as its clients are.  A participant publishes in one
 * session, and has one more for each other participant, which the worker
 * offers.  Rooms and what they are claimed for are kept in the store, those of
 * a foreign SFU live as long as its connection.
 */

#ifndef SFU_IPC_ROOM_H
#define SFU_IPC_ROOM_H

#include "sfu_ipc_events.h"

/* bytes of UTF-8 */
#define SFU_IPC_ROOM_ID_MAX 256
#define SFU_IPC_PARTICIPANT_ID_MAX 256
#define SFU_IPC_ROOM_PATH_MAX 2048
#define SFU_IPC_ROOM_TEXT_MAX (128 * 1024)

/*
 * A room in a reply is { "room": id, "path"?: claimed for, "foreign": bool,
 * "numeric": bool, of a foreign SFU that calls itself by a number }.
 * "ready": rooms without a claim that the worker keeps in this app; "max":
 * rooms of its own there may be in it.
 */

/* { "app", "max": n } -> a room, or SFU_IPC_ERR_LIMIT */
#define SFU_IPC_REQ_ROOM_CREATE "room.create"

/* { "app", "path", "ready", "max" } -> a room, or SFU_IPC_ERR_ROOM_NOT_FOUND */
#define SFU_IPC_REQ_ROOM_FIND "room.find"

/*
 * { "app", "path", "ready", "max" } -> a room, or SFU_IPC_ERR_ROOM_NOT_FOUND
 * The one that has this claim, or else the oldest without any.
 */
#define SFU_IPC_REQ_ROOM_CLAIM "room.claim"

/*
 * { "app", "feed", "connection", "born", "room"?: id,
 *   "participant": id, "again"?: bool }
 *                                 a participant; the room need not exist
 * { "app", "feed", "connection", "born", "room": id, "serves": true,
 *   "numeric"?: bool, "again"?: bool }
 * -> {}                           a foreign SFU: now the room exists
 * A connection that had entered leaves first.  Who enters with the same id as
 * another connection takes its place, and that one ends as "replaced".  "again":
 * the worker was restarted, and of two the one that is younger by "born" stays.
 */
#define SFU_IPC_REQ_ROOM_ENTER "room.enter"

/* { "feed", "connection" } -> {} */
#define SFU_IPC_REQ_ROOM_LEAVE "room.leave"

/*
 * { "feed", "connection", "room"?: id, else the one it entered,
 *   "text": for a foreign SFU, or from one to "to",
 *   "to"?: participant, from a foreign SFU,
 *   "sender"?: what the participant calls itself here, and wants to be called
 *              in answers,
 *   "about"?: whose media; without it the sender's own,
 *   "offer"? | "answer"?: sdp, "candidate"?: as of SFU_IPC_REQ_CHANNEL_SEND,
 *   "channels"?: [{ "name", "id": n, "use": "share" | "tell" }] }
 * -> {} or SFU_IPC_ERR_NOT_CONNECTED (it did not enter),
 *    SFU_IPC_ERR_TARGET_GONE, SFU_IPC_ERR_SDP_MALFORMED, SFU_IPC_ERR_SDP_UNACCEPTABLE ...
 * While too many join at once an offer is answered later.
 * Data channels go with the offer of the sender's own media, with ids that both
 * sides know beforehand.  What is said on a shared one all others get; on one
 * to tell it becomes SFU_IPC_EVENT_TOLD.
 */
#define SFU_IPC_REQ_ROOM_SEND "room.send"

/*
 * { "feed", "connection", "audio": bool, "video": bool, "introduce": bool }
 * -> {}: what the participant says of its media; until then it is what its
 * offer had.  All others get SFU_IPC_EVENT_STATE, and, with "introduce", it
 * gets one of each other.
 */
#define SFU_IPC_REQ_ROOM_STATE "room.state"

/*
 * { "feed", "connection", "id": of a channel, "text", "about"?: participant }
 * -> {}: to this one, unless the participant it is about has left.
 */
#define SFU_IPC_REQ_ROOM_TELL "room.tell"

/* { "text" }: from the foreign SFU, or to it */
#define SFU_IPC_EVENT_TEXT "text"

/*
 * SFU_IPC_EVENT_OFFER has "to": what the participant calls itself, "room" and
 * "about": another participant, whose media is offered; SFU_IPC_EVENT_ANSWER
 * "to" and "room", and answers the participant's own offer.
 */

/* { "participant" }: it left the room; nothing names it any more */
#define SFU_IPC_EVENT_LEFT "left"

/* {}: the room's foreign SFU is gone */
#define SFU_IPC_EVENT_UNSERVED "unserved"

/* { "participant", "audio": bool, "video": bool }: to be told to this one */
#define SFU_IPC_EVENT_STATE "state"

/* { "id": of the channel, "text" }: this one said it on a channel to tell */
#define SFU_IPC_EVENT_TOLD "told"

#endif
