
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Who signs requests (ngx_sfu_sigv4.h), and what he may do: as much of AWS's
 * IAM as a deployment needs to give a camera another key than a browser.
 */


#ifndef _NGX_SFU_ACCESS_KEY_H_INCLUDED_
#define _NGX_SFU_ACCESS_KEY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sfu_sigv4.h>


typedef struct {
    ngx_str_t            id;
    ngx_str_t            account;       /* 12 digits */
    ngx_str_t            app;           /* empty: any */
    ngx_array_t          regions;       /* of ngx_str_t; none: any */
    ngx_array_t          actions;       /* of ngx_str_t, with "*"; none: any */
    ngx_array_t          resources;     /* the same */
    ngx_str_t            token;         /* empty: the key is a lasting one */
    time_t               expires;       /* of the token; 0: never */
    ngx_sfu_sigv4_key_t  sigv4;
} ngx_sfu_access_key_t;


/* what a parameter of "sfu_access_key" says, or what is wrong with it */
char *ngx_sfu_access_key_parameter(ngx_conf_t *cf, ngx_sfu_access_key_t *key,
    ngx_str_t *value);
/* the same of all parameters together */
char *ngx_sfu_access_key_check(ngx_sfu_access_key_t *key);

ngx_sfu_access_key_t *ngx_sfu_access_key_find(ngx_array_t *keys,
    ngx_str_t *id);

/* NGX_SFU_SIGV4_OK, WRONG_TOKEN or TOKEN_EXPIRED; token: data may be NULL */
ngx_sfu_sigv4_e ngx_sfu_access_key_check_token(ngx_sfu_access_key_t *key,
    ngx_str_t *token, time_t now);

/* in each, an empty list allows all */
ngx_uint_t ngx_sfu_access_key_in_region(ngx_sfu_access_key_t *key,
    ngx_str_t *region);
ngx_uint_t ngx_sfu_access_key_may(ngx_sfu_access_key_t *key,
    ngx_str_t *action);
ngx_uint_t ngx_sfu_access_key_owns(ngx_sfu_access_key_t *key,
    ngx_str_t *resource);
/* 1: some number after this prefix, which ends in none, is among them */
ngx_uint_t ngx_sfu_access_key_may_own(ngx_sfu_access_key_t *key,
    ngx_str_t *prefix);


#endif /* _NGX_SFU_ACCESS_KEY_H_INCLUDED_ */
