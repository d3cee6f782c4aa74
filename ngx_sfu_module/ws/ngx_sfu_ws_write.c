
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * What goes to the client.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_ws.h>
#include <ngx_sfu_ws_priv.h>


static ngx_int_t ngx_sfu_ws_flush_header(ngx_sfu_ws_t *ws);


/* NGX_AGAIN: something is left */

ngx_int_t
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
