
/*
 * Copyright (C) the ngx_sfu_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_http_sfu_poll.h>


/* a monitor has less patience than a client: Prometheus gives up after 10 s */
#define NGX_HTTP_SFU_POLL_TIMEOUT  2000


static void ngx_http_sfu_poll_ask(ngx_http_request_t *r,
    ngx_http_sfu_poll_entry_t *entry, json_t *message);
static json_t *ngx_http_sfu_poll_message(ngx_http_request_t *r,
    ngx_http_sfu_poll_entry_t *entry, json_t *reply);
static void ngx_http_sfu_poll_handler(ngx_sfu_ipc_request_t *req,
    ngx_sfu_ipc_result_e result, json_t *reply);
static void ngx_http_sfu_poll_cleanup(void *data);


ngx_int_t
ngx_http_sfu_poll_status(ngx_http_request_t *r, ngx_http_sfu_poll_pt handler)
{
    return ngx_http_sfu_poll(r, ngx_http_sfu_poll_message, handler);
}


ngx_int_t
ngx_http_sfu_poll(ngx_http_request_t *r, ngx_http_sfu_poll_message_pt message,
    ngx_http_sfu_poll_pt handler)
{
    ngx_int_t  rc;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_sfu_poll_all(r, message, handler);

    if (rc == NGX_DONE) {
        r->main->count++;
    }

    return rc;
}


ngx_int_t
ngx_http_sfu_poll_all(ngx_http_request_t *r,
    ngx_http_sfu_poll_message_pt message, ngx_http_sfu_poll_pt handler)
{
    ngx_uint_t                 i;
    ngx_sfu_ipc_peer_t        *peer;
    ngx_http_cleanup_t        *cln;
    ngx_http_sfu_poll_t       *poll;
    ngx_http_sfu_main_conf_t  *smcf;

    smcf = ngx_http_get_module_main_conf(r, ngx_http_sfu_module);

    if (smcf->ipc == NULL) {
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }

    poll = ngx_pcalloc(r->pool, sizeof(ngx_http_sfu_poll_t));
    if (poll == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    poll->request = r;
    poll->message = message;
    poll->handler = handler;
    poll->nentries = smcf->ipc->peers.nelts;
    poll->left = poll->nentries;

    poll->entries = ngx_pcalloc(r->pool, poll->nentries
                                         * sizeof(ngx_http_sfu_poll_entry_t));
    if (poll->entries == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cln = ngx_http_cleanup_add(r, 0);
    if (cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cln->handler = ngx_http_sfu_poll_cleanup;
    cln->data = poll;

    r->read_event_handler = ngx_http_test_reading;

    peer = smcf->ipc->peers.elts;

    for (i = 0; i < poll->nentries; i++) {
        poll->entries[i].poll = poll;
        poll->entries[i].peer = &peer[i];

        /* without memory for it there is nothing to send: it times out */

        ngx_http_sfu_poll_ask(r, &poll->entries[i],
                              message(r, &poll->entries[i], NULL));
    }

    return NGX_DONE;
}


static void
ngx_http_sfu_poll_ask(ngx_http_request_t *r, ngx_http_sfu_poll_entry_t *entry,
    json_t *message)
{
    ngx_sfu_ipc_request_t     *req;
    ngx_http_sfu_loc_conf_t   *slcf;
    ngx_http_sfu_main_conf_t  *smcf;

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_sfu_module);
    smcf = ngx_http_get_module_main_conf(r, ngx_http_sfu_module);

    req = &entry->request;

    req->message = message;
    req->peer = entry->peer;
    req->timeout = ngx_min(slcf->timeout, NGX_HTTP_SFU_POLL_TIMEOUT);
    req->handler = ngx_http_sfu_poll_handler;
    req->data = entry;
    req->log = r->connection->log;

    ngx_sfu_ipc_ask(smcf->ipc, req);
}


static json_t *
ngx_http_sfu_poll_message(ngx_http_request_t *r,
    ngx_http_sfu_poll_entry_t *entry, json_t *reply)
{
    u_char      *p, *dst, *src;
    json_t      *message;
    ngx_str_t    value;
    ngx_uint_t   i;

    static const char  *names[] = { "app", "session", NULL };

    if (reply != NULL) {
        return NULL;
    }

    message = json_pack("{s:s, s:s}", "type", SFU_IPC_REQ_STATUS,
                        "request", "status");

    for (i = 0; names[i] != NULL; i++) {

        if (ngx_http_arg(r, (u_char *) names[i], ngx_strlen(names[i]), &value)
            != NGX_OK
            || value.len == 0)
        {
            continue;
        }

        p = ngx_pnalloc(r->pool, value.len);
        if (p == NULL) {
            continue;
        }

        dst = p;
        src = value.data;

        ngx_unescape_uri(&dst, &src, value.len, 0);

        (void) json_object_set_new(message, names[i],
                                   json_stringn((char *) p, dst - p));
    }

    return message;
}


static void
ngx_http_sfu_poll_handler(ngx_sfu_ipc_request_t *req,
    ngx_sfu_ipc_result_e result, json_t *reply)
{
    json_t                     *message;
    ngx_int_t                   rc;
    ngx_connection_t           *c;
    ngx_http_request_t         *r;
    ngx_http_sfu_poll_t        *poll;
    ngx_http_sfu_poll_entry_t  *entry;

    entry = req->data;
    poll = entry->poll;

    entry->result = result;

    switch (result) {

    case NGX_SFU_IPC_REPLIED:

        if (json_is_string(json_object_get(reply, "error"))) {
            entry->error = "refused";
        }

        message = poll->message(poll->request, entry, reply);

        if (entry->reply == NULL) {
            entry->reply = json_incref(reply);
        }

        if (message != NULL) {
            ngx_http_sfu_poll_ask(poll->request, entry, message);
            return;
        }

        break;

    case NGX_SFU_IPC_TIMEOUT:
        entry->error = "no answer in time";
        break;

    default:
        entry->error = entry->peer->incompatible ? "other version" : "down";
        break;
    }

    if (--poll->left != 0) {
        return;
    }

    r = poll->request;
    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    rc = poll->handler(r, poll);

    ngx_http_finalize_request(r, rc);
    ngx_http_run_posted_requests(c);
}


static void
ngx_http_sfu_poll_cleanup(void *data)
{
    ngx_http_sfu_poll_t *poll = data;

    ngx_uint_t  i;

    for (i = 0; i < poll->nentries; i++) {
        ngx_sfu_ipc_cancel(&poll->entries[i].request);

        json_decref(poll->entries[i].reply);
        poll->entries[i].reply = NULL;
    }
}
