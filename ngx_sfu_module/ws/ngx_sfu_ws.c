
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * A connection of frames as nginx events.  It ends in one place,
 * ngx_sfu_ws_finish(), which only handlers of nginx events reach: what a
 * dialect calls marks, and posts an event.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_ws.h>
#include <ngx_sfu_ws_priv.h>


static ngx_sfu_ws_t *ngx_sfu_ws_of(ngx_event_t *ev);
static void ngx_sfu_ws_read_handler(ngx_event_t *rev);
static void ngx_sfu_ws_write_handler(ngx_event_t *wev);
static void ngx_sfu_ws_settle(ngx_sfu_ws_t *ws);
static void ngx_sfu_ws_finish(ngx_sfu_ws_t *ws);
static void ngx_sfu_ws_tell_closed(ngx_sfu_ws_t *ws);
static ngx_uint_t ngx_sfu_ws_count_closed(ngx_sfu_ws_t *ws);
static void ngx_sfu_ws_cleanup(void *data);


/* the 101 is on its way */

ngx_int_t
ngx_sfu_ws_begin(ngx_sfu_ws_t *ws)
{
    ngx_connection_t    *c;
    ngx_http_cleanup_t  *cln;

    c = ws->request->connection;

    cln = ngx_http_cleanup_add(ws->request, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_sfu_ws_cleanup;
    cln->data = ws;

    ngx_sfu_ws_frame_init(&ws->frame, ws->settings->message_max,
                          ngx_sfu_ws_frame_handler, ws, c->log);

    ws->began = ngx_current_msec;
    ws->active = ngx_current_msec;
    ws->pinged = ngx_current_msec;

    c->read->handler = ngx_sfu_ws_read_handler;
    c->write->handler = ngx_sfu_ws_write_handler;
    c->log->action = "serving a WebSocket";

    /* so that we are told when the process is asked to quit */
    c->idle = 1;

    (void) ngx_atomic_fetch_add(&ws->counters->ws.opened, 1);
    (void) ngx_atomic_fetch_add(&ws->counters->ws_open[ngx_process_slot], 1);

    ngx_sfu_ws_timer_set(ws);

    /* bytes may have come with the request, or while the worker was asked */

    ngx_post_event(c->read, &ngx_posted_events);

    return NGX_OK;
}


ngx_int_t
ngx_sfu_ws_send(ngx_sfu_ws_t *ws, u_char *text, size_t len)
{
    ngx_connection_t  *c;

    if (ws->failed) {
        return NGX_ERROR;
    }

    if (ws->closed || ws->frame.code_sent != 0) {
        return NGX_OK;
    }

    if (ws->frame.queued + len > ws->settings->queue_max) {
        ngx_sfu_ws_fail(ws, NGX_SFU_COUNTERS_WS_SLOW);
        return NGX_ERROR;
    }

    if (ngx_sfu_ws_frame_write(&ws->frame, NGX_SFU_WS_TEXT, text, len)
        != NGX_OK)
    {
        ngx_sfu_ws_fail(ws, NGX_SFU_COUNTERS_WS_INTERNAL);
        return NGX_ERROR;
    }

    (void) ngx_atomic_fetch_add(&ws->counters->ws.messages_out, 1);

    c = ws->request->connection;
    ngx_post_event(c->write, &ngx_posted_events);

    return NGX_OK;
}


void
ngx_sfu_ws_close(ngx_sfu_ws_t *ws, ngx_uint_t code, const char *reason)
{
    if (ws->closed || ws->failed || ws->frame.code_sent != 0) {
        return;
    }

    ws->cause = NGX_SFU_COUNTERS_WS_SERVER;

    if (ngx_sfu_ws_frame_close(&ws->frame, code, reason) != NGX_OK) {
        ngx_sfu_ws_fail(ws, NGX_SFU_COUNTERS_WS_INTERNAL);
        return;
    }

    ws->closing = ngx_current_msec;
    ws->held = 0;

    ngx_sfu_ws_timer_set(ws);

    ngx_post_event(ws->request->connection->write, &ngx_posted_events);
    ngx_post_event(ws->request->connection->read, &ngx_posted_events);
}


/* closed for a reason of its own */

void
ngx_sfu_ws_end(ngx_sfu_ws_t *ws, ngx_uint_t code, ngx_sfu_counters_ws_e cause)
{
    ngx_sfu_ws_close(ws, code, NULL);

    if (!ws->failed) {
        ws->cause = cause;
    }
}


/* there is nothing to say any more, or nobody to say it to */

void
ngx_sfu_ws_fail(ngx_sfu_ws_t *ws, ngx_sfu_counters_ws_e cause)
{
    ws->failed = 1;
    ws->cause = cause;

    ngx_post_event(ws->request->connection->write, &ngx_posted_events);
}


void
ngx_sfu_ws_hold(ngx_sfu_ws_t *ws)
{
    ws->held = 1;
}


void
ngx_sfu_ws_resume(ngx_sfu_ws_t *ws)
{
    if (ws->held && !ws->closed) {
        ws->held = 0;
        ngx_post_event(ws->request->connection->read, &ngx_posted_events);
    }
}


void
ngx_sfu_ws_terminate(ngx_cycle_t *cycle)
{
    ngx_uint_t         i;
    ngx_sfu_ws_t      *ws;
    ngx_connection_t  *c;

    c = cycle->connections;

    for (i = 0; i < cycle->connection_n; i++) {

        /* a freed one keeps its handler */

        if (c[i].fd == (ngx_socket_t) -1 || c[i].read == NULL
            || c[i].read->handler != ngx_sfu_ws_read_handler)
        {
            continue;
        }

        ws = ngx_sfu_ws_of(c[i].read);

        if (!ws->failed) {
            ngx_sfu_ws_end(ws, NGX_SFU_WS_GOING, NGX_SFU_COUNTERS_WS_QUIT);
            (void) ngx_sfu_ws_flush(ws);
        }

        if (!ws->closed) {
            (void) ngx_sfu_ws_count_closed(ws);
        }
    }
}


void *
ngx_sfu_ws_data(ngx_sfu_ws_t *ws)
{
    return ws->data;
}


ngx_http_request_t *
ngx_sfu_ws_request(ngx_sfu_ws_t *ws)
{
    return ws->request;
}


static ngx_sfu_ws_t *
ngx_sfu_ws_of(ngx_event_t *ev)
{
    ngx_connection_t    *c;
    ngx_http_request_t  *r;
    ngx_http_sfu_ctx_t  *ctx;

    c = ev->data;
    r = c->data;

    ngx_http_set_log_request(c->log, r);

    ctx = ngx_http_get_module_ctx(r, ngx_http_sfu_module);

    return ctx->ws;
}


static void
ngx_sfu_ws_read_handler(ngx_event_t *rev)
{
    ngx_sfu_ws_t      *ws;
    ngx_connection_t  *c;

    c = rev->data;
    ws = ngx_sfu_ws_of(rev);

    if (ngx_exiting && c->idle && !c->close) {

        /* it was opened after the others were told */

        c->idle = 0;
        ngx_sfu_ws_timer_quit(ws);
    }

    if (c->close) {

        if (c->error) {

            /* "worker_shutdown_timeout": this is the last moment */

            ngx_sfu_ws_end(ws, NGX_SFU_WS_GOING, NGX_SFU_COUNTERS_WS_QUIT);
            (void) ngx_sfu_ws_flush(ws);
            ws->failed = 1;

        } else {
            c->close = 0;
            c->idle = 0;

            ngx_sfu_ws_timer_quit(ws);
        }

    } else if (rev->timedout) {
        rev->timedout = 0;
        ngx_sfu_ws_timer_handler(ws);

    } else if (ngx_sfu_ws_receive(ws) != NGX_OK) {
        ngx_sfu_ws_fail(ws, NGX_SFU_COUNTERS_WS_LOST);
    }

    ngx_sfu_ws_settle(ws);
}


static void
ngx_sfu_ws_write_handler(ngx_event_t *wev)
{
    ngx_sfu_ws_t  *ws;

    ws = ngx_sfu_ws_of(wev);

    if (wev->timedout) {
        wev->timedout = 0;
        ngx_sfu_ws_fail(ws, NGX_SFU_COUNTERS_WS_SLOW);
    }

    ngx_sfu_ws_settle(ws);
}


/* sends what there is, and ends what has ended */

static void
ngx_sfu_ws_settle(ngx_sfu_ws_t *ws)
{
    ngx_connection_t  *c;

    c = ws->request->connection;

    if (!ws->failed && ngx_sfu_ws_flush(ws) == NGX_ERROR) {
        ngx_sfu_ws_fail(ws, NGX_SFU_COUNTERS_WS_LOST);
    }

    /* who waits for the other side to say goodbye takes no messages any more */

    if (!ws->closed && ws->frame.code_sent != 0) {
        ngx_sfu_ws_tell_closed(ws);

        if (!ws->closing) {
            ws->closing = ngx_current_msec;
            ngx_sfu_ws_timer_set(ws);
        }
    }

    if (ws->failed || (ws->done && ws->frame.queued == 0)) {
        ngx_sfu_ws_finish(ws);
        ngx_http_run_posted_requests(c);
    }
}


static void
ngx_sfu_ws_finish(ngx_sfu_ws_t *ws)
{
    ngx_int_t            rc;
    ngx_http_request_t  *r;

    r = ws->request;
    r->connection->idle = 0;

    ngx_sfu_ws_tell_closed(ws);
    ngx_sfu_ws_frame_free(&ws->frame);

    rc = ws->failed ? NGX_ERROR : NGX_OK;

    r->keepalive = 0;

    if (ws->frame.code_received != 0) {

        /* nothing follows a close frame, and we close first (7.1.1) */

        r->connection->read->ready = 0;

    } else {

        /*
         * A socket that is closed while there is something to read is reset,
         * and the client may never see our close frame.
         */

        r->lingering_close = 1;
    }

    ngx_http_finalize_request(r, rc);
}


static void
ngx_sfu_ws_tell_closed(ngx_sfu_ws_t *ws)
{
    ngx_uint_t  code;

    if (!ws->closed) {
        code = ngx_sfu_ws_count_closed(ws);
        ws->handlers->closed(ws, code);
    }
}


static ngx_uint_t
ngx_sfu_ws_count_closed(ngx_sfu_ws_t *ws)
{
    ngx_uint_t         code;
    ngx_connection_t  *c;

    ws->closed = 1;

    c = ws->request->connection;

    if (ws->frame.code_received != 0) {
        code = ws->frame.code_received;

    } else if (ws->frame.code_sent != 0) {
        code = ws->frame.code_sent;

    } else {
        code = NGX_SFU_WS_LOST;
    }

    (void) ngx_atomic_fetch_add(&ws->counters->ws.closed[ws->cause], 1);
    (void) ngx_atomic_fetch_add(&ws->counters->ws_open[ngx_process_slot], -1);

    ngx_log_error(NGX_LOG_INFO, c->log, 0,
                  "sfu: WebSocket closed: %s, code %ui",
                  ngx_sfu_counters_ws_causes[ws->cause], code);

    return code;
}


/* nginx ends the request by itself */

static void
ngx_sfu_ws_cleanup(void *data)
{
    ngx_sfu_ws_t *ws = data;

    ngx_sfu_ws_tell_closed(ws);
    ngx_sfu_ws_frame_free(&ws->frame);
}
