/*
 * channel/control.c - channels are made, looked at, changed and deleted.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/random.h"
#include "channel/channel.h"
#include "channel/record.h"

enum {
    LIST_MAX = 1000,            /* of a reply, which has its limit */
    TAGS_MAX = 1000,            /* the same */
    TTL_DEFAULT = 60,
};

static void
answer_copy(struct channel_request *r, const struct channel_copy *copy)
{
    struct channel_record record = channel_copy_record(copy);

    channel_answer(r, &(struct channel_reply){ .records = &record,
                                               .record_count = 1 });
}

/* a time that no channel of this process has: it is a part of its identity */
static int64_t
time_of_creation(struct channels *channels)
{
    int64_t now = clock_realtime() / USEC_PER_MS;

    channels->last_created = now > channels->last_created
                                 ? now
                                 : channels->last_created + 1;

    return channels->last_created;
}

void
channel_create(struct channels *channels, struct channel_request *r)
{
    char version[CHANNEL_VERSION_LEN + 1];
    struct channel_record record;
    struct store_channel row = {
        .key = r->key,
        .created = time_of_creation(channels),
        .version = version,
        .ttl = r->ttl ? r->ttl : TTL_DEFAULT,
    };
    int error;

    random_text(version, CHANNEL_VERSION_LEN);
    error = store_channel_create(channels->store, &row, r->tags, r->tag_count,
                                 r->max ? r->max : SIZE_MAX);

    if (error) {
        channel_answer_failure(channels, r, error);
        return;
    }

    log_info(channels->log, "channel \"%s\": created, app \"%s\" scope \"%s\", "
                            "request %s", r->key.name, r->key.app,
             r->key.scope, r->id);
    record = (struct channel_record){ r->key.name, row.created, version,
                                      row.ttl, NULL };
    channel_answer(r, &(struct channel_reply){ .records = &record,
                                               .record_count = 1 });
}

struct tags {
    struct store_tag *tags;     /* their strings are owned, too */
    size_t count;
    size_t room;
    bool failed;
};

static void
take_tag(void *context, const struct store_tag *tag)
{
    struct tags *t = context;
    char *key = strdup(tag->key);
    char *value = strdup(tag->value);

    if (t->count == t->room && t->room < TAGS_MAX) {
        size_t room = t->room ? 2 * t->room : 8;
        void *more = realloc(t->tags, room * sizeof(*t->tags));

        t->tags = more != NULL ? more : t->tags;
        t->room = more != NULL ? room : t->room;
    }

    if (key == NULL || value == NULL || t->count == t->room) {
        free(key);
        free(value);
        t->failed = true;
        return;
    }

    t->tags[t->count++] = (struct store_tag){ key, value };
}

static void
tags_fini(struct tags *t)
{
    for (size_t i = 0; i < t->count; i++) {
        free((char *)(uintptr_t)t->tags[i].key);
        free((char *)(uintptr_t)t->tags[i].value);
    }

    free(t->tags);
}

void
channel_get(struct channels *channels, struct channel_request *r)
{
    struct channel_copy copy;
    struct channel_record record;
    struct tags tags = { NULL, 0, 0, false };
    int error = channel_copy_read(channels, &r->key, r->created, &copy);

    if (!error) {
        error = store_tags_each(channels->store, &r->key, take_tag, &tags);
        error = error || !tags.failed ? error : SFU_ERR_NOMEM;
    }

    if (error) {
        channel_answer_failure(channels, r, error);
    } else {
        record = channel_copy_record(&copy);
        channel_answer(r, &(struct channel_reply){
            .records = &record, .record_count = 1,
            .tags = tags.tags, .tag_count = tags.count,
        });
    }

    tags_fini(&tags);
}

struct copies {
    struct channel_copy *copies;        /* owned */
    struct channel_record *records;     /* owned, and borrow from those */
    size_t count;
    size_t room;
};

static void
take_copy(void *context, const struct store_channel *row)
{
    struct copies *c = context;

    if (c->count < c->room) {
        channel_copy_take(&c->copies[c->count], row);
        c->records[c->count] = channel_copy_record(&c->copies[c->count]);
    }

    c->count++;
}

void
channel_list(struct channels *channels, struct channel_request *r)
{
    size_t max = r->max && r->max < LIST_MAX ? r->max : LIST_MAX;
    struct copies c = {
        .copies = calloc(max, sizeof(*c.copies)),
        .records = calloc(max, sizeof(*c.records)),
        .room = max,
    };
    int error = SFU_ERR_NOMEM;

    if (c.copies != NULL && c.records != NULL) {
        error = store_channel_list(channels->store, r->key.app, r->key.scope,
                                   r->prefix, r->after, max + 1, take_copy,
                                   &c);
    }

    if (error) {
        channel_answer_failure(channels, r, error);
    } else {
        channel_answer(r, &(struct channel_reply){
            .records = c.records,
            .record_count = c.count < max ? c.count : max,
            .more = c.count > max,
        });
    }

    free(c.copies);
    free(c.records);
}

/* as it is now; false: the request was answered */
static bool
read_version(struct channels *channels, struct channel_request *r,
             struct channel_copy *copy)
{
    int error = channel_copy_read(channels, &r->key, r->created, copy);

    if (error) {
        channel_answer_failure(channels, r, error);
        return false;
    }

    if (r->version != NULL && strcmp(r->version, copy->version) != 0) {
        channel_answer_error(channels, r, SFU_IPC_ERR_VERSION_MISMATCH,
                             "the channel has another version now");
        return false;
    }

    return true;
}

void
channel_update(struct channels *channels, struct channel_request *r)
{
    struct channel_copy copy;
    struct store_channel row;
    struct channel *live;
    int error;

    if (!read_version(channels, r, &copy)) {
        return;
    }

    random_text(copy.version, CHANNEL_VERSION_LEN);
    copy.ttl = r->ttl ? r->ttl : copy.ttl;

    if (r->storage != NULL) {
        copy.has_storage = r->storage[0] != '\0';
        snprintf(copy.storage, sizeof(copy.storage), "%s", r->storage);
    }

    row = (struct store_channel){
        r->key, copy.created, copy.version, copy.ttl,
        copy.has_storage ? copy.storage : NULL,
    };
    error = store_channel_update(channels->store, &row);

    if (error) {
        channel_answer_failure(channels, r, error);
        return;
    }

    live = channel_find(channels, &r->key);

    if (live != NULL) {
        live->ttl = copy.ttl;
        live->storage = copy.has_storage;
    }

    answer_copy(r, &copy);
}

void
channel_delete(struct channels *channels, struct channel_request *r)
{
    struct channel_copy copy;
    struct channel *live;
    int error;

    if (!read_version(channels, r, &copy)) {
        return;
    }

    error = store_channel_delete(channels->store, &r->key);

    if (error) {
        channel_answer_failure(channels, r, error);
        return;
    }

    log_info(channels->log, "channel \"%s\": deleted, app \"%s\" scope \"%s\", "
                            "request %s", r->key.name, r->key.app,
             r->key.scope, r->id);
    live = channel_find(channels, &r->key);

    if (live != NULL) {
        channel_close(live, "deleted");
    }

    channel_answer(r, &(struct channel_reply){ 0 });
}

void
channel_tag(struct channels *channels, struct channel_request *r)
{
    struct channel_copy copy;
    int error = channel_copy_read(channels, &r->key, r->created, &copy);

    if (!error) {
        error = store_tags_change(channels->store, &r->key, r->tags,
                                  r->tag_count, r->remove, r->remove_count,
                                  r->max ? r->max : TAGS_MAX);
    }

    if (error) {
        channel_answer_failure(channels, r, error);
        return;
    }

    channel_answer(r, &(struct channel_reply){ 0 });
}
