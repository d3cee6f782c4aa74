
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * A WebSocket (RFC 6455): a request that was accepted becomes a connection of
 * messages, and stays an HTTP request of nginx all that time, so that
 * "limit_conn" and the access log mean what they do elsewhere.  Nothing here
 * knows JSON, workers or rooms.
 *
 *     status = ngx_sfu_ws_check(r);
 *     if (status != 0) { an answer with this status }
 *
 *     ... the worker may be asked in between ...
 *
 *     return ngx_sfu_ws_accept(r, &slcf->ws, &handlers, data, &ws);
 *
 * The structure lives in the request's pool: until closed() has returned.
 */


#ifndef _NGX_SFU_WS_H_INCLUDED_
#define _NGX_SFU_WS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_ws_code.h>


typedef struct ngx_sfu_ws_s  ngx_sfu_ws_t;


/* a limit of 0 is none, but for the first two */

typedef struct {
    size_t                      message_max;   /* bytes from the client */
    size_t                      queue_max;     /* bytes it has not read yet */

    /*
     * Without a sign of life that the client gives by itself: a message, a
     * ping, a pong that nobody asked for.
     */
    ngx_msec_t                  idle;

    /*
     * leaving() comes "grace" before the end of "life".  It comes as well when
     * the process is asked to quit; then the connection is closed after
     * "grace", or, where that is 0, kept until "worker_shutdown_timeout".
     */
    ngx_msec_t                  life;
    ngx_msec_t                  grace;

    ngx_msec_t                  ping;          /* two unanswered: lost */
} ngx_sfu_ws_settings_t;


typedef struct {
    /* the bytes are borrowed; text is UTF-8 */
    void                      (*message)(ngx_sfu_ws_t *ws, u_char *data,
                                         size_t len, ngx_uint_t binary);

    /* it will be closed with 1001 soon; NULL: nothing to say to that */
    void                      (*leaving)(ngx_sfu_ws_t *ws);

    /*
     * Exactly once, and nothing follows: as soon as a close frame was received
     * or sent, or nothing can be any more.  The code that was received, else
     * the one that was sent, else NGX_SFU_WS_LOST.
     */
    void                      (*closed)(ngx_sfu_ws_t *ws, ngx_uint_t code);
} ngx_sfu_ws_handlers_t;


/* Sec-WebSocket-Key and so on are there, or nothing of it */
ngx_uint_t ngx_sfu_ws_is_asked(ngx_http_request_t *r);

/*
 * 0: it can be accepted.  Else the status to refuse it with, 400 or 426;
 * headers that belong to it are set already.
 */
ngx_uint_t ngx_sfu_ws_check(ngx_http_request_t *r);

/*
 * Sends 101.  NGX_DONE as ngx_http_sfu_ask() says it; anything else is for
 * ngx_http_finalize_request(), and closed() will not be called.  The settings
 * and handlers have to live as long as the configuration.
 *
 * Later the text of the request (its address, arguments and headers) is moved
 * to where it takes less memory: who keeps a part of it has to copy that.
 */
ngx_int_t ngx_sfu_ws_accept(ngx_http_request_t *r,
    ngx_sfu_ws_settings_t *settings, const ngx_sfu_ws_handlers_t *handlers,
    void *data, ngx_sfu_ws_t **ws);

/*
 * The three may be called from anywhere, and never call a handler from
 * within.  After the close they do nothing.
 *
 * Text is copied.  NGX_ERROR: it is lost, and closed() will come soon: the
 * client has not read for too long, or there is no memory.
 */
ngx_int_t ngx_sfu_ws_send(ngx_sfu_ws_t *ws, u_char *text, size_t len);

/* what was sent before still goes; the reason is ASCII, NULL for none */
void ngx_sfu_ws_close(ngx_sfu_ws_t *ws, ngx_uint_t code, const char *reason);

/*
 * Nothing more is read until it is resumed, so that a client which says more
 * than we can do costs itself alone.  What has been read, 16 KiB at most, still
 * comes.
 */
void ngx_sfu_ws_hold(ngx_sfu_ws_t *ws);
void ngx_sfu_ws_resume(ngx_sfu_ws_t *ws);

/*
 * The process ends at once: who can be sent a close frame without waiting, is.
 * No handler is called any more.
 */
void ngx_sfu_ws_terminate(ngx_cycle_t *cycle);

void *ngx_sfu_ws_data(ngx_sfu_ws_t *ws);
ngx_http_request_t *ngx_sfu_ws_request(ngx_sfu_ws_t *ws);


#endif /* _NGX_SFU_WS_H_INCLUDED_ */
