/*
 * include/sfu_ipc.h - what nginx and sfu-worker say to each other.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Transport: nanomsg, nginx with a raw REQ socket for each worker, the worker
 * with one raw REP socket.  A message is one JSON object in UTF-8.  The id in
 * the SP header matches reply and request; many requests are in flight at
 * once and replies come in any order.
 *
 * A request has
 *     "type"     one of SFU_IPC_REQ_*
 *     "request"  a string for the log lines of both sides
 *     "timeout"  milliseconds for which the asker still waits
 * and, but for hello and status,
 *     "app"      the tenant; a session of another app does not exist
 *     "session"  its id (not in session.create and session.list)
 *
 * A reply always has
 *     "worker"   SFU_IPC_WORKER_ID_LEN hexadecimal digits, new at each start
 * and either the members described at the request, or
 *     "error"    one of SFU_IPC_ERR_*
 *     "detail"   words for people
 * An entry of a "tracks" or "channels" list fails by itself with the same two
 * members, where "error" is one of SFU_IPC_TRACK_*.
 *
 * Unknown members are ignored; absent and null mean the same.  A message that
 * is not understood costs that message: the worker answers it with
 * SFU_IPC_ERR_MALFORMED where it has a header to answer to, nginx drops it and
 * lets the deadline of the request, if any, pass.
 *
 * Signaling has files of its own: sfu_ipc_events.h, sfu_ipc_channel.h and
 * sfu_ipc_room.h.  docs/ipc.md has examples.
 */

#ifndef SFU_IPC_H
#define SFU_IPC_H

/* raised when a reader of the old version would misunderstand the new one */
#define SFU_IPC_VERSION 1

/* bytes of one message; anything longer is dropped by the socket */
#define SFU_IPC_MESSAGE_MAX (4 * 1024 * 1024)

/* characters, without a terminating zero */
#define SFU_IPC_WORKER_ID_LEN 8
/* a session id is the id of its worker and 24 random hexadecimal digits */
#define SFU_IPC_SESSION_ID_LEN 32
#define SFU_IPC_APP_ID_MAX 64
#define SFU_IPC_TRACK_NAME_MAX 256
#define SFU_IPC_STREAM_NAME_MAX 128
#define SFU_IPC_MID_MAX 128
#define SFU_IPC_TRACKS_MAX 64
#define SFU_IPC_CHANNELS_MAX 64
#define SFU_IPC_LAYERS_MAX 8
#define SFU_IPC_LABEL_MAX 1024
#define SFU_IPC_METADATA_MAX 1024

/*
 * { "version": SFU_IPC_VERSION, "peer": "nginx 1.22.1 #4711" }
 * -> { "version": n, "sessions": n, "draining": bool }
 * or SFU_IPC_ERR_VERSION.  Asked at connection, and again every few seconds:
 * the answer is the sign of life and the load.
 */
#define SFU_IPC_REQ_HELLO "hello"

/*
 * { "label"?: string, "metadata"?: string, "offer"?: sdp }
 * -> { "session": id, "answer"?: sdp }
 * "label" is for log lines, "metadata" for SFU_IPC_REQ_LIST.  With
 * "controlling": true the peer is ICE-lite, a server like us: offers say that
 * we are not, and the candidates of its answer are checked.
 *
 * A session may have a name in its app, which is as good as its id wherever a
 * publisher is named: with "stream": name and an offer, all that the offer
 * sends is published, as "video", "audio", then "video-2" and so on; a session
 * that had the name ends.  With "watch": name and an offer, all tracks of that
 * stream are subscribed to, as far as the offer has room; the reply waits for
 * them as SFU_IPC_REQ_SUBSCRIBE does.
 * -> { "session", "answer", "etag", "tracks": [{ "name", "mid", "kind" }] }
 * "etag" names the ICE credentials, for SFU_IPC_REQ_TRICKLE.
 */
#define SFU_IPC_REQ_CREATE "session.create"

/*
 * "by_name": true in any of the following is for clients that know tracks by
 * their names alone, and leave it to us which m-section carries what.  All
 * tracks of a request succeed or, with an error of the request (which may be
 * one of SFU_IPC_TRACK_*), nothing has changed.  An offer of ours that is not
 * answered is in nobody's way: our next one contains it, and the client's
 * takes it back until then.  Either direction of an m-section has a life of
 * its own.  Besides,
 *   create       the offer may have no m-section at all
 *   publish      "mid" is a hint; else the msid tells, or there is only one
 *                section left.  A name or a section that is used is used anew
 *   subscribe    waits for nothing; a track is sent once; there is an offer,
 *                even when nothing is new.  "msid" names session and track
 *   close_tracks of what the session publishes, else of what it subscribes to
 * and tracks that were published so do not end because they are silent.
 */

/*
 * { "offer"?: sdp, "discover"?: bool,
 *   "tracks": [{ "name", "mid"?, "kind"?: "audio" | "video",
 *                "bidirectional"?: bool, "label"?: string }] }
 * -> { "answer" or "offer": sdp, "tracks": [{ "name", "mid", "kind" } | error] }
 * Without an offer the worker offers to receive; with "discover" and no
 * tracks the worker names every sending section that has no name.  Entries
 * come in the order asked for.  "label" is for SFU_IPC_REQ_GET.
 */
#define SFU_IPC_REQ_PUBLISH "session.publish"

/*
 * { "offer"?: sdp, "tracks": [{ "publisher": session id, "name",
 *                               "kind"?, "mid"?, "layers"? }] }
 * -> { "answer" or "offer"?: sdp,
 *      "tracks": [{ "publisher", "name", "mid", "kind" } | error] }
 * Waits for the session's transport and for the tracks' first packets, at
 * most the worker's hold time.  No description when there is nothing to
 * negotiate.
 *
 * "layers": { "rid"?: string, "by_priority"?: bool, "by_availability"?: bool,
 *             "spatial"?: n, "temporal"?: n }
 * The encoding of simulcast that is wanted; without "rid", or with an empty
 * one, as much as gets through.  "by_priority": a later one in the order of
 * names, when packets are lost; "by_availability": while this one is not
 * published.  Of SVC, n layers from the lowest; 0: all.
 */
#define SFU_IPC_REQ_SUBSCRIBE "session.subscribe"

/*
 * { "answer": sdp } -> {}    or    { "offer": sdp } -> { "answer": sdp }
 * { "description": sdp } is an answer when an offer of ours waits for one, or
 * when it was the last one; else an offer.
 */
#define SFU_IPC_REQ_RENEGOTIATE "session.renegotiate"

/*
 * { "force"?: bool, "offer"?: sdp,
 *   "tracks": [{ "mid"?, "name"?, "publisher"? }] }
 * -> { "answer" or "offer"?: sdp, "tracks": [{ "mid"?, "name"? } | error] }
 * Forced: nothing is negotiated, an offer is ignored.  Neither forced nor
 * offered: the worker offers the sections as inactive, and that offer may
 * be ignored.
 */
#define SFU_IPC_REQ_CLOSE "session.close_tracks"

/*
 * { "tracks": [{ "publisher": session id, "name", "mid"?, "layers"? }] }
 * -> { "tracks": [{ "publisher", "name", "mid", "kind" } | error] }
 * "mid" is the subscriber's.  A track that is sent there gets other layers; in
 * the place of another one it goes on as the same stream, without a
 * description.  Never waits, and an offer that is pending does not matter.
 */
#define SFU_IPC_REQ_UPDATE "session.update_tracks"

/*
 * {} -> { "state": "new" | "connecting" | "connected" | "disconnected",
 *         "tracks": [{ "direction": "local" | "remote", "name", "mid", "kind",
 *                      "label"?, "publisher"?, "active": bool }],
 *         "channels"?: [{ "direction", "name", "id", "publisher"?,
 *                         "state": "initializing" | "active" | "inactive" }] }
 * "publisher" is there for remote tracks, and channels.
 */
#define SFU_IPC_REQ_GET "session.get"

/*
 * { "fragment": candidates and credentials of the client (RFC 8840),
 *   "match"?: an entity tag, or "*" } -> {}
 * or, when the credentials are new ones and ICE restarts,
 * -> { "fragment": ours, "etag": the new one }
 */
#define SFU_IPC_REQ_TRICKLE "session.trickle"

/*
 * Data channels.  { "offer"?: sdp, "channels"?: [{ "name", "id"? }] }
 * -> { "answer" or "offer": sdp, "channels"?: [{ "name", "id" }] }
 * Without an offer the worker offers the m-section.  The channel, one at most,
 * is opened in-band as soon as it can be: by the worker where the worker
 * offers, else by the client.  Nobody can subscribe to it.
 */
#define SFU_IPC_REQ_ESTABLISH "session.establish_channels"

/*
 * { "channels": [{ "name", "id"?, "ordered"?: bool, "max_retransmits"?: n,
 *                  "max_lifetime"?: ms }] }
 * -> { "channels": [{ "name", "id" } | error] }
 * Both sides of a channel agree on its id here; without a wish it is the
 * lowest that is free, from 1 on.  Waits for the session's transport, at most
 * the worker's hold time.  A channel that the client opens in-band is
 * published under its label, without being asked for.
 */
#define SFU_IPC_REQ_PUBLISH_CHANNELS "session.publish_channels"

/*
 * { "channels": [{ "publisher", "name", as above,
 *                  "wait_ack"?: bool, "can_reply"?: bool }] }
 * -> { "channels": [{ "publisher", "name", "id" } | error] }
 * What is not said of delivery is as published.  "wait_ack": nothing is sent
 * before the subscriber's first message, which goes nowhere.  "can_reply":
 * its messages go to the publisher, and those of no other subscriber.
 */
#define SFU_IPC_REQ_SUBSCRIBE_CHANNELS "session.subscribe_channels"

/*
 * { "channels": [{ "publisher", "name", "id"?, "can_reply": bool }] }
 * -> { "channels": [{ "publisher", "name", "id", "can_reply" } | error] }
 */
#define SFU_IPC_REQ_UPDATE_CHANNELS "session.update_channels"

/* { "channels": [{ "id" }] } -> { "channels": [{ "id" } | error] } */
#define SFU_IPC_REQ_CLOSE_CHANNELS "session.close_channels"

/* {} -> {}: the session is over */
#define SFU_IPC_REQ_END "session.end"

/*
 * { "after"?: number }
 * -> { "sessions": [{ "session": id, "state", "metadata"? }],
 *      "after"?: number }
 * Those of the app, the oldest first.  "after" is there when there are more,
 * and is to be given with the next request.
 */
#define SFU_IPC_REQ_LIST "session.list"

/*
 * { "app"?, "session"? } -> figures, see docs/ipc.md.  With "session", those
 * of this session and of its tracks; with "app" alone, its newest sessions.
 */
#define SFU_IPC_REQ_STATUS "status"

/* the whole request failed */
#define SFU_IPC_ERR_VERSION "version"                   /* hello only */
#define SFU_IPC_ERR_MALFORMED "malformed"               /* not as above */
#define SFU_IPC_ERR_UNKNOWN_TYPE "unknown_type"
#define SFU_IPC_ERR_INVALID "invalid"                   /* makes no sense */
#define SFU_IPC_ERR_SESSION_GONE "session_gone"         /* or never was */
#define SFU_IPC_ERR_NOT_CONNECTED "not_connected"       /* waited for it */
#define SFU_IPC_ERR_OFFER_PENDING "offer_pending"       /* ours, unanswered */
#define SFU_IPC_ERR_NO_OFFER "no_offer"                 /* nothing to answer */
#define SFU_IPC_ERR_SDP_MALFORMED "sdp_malformed"
#define SFU_IPC_ERR_SDP_UNACCEPTABLE "sdp_unacceptable" /* not in this state */
#define SFU_IPC_ERR_STREAM_NOT_FOUND "stream_not_found" /* "watch" */
#define SFU_IPC_ERR_MATCH_MISSING "match_missing"       /* "match" */
#define SFU_IPC_ERR_MATCH_FAILED "match_failed"
#define SFU_IPC_ERR_ESTABLISHED "established"           /* data channels are */
#define SFU_IPC_ERR_LIMIT "limit"                       /* worker is full */
#define SFU_IPC_ERR_RATE "rate"                         /* slow down */
#define SFU_IPC_ERR_DRAINING "draining"                 /* ask another worker */
#define SFU_IPC_ERR_CHANNEL_NOT_FOUND "channel_not_found"
#define SFU_IPC_ERR_EXISTS "exists"                     /* that name */
#define SFU_IPC_ERR_VERSION_MISMATCH "version_mismatch" /* somebody was first */
#define SFU_IPC_ERR_NO_ANSWER "no_answer"               /* waited for it */
#define SFU_IPC_ERR_ROOM_NOT_FOUND "room_not_found"
#define SFU_IPC_ERR_TARGET_GONE "target_gone"           /* nobody to send to */
#define SFU_IPC_ERR_STORE "store"                       /* cannot be written */
#define SFU_IPC_ERR_INTERNAL "internal"

/* one track, or data channel, of the request failed */
#define SFU_IPC_TRACK_NOT_FOUND "track_not_found"       /* no such, or down */
#define SFU_IPC_TRACK_SILENT "track_silent"             /* waited for media */
#define SFU_IPC_TRACK_REPEATED "track_repeated"         /* name is taken */
#define SFU_IPC_TRACK_NOT_OPEN "track_not_open"         /* nothing to close */
#define SFU_IPC_TRACK_NO_LAYERS "track_no_layers"       /* nor another source */
#define SFU_IPC_TRACK_FAILED "track_failed"
#define SFU_IPC_TRACK_INTERNAL "track_internal"

#endif
