/*
 * store/store_test.c - what is kept, and what becomes of it in bad times.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "store/store.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "test/tap.h"

enum { MANY = 1000 };

static struct log quiet = { .fd = -1, .level = LOG_ERROR };
static char folder[] = "/tmp/sfu-store-test.XXXXXX";
static char path[64];

/* what visitors were given, one after another */
static char seen[4096];

static void
see(const char *text)
{
    size_t len = strlen(seen);

    snprintf(seen + len, sizeof(seen) - len, "%s%s", len ? " " : "", text);
}

static void
see_channel(void *context, const struct store_channel *ch)
{
    char text[256];

    (void)context;
    snprintf(text, sizeof(text), "%s,%lld,%s,%u,%s", ch->key.name,
             (long long)ch->created, ch->version, ch->ttl,
             ch->storage != NULL ? ch->storage : "-");
    see(text);
}

static void
see_name(void *context, const struct store_channel *ch)
{
    (void)context;
    see(ch->key.name);
}

static void
see_tag(void *context, const struct store_tag *tag)
{
    (void)context;
    see(tag->key);
    see(tag->value);
}

static void
see_room(void *context, const struct store_room *room)
{
    (void)context;
    see(room->room);
    see(room->path != NULL ? room->path : "-");
}

static struct store_channel
channel(const char *scope, const char *name)
{
    return (struct store_channel){
        .key = { "app", scope, name }, .created = 1700000000000,
        .version = "v1", .ttl = 60,
    };
}

static int
create(struct store *store, const char *scope, const char *name)
{
    struct store_channel ch = channel(scope, name);

    return store_channel_create(store, &ch, NULL, 0, MANY);
}

static const char *
get(struct store *store, const char *name)
{
    struct store_key key = { "app", "s", name };
    int error;

    seen[0] = '\0';
    error = store_channel_get(store, &key, see_channel, NULL);

    return error ? sfu_strerror(error) : seen;
}

static const char *
list(struct store *store, const char *prefix, const char *after, size_t max)
{
    seen[0] = '\0';
    store_channel_list(store, "app", "s", prefix, after, max, see_name, NULL);

    return seen;
}

static const char *
tags_of(struct store *store, const char *name)
{
    struct store_key key = { "app", "s", name };

    seen[0] = '\0';
    store_tags_each(store, &key, see_tag, NULL);

    return seen;
}

static const char *
rooms_of(struct store *store, const char *app)
{
    seen[0] = '\0';
    store_rooms_each(store, app, see_room, NULL);

    return seen;
}

static void
channels(struct store *store)
{
    struct store_channel ch = channel("s", "b");
    struct store_tag tags[] = { { "k", "v" }, { "a", "" } };

    tap_is_int(store_channel_create(store, &ch, tags, 2, 3), 0, "a channel");
    tap_is_str(get(store, "b"), "b,1700000000000,v1,60,-", "is as it was made");
    tap_is_str(tags_of(store, "b"), "a  k v", "with its tags");
    tap_is_int(create(store, "s", "b"), SFU_ERR_EXISTS, "only once");
    tap_is_str(tags_of(store, "b"), "a  k v", "which harms nothing");
    tap_is_int(create(store, "other", "b"), 0, "but in another scope");
    create(store, "s", "a-2");
    create(store, "s", "a-1");
    ch.key.name = "c";
    tap_is_int(store_channel_create(store, &ch, tags, 2, 3), SFU_ERR_LIMIT,
               "more than its scope may have");
    tap_is_str(get(store, "c"), sfu_strerror(SFU_ERR_NOT_FOUND),
               "is not there at all");
    tap_is_str(tags_of(store, "c"), "", "nor are its tags");

    tap_is_str(list(store, NULL, NULL, 10), "a-1 a-2 b", "in order");
    tap_is_str(list(store, "a", NULL, 10), "a-1 a-2", "with a prefix");
    tap_is_str(list(store, "a-", "a-1", 10), "a-2", "after one");
    tap_is_str(list(store, NULL, NULL, 2), "a-1 a-2", "so many");
    tap_is_str(list(store, "%", NULL, 10), "", "no pattern");

    ch = channel("s", "b");
    ch.version = "v2";
    ch.ttl = 5;
    ch.storage = "arn:stream";
    tap_is_int(store_channel_update(store, &ch), 0, "changed");
    tap_is_str(get(store, "b"), "b,1700000000000,v2,5,arn:stream", "it is");
    ch.key.name = "nobody";
    tap_is_int(store_channel_update(store, &ch), SFU_ERR_NOT_FOUND,
               "but not what is not there");
}

static void
tags(struct store *store)
{
    struct store_key key = { "app", "s", "b" };
    struct store_tag set[] = { { "k", "new" }, { "x", "y" } };
    const char *remove[] = { "a", "absent" };

    tap_is_int(store_tags_change(store, &key, set, 2, remove, 2, 2), 0,
               "tags set, removed, and none removed");
    tap_is_str(tags_of(store, "b"), "k new x y", "they are");
    set[0].key = "third";
    tap_is_int(store_tags_change(store, &key, set, 1, NULL, 0, 2),
               SFU_ERR_LIMIT, "more than it may have");
    tap_is_str(tags_of(store, "b"), "k new x y", "changes nothing");
    tap_is_int(store_tags_change(store, &key, NULL, 0, remove, 1, 1), 0,
               "a lower limit is in no removal's way");
    tap_is_int(store_channel_delete(store, &key), 0, "a channel deleted");
    tap_is_int(store_channel_delete(store, &key), SFU_ERR_NOT_FOUND, "once");
    tap_is_str(tags_of(store, "b"), "", "takes its tags along");
}

static void
rooms(struct store *store)
{
    struct store_room r = { "app", "one", NULL };

    tap_is_int(store_room_insert(store, &r), 0, "a room");
    tap_is_int(store_room_insert(store, &r), SFU_ERR_EXISTS, "only once");
    r = (struct store_room){ "app", "two", "/path" };
    store_room_insert(store, &r);
    r = (struct store_room){ "app", "a", NULL };
    store_room_insert(store, &r);
    r = (struct store_room){ "other", "one", "/path" };
    tap_is_int(store_room_insert(store, &r), 0, "a claim of another app");
    tap_is_str(rooms_of(store, "app"), "one - two /path a -",
               "in the order of creation");
    r = (struct store_room){ "app", "one", "/path" };
    tap_is_int(store_room_claim(store, &r), SFU_ERR_EXISTS,
               "a path has one room");
    r.path = "/other";
    tap_is_int(store_room_claim(store, &r), 0, "a claim");
    r.room = "two";
    r.path = NULL;
    tap_is_int(store_room_claim(store, &r), 0, "a claim given up");
    tap_is_int(store_room_delete(store, "app", "a"), 0, "a room deleted");
    tap_is_int(store_room_delete(store, "app", "a"), SFU_ERR_NOT_FOUND,
               "once");
    tap_is_str(rooms_of(store, "app"), "one /other two -", "which all is");
    tap_is_str(rooms_of(store, NULL), "one /other two - one /path",
               "and those of all apps");
}

static void
again(void)
{
    struct store *store = NULL;

    tap_is_int(store_open(&store, path, &quiet), 0, "opened again");
    tap_is_str(list(store, NULL, NULL, 10), "a-1 a-2", "channels are there");
    tap_is_str(rooms_of(store, "app"), "one /other two -", "and rooms");
    tap_is_int((long long)store_failures(store), 0, "without a failure");
    store_close(store);
}

static void
sql(const char *file, const char *text)
{
    sqlite3 *db = NULL;

    if (sqlite3_open(file, &db) != SQLITE_OK
        || sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK) {
        tap_ok(false, "%s: %s", text, sqlite3_errmsg(db));
    }

    sqlite3_close(db);
}

static void
strangers(void)
{
    struct store *store = NULL;
    char file[80];
    FILE *f;

    sql(path, "PRAGMA user_version = 99");
    tap_is_int(store_open(&store, path, &quiet), SFU_ERR_UNSUPPORTED,
               "a file of a newer version");
    sql(path, "PRAGMA user_version = 1");
    snprintf(file, sizeof(file), "%s/other.db", folder);
    sql(file, "CREATE TABLE t (x)");
    tap_is_int(store_open(&store, file, &quiet), SFU_ERR_MALFORMED,
               "a database of something else");
    snprintf(file, sizeof(file), "%s/text", folder);
    f = fopen(file, "w");

    for (int i = 0; i < 1000; i++) {
        fprintf(f, "this is no database\n");
    }

    fclose(f);
    tap_is_int(store_open(&store, file, &quiet), SFU_ERR_MALFORMED,
               "no database at all");
}

/* creates channels until it is killed, and says so after each */
static void
creator(int out, int begin)
{
    struct store *store;
    char name[32];

    if (store_open(&store, path, &quiet)) {
        _exit(1);
    }

    for (int i = begin;; i++) {
        struct store_tag tag = { "n", name };
        struct store_channel ch = channel("k", name);

        snprintf(name, sizeof(name), "%06d", i);

        if (store_channel_create(store, &ch, &tag, 1, 1000000)
            || write(out, &i, sizeof(i)) != sizeof(i)) {
            _exit(1);
        }
    }
}

static void
count_it(void *context, const struct store_channel *ch)
{
    (void)ch;
    ++*(int *)context;
}

static void
killed(void)
{
    struct store *store;
    int told = -1;
    int found;
    int ok = 0;

    for (int round = 0; round < 12; round++) {
        int pipes[2];
        int begin = told + 1;
        pid_t pid;

        if (pipe(pipes)) {
            break;
        }

        pid = fork();

        if (pid == 0) {
            /* one that is in doubt may have been created or not */
            creator(pipes[1], begin + (round ? 1 : 0));
        }

        close(pipes[1]);

        /* at a moment of chance, mostly in the middle of something */
        for (int i = 0; i < 5 + round * 7; i++) {
            if (read(pipes[0], &told, sizeof(told)) != sizeof(told)) {
                break;
            }
        }

        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);

        while (read(pipes[0], &told, sizeof(told)) == sizeof(told)) {
        }

        close(pipes[0]);
        found = 0;

        if (store_open(&store, path, &quiet) == 0) {
            store_channel_list(store, "app", "k", NULL, NULL, 1000000,
                               count_it, &found);
            /* each round leaves one out that is in doubt */
            ok += found >= told + 1 - round && found <= told + 2;
            store_close(store);
        }
    }

    tap_is_int(ok, 12, "killed in mid-work, it keeps all that it has answered");
    tap_ok(told > 100, "which was %d channels", told);
}

/* as a full disk is: nothing grows any more */
static void
full(void)
{
    struct store *store;
    struct rlimit before, limit;
    struct stat st;
    char name[300];
    char wal[80];
    int error = 0;
    int reads;

    snprintf(wal, sizeof(wal), "%s-wal", path);
    store_open(&store, path, &quiet);
    create(store, "s", "before");
    stat(wal, &st);
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    limit.rlim_cur = (rlim_t)st.st_size + 5000;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);

    for (int i = 0; !error && i < 100; i++) {
        snprintf(name, sizeof(name), "%0250d", i);
        error = create(store, "full", name);
    }

    reads = strncmp(get(store, "before"), "before,", 7) == 0;
    tap_is_int(error, SFU_ERR_SYSTEM, "a full disk is an error");
    tap_ok(store_failures(store) == 1, "told once a call");
    tap_ok(reads, "what is there can still be read");
    setrlimit(RLIMIT_FSIZE, &before);
    tap_is_int(create(store, "s", "after"), 0, "and with room, all is well");
    store_close(store);
}

/* as somebody who may not write; root may always */
static int
as_stranger(void)
{
    struct store *store;
    int rc = 0;

    if (getuid() == 0 && (setgid(65534) || setuid(65534))) {
        return 1;
    }

    if (store_open(&store, path, &quiet)) {
        return 2;
    }

    rc = create(store, "s", "forbidden") == SFU_ERR_SYSTEM ? 0 : 3;
    store_close(store);

    return rc;
}

static void
read_only(void)
{
    int status = -1;
    pid_t pid;

    chmod(path, 0444);
    chmod(folder, 0555);
    pid = fork();

    if (pid == 0) {
        _exit(as_stranger());
    }

    waitpid(pid, &status, 0);
    tap_is_int(WEXITSTATUS(status), 0, "a file that cannot be written");
    chmod(folder, 0755);
    chmod(path, 0644);
}

static void
absent(void)
{
    struct store *store = NULL;

    tap_is_int(store_open(&store, "/nonexistent/store.db", &quiet), 0,
               "a folder that is not there");
    tap_is_int(create(store, "s", "x"), SFU_ERR_SYSTEM, "is an error later");
    tap_is_str(get(store, "x"), sfu_strerror(SFU_ERR_SYSTEM), "for all calls");
    store_close(store);
}

static int
life(void)
{
    struct store *store;
    int error = store_open(&store, NULL, &quiet);

    if (!error) {
        error = create(store, "s", "x");
        store_close(store);
    }

    return error;
}

int
main(void)
{
    struct store *store = NULL;
    char command[128];

    if (mkdtemp(folder) == NULL) {
        printf("Bail out! no folder\n");
        return 1;
    }

    snprintf(path, sizeof(path), "%s/store.db", folder);
    tap_is_int(store_open(&store, NULL, &quiet), 0, "in memory");
    channels(store);
    store_close(store);
    tap_is_int(store_open(&store, path, &quiet), 0, "in a file");
    channels(store);
    tags(store);
    rooms(store);
    store_close(store);
    again();
    strangers();
    killed();
    full();
    read_only();
    absent();
    tap_each_allocation_fails(life);
    snprintf(command, sizeof(command), "rm -rf %s", folder);

    if (system(command)) {
        tap_ok(false, "the folder remains");
    }

    return tap_done();
}
