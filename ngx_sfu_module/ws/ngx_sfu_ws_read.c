
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * What comes from the client.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_ws.h>
#include <ngx_sfu_ws_priv.h>


#define NGX_SFU_WS_READ_SIZE  (16 * 1024)

/* reads before the other events of the process have their turn */
#define NGX_SFU_WS_BURST      8


static ngx_int_t ngx_sfu_ws_preread(ngx_sfu_ws_t *ws);
static ngx_int_t ngx_sfu_ws_consume(ngx_sfu_ws_t *ws, u_char *data,
    size_t len);
static ngx_sfu_counters_ws_e ngx_sfu_ws_cause(ngx_sfu_ws_t *ws);


ngx_int_t
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


void
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
