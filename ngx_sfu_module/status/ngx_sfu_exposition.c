
/*
 * Copyright (C) the ngx_sfu_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sfu_exposition.h>


#define NGX_SFU_EXPOSITION_NAME_MAX   128
#define NGX_SFU_EXPOSITION_VALUE_MAX  32


typedef struct {
    u_char                          name[NGX_SFU_EXPOSITION_NAME_MAX + 1];
    ngx_sfu_text_t                  samples;
} ngx_sfu_family_t;


typedef struct {
    const char                     *name;
    const char                     *type;
    const char                     *help;
} ngx_sfu_known_family_t;


static ngx_sfu_family_t *ngx_sfu_exposition_family(ngx_sfu_exposition_t *e,
    const char *prefix, const char *name);
static const ngx_sfu_known_family_t *ngx_sfu_exposition_known(u_char *name);


/* others are printed without help, as untyped */

static const ngx_sfu_known_family_t  ngx_sfu_known_families[] = {

    { "sfu_http_requests_total", "counter",
      "Requests by dialect, call and status." },
    { "sfu_http_request_duration_seconds", "histogram",
      "Time from the header of a request to its response." },
    { "sfu_http_pending", "gauge",
      "Requests that wait for a worker." },
    { "sfu_websocket_open", "gauge", "WebSockets." },
    { "sfu_websocket_opened_total", "counter", "WebSockets that were opened." },
    { "sfu_websocket_closed_total", "counter",
      "WebSockets that were closed, by cause." },
    { "sfu_websocket_messages_in_total", "counter", "Messages of clients." },
    { "sfu_websocket_messages_out_total", "counter", "Messages to clients." },
    { "sfu_websocket_bytes_in_total", "counter",
      "Bytes of WebSockets received, their frames included." },
    { "sfu_websocket_bytes_out_total", "counter",
      "Bytes of WebSockets sent, their frames included." },
    { "sfu_worker_up", "gauge",
      "Whether the worker answered when it was asked for its figures." },
    { "sfu_worker_info", "gauge",
      "What is constant in the life of a worker." },

    { "sfu_uptime", "gauge", "Seconds since the worker was started." },
    { "sfu_draining", "gauge", "Whether the worker takes no new sessions." },
    { "sfu_apps", "gauge", "Apps that have sessions." },
    { "sfu_sessions", "gauge", "Sessions." },
    { "sfu_sessions_created", "counter", "Sessions made." },
    { "sfu_sessions_connected", "counter", "Sessions that got connected." },
    { "sfu_connect_seconds", "counter",
      "Time from the first description to connected, all sessions together." },
    { "sfu_sessions_ended", "counter", "Sessions that ended, by cause." },
    { "sfu_joins_refused", "counter",
      "First descriptions refused because too many joined at once." },
    { "sfu_tracks", "gauge", "Published tracks." },
    { "sfu_subscriptions", "gauge", "Subscribed tracks." },
    { "sfu_requests", "counter", "Requests from nginx, by what became of it." },
    { "sfu_port", "gauge", "The port of a loop." },
    { "sfu_loop_sessions", "gauge", "Sessions of a loop." },
    { "sfu_transports", "gauge", "Transports of a loop." },
    { "sfu_utilisation", "gauge", "Part of the time that a loop works, to 1." },
    { "sfu_handshake_wait", "gauge",
      "Seconds for which the first in a loop's queue of handshakes waits." },
    { "sfu_packets_in", "counter", "Packets received." },
    { "sfu_bytes_in", "counter", "Bytes received." },
    { "sfu_packets_out", "counter", "Packets sent." },
    { "sfu_bytes_out", "counter", "Bytes sent." },
    { "sfu_runs_out", "counter", "System calls that sent packets." },
    { "sfu_nacks_in", "counter", "NACK messages received." },
    { "sfu_nacks_out", "counter", "NACK messages sent." },
    { "sfu_plis_in", "counter", "Key frame requests received." },
    { "sfu_plis_out", "counter", "Key frame requests sent." },
    { "sfu_layer_switches", "counter",
      "Subscriptions that changed to another encoding." },
    { "sfu_layers_left_out", "counter",
      "Packets of layers that a subscription did not want." },
    { "sfu_retransmitted", "counter", "Packets sent again." },
    { "sfu_not_retransmitted", "counter",
      "Packets asked for again that were not kept any more." },
    { "sfu_recovered", "counter", "Lost packets that came on demand." },
    { "sfu_checks_sent", "counter",
      "STUN checks sent to peers that are ICE-lite." },
    { "sfu_stun_checks", "counter", "Valid STUN checks." },
    { "sfu_handshakes", "counter", "DTLS handshakes that were completed." },
    { "sfu_handshakes_failed", "counter", "DTLS handshakes that failed." },
    { "sfu_tcp_connections", "gauge", "TCP connections." },
    { "sfu_tcp_refused", "counter", "TCP connections refused." },
    { "sfu_busy_usec", "counter", "Microseconds that a loop worked." },
    { "sfu_rests", "counter",
      "Times that a loop stayed away for more to come (wake-interval)." },
    { "sfu_rest_usec", "counter", "Microseconds that it stayed away." },
    { "sfu_buffers", "gauge", "Packets kept for retransmission." },
    { "sfu_drops", "counter", "Packets dropped, by cause." },
    { "sfu_data_associations", "gauge", "Sessions with data channels." },
    { "sfu_data_channels", "gauge",
      "Data channels, published and subscribed to." },
    { "sfu_data_messages_in", "counter", "Messages received." },
    { "sfu_data_bytes_in", "counter", "Bytes of messages received." },
    { "sfu_data_messages_out", "counter", "Messages sent, to each receiver." },
    { "sfu_data_bytes_out", "counter", "Bytes of messages sent." },
    { "sfu_data_queued_bytes", "gauge",
      "Bytes of messages that wait for slow receivers." },
    { "sfu_data_busy_usec", "counter",
      "Microseconds that the thread of data channels worked." },
    { "sfu_data_overflows", "counter",
      "Reliable data channels closed because their receiver was too slow." },
    { "sfu_data_drops", "counter",
      "Messages of data channels that went no further, by cause." },
    { "sfu_feeds", "gauge", "nginx processes that ask for events." },
    { "sfu_feeds_expired", "counter",
      "nginx processes that did not ask any more." },
    { "sfu_feed_connections", "gauge", "WebSockets of all nginx processes." },
    { "sfu_feed_events", "counter", "Events told to them." },
    { "sfu_feed_bytes", "gauge", "Bytes of events that wait for them." },
    { "sfu_feed_overflows", "counter",
      "WebSockets closed because they did not take their events." },
    { "sfu_rooms", "gauge", "Rooms of the worker's own." },
    { "sfu_room_members", "gauge",
      "Participants of rooms, and foreign SFUs that serve some." },
    { "sfu_room_messages_relayed", "counter",
      "Messages from, and to, foreign SFUs." },
    { "sfu_signaling_channels", "gauge", "Signaling channels in use." },
    { "sfu_signaling_masters", "gauge", "Masters that are connected." },
    { "sfu_signaling_viewers", "gauge", "Viewers that are connected." },
    { "sfu_signaling_connects", "counter",
      "Connects of masters and viewers." },
    { "sfu_signaling_connects_refused", "counter",
      "Connects refused by the rate, or the number of viewers." },
    { "sfu_signaling_replaced", "counter",
      "Connects in the place of an older connection." },
    { "sfu_signaling_relayed", "counter",
      "Signaling messages handed to a client." },
    { "sfu_signaling_stored", "counter",
      "Signaling messages that had to wait for their client." },
    { "sfu_signaling_waiting", "gauge", "Signaling messages that wait." },
    { "sfu_signaling_waiting_bytes", "gauge", "Bytes of these." },
    { "sfu_signaling_calls", "counter", "Questions of one offer." },
    { "sfu_signaling_cameras", "gauge", "Masters that send to the worker." },
    { "sfu_signaling_watchers", "gauge",
      "Viewers whose master is the worker." },
    { "sfu_signaling_drops", "counter",
      "Signaling messages that nobody got, by cause." },
    { "sfu_store_failures", "counter",
      "Calls that the store could not read or write." },

    { NULL, NULL, NULL }
};


void
ngx_sfu_text_init(ngx_sfu_text_t *text, ngx_pool_t *pool)
{
    ngx_memzero(text, sizeof(ngx_sfu_text_t));

    text->pool = pool;
}


void
ngx_sfu_text_append(ngx_sfu_text_t *text, const char *data, size_t len)
{
    u_char  *p;
    size_t   size;

    if (text->failed) {
        return;
    }

    if (text->len + len > text->size) {

        size = ngx_max(2 * text->size, text->len + len);
        size = ngx_max(size, 256);

        p = ngx_pnalloc(text->pool, size);
        if (p == NULL) {
            text->failed = 1;
            return;
        }

        if (text->len != 0) {
            ngx_memcpy(p, text->data, text->len);
            (void) ngx_pfree(text->pool, text->data);
        }

        text->data = p;
        text->size = size;
    }

    ngx_memcpy(text->data + text->len, data, len);
    text->len += len;
}


void
ngx_sfu_text_label(ngx_sfu_text_t *labels, const char *name,
    const char *value, size_t len)
{
    size_t  i;

    if (labels->len != 0) {
        ngx_sfu_text_append(labels, ",", 1);
    }

    ngx_sfu_text_append(labels, name, ngx_strlen(name));
    ngx_sfu_text_append(labels, "=\"", 2);

    for (i = 0; i < len; i++) {

        switch (value[i]) {

        case '\\':
            ngx_sfu_text_append(labels, "\\\\", 2);
            break;

        case '"':
            ngx_sfu_text_append(labels, "\\\"", 2);
            break;

        case LF:
            ngx_sfu_text_append(labels, "\\n", 2);
            break;

        default:
            ngx_sfu_text_append(labels, &value[i], 1);
        }
    }

    ngx_sfu_text_append(labels, "\"", 1);
}


ngx_int_t
ngx_sfu_exposition_init(ngx_sfu_exposition_t *e, ngx_pool_t *pool)
{
    e->pool = pool;
    e->failed = 0;

    return ngx_array_init(&e->families, pool, 32, sizeof(ngx_sfu_family_t));
}


void
ngx_sfu_exposition_add(ngx_sfu_exposition_t *e, const char *prefix,
    const char *name, const char *suffix, ngx_sfu_text_t *labels,
    double value)
{
    int                n;
    char               number[NGX_SFU_EXPOSITION_VALUE_MAX];
    ngx_sfu_text_t    *samples;
    ngx_sfu_family_t  *family;

    family = ngx_sfu_exposition_family(e, prefix, name);

    if (family == NULL) {
        e->failed = 1;
        return;
    }

    samples = &family->samples;

    ngx_sfu_text_append(samples, (char *) family->name,
                        ngx_strlen(family->name));
    ngx_sfu_text_append(samples, suffix, ngx_strlen(suffix));

    if (labels->len != 0) {
        ngx_sfu_text_append(samples, "{", 1);
        ngx_sfu_text_append(samples, (char *) labels->data, labels->len);
        ngx_sfu_text_append(samples, "}", 1);
    }

    /* exact for integers up to 2^53, as far as Prometheus itself is */
    n = snprintf(number, sizeof(number), " %.16g\n", value);

    ngx_sfu_text_append(samples, number, n);

    e->failed |= samples->failed | labels->failed;
}


static ngx_sfu_family_t *
ngx_sfu_exposition_family(ngx_sfu_exposition_t *e, const char *prefix,
    const char *name)
{
    u_char             full[NGX_SFU_EXPOSITION_NAME_MAX + 1], *p, *last;
    ngx_uint_t         i;
    ngx_sfu_family_t  *family;

    last = ngx_snprintf(full, NGX_SFU_EXPOSITION_NAME_MAX, "%s%s",
                        prefix, name);
    *last = '\0';

    for (p = full; p < last; p++) {
        if (!isalnum(*p)) {
            *p = '_';
        }
    }

    family = e->families.elts;

    for (i = 0; i < e->families.nelts; i++) {
        if (ngx_strcmp(family[i].name, full) == 0) {
            return &family[i];
        }
    }

    family = ngx_array_push(&e->families);
    if (family == NULL) {
        return NULL;
    }

    ngx_memcpy(family->name, full, sizeof(full));
    ngx_sfu_text_init(&family->samples, e->pool);

    return family;
}


ngx_int_t
ngx_sfu_exposition_print(ngx_sfu_exposition_t *e, ngx_str_t *text)
{
    ngx_uint_t                     i;
    ngx_sfu_text_t                 out;
    ngx_sfu_family_t              *family;
    const ngx_sfu_known_family_t  *known;

    ngx_sfu_text_init(&out, e->pool);

    family = e->families.elts;

    for (i = 0; i < e->families.nelts; i++) {

        known = ngx_sfu_exposition_known(family[i].name);

        if (known != NULL) {
            ngx_sfu_text_append(&out, "# HELP ", 7);
            ngx_sfu_text_append(&out, known->name, ngx_strlen(known->name));
            ngx_sfu_text_append(&out, " ", 1);
            ngx_sfu_text_append(&out, known->help, ngx_strlen(known->help));
            ngx_sfu_text_append(&out, "\n# TYPE ", 8);
            ngx_sfu_text_append(&out, known->name, ngx_strlen(known->name));
            ngx_sfu_text_append(&out, " ", 1);
            ngx_sfu_text_append(&out, known->type, ngx_strlen(known->type));
            ngx_sfu_text_append(&out, "\n", 1);
        }

        ngx_sfu_text_append(&out, (char *) family[i].samples.data,
                            family[i].samples.len);
    }

    if (e->failed || out.failed) {
        return NGX_ERROR;
    }

    text->data = out.data;
    text->len = out.len;

    return NGX_OK;
}


static const ngx_sfu_known_family_t *
ngx_sfu_exposition_known(u_char *name)
{
    const ngx_sfu_known_family_t  *known;

    for (known = ngx_sfu_known_families; known->name; known++) {
        if (ngx_strcmp(known->name, name) == 0) {
            return known;
        }
    }

    return NULL;
}
