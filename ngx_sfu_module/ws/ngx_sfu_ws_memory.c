
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * An idle connection should cost little: what was needed for the request, and
 * is not any more, goes back, much as it does when nginx keeps a connection
 * alive.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_ws.h>
#include <ngx_sfu_ws_priv.h>


void
ngx_sfu_ws_slim(ngx_sfu_ws_t *ws)
{
    ngx_connection_t  *c;

    c = ws->request->connection;

    if (c->buffered || ws->frame.queued) {
        return;
    }

#if (NGX_HTTP_SSL)
    if (c->ssl) {
        ngx_ssl_free_buffer(c);
    }
#endif

    ws->slim = 1;
}
