
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * The gateways of Arbiter: HTTP to find, claim and create rooms, and a
 * WebSocket on which clients, and foreign SFUs, shake hands.  docs/arbiter.md
 * describes both; section numbers in the comments of this folder are that
 * page's.  Rooms, and our own SFU, are the worker's (include/sfu_ipc_room.h).
 */


#ifndef _NGX_SFU_ARBITER_H_INCLUDED_
#define _NGX_SFU_ARBITER_H_INCLUDED_


#include <ngx_http_sfu_module.h>
#include <ngx_sfu_arbiter_message.h>
#include <ngx_sfu_feed.h>
#include <sfu_ipc_room.h>


/* data channels of the producer connection, which both sides know (5.4) */

#define NGX_SFU_ARBITER_CHAT      100
#define NGX_SFU_ARBITER_FEATURES  110


/* what the senders of messages are told, as it was published (4) */

#define NGX_SFU_ARBITER_OK         "OK"
#define NGX_SFU_ARBITER_NO_TYPE    "Missing valid type property"
#define NGX_SFU_ARBITER_NO_ID      "Missing valid id property"
#define NGX_SFU_ARBITER_STRANGER   "WebSOcket Connection Not Found"
#define NGX_SFU_ARBITER_FAILED     "Internal Server Error"
#define NGX_SFU_ARBITER_FORBIDDEN  "Forbidden"


typedef enum {
    NGX_SFU_ARBITER_NONE = 0,
    NGX_SFU_ARBITER_PREFLIGHT,
    NGX_SFU_ARBITER_GET,
    NGX_SFU_ARBITER_CLAIM,
    NGX_SFU_ARBITER_CREATE,
    NGX_SFU_ARBITER_CONNECT
} ngx_sfu_arbiter_call_e;


/* which results clients are told of (4) */

typedef enum {
    NGX_SFU_ARBITER_STATUS_OFF = 0,
    NGX_SFU_ARBITER_STATUS_ERRORS,
    NGX_SFU_ARBITER_STATUS_ALL
} ngx_sfu_arbiter_status_e;


typedef struct {
    ngx_int_t                      idle_rooms;  /* kept without a claim */
    ngx_int_t                      max_rooms;   /* of the worker's own */
    ngx_uint_t                     status;
} ngx_sfu_arbiter_loc_conf_t;


typedef enum {
    NGX_SFU_ARBITER_UNKNOWN = 0,           /* it has not identified itself */
    NGX_SFU_ARBITER_CLIENT,
    NGX_SFU_ARBITER_SFU
} ngx_sfu_arbiter_type_e;


/* a WebSocket, and what it has said of itself */

typedef struct {
    ngx_sfu_ws_t                  *ws;
    ngx_http_sfu_loc_conf_t       *conf;
    ngx_uint_t                     status;      /* which results it is told */
    ngx_sfu_ipc_t                 *ipc;
    ngx_sfu_feed_member_t          member;

    ngx_sfu_arbiter_type_e         type;
    json_t                        *id;     /* owned: strings, or NULL */
    json_t                        *room;
    unsigned                       numeric:1;   /* its id was a number */

    u_char                         name[16];    /* "connectionId" */
    ngx_uint_t                     requests;
} ngx_sfu_arbiter_client_t;


/* ngx_sfu_arbiter_error.c */

extern const ngx_http_sfu_failure_t  ngx_sfu_arbiter_failures[];
extern const ngx_http_sfu_failure_t  ngx_sfu_arbiter_create_failures[];
extern const ngx_http_sfu_error_t    ngx_sfu_arbiter_not_found;
extern const ngx_http_sfu_error_t    ngx_sfu_arbiter_missing_path;
extern const ngx_http_sfu_error_t    ngx_sfu_arbiter_broken;

json_t *ngx_sfu_arbiter_document(const ngx_http_sfu_error_t *error,
    const char *text);


/* ngx_sfu_arbiter_client.c */

/* 4.1: the request becomes a WebSocket, or is refused */
ngx_int_t ngx_sfu_arbiter_connect(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx);
/* 4: a status frame, if it is wanted */
void ngx_sfu_arbiter_tell_status(ngx_sfu_arbiter_client_t *client,
    const char *action, ngx_uint_t status, const char *text);
/* it has to identify itself again */
void ngx_sfu_arbiter_forget(ngx_sfu_arbiter_client_t *client);


/* ngx_sfu_arbiter_route.c */

/* 4.2, 4.3: what a message wants; its result is told */
void ngx_sfu_arbiter_route(ngx_sfu_arbiter_client_t *client,
    ngx_sfu_arbiter_message_t *message);
/* the result is told to nobody; the message is taken over */
void ngx_sfu_arbiter_ask_silently(ngx_sfu_arbiter_client_t *client,
    json_t *message);
/* to the worker, as it was told before */
void ngx_sfu_arbiter_enter_again(ngx_sfu_arbiter_client_t *client);


/* NGX_ERROR: no memory; the message is taken over */
ngx_int_t ngx_sfu_arbiter_ask(ngx_sfu_arbiter_client_t *client,
    json_t *message, ngx_sfu_feed_reply_pt handler);
/* each handler of it begins so: there may be room for more messages */
void ngx_sfu_arbiter_answered(ngx_sfu_arbiter_client_t *client);
/* NULL: all is well */
const char *ngx_sfu_arbiter_error(ngx_sfu_ipc_result_e result,
    json_t *reply);


/* ngx_sfu_arbiter_handshake.c */

void ngx_sfu_arbiter_handshake(ngx_sfu_arbiter_client_t *client,
    ngx_sfu_arbiter_message_t *message);


/* ngx_sfu_arbiter_event.c */

/* what the worker says of the room */
void ngx_sfu_arbiter_event(ngx_sfu_feed_member_t *member, const char *name,
    json_t *event);


extern ngx_module_t  ngx_http_sfu_arbiter_module;


#endif /* _NGX_SFU_ARBITER_H_INCLUDED_ */
