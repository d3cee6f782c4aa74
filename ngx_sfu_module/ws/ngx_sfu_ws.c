
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


#define NGX_SFU_WS_READ_SIZE  (16 * 1024)

/* reads before the other events of the process have their turn */
#define NGX_SFU_WS_BURST      8


static ngx_sfu_ws_t *ngx_sfu_ws_of(ngx_event_t *ev);
static void ngx_sfu_ws_read_handler(ngx_event_t *rev);
static void ngx_sfu_ws_write_handler(ngx_event_t *wev);
static ngx_int_t ngx_sfu_ws_receive(ngx_sfu_ws_t *ws);
static ngx_int_t ngx_sfu_ws_preread(ngx_sfu_ws_t *ws);
static ngx_int_t ngx_sfu_ws_consume(ngx_sfu_ws_t *ws, u_char *data,
    size_t len);
static ngx_int_t ngx_sfu_ws_flush(ngx_sfu_ws_t *ws);
static ngx_int_t ngx_sfu_ws_flush_header(ngx_sfu_ws_t *ws);
static void ngx_sfu_ws_settle(ngx_sfu_ws_t *ws);
static void ngx_sfu_ws_finish(ngx_sfu_ws_t *ws);
static void ngx_sfu_ws_tell_closed(ngx_sfu_ws_t *ws);
static void ngx_sfu_ws_cleanup(void *data);
static void ngx_sfu_ws_frame_handler(ngx_sfu_ws_frame_t *frame,
    ngx_sfu_ws_opcode_e opcode, u_char *data, size_t len);
static ngx_sfu_counters_ws_e ngx_sfu_ws_cause(ngx_sfu_ws_t *ws);


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


static ngx_int_t
ngx_sfu_ws_receive(ngx_sfu_ws_t *ws)
{
    u_char             buffer[NGX_SFU_WS_READ_SIZE];
    ssize_t            n;
    ngx_uint_t         i;
    ngx_connection_t  *c;

    c = ws->request->connection;

    if (ngx_sfu_ws_preread(ws) != NGX_OK) {
        return NGX_OK;
    }

    for (i = 0; i < NGX_SFU_WS_BURST; i++) {

        /* who does not read its answers is not read either */

        ws->stuck = ws->frame.queued > ws->settings->queue_max / 2;

        if (ws->held || ws->stuck || ws->done || ws->failed) {
            return ngx_handle_read_event(c->read, 0);
        }

        n = c->recv(c, buffer, sizeof(buffer));

        if (n == NGX_AGAIN) {

            if (!ws->slim) {
                ngx_sfu_ws_slim(ws);
            }

            return ngx_handle_read_event(c->read, 0);
        }

        if (n == NGX_ERROR || n == 0) {
            return NGX_ERROR;
        }

        if (ngx_sfu_ws_consume(ws, buffer, n) != NGX_OK) {
            return NGX_OK;
        }
    }

    ngx_post_event(c->read, &ngx_posted_next_events);

    return NGX_OK;
}


/* what came together with the request */

static ngx_int_t
ngx_sfu_ws_preread(ngx_sfu_ws_t *ws)
{
    size_t      len;
    u_char     *data;
    ngx_buf_t  *b;

    b = ws->request->header_in;

    if (ws->slim || b->pos == b->last) {
        return NGX_OK;
    }

    data = b->pos;
    len = b->last - b->pos;
    b->pos = b->last;

    return ngx_sfu_ws_consume(ws, data, len);
}


/* NGX_DONE: nothing more is read */

static ngx_int_t
ngx_sfu_ws_consume(ngx_sfu_ws_t *ws, u_char *data, size_t len)
{
    ngx_int_t  rc;

    ws->unanswered = 0;

    (void) ngx_atomic_fetch_add(&ws->counters->ws.bytes_in, len);

    rc = ngx_sfu_ws_frame_read(&ws->frame, data, len);

    if (rc == NGX_OK) {
        return NGX_OK;
    }

    ws->done = 1;

    if (ws->closing == 0) {
        ws->cause = ngx_sfu_ws_cause(ws);
    }

    return NGX_DONE;
}


static void
ngx_sfu_ws_frame_handler(ngx_sfu_ws_frame_t *frame,
    ngx_sfu_ws_opcode_e opcode, u_char *data, size_t len)
{
    ngx_sfu_ws_t *ws = frame->data;

    switch (opcode) {

    case NGX_SFU_WS_PING:
        ws->active = ngx_current_msec;
        return;

    case NGX_SFU_WS_PONG:

        if (ws->ping == 0 || len != sizeof(uint32_t)
            || ngx_memcmp(data, &ws->ping, sizeof(uint32_t)) != 0)
        {
            ws->active = ngx_current_msec;
        }

        return;

    default: /* NGX_SFU_WS_TEXT, NGX_SFU_WS_BINARY */

        if (frame->code_sent != 0 || ws->failed) {
            return;
        }

        ws->active = ngx_current_msec;

        (void) ngx_atomic_fetch_add(&ws->counters->ws.messages_in, 1);

        ws->handlers->message(ws, data, len, opcode == NGX_SFU_WS_BINARY);
    }
}


/* NGX_AGAIN: something is left */

static ngx_int_t
ngx_sfu_ws_flush(ngx_sfu_ws_t *ws)
{
    ssize_t                    n;
    ngx_int_t                  rc;
    ngx_connection_t          *c;
    ngx_sfu_ws_block_t        *block;
    ngx_http_core_loc_conf_t  *clcf;

    c = ws->request->connection;

    rc = ngx_sfu_ws_flush_header(ws);

    while (rc == NGX_OK && ws->frame.queued != 0) {

        block = ws->frame.out;

        n = c->send(c, block->pos, block->last - block->pos);

        if (n == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (n == NGX_AGAIN || n == 0) {
            rc = NGX_AGAIN;
            break;
        }

        (void) ngx_atomic_fetch_add(&ws->counters->ws.bytes_out, n);

        ngx_sfu_ws_frame_sent(&ws->frame, n);

        if (c->write->timer_set) {
            ngx_del_timer(c->write);
        }
    }

    if (ws->stuck && ws->frame.queued <= ws->settings->queue_max / 2) {
        ws->stuck = 0;
        ngx_post_event(c->read, &ngx_posted_events);
    }

    if (rc == NGX_AGAIN && !c->write->timer_set) {
        clcf = ngx_http_get_module_loc_conf(ws->request,
                                            ngx_http_core_module);
        ngx_add_timer(c->write, clcf->send_timeout);
    }

    if (ngx_handle_write_event(c->write, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    return rc;
}


/* it nearly always fits; if not, the filters of nginx have it */

static ngx_int_t
ngx_sfu_ws_flush_header(ngx_sfu_ws_t *ws)
{
    ngx_http_request_t  *r;

    r = ws->request;

    if (!r->buffered && !r->connection->buffered) {
        return NGX_OK;
    }

    if (ngx_http_output_filter(r, NULL) == NGX_ERROR) {
        return NGX_ERROR;
    }

    return (r->buffered || r->connection->buffered) ? NGX_AGAIN : NGX_OK;
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

    /*
     * A socket that is closed while there is something to read is reset, and
     * the client may never see the close frame.
     */

    r->keepalive = 0;
    r->lingering_close = 1;

    ngx_http_finalize_request(r, rc);
}


static void
ngx_sfu_ws_tell_closed(ngx_sfu_ws_t *ws)
{
    ngx_uint_t         code;
    ngx_connection_t  *c;

    if (ws->closed) {
        return;
    }

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

    ws->handlers->closed(ws, code);
}


/* nginx ends the request by itself */

static void
ngx_sfu_ws_cleanup(void *data)
{
    ngx_sfu_ws_t *ws = data;

    ngx_sfu_ws_tell_closed(ws);
    ngx_sfu_ws_frame_free(&ws->frame);
}


static ngx_sfu_counters_ws_e
ngx_sfu_ws_cause(ngx_sfu_ws_t *ws)
{
    if (ws->frame.code_received != 0) {
        return NGX_SFU_COUNTERS_WS_CLIENT;
    }

    switch (ws->frame.code_sent) {

    case NGX_SFU_WS_NOT_UTF8:
        return NGX_SFU_COUNTERS_WS_NOT_UTF8;

    case NGX_SFU_WS_TOO_LARGE:
        return NGX_SFU_COUNTERS_WS_TOO_LARGE;

    case NGX_SFU_WS_INTERNAL:
        return NGX_SFU_COUNTERS_WS_INTERNAL;

    default:
        return NGX_SFU_COUNTERS_WS_PROTOCOL;
    }
}
