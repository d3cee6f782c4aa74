/*
 * channel/channel.c - one channel that somebody uses.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "channel/channel.h"

#include <stdlib.h>

#include "base/error.h"
#include "channel/call.h"
#include "channel/errand.h"
#include "channel/mailbox.h"
#include "channel/record.h"
#include "channel/watcher.h"

enum {
    /* longer than any rate of connects remembers */
    IDLE_TIME = 5 * USEC_PER_SEC,
    /* until somebody connects, who knows those of nginx */
    MESSAGES = 64,
    BYTES = 256 * 1024,
    CLIENTS = 1024,
    KEY_MAX = SFU_IPC_APP_ID_MAX + SFU_IPC_SCOPE_MAX
              + SFU_IPC_CHANNEL_NAME_MAX + 3,
};

/* with the zeros between, since each part may have any other byte */
static size_t
write_key(char *to, const struct store_key *key, struct store_key *within)
{
    const char *parts[] = { key->app, key->scope, key->name };
    const char *at[3];
    size_t len = 0;

    for (int i = 0; i < 3; i++) {
        size_t size = strlen(parts[i]) + 1;

        at[i] = memcpy(to + len, parts[i], size);
        len += size;
    }

    if (within != NULL) {
        *within = (struct store_key){ at[0], at[1], at[2] };
    }

    return len;
}

static bool
fits(const struct store_key *key)
{
    return strlen(key->app) <= SFU_IPC_APP_ID_MAX
           && strlen(key->scope) <= SFU_IPC_SCOPE_MAX
           && strlen(key->name) <= SFU_IPC_CHANNEL_NAME_MAX;
}

struct channel *
channel_find(const struct channels *channels, const struct store_key *key)
{
    char text[KEY_MAX];
    struct map_entry *e;

    if (!fits(key)) {
        return NULL;
    }

    e = map_find(&channels->by_key,
                 span_of(text, write_key(text, key, NULL)));

    return e != NULL ? container_of(e, struct channel, by_key) : NULL;
}

static bool
is_used(const struct channel *ch)
{
    return ch->master != NULL || ch->viewers.count || ch->mailboxes.count
           || !list_empty(&ch->calls) || channel_camera_is_used(ch)
           || ch->audience.count || !list_empty(&ch->errands);
}

static void
destroy(struct channel *ch)
{
    timer_disarm(ch->channels->wheel, &ch->idle);
    map_remove(&ch->channels->by_key, &ch->by_key);
    map_fini(&ch->viewers);
    map_fini(&ch->mailboxes);
    map_fini(&ch->audience);
    free(ch->key_text);
    free(ch);
}

static void
idle_for_long(struct timer *timer, usec_t now)
{
    struct channel *ch = container_of(timer, struct channel, idle);

    (void)now;

    if (!is_used(ch)) {
        destroy(ch);
    }
}

void
channel_settle(struct channel *ch)
{
    if (!is_used(ch)) {
        timer_arm(ch->channels->wheel, &ch->idle,
                  *ch->channels->now + IDLE_TIME);
    }
}

static int
create(struct channels *channels, const struct store_key *key,
       const struct channel_copy *copy, struct channel **out)
{
    struct channel *ch = calloc(1, sizeof(*ch));
    char text[KEY_MAX];
    size_t len = write_key(text, key, NULL);

    if (ch == NULL || (ch->key_text = malloc(len)) == NULL
        || map_init(&ch->viewers)) {
        goto failed;
    }

    if (map_init(&ch->mailboxes)) {
        map_fini(&ch->viewers);
        goto failed;
    }

    if (map_init(&ch->audience)) {
        map_fini(&ch->viewers);
        map_fini(&ch->mailboxes);
        goto failed;
    }

    ch->channels = channels;
    ch->created = copy->created;
    ch->ttl = copy->ttl;
    ch->storage = copy->has_storage;
    ch->limits = (struct channel_limits){
        .messages = MESSAGES, .bytes = BYTES, .clients = CLIENTS,
    };
    list_init(&ch->calls);
    list_init(&ch->errands);
    channel_camera_init(ch);
    timer_init(&ch->idle, idle_for_long);
    write_key(ch->key_text, key, &ch->key);
    map_insert(&channels->by_key, &ch->by_key, span_of(ch->key_text, len));
    channel_settle(ch);
    *out = ch;

    return 0;

failed:

    if (ch != NULL) {
        free(ch->key_text);
    }

    free(ch);

    return SFU_ERR_NOMEM;
}

int
channel_open(struct channels *channels, const struct store_key *key,
             int64_t created, struct channel **channel)
{
    struct channel_copy copy;
    int error;

    *channel = channel_find(channels, key);

    if (*channel != NULL) {
        return created && created != (*channel)->created ? SFU_ERR_NOT_FOUND
                                                         : 0;
    }

    if (!fits(key)) {
        return SFU_ERR_NOT_FOUND;
    }

    error = channel_copy_read(channels, key, created, &copy);

    return error ? error : create(channels, key, &copy, channel);
}

void
channel_close(struct channel *ch, const char *reason)
{
    struct map_entry *e;

    channel_calls_end(ch);
    channel_mailboxes_drop(ch);
    channel_watchers_end(ch);
    channel_camera_fini(ch);
    channel_errands_orphan(ch);

    if (ch->master != NULL) {
        channel_client_end(ch->master, reason);
    }

    while ((e = map_next(&ch->viewers, NULL)) != NULL) {
        channel_client_end(container_of(e, struct channel_client, by_id),
                           reason);
    }

    destroy(ch);
}
