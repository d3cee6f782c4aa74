/*
 * include/sfu_ipc_channel.h - signaling channels: one master, many viewers.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A channel has a name within a scope of an app; every request but those of a
 * connection has
 *     "app", "scope", "name"
 *     "created"  milliseconds since 1970, which tells a channel from an
 *                earlier one of the same name (not in create and list; where it
 *                is left out, any will do)
 * and fails with SFU_IPC_ERR_CHANNEL_NOT_FOUND where there is none.  Channels
 * and their tags are kept in the store and outlive the worker; who is
 * connected, and messages, do not.
 *
 * A channel in a reply is
 *     { "name", "created": ms, "version": 1 to 64 letters and digits,
 *       "ttl": seconds, "storage"?: what its media is recorded to }
 */

#ifndef SFU_IPC_CHANNEL_H
#define SFU_IPC_CHANNEL_H

#include "sfu_ipc_events.h"

/* bytes of UTF-8 */
#define SFU_IPC_SCOPE_MAX 128
#define SFU_IPC_CHANNEL_NAME_MAX 256
#define SFU_IPC_CLIENT_ID_MAX 256
#define SFU_IPC_PAYLOAD_MAX (16 * 1024)
#define SFU_IPC_STORAGE_MAX 1024
#define SFU_IPC_CHANNEL_VERSION_MAX 64
#define SFU_IPC_CHANNEL_TAGS_MAX 128    /* of a request */
#define SFU_IPC_CHANNEL_LIMIT_MAX (1 << 30)     /* what a limit may be */
#define SFU_IPC_TAG_KEY_MAX 512         /* 128 characters */
#define SFU_IPC_TAG_VALUE_MAX 1024      /* 256 characters */

/*
 * { "ttl": seconds, "tags"?: { key: value }, "max": channels in this scope }
 * -> { "channel" } or SFU_IPC_ERR_EXISTS, SFU_IPC_ERR_LIMIT
 */
#define SFU_IPC_REQ_CHANNEL_CREATE "channel.create"

/* {} -> { "channel", "tags": { key: value } } */
#define SFU_IPC_REQ_CHANNEL_GET "channel.get"

/*
 * { "prefix"?: string, "after"?: name, "max": n }
 * -> { "channels": [channel], "more": bool }: in the order of their names, at
 * most 1000 at once
 */
#define SFU_IPC_REQ_CHANNEL_LIST "channel.list"

/*
 * { "version"?, "ttl"?: seconds, "storage"?: string, empty for none }
 * -> { "channel" } or SFU_IPC_ERR_VERSION_MISMATCH
 * What is stored already keeps its old time to live.
 */
#define SFU_IPC_REQ_CHANNEL_UPDATE "channel.update"

/* { "version"? } -> {}: its connections end as "deleted" */
#define SFU_IPC_REQ_CHANNEL_DELETE "channel.delete"

/*
 * { "set"?: { key: value }, "remove"?: [key], "max": tags of the channel }
 * -> {} or SFU_IPC_ERR_LIMIT
 */
#define SFU_IPC_REQ_CHANNEL_TAG "channel.tag"

/*
 * { "feed", "connection", "born", "role": "master" | "viewer", "client"?: id,
 *   "again"?: bool, "viewers": n, "rate": connects a second, 0: any,
 *   "queue": { "messages": n, "bytes": n, "clients": n }, "fanout": bool,
 *   "as"?: what the worker is called at this master, as a viewer }
 * -> { "mode": "relay" | "fanout" | "storage" } or SFU_IPC_ERR_LIMIT (viewers),
 *    SFU_IPC_ERR_RATE
 * From then on it is the master, or the viewer with this id; who was ends as
 * "replaced".  It gets what waits for it as SFU_IPC_EVENT_MESSAGE.  "again":
 * the worker was restarted, so no rate counts, and of two the one that is
 * younger by "born" stays.  A viewer that comes again with its id is admitted,
 * however many there are.  Limits are those of nginx' configuration, 0 for
 * none; the last one told counts.
 */
#define SFU_IPC_REQ_CHANNEL_CONNECT "channel.connect"

/* { "feed", "connection" } -> {} */
#define SFU_IPC_REQ_CHANNEL_DISCONNECT "channel.disconnect"

/*
 * { "feed", "connection", "kind": "offer" | "answer" | "candidate",
 *   "to"?: client id, of a master's message, "payload": string,
 *   "sdp"?: string, "candidate"?: { "candidate": string, "mid"?: string,
 *                                   "index"?: n, "ufrag"?: string } }
 * -> {} or SFU_IPC_ERR_LIMIT (nothing more is kept for who is away),
 *    SFU_IPC_ERR_NOT_CONNECTED (not the current one any more),
 *    SFU_IPC_ERR_SDP_MALFORMED, SFU_IPC_ERR_SDP_UNACCEPTABLE
 * "payload" goes to the other side as it is, at once or when it connects in
 * the channel's time to live; a later offer or answer of the same sender to
 * the same recipient takes the place of one that still waits.  Where the
 * worker is the other side ("mode"), it takes "sdp" or "candidate" instead,
 * which nginx has read from the payload and gives then only.
 */
#define SFU_IPC_REQ_CHANNEL_SEND "channel.send"

/*
 * { "from": client id, "payload": an offer } -> { "payload": the answer }
 * or SFU_IPC_ERR_NO_ANSWER at the end of the time to live, or of "timeout";
 * SFU_IPC_ERR_LIMIT: too many are asked; SFU_IPC_ERR_DRAINING: the worker
 * stops.  As a viewer that is there for this one question.
 */
#define SFU_IPC_REQ_CHANNEL_CALL "channel.call"

/*
 * { "client"?: id of a viewer; else the master } -> {}
 * or SFU_IPC_ERR_INVALID: the channel has no storage.  The worker offers, as
 * SFU_IPC_EVENT_OFFER, and is the other side from then on, whatever the "mode"
 * was when the client connected.
 */
#define SFU_IPC_REQ_CHANNEL_JOIN "channel.join"

/*
 * { "kind": "offer" | "answer" | "candidate", "from"?: client id, at a master,
 *   "payload" }
 */
#define SFU_IPC_EVENT_MESSAGE "message"

/*
 * SFU_IPC_EVENT_OFFER and SFU_IPC_EVENT_ANSWER have "from", too, at a master:
 * the id of the viewer that the worker is (fanout).
 */

/*
 * The last description cannot be served (no codec in common):
 * { "detail" }.  The connection stays.
 */
#define SFU_IPC_EVENT_REFUSED "refused"

#endif
