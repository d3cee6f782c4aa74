/*
 * channel/channel_test.c - who gets which message, and when.
 * Copyright (C) the ngx_sfu_module authors
 *
 * "kvs 36" names a behaviour of the reference of that service.
 */

#include "channel/fixture.h"

static void
relay(void)
{
    begin();
    make("c", 60);
    tap_is_str(join("c", 1, NULL), "", "a master");
    tap_is_str(join("c", 2, "v"), "", "a viewer");
    join("c", 3, "w");
    tap_is_str(say(2, CHANNEL_OFFER, NULL, "o"), "", "an offer");
    tap_is_str(hear(), "1 offer:o:v", "kvs 17: the master gets it, from whom");
    say(2, CHANNEL_OFFER, "w", "p");
    tap_is_str(hear(), "1 offer:p:v", "kvs 18: whomever the viewer names");
    say(1, CHANNEL_OFFER, "w", "q");
    tap_is_str(hear(), "3 offer:q", "kvs 20: a viewer by its name alone");
    tap_is_str(say(1, CHANNEL_ANSWER, NULL, "a"), SFU_IPC_ERR_INVALID,
               "kvs 21: a master names somebody");
    say(2, CHANNEL_OFFER, NULL, "same");
    say(2, CHANNEL_OFFER, NULL, "same");
    tap_is_str(hear(), "1 offer:same:v 1 offer:same:v",
               "kvs 35: two offers are two");
    tap_is_str(say(99, CHANNEL_OFFER, NULL, "x"), SFU_IPC_ERR_NOT_CONNECTED,
               "who is not connected");
    tap_is_str(hear(), "", "is not heard");
    tap_is_int((long long)channels.figures.relayed, 5, "all counted");
    end("a relay");
}

/* in both directions, and between what others say */
static void
order(void)
{
    char expected[4096] = "";
    char text[16];

    begin();
    make("c", 60);
    join("c", 1, NULL);
    join("c", 2, "v");

    for (int i = 0; i < 50; i++) {
        snprintf(text, sizeof(text), "%d", i);
        say(i % 5 ? 2 : 1, CHANNEL_CANDIDATE, "v", text);
        snprintf(expected + strlen(expected),
                 sizeof(expected) - strlen(expected),
                 i % 5 ? "%s1 candidate:%d:v" : "%s2 candidate:%d",
                 i ? " " : "", i);
    }

    tap_is_str(hear(), expected, "kvs 24: fifty candidates in order");
    end("an order");
}

static void
replacement(void)
{
    struct question q;

    begin();
    make("c", 60);
    join("c", 1, NULL);
    join("c", 2, "v");
    tap_is_str(join("c", 3, NULL), "", "kvs 15: a second master");
    tap_is_str(hear(), "1 replaced", "takes the place of the first");
    say(2, CHANNEL_OFFER, NULL, "o");
    tap_is_str(hear(), "3 offer:o:v", "and gets what comes");
    tap_is_str(say(1, CHANNEL_ANSWER, "v", "a"), SFU_IPC_ERR_NOT_CONNECTED,
               "the first is not heard any more");
    tap_is_str(leave(1), "", "its end");
    say(2, CHANNEL_OFFER, NULL, "p");
    tap_is_str(hear(), "3 offer:p:v", "takes nobody offline");

    join("c", 4, "v");
    say(3, CHANNEL_ANSWER, "v", "a");
    tap_is_str(hear(), "2 replaced 4 answer:a", "kvs 16: nor of viewers");
    leave(2);
    say(3, CHANNEL_ANSWER, "v", "b");
    tap_is_str(hear(), "4 answer:b", "of which the younger stays");

    /* after a restart of the worker all come in any order */
    q = connection("c", 5, "v");
    q.request.born = 3;
    q.request.again = true;
    tap_is_str(put_question(&q), "", "an older one that comes late");
    tap_is_str(hear(), "5 replaced", "is told that it is not wanted");
    say(3, CHANNEL_ANSWER, "v", "c");
    tap_is_str(hear(), "4 answer:c", "and changes nothing");
    q = connection("c", 4, "v");
    tap_is_str(put_question(&q), "", "the same connection once more");
    say(3, CHANNEL_ANSWER, "v", "d");
    tap_is_str(hear(), "4 answer:d", "is not replaced by itself");
    tap_is_int((long long)channels.figures.viewers, 1, "and is counted once");

    /* a clock that was set back */
    q = connection("c", 6, "v");
    q.request.born = 1;
    tap_is_str(put_question(&q), "", "a new one that seems older");
    tap_is_str(hear(), "4 replaced", "takes the place all the same");
    say(3, CHANNEL_ANSWER, "v", "e");
    tap_is_str(hear(), "6 answer:e", "and hears what comes");
    end("replacements");
}

static void
caps(void)
{
    struct question q;
    char id[16];
    int in = 0;

    begin();
    make("c", 60);

    for (int i = 0; i < 10; i++) {
        snprintf(id, sizeof(id), "v%d", i);
        in += join("c", 10 + (uint64_t)i, id)[0] == '\0';
    }

    tap_is_int(in, 10, "kvs 11: ten viewers");
    tap_is_str(join("c", 20, "v10"), SFU_IPC_ERR_LIMIT, "not eleven");
    tap_is_str(join("c", 21, "v3"), "", "but one of them again");
    leave(21);
    tap_is_str(join("c", 22, "v10"), "", "and in the place of one who left");
    tap_is_str(join("c", 23, NULL), "", "a master takes none");
    q = connection("c", 24, "v11");
    q.request.limits.viewers = 0;
    tap_is_str(put_question(&q), "", "without a limit, more of them");
    tap_is_int((long long)channels.figures.connects_refused, 1,
               "who was refused is counted");
    end("caps");

    begin();
    make("c", 60);
    in = 0;

    for (int i = 0; i < 8; i++) {
        q = connection("c", 1 + (uint64_t)i, "v");
        q.request.limits.rate = 3;
        in += put_question(&q)[0] == '\0';
    }

    tap_is_int(in, 3, "kvs 12: three connects at once");
    tap_is_str(q.error, SFU_IPC_ERR_RATE, "not four");
    q = connection("c", 90, NULL);
    q.request.limits.rate = 3;
    tap_is_str(put_question(&q), "", "the master's are counted apart");
    q = connection("c", 91, "v");
    q.request.limits.rate = 3;
    q.request.again = true;
    tap_is_str(put_question(&q), "", "who comes again is not counted");
    in = 0;

    for (int i = 0; i < 50; i++) {
        pass(0.1);
        q = connection("c", 100 + (uint64_t)i, "v");
        q.request.limits.rate = 3;
        in += put_question(&q)[0] == '\0';
    }

    tap_ok(in == 14 || in == 15, "three a second go on: %d", in);
    leave(91);
    pass(6);
    tap_is_int((long long)channels.by_key.count, 1, "a channel in use stays");
    end("rates");
}

static void
mailbox(void)
{
    begin();
    make("c", 60);
    join("c", 2, "v");
    join("c", 3, "w");
    say(2, CHANNEL_OFFER, NULL, "o");
    say(2, CHANNEL_CANDIDATE, NULL, "1");
    say(2, CHANNEL_CANDIDATE, NULL, "2");
    pass(59);
    join("c", 1, NULL);
    tap_is_str(hear(), "1 offer:o:v 1 candidate:1:v 1 candidate:2:v",
               "kvs 36: what waits for a master, in order");
    leave(1);
    join("c", 4, NULL);
    tap_is_str(hear(), "", "kvs 42: is delivered once");
    leave(4);

    say(2, CHANNEL_OFFER, NULL, "old");
    say(2, CHANNEL_CANDIDATE, NULL, "old");
    say(3, CHANNEL_OFFER, NULL, "other");
    say(3, CHANNEL_CANDIDATE, NULL, "other");
    say(2, CHANNEL_OFFER, NULL, "new");
    say(2, CHANNEL_CANDIDATE, NULL, "new");
    join("c", 5, NULL);
    tap_is_str(hear(), "5 offer:other:w 5 candidate:other:w 5 offer:new:v "
                       "5 candidate:new:v",
               "kvs 37, 38: the last offer of each, without what was the "
               "first one's");

    tap_is_str(say(5, CHANNEL_ANSWER, "late", "a"), "",
               "kvs 43: to whom nobody knows");
    say(5, CHANNEL_CANDIDATE, "late", "1");
    say(5, CHANNEL_CANDIDATE, "late", "2");
    say(5, CHANNEL_OFFER, "late", "an offer is no answer");
    join("c", 6, "late");
    tap_is_str(hear(), "6 answer:a 6 candidate:1 6 candidate:2 "
                       "6 offer:an offer is no answer",
               "kvs 39: who comes later gets it all");
    say(5, CHANNEL_ANSWER, "x", "a");
    say(5, CHANNEL_ANSWER, "x", "b");
    leave(5);
    join("c", 7, "x");
    tap_is_str(hear(), "7 answer:b", "the last answer, of who left since");
    end("mailboxes");
}

static void
times_to_live(void)
{
    struct question q;

    begin();
    make("c", 5);
    join("c", 2, "v");
    say(2, CHANNEL_OFFER, NULL, "o");
    pass(6);
    tap_is_int((long long)channels.figures.waiting, 0, "it is gone by itself");
    join("c", 1, NULL);
    tap_is_str(hear(), "", "kvs 40: after its time, nothing");
    leave(1);

    say(2, CHANNEL_CANDIDATE, NULL, "5 seconds");
    q = question(CHANNEL_UPDATE, "c");
    q.request.ttl = 20;
    tap_is_str(put_question(&q), "", "another time to live");
    say(2, CHANNEL_CANDIDATE, NULL, "20 seconds");
    pass(10);
    join("c", 3, NULL);
    tap_is_str(hear(), "3 candidate:20 seconds:v",
               "kvs 41: what waited already keeps its own");
    leave(3);
    leave(2);
    pass(6);
    tap_is_int((long long)channels.by_key.count, 0, "an idle channel goes");
    tap_is_int((long long)channels.figures.drops[CHANNEL_DROP_expired], 2,
               "two expired");
    end("times to live");
}

static void
crowds(void)
{
    static char large[200], huge[1000];
    struct question q;
    char id[16];

    begin();
    make("c", 60);
    q = connection("c", 1, NULL);
    q.request.limits = (struct channel_limits){ 0, 0, 4, 500, 3 };
    put_question(&q);
    say(1, CHANNEL_OFFER, "v", "o");

    for (int i = 0; i < 5; i++) {
        snprintf(id, sizeof(id), "%d", i);
        tap_is_str(say(1, CHANNEL_CANDIDATE, "v", id), "", "candidate %d", i);
    }

    tap_is_int((long long)channels.figures.drops[CHANNEL_DROP_crowded], 2,
               "the oldest give way");
    memset(large, 'x', sizeof(large) - 1);
    say(1, CHANNEL_ANSWER, "v", large);
    join("c", 2, "v");
    hear();
    tap_ok(strncmp(told, "2 offer:o 2 candidate:3 2 candidate:4 2 answer", 46)
               == 0, "never a description: %s", told);
    q = connection("c", 1, NULL);
    q.request.limits = (struct channel_limits){ 0, 0, 4, 500, 3 };
    put_question(&q);
    tap_is_str(say(1, CHANNEL_OFFER, "w", large), "", "199 bytes");
    tap_is_str(say(1, CHANNEL_ANSWER, "w", large), "", "398 bytes");
    tap_is_str(say(1, CHANNEL_CANDIDATE, "w", large), SFU_IPC_ERR_LIMIT,
               "not 597");
    say(1, CHANNEL_OFFER, "x", "o");
    say(1, CHANNEL_OFFER, "y", "o");
    tap_is_str(say(1, CHANNEL_OFFER, "z", "o"), SFU_IPC_ERR_LIMIT,
               "for three clients, not for four");
    settings.memory_max = channels.bytes + 10;
    tap_is_str(say(1, CHANNEL_OFFER, "x", large), SFU_IPC_ERR_LIMIT,
               "and for all there is a limit");
    settings.memory_max = 1 << 20;
    join("c", 3, "w");
    leave(3);
    say(1, CHANNEL_OFFER, "w", "small");
    say(1, CHANNEL_CANDIDATE, "w", "1");
    say(1, CHANNEL_CANDIDATE, "w", "2");
    hear();
    memset(huge, 'x', sizeof(huge) - 1);
    settings.memory_max = channels.bytes + 10;
    tap_is_str(say(1, CHANNEL_OFFER, "w", huge), SFU_IPC_ERR_LIMIT,
               "nothing gives way for what has no room all the same");
    join("c", 4, "w");
    tap_is_str(hear(), "4 offer:small 4 candidate:1 4 candidate:2",
               "it is all there");
    end("crowds");
}

static void
calls(void)
{
    struct question q, early;

    begin();
    make("c", 5);
    early = question(CHANNEL_CALL, "c");
    early.request.from = "alexa";
    early.request.payload = "o";
    put_question(&early);
    pass(4);
    tap_ok(!early.done, "a call waits for a master");
    join("c", 1, NULL);
    tap_is_str(hear(), "1 offer:o:alexa", "who is told when it comes");
    say(1, CHANNEL_CANDIDATE, "alexa", "c");
    say(1, CHANNEL_ANSWER, "alexa", "the answer");
    tap_is_str(early.payload, "the answer", "kvs 56: the answer comes back");
    tap_is_int((long long)channels.figures.waiting, 0,
               "and waits in no mailbox");

    q = question(CHANNEL_CALL, "c");
    q.request.from = "alexa";
    q.request.payload = "p";
    put_question(&q);
    tap_is_str(hear(), "1 offer:p:alexa", "a master who is there");
    pass(6);
    tap_is_str(q.error, SFU_IPC_ERR_NO_ANSWER, "and says nothing");
    leave(1);
    q.request.timeout = 2 * USEC_PER_SEC;
    put_question(&q);
    pass(2);
    tap_is_str(q.error, SFU_IPC_ERR_NO_ANSWER, "an asker who cannot wait");
    join("c", 2, NULL);
    tap_is_str(hear(), "", "leaves nothing behind");
    q.request.timeout = 0;
    put_question(&q);
    q.done = false;
    end("calls");
    tap_is_str(q.error, SFU_IPC_ERR_DRAINING,
               "who still waits is told that the worker stops");
}

static struct question
ask_master(const char *payload)
{
    struct question q = question(CHANNEL_CALL, "c");

    q.request.from = "alexa";
    q.request.payload = payload;

    return q;
}

/* one that asks again, since it was not answered in time */
static void
calls_again(void)
{
    struct question first, second, third;

    begin();
    make("c", 60);
    first = ask_master("o");
    put_question(&first);
    second = ask_master("p");
    put_question(&second);
    tap_is_str(first.done ? first.error : NULL, SFU_IPC_ERR_NO_ANSWER,
               "a question gives way to a later one");
    join("c", 1, NULL);
    tap_is_str(hear(), "1 offer:p:alexa", "of which the master hears");
    say(1, CHANNEL_ANSWER, "alexa", "to p");
    tap_is_str(second.payload, "to p", "and that gets the answer");

    first = ask_master("q");
    put_question(&first);
    second = ask_master("r");
    put_question(&second);
    hear();
    say(1, CHANNEL_ANSWER, "alexa", "to q");
    say(1, CHANNEL_ANSWER, "alexa", "to r");
    tap_is_str(first.payload, "to q", "a master that has both");
    tap_is_str(second.payload, "to r", "answers both");

    first = ask_master("s");
    put_question(&first);
    hear();
    join("c", 2, NULL);
    hear();
    second = ask_master("t");
    put_question(&second);
    tap_is_str(first.done ? first.error : NULL, SFU_IPC_ERR_NO_ANSWER,
               "what another master heard is not answered by this one");
    tap_is_str(hear(), "2 offer:t:alexa", "which has the later one");
    third = ask_master("u");
    third.request.from = "another";
    put_question(&third);
    say(2, CHANNEL_ANSWER, "alexa", "to t");
    tap_is_str(second.payload, "to t", "and answers that");
    tap_ok(!third.done, "others wait on");
    say(2, CHANNEL_ANSWER, "another", "to u");
    tap_is_str(third.payload, "to u", "for theirs");
    end("those who ask again");
}

/* who waits holds a request of the worker's, of which there are so many */
static void
calls_of_many(void)
{
    enum { ALL = 1000, OF_ONE = 64 };
    static struct question waiting[ALL + 1];
    static char names[ALL / OF_ONE + 1][24], ids[OF_ONE][24];
    size_t refused = 0;

    begin();

    for (size_t i = 0; i < ALL + 1; i++) {
        char *name = names[i / OF_ONE], *id = ids[i % OF_ONE];

        snprintf(name, sizeof(names[0]), "c%zu", i / OF_ONE);
        snprintf(id, sizeof(ids[0]), "f%zu", i % OF_ONE);

        if (i % OF_ONE == 0) {
            make(name, 60);
        }

        waiting[i] = question(CHANNEL_CALL, name);
        waiting[i].request.from = id;
        waiting[i].request.payload = "o";
        refused += put_question(&waiting[i])[0] != '\0';
    }

    tap_is_int((long long)refused, 1, "a thousand questions wait");
    tap_is_str(waiting[ALL].error, SFU_IPC_ERR_LIMIT, "not one more");
    pass(61);
    tap_is_int((long long)channels.calls, 0, "until their time is up");
    end("many questions");

    begin();
    make("c", 60);
    join("c", 1, NULL);

    for (size_t i = 0; i < OF_ONE + 1; i++) {
        waiting[i] = question(CHANNEL_CALL, "c");
        waiting[i].request.from = ids[i % 2];
        waiting[i].request.payload = "o";
        put_question(&waiting[i]);
    }

    tap_is_str(waiting[OF_ONE].error, SFU_IPC_ERR_LIMIT,
               "one channel has 64 of them");
    say(1, CHANNEL_ANSWER, ids[0], "a");
    put_question(&waiting[OF_ONE]);
    tap_ok(!waiting[OF_ONE].done, "and room when one is answered");
    end("many questions of one");
}

static void
deletion(void)
{
    struct question q, asks;
    int64_t created;

    begin();
    make("c", 60);
    join("c", 1, NULL);
    join("c", 2, "v");
    created = channels.last_created;
    say(1, CHANNEL_OFFER, "w", "o");
    asks = ask_master("p");
    put_question(&asks);
    hear();
    q = question(CHANNEL_DELETE, "c");
    tap_is_str(put_question(&q), "", "kvs 48: deleted");
    tap_is_str(asks.done ? asks.error : NULL, SFU_IPC_ERR_CHANNEL_NOT_FOUND,
               "who waits for the master is told");
    tap_is_str(hear(), "1 deleted 2 deleted", "its clients are told");
    tap_is_str(join("c", 3, NULL), SFU_IPC_ERR_CHANNEL_NOT_FOUND,
               "and cannot come again");
    tap_is_str(put_question(&q), SFU_IPC_ERR_CHANNEL_NOT_FOUND, "only once");
    make("c", 60);
    q = connection("c", 4, NULL);
    q.request.created = created;
    tap_is_str(put_question(&q), SFU_IPC_ERR_CHANNEL_NOT_FOUND,
               "kvs 9: another one of that name is another");
    q.request.created = channels.last_created;
    tap_is_str(put_question(&q), "", "which has its own time");
    q = connection("c", 5, "v");
    q.request.created = created;
    tap_is_str(put_question(&q), SFU_IPC_ERR_CHANNEL_NOT_FOUND,
               "also when somebody is there");
    tap_is_str(join("nobody", 5, NULL), SFU_IPC_ERR_CHANNEL_NOT_FOUND,
               "a channel that never was");
    tap_is_int((long long)channels.figures.drops[CHANNEL_DROP_deleted], 1,
               "what waited is gone");
    end("a deletion");
}

static void
feeds_that_die(void)
{
    begin();
    make("c", 60);
    join("c", 1, NULL);
    join("c", 2, "v");
    feeds_end(&feeds, FEED);
    tap_is_int((long long)(channels.figures.masters
                           + channels.figures.viewers), 0,
               "a process that dies takes its clients along");
    join("c", 3, "v");
    say(3, CHANNEL_OFFER, NULL, "o");
    join("c", 4, NULL);
    feeds_run(&feeds);
    tap_ok(strstr(hear(), "4 offer:o:v") != NULL, "who comes again is there");
    end("a process");
}

static int
life(void)
{
    struct question q;
    int error = begin();

    if (error) {
        return error;
    }

    if (make("c", 60)[0] || join("c", 1, "v")[0]
        || say(1, CHANNEL_OFFER, NULL, "o")[0] || join("c", 2, NULL)[0]
        || strcmp(hear(), "2 offer:o:v") != 0) {
        error = SFU_ERR_NOMEM;
    }

    q = question(CHANNEL_LIST, NULL);
    error = put_question(&q)[0] ? SFU_ERR_NOMEM : error;
    finish();

    return error;
}

int
main(void)
{
    relay();
    order();
    replacement();
    caps();
    mailbox();
    times_to_live();
    crowds();
    calls();
    calls_again();
    calls_of_many();
    deletion();
    feeds_that_die();
    tap_each_allocation_fails(life);

    return tap_done();
}
