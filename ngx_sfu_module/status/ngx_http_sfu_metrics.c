
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * "sfu_metrics": the same figures for Prometheus.  Those of the workers are
 * converted without knowing them: a number is a sample, an object of numbers
 * has a sample a "cause", and each of "loops" has its own, by "loop".
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_http_sfu_poll.h>
#include <ngx_sfu_counters.h>
#include <ngx_sfu_exposition.h>


static ngx_int_t ngx_http_sfu_metrics_send(ngx_http_request_t *r,
    ngx_http_sfu_poll_t *poll);
static void ngx_http_sfu_metrics_nginx(ngx_sfu_exposition_t *e,
    ngx_sfu_counters_t *counters);
static void ngx_http_sfu_metrics_websocket(ngx_sfu_exposition_t *e,
    ngx_sfu_counters_t *counters, ngx_sfu_text_t *labels);
static void ngx_http_sfu_metrics_call(ngx_sfu_exposition_t *e,
    ngx_str_t *api, ngx_str_t *name, ngx_sfu_counters_call_t *call);
static void ngx_http_sfu_metrics_worker(ngx_sfu_exposition_t *e,
    ngx_http_sfu_poll_entry_t *entry);
static void ngx_http_sfu_metrics_object(ngx_sfu_exposition_t *e,
    json_t *object, json_t *parent, ngx_sfu_text_t *labels);
static void ngx_http_sfu_metrics_causes(ngx_sfu_exposition_t *e,
    const char *prefix, const char *name, json_t *object,
    ngx_sfu_text_t *labels);
static void ngx_http_sfu_metrics_loops(ngx_sfu_exposition_t *e,
    json_t *loops, json_t *worker, ngx_sfu_text_t *labels);
static void ngx_http_sfu_metrics_copy(ngx_sfu_text_t *copy,
    ngx_sfu_text_t *labels);


static ngx_str_t  ngx_http_sfu_metrics_type =
    ngx_string("text/plain; version=0.0.4; charset=utf-8");


ngx_int_t
ngx_http_sfu_metrics_handler(ngx_http_request_t *r)
{
    return ngx_http_sfu_poll_status(r, ngx_http_sfu_metrics_send);
}


static ngx_int_t
ngx_http_sfu_metrics_send(ngx_http_request_t *r, ngx_http_sfu_poll_t *poll)
{
    ngx_str_t                  text;
    ngx_uint_t                 i;
    ngx_sfu_exposition_t       e;
    ngx_http_sfu_main_conf_t  *smcf;

    smcf = ngx_http_get_module_main_conf(r, ngx_http_sfu_module);

    if (ngx_sfu_exposition_init(&e, r->pool) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_sfu_metrics_nginx(&e, smcf->zone->data);

    for (i = 0; i < poll->nentries; i++) {
        ngx_http_sfu_metrics_worker(&e, &poll->entries[i]);
    }

    if (ngx_sfu_exposition_print(&e, &text) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_sfu_send_text(r, NGX_HTTP_OK, &ngx_http_sfu_metrics_type,
                                  &text);
}


static void
ngx_http_sfu_metrics_nginx(ngx_sfu_exposition_t *e,
    ngx_sfu_counters_t *counters)
{
    ngx_uint_t           i, j, n;
    ngx_sfu_text_t       labels;
    ngx_http_sfu_api_t  *api;

    n = 0;

    for (i = 0; ngx_http_sfu_apis[i] != NULL; i++) {
        api = ngx_http_sfu_apis[i];

        for (j = 0; j < api->ncalls; j++) {
            ngx_http_sfu_metrics_call(e, &api->name, &api->calls[j],
                                      &counters->call[n++]);
        }
    }

    ngx_sfu_text_init(&labels, e->pool);

    ngx_sfu_exposition_add(e, "sfu_http_", "pending", "", &labels,
                           ngx_sfu_counters_sum(counters->pending));

    ngx_http_sfu_metrics_websocket(e, counters, &labels);
}


static void
ngx_http_sfu_metrics_websocket(ngx_sfu_exposition_t *e,
    ngx_sfu_counters_t *counters, ngx_sfu_text_t *labels)
{
    const char             *cause;
    ngx_uint_t              i;
    ngx_sfu_text_t          with_cause;
    ngx_sfu_counters_ws_t  *ws;

    ws = &counters->ws;

    ngx_sfu_exposition_add(e, "sfu_websocket_", "open", "", labels,
                           ngx_sfu_counters_sum(counters->ws_open));
    ngx_sfu_exposition_add(e, "sfu_websocket_", "opened_total", "", labels,
                           ws->opened);
    ngx_sfu_exposition_add(e, "sfu_websocket_", "messages_in_total", "",
                           labels, ws->messages_in);
    ngx_sfu_exposition_add(e, "sfu_websocket_", "messages_out_total", "",
                           labels, ws->messages_out);
    ngx_sfu_exposition_add(e, "sfu_websocket_", "bytes_in_total", "", labels,
                           ws->bytes_in);
    ngx_sfu_exposition_add(e, "sfu_websocket_", "bytes_out_total", "", labels,
                           ws->bytes_out);

    for (i = 0; i < NGX_SFU_COUNTERS_WS_CAUSES; i++) {

        cause = ngx_sfu_counters_ws_causes[i];

        ngx_http_sfu_metrics_copy(&with_cause, labels);
        ngx_sfu_text_label(&with_cause, "cause", cause, ngx_strlen(cause));

        ngx_sfu_exposition_add(e, "sfu_websocket_", "closed_total", "",
                               &with_cause, ws->closed[i]);
    }
}


static void
ngx_http_sfu_metrics_call(ngx_sfu_exposition_t *e, ngx_str_t *api,
    ngx_str_t *name, ngx_sfu_counters_call_t *call)
{
    u_char           value[NGX_INT_T_LEN], *last;
    ngx_uint_t       i, n, total;
    ngx_sfu_text_t   common, labels;

    ngx_sfu_text_init(&common, e->pool);
    ngx_sfu_text_label(&common, "api", (char *) api->data, api->len);
    ngx_sfu_text_label(&common, "call", (char *) name->data, name->len);

    for (i = 0; i < NGX_SFU_COUNTERS_STATUSES; i++) {

        n = call->status[i];

        if (n == 0) {
            continue;
        }

        last = ngx_sprintf(value, "%ui", ngx_sfu_counters_statuses[i]);

        ngx_http_sfu_metrics_copy(&labels, &common);
        ngx_sfu_text_label(&labels, "status", (char *) value, last - value);

        ngx_sfu_exposition_add(e, "sfu_http_", "requests_total", "", &labels,
                               n);
    }

    total = 0;

    for (i = 0; i < NGX_SFU_COUNTERS_BUCKETS; i++) {

        total += call->bucket[i];

        last = ngx_sprintf(value, "%.3f",
                           (double) ngx_sfu_counters_limits[i] / 1000);

        ngx_http_sfu_metrics_copy(&labels, &common);
        ngx_sfu_text_label(&labels, "le", (char *) value, last - value);

        ngx_sfu_exposition_add(e, "sfu_http_", "request_duration_seconds",
                               "_bucket", &labels, total);
    }

    total += call->bucket[NGX_SFU_COUNTERS_BUCKETS];

    ngx_http_sfu_metrics_copy(&labels, &common);
    ngx_sfu_text_label(&labels, "le", "+Inf", 4);

    ngx_sfu_exposition_add(e, "sfu_http_", "request_duration_seconds",
                           "_bucket", &labels, total);
    ngx_sfu_exposition_add(e, "sfu_http_", "request_duration_seconds",
                           "_sum", &common, (double) call->msec / 1000);
    ngx_sfu_exposition_add(e, "sfu_http_", "request_duration_seconds",
                           "_count", &common, total);
}


static void
ngx_http_sfu_metrics_worker(ngx_sfu_exposition_t *e,
    ngx_http_sfu_poll_entry_t *entry)
{
    json_t          *value;
    const char      *key;
    ngx_sfu_text_t   labels, info;

    ngx_sfu_text_init(&info, e->pool);
    ngx_sfu_text_label(&info, "address", (char *) entry->peer->address.data,
                       entry->peer->address.len);

    ngx_sfu_exposition_add(e, "sfu_", "worker_up", "", &info,
                           entry->error ? 0 : 1);

    if (entry->error) {
        return;
    }

    value = json_object_get(entry->reply, "worker");

    ngx_sfu_text_init(&labels, e->pool);
    ngx_sfu_text_label(&labels, "worker", json_string_value(value),
                       json_string_length(value));

    ngx_sfu_text_label(&info, "worker", json_string_value(value),
                       json_string_length(value));

    json_object_foreach(entry->reply, key, value) {

        if (json_is_string(value)
            && (ngx_strcmp(key, "version") == 0
                || ngx_strcmp(key, "srtp") == 0))
        {
            ngx_sfu_text_label(&info, key, json_string_value(value),
                               json_string_length(value));
        }
    }

    ngx_sfu_exposition_add(e, "sfu_", "worker_info", "", &info, 1);

    ngx_http_sfu_metrics_object(e, entry->reply, NULL, &labels);
}


/* the parent is that of a loop, or NULL */

static void
ngx_http_sfu_metrics_object(ngx_sfu_exposition_t *e, json_t *object,
    json_t *parent, ngx_sfu_text_t *labels)
{
    json_t      *value;
    const char  *key, *prefix;

    json_object_foreach(object, key, value) {

        if (parent != NULL && ngx_strcmp(key, "loop") == 0) {
            continue;
        }

        /* a sum over all samples of a name must not count things twice */
        prefix = json_object_get(parent, key) ? "sfu_loop_" : "sfu_";

        if (json_is_number(value)) {
            ngx_sfu_exposition_add(e, prefix, key, "", labels,
                                   json_number_value(value));

        } else if (json_is_boolean(value)) {
            ngx_sfu_exposition_add(e, prefix, key, "", labels,
                                   json_is_true(value));

        } else if (json_is_object(value)) {
            ngx_http_sfu_metrics_causes(e, prefix, key, value, labels);

        } else if (json_is_array(value) && ngx_strcmp(key, "loops") == 0) {
            ngx_http_sfu_metrics_loops(e, value, object, labels);
        }
    }
}


static void
ngx_http_sfu_metrics_causes(ngx_sfu_exposition_t *e, const char *prefix,
    const char *name, json_t *object, ngx_sfu_text_t *labels)
{
    json_t          *value;
    const char      *key;
    ngx_sfu_text_t   with_cause;

    json_object_foreach(object, key, value) {

        if (!json_is_number(value)) {
            continue;
        }

        ngx_http_sfu_metrics_copy(&with_cause, labels);
        ngx_sfu_text_label(&with_cause, "cause", key, ngx_strlen(key));

        ngx_sfu_exposition_add(e, prefix, name, "", &with_cause,
                               json_number_value(value));
    }
}


static void
ngx_http_sfu_metrics_loops(ngx_sfu_exposition_t *e, json_t *loops,
    json_t *worker, ngx_sfu_text_t *labels)
{
    u_char           number[NGX_INT64_LEN], *last;
    json_t          *entry, *value;
    size_t           i;
    ngx_sfu_text_t   with_loop;

    json_array_foreach(loops, i, entry) {

        value = json_object_get(entry, "loop");

        if (!json_is_integer(value)) {
            continue;
        }

        last = ngx_sprintf(number, "%L", (int64_t) json_integer_value(value));

        ngx_http_sfu_metrics_copy(&with_loop, labels);
        ngx_sfu_text_label(&with_loop, "loop", (char *) number,
                           last - number);

        ngx_http_sfu_metrics_object(e, entry, worker, &with_loop);
    }
}


static void
ngx_http_sfu_metrics_copy(ngx_sfu_text_t *copy, ngx_sfu_text_t *labels)
{
    ngx_sfu_text_init(copy, labels->pool);
    ngx_sfu_text_append(copy, (char *) labels->data, labels->len);
}
