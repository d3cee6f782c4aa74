
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * What clients say: {"action": route, "data": {...}} (3).
 */


#ifndef _NGX_SFU_ARBITER_MESSAGE_H_INCLUDED_
#define _NGX_SFU_ARBITER_MESSAGE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <jansson.h>


/* borrowed: the first two of the document, the text of the message */

typedef struct {
    const char    *action;
    json_t        *data;       /* an object, or NULL */
    ngx_str_t      text;       /* the same as it came */
} ngx_sfu_arbiter_message_t;


/* NULL: it is none, and empty.  The document has to be released with json_decref() */
json_t *ngx_sfu_arbiter_parse(ngx_sfu_arbiter_message_t *message,
    u_char *text, size_t len);
/* 1: an id as a string, whatever it came as; NULL: there is none */
json_t *ngx_sfu_arbiter_id(json_t *object, const char *name);


#endif /* _NGX_SFU_ARBITER_MESSAGE_H_INCLUDED_ */
