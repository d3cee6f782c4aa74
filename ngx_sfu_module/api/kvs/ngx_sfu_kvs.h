
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Amazon Kinesis Video Streams with WebRTC: the control plane, signaling over
 * WebSocket, TURN credentials, storage sessions.  docs/kvs.md describes them;
 * section numbers in the comments of this folder are that page's.
 */


#ifndef _NGX_SFU_KVS_H_INCLUDED_
#define _NGX_SFU_KVS_H_INCLUDED_


#include <ngx_http_sfu_module.h>
#include <ngx_http_sfu_signature.h>
#include <ngx_sfu_kvs_name.h>
#include <ngx_sfu_kvs_rate.h>
#include <sfu_ipc_channel.h>


#define NGX_SFU_KVS_TTL            60
#define NGX_SFU_KVS_TTL_MIN        5
#define NGX_SFU_KVS_TTL_MAX        120
#define NGX_SFU_KVS_TAGS_MAX       50
#define NGX_SFU_KVS_ENDPOINT_MAX   512
#define NGX_SFU_KVS_VERSION_MAX    64
#define NGX_SFU_KVS_NO_RATE        NGX_SFU_KVS_NRATES


typedef enum {
    NGX_SFU_KVS_FANOUT_OFF = 0,
    NGX_SFU_KVS_FANOUT_ON,
    NGX_SFU_KVS_FANOUT_TAG
} ngx_sfu_kvs_fanout_e;


typedef struct {
    ngx_array_t                  keys;        /* of ngx_sfu_access_key_t */
    ngx_shm_zone_t              *zone;        /* of buckets */
} ngx_sfu_kvs_main_conf_t;


typedef struct {
    ngx_http_complex_value_t    *endpoint;    /* or NULL */
    ngx_uint_t                   fanout;
    ngx_int_t                    fanout_viewers;
    ngx_int_t                    viewers;
    ngx_int_t                    channels;
    size_t                       payload_max;
    ngx_msec_t                   orphan;            /* 0: closed at once */
    ngx_int_t                    queue_messages;    /* for one who is away */
    size_t                       queue_size;
    ngx_int_t                    queue_clients;
    ngx_sfu_kvs_rate_t           rates[NGX_SFU_KVS_NRATES];
} ngx_sfu_kvs_loc_conf_t;


/* in the order of their names in ngx_sfu_kvs.c */

typedef enum {
    NGX_SFU_KVS_NONE = 0,
    NGX_SFU_KVS_PREFLIGHT,
    NGX_SFU_KVS_MASTER,
    NGX_SFU_KVS_VIEWER,
    NGX_SFU_KVS_LIST,
    NGX_SFU_KVS_CREATE,
    NGX_SFU_KVS_DESCRIBE,
    NGX_SFU_KVS_UPDATE,
    NGX_SFU_KVS_DELETE,
    NGX_SFU_KVS_ENDPOINT,
    NGX_SFU_KVS_TAG,
    NGX_SFU_KVS_UNTAG,
    NGX_SFU_KVS_TAGS,
    NGX_SFU_KVS_STORAGE,
    NGX_SFU_KVS_UPDATE_STORAGE,
    NGX_SFU_KVS_ICE,
    NGX_SFU_KVS_ALEXA,
    NGX_SFU_KVS_JOIN,
    NGX_SFU_KVS_JOIN_VIEWER,
    NGX_SFU_KVS_NCALLS
} ngx_sfu_kvs_call_e;


/* a request, in ctx->data */

typedef struct {
    ngx_http_sfu_signature_t     signature;
    ngx_str_t                    prefix_path; /* before the operation's */
    ngx_str_t                    scope;       /* region/account */

    /* the channel: of one of the two members, or of both */
    ngx_str_t                    name;
    ngx_str_t                    arn;
    uint64_t                     created;     /* 0: any */
    ngx_str_t                    client;      /* or empty */

    /* GetSignalingChannelEndpoint */
    ngx_uint_t                   protocols;
    ngx_uint_t                   viewer;      /* unsigned  viewer:1 */

    /* ListSignalingChannels */
    ngx_str_t                    prefix;
    ngx_str_t                    after;
    json_int_t                   max;
} ngx_sfu_kvs_t;


/*
 * Adds what the client asked for to the message for the worker, "type"
 * included.  NGX_ERROR: check->error tells what is wrong.
 */
typedef ngx_int_t (*ngx_sfu_kvs_request_pt)(ngx_http_request_t *r,
    ngx_http_sfu_check_t *check, json_t *document, json_t *message);

/*
 * Sends the answer to what the worker has replied without an error.
 * NGX_ERROR: the reply makes no sense.
 */
typedef ngx_int_t (*ngx_sfu_kvs_response_pt)(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, json_t *reply);


typedef struct {
    ngx_str_t                    path;
    ngx_sfu_kvs_request_pt       request;
    ngx_sfu_kvs_response_pt      response;

    /* of the account, and of the channel; or NGX_SFU_KVS_NO_RATE */
    ngx_uint_t                   rate;
    ngx_uint_t                   channel_rate;

    const ngx_http_sfu_error_t  *denied;
    const ngx_http_sfu_error_t  *full;        /* SFU_IPC_ERR_LIMIT */
} ngx_sfu_kvs_op_t;


/* ngx_sfu_kvs.c */

extern ngx_http_sfu_api_t  ngx_sfu_kvs_api;


/* ngx_sfu_kvs_ops.c, both in the order of ngx_sfu_kvs_call_e */

/* operations go by the names that IAM has for them */
extern ngx_str_t           ngx_sfu_kvs_names[];
extern ngx_sfu_kvs_op_t    ngx_sfu_kvs_ops[];


/* ngx_sfu_kvs_error.c */

json_t *ngx_sfu_kvs_document(const ngx_http_sfu_error_t *error,
    const char *text);
ngx_int_t ngx_sfu_kvs_headers(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx);

extern const ngx_http_sfu_failure_t  ngx_sfu_kvs_failures[];

extern const ngx_http_sfu_error_t  ngx_sfu_kvs_invalid;
extern const ngx_http_sfu_error_t  ngx_sfu_kvs_limit;
extern const ngx_http_sfu_error_t  ngx_sfu_kvs_channel_limit;
extern const ngx_http_sfu_error_t  ngx_sfu_kvs_tag_limit;
extern const ngx_http_sfu_error_t  ngx_sfu_kvs_not_found;
extern const ngx_http_sfu_error_t  ngx_sfu_kvs_denied;
extern const ngx_http_sfu_error_t  ngx_sfu_kvs_not_authorized;
extern const ngx_http_sfu_error_t  ngx_sfu_kvs_forbidden;
extern const ngx_http_sfu_error_t  ngx_sfu_kvs_unknown;
extern const ngx_http_sfu_error_t  ngx_sfu_kvs_bad_method;
extern const ngx_http_sfu_error_t  ngx_sfu_kvs_upgrade;
extern const ngx_http_sfu_error_t  ngx_sfu_kvs_serialization;
extern const ngx_http_sfu_error_t  ngx_sfu_kvs_internal;
extern const ngx_http_sfu_error_t  ngx_sfu_kvs_unavailable;


/* ngx_sfu_kvs_auth.c */

/* what ngx_http_sfu_signature_*() said; NULL: nothing is wrong */
const ngx_http_sfu_error_t *ngx_sfu_kvs_signature_error(
    ngx_http_request_t *r, ngx_sfu_kvs_t *kvs, ngx_sfu_sigv4_e result,
    const char **detail);
/* sets kvs->scope; the key has to be for this app, and for the region */
const ngx_http_sfu_error_t *ngx_sfu_kvs_caller_error(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, const char **detail);
/* 1: the key may do this, to some channel at least */
ngx_uint_t ngx_sfu_kvs_may(ngx_sfu_kvs_t *kvs, ngx_str_t *action);
/* 1: this one is among those that it may do it to */
ngx_uint_t ngx_sfu_kvs_may_to(ngx_http_request_t *r, ngx_sfu_kvs_t *kvs,
    ngx_str_t *name, uint64_t created);
/* 1: one of this name may be, whenever it was created */
ngx_uint_t ngx_sfu_kvs_may_to_name(ngx_http_request_t *r, ngx_sfu_kvs_t *kvs,
    ngx_str_t *name);


/* ngx_sfu_kvs_arn.c */

/* 1: its account and region are those of the key */
ngx_uint_t ngx_sfu_kvs_is_callers(ngx_sfu_kvs_t *kvs, ngx_sfu_kvs_arn_t *arn);
/* 1: there can be such a channel */
ngx_uint_t ngx_sfu_kvs_is_channel(ngx_sfu_kvs_arn_t *arn);
/* of a channel of the caller's account; NGX_ERROR: no memory */
ngx_int_t ngx_sfu_kvs_make_arn(ngx_pool_t *pool, ngx_sfu_kvs_t *kvs,
    ngx_str_t *name, uint64_t created, ngx_str_t *arn);


/* ngx_sfu_kvs_member.c: members of the clients' documents */

/* NGX_DECLINED: not there; NGX_ERROR: refused */
ngx_int_t ngx_sfu_kvs_text(ngx_http_sfu_check_t *check, json_t *object,
    const char *name, size_t min, size_t max, ngx_str_t *value);
ngx_int_t ngx_sfu_kvs_name(ngx_http_sfu_check_t *check, json_t *object,
    const char *name, ngx_str_t *value);
ngx_int_t ngx_sfu_kvs_integer(ngx_http_sfu_check_t *check, json_t *object,
    const char *name, json_int_t min, json_int_t max, json_int_t *value);
ngx_int_t ngx_sfu_kvs_arn_member(ngx_http_request_t *r,
    ngx_http_sfu_check_t *check, json_t *object, const char *name);
/* "ChannelName", "ChannelARN", or both */
ngx_int_t ngx_sfu_kvs_channel_members(ngx_http_request_t *r,
    ngx_http_sfu_check_t *check, json_t *object);
/* the message gets what is known of the channel by then */
ngx_int_t ngx_sfu_kvs_set_channel(ngx_http_request_t *r, json_t *message,
    const char *type);
ngx_int_t ngx_sfu_kvs_set_text(json_t *message, const char *name,
    ngx_str_t *value);


/* requests and responses of the operations, see ngx_sfu_kvs_ops.c */

/* ngx_sfu_kvs_channel.c */
ngx_int_t ngx_sfu_kvs_create_request(ngx_http_request_t *r,
    ngx_http_sfu_check_t *check, json_t *document, json_t *message);
ngx_int_t ngx_sfu_kvs_create_response(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, json_t *reply);
ngx_int_t ngx_sfu_kvs_describe_request(ngx_http_request_t *r,
    ngx_http_sfu_check_t *check, json_t *document, json_t *message);
ngx_int_t ngx_sfu_kvs_describe_response(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, json_t *reply);
ngx_int_t ngx_sfu_kvs_update_request(ngx_http_request_t *r,
    ngx_http_sfu_check_t *check, json_t *document, json_t *message);
ngx_int_t ngx_sfu_kvs_delete_request(ngx_http_request_t *r,
    ngx_http_sfu_check_t *check, json_t *document, json_t *message);
/* {} */
ngx_int_t ngx_sfu_kvs_done_response(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, json_t *reply);
/* NULL: the worker's channel makes no sense, or no memory */
json_t *ngx_sfu_kvs_channel_info(ngx_http_sfu_ctx_t *ctx, json_t *channel);

/* ngx_sfu_kvs_list.c */
ngx_int_t ngx_sfu_kvs_list(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    ngx_http_sfu_check_t *check);

/* ngx_sfu_kvs_tag.c */
ngx_int_t ngx_sfu_kvs_tag_request(ngx_http_request_t *r,
    ngx_http_sfu_check_t *check, json_t *document, json_t *message);
ngx_int_t ngx_sfu_kvs_untag_request(ngx_http_request_t *r,
    ngx_http_sfu_check_t *check, json_t *document, json_t *message);
ngx_int_t ngx_sfu_kvs_tags_request(ngx_http_request_t *r,
    ngx_http_sfu_check_t *check, json_t *document, json_t *message);
ngx_int_t ngx_sfu_kvs_tags_response(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, json_t *reply);
/* a list of {"Key", "Value"} becomes an object; NULL: refused */
json_t *ngx_sfu_kvs_parse_tags(ngx_http_sfu_check_t *check, json_t *list);

/* ngx_sfu_kvs_endpoint.c */
ngx_int_t ngx_sfu_kvs_endpoint_request(ngx_http_request_t *r,
    ngx_http_sfu_check_t *check, json_t *document, json_t *message);
ngx_int_t ngx_sfu_kvs_endpoint_response(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, json_t *reply);

/* ngx_sfu_kvs_ice.c */
ngx_int_t ngx_sfu_kvs_ice_request(ngx_http_request_t *r,
    ngx_http_sfu_check_t *check, json_t *document, json_t *message);
ngx_int_t ngx_sfu_kvs_ice_response(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, json_t *reply);

/* ngx_sfu_kvs_alexa.c */
ngx_int_t ngx_sfu_kvs_alexa_request(ngx_http_request_t *r,
    ngx_http_sfu_check_t *check, json_t *document, json_t *message);
ngx_int_t ngx_sfu_kvs_alexa_response(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, json_t *reply);

/* ngx_sfu_kvs_storage.c */
ngx_int_t ngx_sfu_kvs_storage_response(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, json_t *reply);
ngx_int_t ngx_sfu_kvs_update_storage_request(ngx_http_request_t *r,
    ngx_http_sfu_check_t *check, json_t *document, json_t *message);
ngx_int_t ngx_sfu_kvs_join_request(ngx_http_request_t *r,
    ngx_http_sfu_check_t *check, json_t *document, json_t *message);
ngx_int_t ngx_sfu_kvs_join_response(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, json_t *reply);


/* ngx_sfu_kvs_connect.c */

/* role: "m", "v", or empty: who has a client id is a viewer (2.2) */
ngx_int_t ngx_sfu_kvs_connect(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    ngx_str_t *role);


extern ngx_module_t  ngx_http_sfu_kvs_module;


#endif /* _NGX_SFU_KVS_H_INCLUDED_ */
