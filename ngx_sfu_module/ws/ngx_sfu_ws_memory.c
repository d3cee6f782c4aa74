
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * An idle connection should cost little: what was needed for the request, and
 * is not any more, goes back, much as it does when nginx keeps a connection
 * alive.  Here the request goes on, though: its text is in a buffer of 1 KiB,
 * or in some of 8 KiB where it was longer, so what there is of it is moved.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_ws.h>
#include <ngx_sfu_ws_priv.h>


typedef struct {
    u_char      *start;
    u_char      *last;
    u_char      *to;           /* NULL: it is only looked for */
    ngx_uint_t   found;
} ngx_sfu_ws_move_t;


static void ngx_sfu_ws_move_buffer(ngx_http_request_t *r, ngx_buf_t *b);
static u_char *ngx_sfu_ws_room(ngx_pool_t *pool, size_t len);
static void ngx_sfu_ws_move_request(ngx_http_request_t *r,
    ngx_sfu_ws_move_t *move);
static void ngx_sfu_ws_move(ngx_sfu_ws_move_t *move, u_char **p);


void
ngx_sfu_ws_slim(ngx_sfu_ws_t *ws)
{
    ngx_chain_t            *cl;
    ngx_connection_t       *c;
    ngx_http_connection_t  *hc;

    c = ws->request->connection;

    if (c->buffered || ws->frame.queued) {
        return;
    }

    ws->slim = 1;

#if (NGX_HTTP_SSL)
    if (c->ssl) {
        ngx_ssl_free_buffer(c);
    }
#endif

    hc = ws->request->http_connection;

    for (cl = hc->busy; cl; cl = cl->next) {
        if (cl->buf != c->buffer) {
            ngx_sfu_ws_move_buffer(ws->request, cl->buf);
        }
    }

    ngx_sfu_ws_move_buffer(ws->request, c->buffer);
}


static void
ngx_sfu_ws_move_buffer(ngx_http_request_t *r, ngx_buf_t *b)
{
    size_t             len;
    ngx_sfu_ws_move_t  move;

    ngx_memzero(&move, sizeof(ngx_sfu_ws_move_t));

    move.start = b->start;
    move.last = b->last;
    len = b->last - b->start;

    ngx_sfu_ws_move_request(r, &move);

    if (move.found) {
        move.to = ngx_sfu_ws_room(r->pool, len);
        if (move.to == NULL) {
            return;
        }

        ngx_memcpy(move.to, move.start, len);
        ngx_sfu_ws_move_request(r, &move);
    }

    (void) ngx_pfree(r->connection->pool, b->start);

    /* there is nothing to be read in it */

    b->start = move.to;
    b->pos = move.to;
    b->last = move.to;
    b->end = move.to;
}


/* in what is left of the pool's blocks, or as large as needed */

static u_char *
ngx_sfu_ws_room(ngx_pool_t *pool, size_t len)
{
    ngx_pool_t  *p;

    for (p = pool->current; p; p = p->d.next) {
        if ((size_t) (p->d.end - p->d.last) >= len) {
            return ngx_pnalloc(pool, len);
        }
    }

    return ngx_pmemalign(pool, len, NGX_ALIGNMENT);
}


/* all that log formats and variables may ask for when the request ends */

static void
ngx_sfu_ws_move_request(ngx_http_request_t *r, ngx_sfu_ws_move_t *move)
{
    ngx_uint_t                  i;
    ngx_list_part_t            *part;
    ngx_table_elt_t            *h;
    ngx_http_core_main_conf_t  *cmcf;

    ngx_str_t  *text[] = {
        &r->request_line, &r->uri, &r->args, &r->exten, &r->unparsed_uri,
        &r->method_name, &r->http_protocol, &r->schema,
        &r->headers_in.server, &r->headers_in.user, &r->headers_in.passwd
    };

    for (i = 0; i < sizeof(text) / sizeof(ngx_str_t *); i++) {
        ngx_sfu_ws_move(move, &text[i]->data);
    }

    for (part = &r->headers_in.headers.part; part; part = part->next) {

        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            ngx_sfu_ws_move(move, &h[i].key.data);
            ngx_sfu_ws_move(move, &h[i].value.data);
            ngx_sfu_ws_move(move, &h[i].lowcase_key);
        }
    }

    cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);

    for (i = 0; i < cmcf->variables.nelts; i++) {
        if (r->variables[i].valid) {
            ngx_sfu_ws_move(move, &r->variables[i].data);
        }
    }

#if (NGX_PCRE)
    ngx_sfu_ws_move(move, &r->captures_data);
#endif
}


static void
ngx_sfu_ws_move(ngx_sfu_ws_move_t *move, u_char **p)
{
    if (*p < move->start || *p > move->last) {
        return;
    }

    move->found = 1;

    if (move->to != NULL) {
        *p = move->to + (*p - move->start);
    }
}
