
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Shared by the files of ws/ alone.
 */


#ifndef _NGX_SFU_WS_PRIV_H_INCLUDED_
#define _NGX_SFU_WS_PRIV_H_INCLUDED_


#include <ngx_http_sfu_module.h>
#include <ngx_sfu_counters.h>
#include <ngx_sfu_ws_frame.h>


struct ngx_sfu_ws_s {
    ngx_http_request_t           *request;
    void                         *data;
    ngx_sfu_ws_settings_t        *settings;
    const ngx_sfu_ws_handlers_t  *handlers;
    ngx_sfu_counters_t           *counters;

    ngx_sfu_ws_frame_t            frame;

    ngx_msec_t                    began;
    ngx_msec_t                    active;      /* by itself */
    ngx_msec_t                    pinged;
    ngx_msec_t                    leaves;      /* when, once that is known */
    ngx_msec_t                    closing;     /* since when, if so */
    uint32_t                      ping;        /* what the last one said */
    ngx_uint_t                    unanswered;  /* pings in a row */
    ngx_sfu_counters_ws_e         cause;

    unsigned                      held:1;
    unsigned                      stuck:1;     /* reads again when it is sent */
    unsigned                      leaving:1;
    unsigned                      slim:1;
    unsigned                      failed:1;    /* ends without a close frame */
    unsigned                      done:1;      /* nothing more is read */
    unsigned                      closed:1;    /* who is told */
};


/* ngx_sfu_ws.c */

void ngx_sfu_ws_fail(ngx_sfu_ws_t *ws, ngx_sfu_counters_ws_e cause);
void ngx_sfu_ws_end(ngx_sfu_ws_t *ws, ngx_uint_t code,
    ngx_sfu_counters_ws_e cause);
ngx_int_t ngx_sfu_ws_begin(ngx_sfu_ws_t *ws);


/* ngx_sfu_ws_read.c */

/* NGX_ERROR: the connection is lost */
ngx_int_t ngx_sfu_ws_receive(ngx_sfu_ws_t *ws);
void ngx_sfu_ws_frame_handler(ngx_sfu_ws_frame_t *frame,
    ngx_sfu_ws_opcode_e opcode, u_char *data, size_t len);


/* ngx_sfu_ws_write.c */

/* NGX_AGAIN: something is left */
ngx_int_t ngx_sfu_ws_flush(ngx_sfu_ws_t *ws);


/* ngx_sfu_ws_timer.c */

void ngx_sfu_ws_timer_set(ngx_sfu_ws_t *ws);
/* what is due */
void ngx_sfu_ws_timer_handler(ngx_sfu_ws_t *ws);
void ngx_sfu_ws_timer_quit(ngx_sfu_ws_t *ws);


/* ngx_sfu_ws_memory.c */

/* gives back what a request needs and an idle connection does not */
void ngx_sfu_ws_slim(ngx_sfu_ws_t *ws);


#endif /* _NGX_SFU_WS_PRIV_H_INCLUDED_ */
