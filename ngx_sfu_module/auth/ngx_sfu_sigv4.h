
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * AWS Signature Version 4: a request is signed with a secret that only its
 * HMAC shows.  In the "Authorization" header for REST, in the query where a
 * client cannot set headers (WebSocket).  Section 3 of docs/kvs.md.
 *
 * Nothing here knows nginx's requests, allocates memory, or writes a log line.
 * What the client has sent is hashed as it came: a path or an argument that
 * was decoded and encoded again need not be what was signed.
 */


#ifndef _NGX_SFU_SIGV4_H_INCLUDED_
#define _NGX_SFU_SIGV4_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* arguments of a query; clients send ten */
#define NGX_SFU_SIGV4_ARGS_MAX     64
/* headers under a signature; each is looked for among all; clients sign ten */
#define NGX_SFU_SIGV4_HEADERS_MAX  32
#define NGX_SFU_SIGV4_REGION_MAX   64
#define NGX_SFU_SIGV4_SECRET_MAX   1024
#define NGX_SFU_SIGV4_EXPIRES_MAX  604800
/* seconds by which clocks may differ */
#define NGX_SFU_SIGV4_SKEW         300
#define NGX_SFU_SIGV4_TIME_LEN     (sizeof("20250102T030405Z") - 1)
#define NGX_SFU_SIGV4_HEX_LEN      64


typedef enum {
    NGX_SFU_SIGV4_OK = 0,
    NGX_SFU_SIGV4_ABSENT,          /* not signed at all */
    NGX_SFU_SIGV4_REPEATED,        /* an argument comes twice */
    NGX_SFU_SIGV4_INCOMPLETE,      /* or not as it should be */
    NGX_SFU_SIGV4_EARLY,
    NGX_SFU_SIGV4_EXPIRED,
    NGX_SFU_SIGV4_UNKNOWN_KEY,
    NGX_SFU_SIGV4_WRONG_TOKEN,
    NGX_SFU_SIGV4_TOKEN_EXPIRED,
    NGX_SFU_SIGV4_MISMATCH,
    NGX_SFU_SIGV4_FAILED           /* no memory */
} ngx_sfu_sigv4_e;


/* what the client says of its signature; parts of the request, or of buf */

typedef struct {
    ngx_str_t         key_id;
    ngx_str_t         scope;           /* date/region/service/aws4_request */
    ngx_str_t         date;            /* YYYYMMDD */
    ngx_str_t         region;
    ngx_str_t         time;            /* YYYYMMDDTHHMMSSZ */
    ngx_str_t         signed_headers;
    ngx_str_t         signature;
    ngx_str_t         token;           /* data is NULL: none */
    time_t            when;
    time_t            expires;         /* seconds after that */
    unsigned          presigned:1;     /* in the query */
} ngx_sfu_sigv4_t;


/* the n-th value of a header, from 0 on, or NULL; names are in lower case */
typedef ngx_str_t *(*ngx_sfu_sigv4_header_pt)(void *data, ngx_str_t *name,
    ngx_uint_t n);


typedef struct {
    ngx_str_t                method;
    ngx_str_t                target;   /* path and query as received */
    ngx_str_t                host;     /* the header as received */
    ngx_str_t                body;
    ngx_sfu_sigv4_header_pt  header;
    void                    *data;
} ngx_sfu_sigv4_request_t;


/* a secret, and what was last made of it */

typedef struct {
    ngx_str_t         secret;

    u_char            signing[32];
    u_char            date[8];
    u_char            region[NGX_SFU_SIGV4_REGION_MAX];
    size_t            region_len;      /* 0: nothing yet */
} ngx_sfu_sigv4_key_t;


/* ngx_sfu_sigv4_parse.c */

/*
 * Query: what is behind the question mark.  Values are decoded into buf, which
 * has the query's length.  NGX_SFU_SIGV4_OK, ABSENT, REPEATED, INCOMPLETE.
 */
ngx_sfu_sigv4_e ngx_sfu_sigv4_parse_query(ngx_sfu_sigv4_t *sig,
    ngx_str_t *query, ngx_str_t *service, u_char *buf);
/* time: of X-Amz-Date; data of it and of token may be NULL */
ngx_sfu_sigv4_e ngx_sfu_sigv4_parse_header(ngx_sfu_sigv4_t *sig,
    ngx_str_t *authorization, ngx_str_t *time, ngx_str_t *token,
    ngx_str_t *service);
/* an argument, decoded into buf; NGX_DECLINED: there is none */
ngx_int_t ngx_sfu_sigv4_argument(ngx_str_t *query, const char *name,
    u_char *buf, ngx_str_t *value);


/* ngx_sfu_sigv4_time.c */

/* of YYYYMMDDTHHMMSSZ, or NGX_ERROR */
time_t ngx_sfu_sigv4_parse_time(ngx_str_t *time);


/* ngx_sfu_sigv4.c */

/* NGX_SFU_SIGV4_OK, EARLY or EXPIRED */
ngx_sfu_sigv4_e ngx_sfu_sigv4_check_time(ngx_sfu_sigv4_t *sig, time_t now);
/* NGX_SFU_SIGV4_OK, INCOMPLETE (headers), MISMATCH or FAILED */
ngx_sfu_sigv4_e ngx_sfu_sigv4_verify(ngx_sfu_sigv4_t *sig,
    ngx_sfu_sigv4_request_t *req, ngx_sfu_sigv4_key_t *key,
    ngx_str_t *service);
/* takes the same time wherever the two differ */
ngx_uint_t ngx_sfu_sigv4_equal(ngx_str_t *a, ngx_str_t *b);


#endif /* _NGX_SFU_SIGV4_H_INCLUDED_ */
