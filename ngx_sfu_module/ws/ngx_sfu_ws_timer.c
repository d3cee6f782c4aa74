
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * What time does to a connection.  It has one timer, that of its read event,
 * which is set to whatever comes first; activity moves no timer, it is found
 * when the timer fires.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_ws.h>
#include <ngx_sfu_ws_priv.h>


/* for the other side of the closing handshake */
#define NGX_SFU_WS_CLOSE_TIME  5000

/* an old process stays while it has timers, so there is always one */
#define NGX_SFU_WS_LONG_TIME   (24 * 60 * 60 * 1000)

#define NGX_SFU_WS_PINGS       2


static void ngx_sfu_ws_timer_ping(ngx_sfu_ws_t *ws);
static void ngx_sfu_ws_timer_leave(ngx_sfu_ws_t *ws, ngx_msec_t grace);
static ngx_uint_t ngx_sfu_ws_timer_due(ngx_msec_t since, ngx_msec_t period);
static void ngx_sfu_ws_timer_min(ngx_msec_t *wait, ngx_msec_t since,
    ngx_msec_t period);


void
ngx_sfu_ws_timer_set(ngx_sfu_ws_t *ws)
{
    ngx_msec_t              wait;
    ngx_sfu_ws_settings_t  *settings;

    settings = ws->settings;
    wait = NGX_SFU_WS_LONG_TIME;

    if (ws->closing) {
        ngx_sfu_ws_timer_min(&wait, ws->closing, NGX_SFU_WS_CLOSE_TIME);
        ngx_add_timer(ws->request->connection->read, wait);
        return;
    }

    if (settings->ping) {
        ngx_sfu_ws_timer_min(&wait, ws->pinged, settings->ping);
    }

    if (settings->idle) {
        ngx_sfu_ws_timer_min(&wait, ws->active, settings->idle);
    }

    if (ws->leaves) {
        ngx_sfu_ws_timer_min(&wait, ws->leaves, 0);

    } else if (settings->life) {
        ngx_sfu_ws_timer_min(&wait, ws->began,
                             settings->life
                             - ngx_min(settings->life, settings->grace));
    }

    ngx_add_timer(ws->request->connection->read, wait);
}


void
ngx_sfu_ws_timer_handler(ngx_sfu_ws_t *ws)
{
    ngx_sfu_ws_settings_t  *settings;

    settings = ws->settings;

    if (ws->closing) {

        if (ngx_sfu_ws_timer_due(ws->closing, NGX_SFU_WS_CLOSE_TIME)) {
            ngx_sfu_ws_fail(ws, ws->cause);
            return;
        }

        ngx_sfu_ws_timer_set(ws);
        return;
    }

    if (ws->leaves) {

        if (ngx_sfu_ws_timer_due(ws->leaves, 0)) {
            ngx_sfu_ws_end(ws, NGX_SFU_WS_GOING,
                           ngx_exiting ? NGX_SFU_COUNTERS_WS_QUIT
                                       : NGX_SFU_COUNTERS_WS_LIFE);
            return;
        }

    } else if (settings->life
               && ngx_sfu_ws_timer_due(ws->began,
                       settings->life
                       - ngx_min(settings->life, settings->grace)))
    {
        ngx_sfu_ws_timer_leave(ws, ngx_min(settings->life, settings->grace));
    }

    if (settings->idle && ngx_sfu_ws_timer_due(ws->active, settings->idle)) {
        ngx_sfu_ws_end(ws, NGX_SFU_WS_GOING, NGX_SFU_COUNTERS_WS_IDLE);
        return;
    }

    if (settings->ping && ngx_sfu_ws_timer_due(ws->pinged, settings->ping)) {
        ngx_sfu_ws_timer_ping(ws);
    }

    if (!ws->failed) {
        ngx_sfu_ws_timer_set(ws);
    }
}


static void
ngx_sfu_ws_timer_ping(ngx_sfu_ws_t *ws)
{
    /* its answers would not be read now */

    if (ws->held || ws->stuck) {
        ws->pinged = ngx_current_msec;
        return;
    }

    if (ws->unanswered == NGX_SFU_WS_PINGS) {
        ngx_sfu_ws_fail(ws, NGX_SFU_COUNTERS_WS_DEAD);
        return;
    }

    ws->pinged = ngx_current_msec;
    ws->unanswered++;

    /* 0: no ping was sent; what it says tells its answer from other pongs */

    do {
        ws->ping = ngx_random();
    } while (ws->ping == 0);

    if (ngx_sfu_ws_frame_write(&ws->frame, NGX_SFU_WS_PING,
                               (u_char *) &ws->ping, sizeof(uint32_t))
        != NGX_OK)
    {
        ngx_sfu_ws_fail(ws, NGX_SFU_COUNTERS_WS_INTERNAL);
    }
}


/* the process is asked to quit, by a reload for example */

void
ngx_sfu_ws_timer_quit(ngx_sfu_ws_t *ws)
{
    if (ws->closing || ws->failed) {
        return;
    }

    if (ws->settings->grace) {
        ngx_sfu_ws_timer_leave(ws, ws->settings->grace);
        ngx_sfu_ws_timer_set(ws);
        return;
    }

    if (!ws->leaving && ws->handlers->leaving) {
        ws->leaving = 1;
        ws->handlers->leaving(ws);
    }
}


static void
ngx_sfu_ws_timer_leave(ngx_sfu_ws_t *ws, ngx_msec_t grace)
{
    if (ws->leaves
        && (ngx_msec_int_t) (ws->leaves - ngx_current_msec)
           <= (ngx_msec_int_t) grace)
    {
        return;
    }

    ws->leaves = ngx_current_msec + grace;

    if (!ws->leaving && ws->handlers->leaving) {
        ws->leaving = 1;
        ws->handlers->leaving(ws);
    }
}


static ngx_uint_t
ngx_sfu_ws_timer_due(ngx_msec_t since, ngx_msec_t period)
{
    return (ngx_msec_int_t) (ngx_current_msec - since)
           >= (ngx_msec_int_t) period;
}


static void
ngx_sfu_ws_timer_min(ngx_msec_t *wait, ngx_msec_t since, ngx_msec_t period)
{
    ngx_msec_int_t  left;

    left = (ngx_msec_int_t) (since + period - ngx_current_msec);

    *wait = ngx_min(*wait, (ngx_msec_t) ngx_max(left, 1));
}
