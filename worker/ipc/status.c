/*
 * ipc/status.c - the figures of the worker, as JSON.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ipc/status.h"

#include "data/loop.h"
#include "ipc/status_priv.h"
#include "sfu_version.h"
#include "srtp/sealer.h"

static json_t *
of_loop(const struct media_loop *loop, size_t sessions)
{
    static const char *const drops[] = {
#define X(name) #name,
        MEDIA_DROPS(X)
#undef X
    };
    const struct media_counters *c = &loop->counters;
    json_t *o = json_object();
    json_t *d = json_object();

    set_count(o, "loop", loop->index);
    set_count(o, "port", media_loop_port(loop));
    set_count(o, "sessions", sessions);
    json_object_set_new(
        o, "utilisation",
        json_real((double)counter_get(&c->utilisation) / 1000));
    set_seconds(o, "handshake_wait",
                (usec_t)counter_get(&c->handshake_wait));

#define X(name) set_count(o, #name, counter_get(&c->name));
    MEDIA_COUNTERS(X)
#undef X

    for (int i = 0; i < MEDIA_DROP_COUNT; i++) {
        set_count(d, drops[i], counter_get(&c->drops[i]));
    }

    json_object_set_new(o, "drops", d);

    return o;
}

/* each beside the figures of the worker, since there is one such loop */
static void
add_data(json_t *o, const struct data_loop *data)
{
    static const char *const drops[] = {
#define X(name) #name,
        DATA_DROPS(X)
#undef X
    };
    const struct data_counters *c = &data->counters;
    json_t *d = json_object();

#define X(name) set_count(o, "data_" #name, counter_get(&c->name));
    DATA_COUNTERS(X)
#undef X

    for (int i = 0; i < DATA_DROP_COUNT; i++) {
        set_count(d, drops[i], counter_get(&c->drops[i]));
    }

    json_object_set_new(o, "data_drops", d);
}

static void
add_rooms(json_t *o, const struct rooms *rooms)
{
    set_count(o, "rooms", rooms->own);
    set_count(o, "room_members", rooms->members);
    set_count(o, "room_messages_relayed", rooms->relayed);
}

static void
add_feeds(json_t *o, const struct feeds *feeds)
{
    set_count(o, "feeds", feeds->by_id.count);
    set_count(o, "feeds_expired", feeds->expired);
    set_count(o, "feed_connections", feeds->connections);
    set_count(o, "feed_events", feeds->events);
    set_count(o, "feed_bytes", feeds->bytes);
    set_count(o, "feed_overflows", feeds->overflows);
}

static void
add_channels(json_t *o, const struct channels *channels)
{
    static const char *const drops[] = {
#define X(name) #name,
        CHANNEL_DROPS(X)
#undef X
    };
    const struct channel_figures *f = &channels->figures;
    json_t *d = json_object();

    set_count(o, "signaling_channels", channels->by_key.count);
    set_count(o, "signaling_masters", f->masters);
    set_count(o, "signaling_viewers", f->viewers);
    set_count(o, "signaling_connects", f->connects);
    set_count(o, "signaling_connects_refused", f->connects_refused);
    set_count(o, "signaling_replaced", f->replaced);
    set_count(o, "signaling_relayed", f->relayed);
    set_count(o, "signaling_stored", f->stored);
    set_count(o, "signaling_waiting", f->waiting);
    set_count(o, "signaling_waiting_bytes", channels->bytes);
    set_count(o, "signaling_calls", f->calls);
    set_count(o, "signaling_cameras", f->cameras);
    set_count(o, "signaling_watchers", f->watchers);

    for (int i = 0; i < CHANNEL_DROP_COUNT; i++) {
        set_count(d, drops[i], f->drops[i]);
    }

    json_object_set_new(o, "signaling_drops", d);
    set_count(o, "store_failures", store_failures(channels->store));
}

json_t *
status_worker(const struct ipc_served *serves)
{
    const struct sfu *sfu = serves->sfu;
    const struct sfu_figures *f = &sfu->figures;
    json_t *o = json_object();
    json_t *ended = json_object();
    json_t *loops = json_array();

    json_object_set_new(o, "version", json_string(SFU_VERSION));
    json_object_set_new(o, "srtp",
                        json_string(srtp_engine_name(sfu->loops[0].srtp)));
    set_seconds(o, "uptime", sfu->now - sfu->started);
    json_object_set_new(o, "draining", json_boolean(sfu->draining));
    set_count(o, "sessions", sfu->sessions.count);
    set_count(o, "sessions_created", f->sessions_created);
    set_count(o, "sessions_connected", f->sessions_connected);
    json_object_set_new(o, "connect_seconds", json_real(f->connect_seconds));

    for (int i = 0; i < SFU_END_COUNT; i++) {
        set_count(ended, sfu_session_end_name((enum sfu_session_end)i),
                  f->sessions_ended[i]);
    }

    json_object_set_new(o, "sessions_ended", ended);
    set_count(o, "joins_refused", f->joins_refused);
    set_count(o, "tracks", f->publications);
    set_count(o, "subscriptions", f->subscriptions);
    json_object_set_new(o, "requests",
                        json_pack("{s:I, s:I, s:I}",
                                  "total", (json_int_t)f->requests,
                                  "failed", (json_int_t)f->requests_failed,
                                  "held", (json_int_t)f->requests_held));

    add_feeds(o, serves->feeds);
    add_rooms(o, serves->rooms);
    add_channels(o, serves->channels);

    if (sfu->data != NULL) {
        add_data(o, sfu->data);
    }

    for (size_t i = 0; i < sfu->loop_count; i++) {
        json_array_append_new(loops, of_loop(&sfu->loops[i],
                                             sfu->loop_sessions[i]));
    }

    json_object_set_new(o, "loops", loops);

    return o;
}
