
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Time-limited credentials for a TURN server that shares a secret with us
 * (draft-uberti-behave-turn-rest, coturn's "use-auth-secret"): the user name
 * is the time at which they end, the password a MAC of it.  Nothing is kept,
 * so nothing can be taken back before that time, either.
 */


#ifndef _NGX_SFU_TURN_H_INCLUDED_
#define _NGX_SFU_TURN_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sfu_auth.h>


#define NGX_SFU_TURN_IDENTIFIER_MAX  128


typedef struct {
    ngx_sfu_auth_app_t   owner;        /* its id, and who may ask: tokens */
    ngx_str_t            secret;       /* the TURN server's */
    ngx_array_t          stun;         /* of ngx_str_t, URLs */
    ngx_array_t          turn;
    time_t               ttl_max;
} ngx_sfu_turn_key_t;


typedef struct {
    ngx_str_t            username;
    ngx_str_t            password;
} ngx_sfu_turn_credentials_t;


/* NGX_CONF_OK, or what is wrong with a parameter of "sfu_turn_key" */
char *ngx_sfu_turn_parameter(ngx_conf_t *cf, ngx_sfu_turn_key_t *key,
    ngx_str_t *value);
ngx_sfu_turn_key_t *ngx_sfu_turn_find_key(ngx_array_t *keys, ngx_str_t *id);

/* identifier: empty, or what is put behind the time.  NGX_ERROR: no memory */
ngx_int_t ngx_sfu_turn_make_credentials(ngx_pool_t *pool,
    ngx_sfu_turn_key_t *key, time_t expires, ngx_str_t *identifier,
    ngx_sfu_turn_credentials_t *credentials);

/* when the user of this name ends, or NGX_ERROR: it is none of ours */
time_t ngx_sfu_turn_expires(ngx_str_t *username);


#endif /* _NGX_SFU_TURN_H_INCLUDED_ */
