
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Which layers of a track are wanted (section 9).  Layers come and go, so one
 * that does not exist is no mistake.  Two members are ours, for SVC; two are
 * of older clients, whose other values mean nothing here.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_cloudflare.h>


static void ngx_sfu_cloudflare_strategy(ngx_sfu_cloudflare_check_t *check,
    json_t *simulcast, const char *name, json_t *to, const char *key);
static ngx_uint_t ngx_sfu_cloudflare_is(ngx_sfu_cloudflare_check_t *check,
    json_t *simulcast, const char *name, const char *word);
static void ngx_sfu_cloudflare_layers(ngx_sfu_cloudflare_check_t *check,
    json_t *simulcast, const char *name, json_t *to, const char *key);
static void ngx_sfu_cloudflare_put(ngx_sfu_cloudflare_check_t *check,
    json_t *to, const char *key, json_t *value);


void
ngx_sfu_cloudflare_simulcast(ngx_sfu_cloudflare_check_t *check, json_t *track,
    json_t *to)
{
    json_t  *simulcast, *layers, *rid;

    simulcast = ngx_http_sfu_member(check, track, "simulcast",
                                    NGX_HTTP_SFU_OBJECT);
    if (simulcast == NULL) {
        return;
    }

    layers = json_object();

    ngx_sfu_cloudflare_put(check, to, "layers", layers);

    if (check->error != NULL) {
        return;
    }

    rid = ngx_http_sfu_member(check, simulcast, "preferredRid",
                              NGX_HTTP_SFU_STRING);

    /* no rid is longer; the worker takes such a one for unknown as well */

    if (json_string_length(rid) > SFU_IPC_MID_MAX) {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_invalid_params,
                            "a preferredRid has at most %d bytes",
                            SFU_IPC_MID_MAX);
        return;
    }

    if (rid != NULL) {
        ngx_sfu_cloudflare_put(check, layers, "rid", json_incref(rid));
    }

    ngx_sfu_cloudflare_strategy(check, simulcast, "priorityOrdering", layers,
                                "by_priority");
    ngx_sfu_cloudflare_strategy(check, simulcast, "ridNotAvailable", layers,
                                "by_availability");

    if (ngx_sfu_cloudflare_is(check, simulcast, "ridUnavailableStrategy",
                              "asciibetical"))
    {
        ngx_sfu_cloudflare_put(check, layers, "by_availability", json_true());
    }

    if (ngx_sfu_cloudflare_is(check, simulcast, "fallbackStrategy", "auto")) {
        ngx_sfu_cloudflare_put(check, layers, "by_priority", json_true());
        ngx_sfu_cloudflare_put(check, layers, "by_availability", json_true());
    }

    ngx_sfu_cloudflare_layers(check, simulcast, "maxSpatialLayer", layers,
                              "spatial");
    ngx_sfu_cloudflare_layers(check, simulcast, "maxTemporalLayer", layers,
                              "temporal");
}


/* "none", as if it were absent, or "asciibetical" */

static void
ngx_sfu_cloudflare_strategy(ngx_sfu_cloudflare_check_t *check,
    json_t *simulcast, const char *name, json_t *to, const char *key)
{
    json_t  *value;

    if (ngx_sfu_cloudflare_is(check, simulcast, name, "asciibetical")) {
        ngx_sfu_cloudflare_put(check, to, key, json_true());
        return;
    }

    value = json_object_get(simulcast, name);

    if (json_is_string(value)
        && ngx_strcmp(json_string_value(value), "none") != 0)
    {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_decoding,
                            "\"%s\" is neither none nor asciibetical",
                            name);
    }
}


static ngx_uint_t
ngx_sfu_cloudflare_is(ngx_sfu_cloudflare_check_t *check, json_t *simulcast,
    const char *name, const char *word)
{
    json_t  *value;

    value = ngx_http_sfu_member(check, simulcast, name,
                                NGX_HTTP_SFU_STRING);

    return value != NULL && ngx_strcmp(json_string_value(value), word) == 0;
}


/* the highest layer, counted from 0; the worker is told how many there are */

static void
ngx_sfu_cloudflare_layers(ngx_sfu_cloudflare_check_t *check,
    json_t *simulcast, const char *name, json_t *to, const char *key)
{
    json_t  *value;

    value = ngx_http_sfu_member(check, simulcast, name,
                                NGX_HTTP_SFU_INTEGER);
    if (value == NULL) {
        return;
    }

    if (json_integer_value(value) < 0
        || json_integer_value(value) >= SFU_IPC_LAYERS_MAX)
    {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_invalid_params,
                            "\"%s\" is from 0 to %d", name,
                            SFU_IPC_LAYERS_MAX - 1);
        return;
    }

    ngx_sfu_cloudflare_put(check, to, key,
                           json_integer(json_integer_value(value) + 1));
}


static void
ngx_sfu_cloudflare_put(ngx_sfu_cloudflare_check_t *check, json_t *to,
    const char *key, json_t *value)
{
    if (json_object_set_new(to, key, value) == -1) {
        ngx_http_sfu_refuse(check, &ngx_sfu_cloudflare_internal,
                            "no memory");
    }
}
