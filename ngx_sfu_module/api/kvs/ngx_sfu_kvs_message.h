
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Messages of a WebSocket (5), and what is in their payloads (5.1).  Nothing
 * here knows connections.
 */


#ifndef _NGX_SFU_KVS_MESSAGE_H_INCLUDED_
#define _NGX_SFU_KVS_MESSAGE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <jansson.h>
#include <ngx_sfu_kvs_name.h>


typedef enum {
    NGX_SFU_KVS_OFFER = 0,
    NGX_SFU_KVS_ANSWER,
    NGX_SFU_KVS_CANDIDATE,
    NGX_SFU_KVS_NKINDS
} ngx_sfu_kvs_kind_e;


/* strings are parts of the document */

typedef struct {
    ngx_sfu_kvs_kind_e   kind;
    ngx_str_t            recipient;      /* empty: none */
    ngx_str_t            payload;
    ngx_str_t            correlation;    /* empty: none, or not a valid one */
    const char          *error;          /* what is wrong with it, or NULL */
} ngx_sfu_kvs_message_t;


/*
 * The document has to be kept while the message is used.  NULL: it is none,
 * and nobody can be told.
 */
json_t *ngx_sfu_kvs_message_parse(ngx_sfu_kvs_message_t *message,
    u_char *data, size_t len, size_t payload_max);

/*
 * "sdp" or "candidate" as SFU_IPC_REQ_CHANNEL_SEND has it, or NULL: the
 * payload is not what it should be.
 */
json_t *ngx_sfu_kvs_message_open(ngx_sfu_kvs_message_t *message);

/* the payload of a description of ours; NULL: no memory */
json_t *ngx_sfu_kvs_message_close(const char *type, json_t *sdp);


#endif /* _NGX_SFU_KVS_MESSAGE_H_INCLUDED_ */
