
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * "sfu_status": what nginx and its workers know, for people and scripts.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_http_sfu_poll.h>
#include <ngx_sfu_counters.h>
#include <sfu_version.h>


typedef struct {
    ngx_uint_t    total;
    ngx_uint_t    class[6];        /* by the first digit of the status */
    ngx_uint_t    msec;
} ngx_http_sfu_status_sum_t;


static ngx_int_t ngx_http_sfu_status_send(ngx_http_request_t *r,
    ngx_http_sfu_poll_t *poll);
static json_t *ngx_http_sfu_status_nginx(ngx_sfu_counters_t *counters);
static json_t *ngx_http_sfu_status_call(ngx_sfu_counters_call_t *call,
    ngx_http_sfu_status_sum_t *sum);
static json_t *ngx_http_sfu_status_worker(ngx_http_sfu_poll_entry_t *entry);


static ngx_str_t  ngx_http_sfu_status_type = ngx_string("application/json");


ngx_int_t
ngx_http_sfu_status_handler(ngx_http_request_t *r)
{
    return ngx_http_sfu_poll_status(r, ngx_http_sfu_status_send);
}


static ngx_int_t
ngx_http_sfu_status_send(ngx_http_request_t *r, ngx_http_sfu_poll_t *poll)
{
    char                      *json;
    json_t                    *document, *workers;
    ngx_int_t                  rc;
    ngx_str_t                  text;
    ngx_uint_t                 i;
    ngx_http_sfu_main_conf_t  *smcf;

    smcf = ngx_http_get_module_main_conf(r, ngx_http_sfu_module);

    workers = json_array();

    for (i = 0; i < poll->nentries; i++) {
        (void) json_array_append_new(workers,
                             ngx_http_sfu_status_worker(&poll->entries[i]));
    }

    document = json_pack("{s:o, s:o}",
                         "nginx", ngx_http_sfu_status_nginx(smcf->zone->data),
                         "workers", workers);

    json = json_dumps(document, JSON_INDENT(2)|JSON_REAL_PRECISION(9));
    json_decref(document);

    if (json == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    text.data = (u_char *) json;
    text.len = ngx_strlen(json);

    rc = ngx_http_sfu_send_text(r, NGX_HTTP_OK, &ngx_http_sfu_status_type,
                                &text);
    free(json);

    return rc;
}


static json_t *
ngx_http_sfu_status_nginx(ngx_sfu_counters_t *counters)
{
    json_t                     *apis, *calls, *call;
    ngx_uint_t                  i, j, n;
    ngx_http_sfu_api_t         *api;
    ngx_http_sfu_status_sum_t   sum;

    ngx_memzero(&sum, sizeof(ngx_http_sfu_status_sum_t));

    apis = json_object();
    n = 0;

    for (i = 0; ngx_http_sfu_apis[i] != NULL; i++) {

        api = ngx_http_sfu_apis[i];
        calls = json_object();

        for (j = 0; j < api->ncalls; j++) {

            call = ngx_http_sfu_status_call(&counters->call[n++], &sum);

            if (call != NULL) {
                (void) json_object_set_new(calls,
                                           (char *) api->calls[j].data, call);
            }
        }

        (void) json_object_set_new(apis, (char *) api->name.data, calls);
    }

    return json_pack("{s:s, s:s, s:I, s:I, s:{s:I, s:I, s:I, s:I, s:I}, s:f, "
                     "s:o}",
                     "version", NGINX_VERSION, "module", SFU_VERSION,
                     "pending", (json_int_t) ngx_sfu_counters_sum(counters->pending),
                     "websockets",
                     (json_int_t) ngx_sfu_counters_sum(counters->ws_open),
                     "requests",
                     "total", (json_int_t) sum.total,
                     "2xx", (json_int_t) sum.class[2],
                     "4xx", (json_int_t) sum.class[4],
                     "5xx", (json_int_t) sum.class[5],
                     "other", (json_int_t) sum.class[0],
                     "latency",
                     sum.total ? (double) sum.msec / sum.total / 1000 : 0.0,
                     "calls", apis);
}


/* NULL: there were none */

static json_t *
ngx_http_sfu_status_call(ngx_sfu_counters_call_t *call,
    ngx_http_sfu_status_sum_t *sum)
{
    char         name[NGX_INT_T_LEN + 1];
    json_t      *statuses;
    ngx_uint_t   i, n, total, status;

    total = 0;
    statuses = json_object();

    for (i = 0; i < NGX_SFU_COUNTERS_STATUSES; i++) {

        n = call->status[i];

        if (n == 0) {
            continue;
        }

        status = ngx_sfu_counters_statuses[i];

        total += n;
        sum->class[status / 100] += n;

        (void) ngx_sprintf((u_char *) name, "%ui%Z", status);
        (void) json_object_set_new(statuses, status ? name : "other",
                                   json_integer(n));
    }

    sum->total += total;
    sum->msec += call->msec;

    if (total == 0) {
        json_decref(statuses);
        return NULL;
    }

    return json_pack("{s:I, s:f, s:o}", "requests", (json_int_t) total,
                     "latency", (double) call->msec / total / 1000,
                     "status", statuses);
}


static json_t *
ngx_http_sfu_status_worker(ngx_http_sfu_poll_entry_t *entry)
{
    json_t  *worker;

    worker = json_pack("{s:s%}", "address", entry->peer->address.data,
                       entry->peer->address.len);

    /* "worker" is there in either case; a refusal has "error", too */

    if (entry->reply != NULL) {
        (void) json_object_update(worker, entry->reply);

    } else {
        (void) json_object_set_new(worker, "error",
                                   json_string(entry->error));
    }

    return worker;
}
