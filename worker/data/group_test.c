/*
 * data/group_test.c - channels that talk with each other, or with us.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "data/fixture.h"

static struct world w;

static struct data_channel *
join(struct guest *g, uint64_t id, uint16_t stream, uint64_t group, bool tells)
{
    struct data_channel_params params = {
        .id = id, .stream = stream, .group = group, .tells = tells,
    };
    struct data_channel *ch;

    data_channel_create(&ch, g->peer, &params);
    world_turn(&w);

    return ch;
}

static void
test_group(void)
{
    struct guest *a, *b, *c;
    struct data_channel *of_b;

    world_begin(&w);
    a = guest_add(&w, 0);
    b = guest_add(&w, 1);
    c = guest_create(&w, 0, 65536);
    join(a, 1, 20, 7, false);
    of_b = join(b, 2, 21, 7, false);
    join(c, 3, 20, 8, false);
    guest_send(a, 20, "hello");
    tap_ok(b->count == 1 && b->seen[0].stream == 21 && b->seen[0].first == 'h',
           "what one says the other hears");
    tap_ok(a->count == 0 && c->count == 0, "not itself, nor another group");
    guest_send(b, 21, "back");
    tap_is_int((long long)a->count, 1, "in either direction");
    guest_connect(c);
    guest_send(c, 20, "nobody");
    tap_ok(a->count == 1 && b->count == 1, "alone, nobody hears it");
    tap_is_int((long long)w.loop.groups.count, 2, "two groups");

    data_channel_end(of_b);
    guest_send(a, 20, "gone");
    tap_is_int((long long)b->count, 1, "who has left hears nothing");
    data_peer_destroy(a->peer);
    a->peer = NULL;
    world_turn(&w);
    tap_is_int((long long)w.loop.groups.count, 1, "an empty group is none");
    world_end(&w);
    tap_is_int((long long)w.loop.groups.count, 0, "nor any other");
}

static void
test_tell(void)
{
    struct data_channel *ch;
    char text[128];
    struct guest *a;

    world_begin(&w);
    a = guest_add(&w, 0);
    ch = join(a, 1, 21, 0, true);
    guest_send(a, 21, "{}");
    tap_ok(w.events[DATA_EVENT_TOLD] == 1 && strcmp(w.told, "{}") == 0
               && w.last_channel == 1, "what is said to us");
    data_channel_say(ch, span_str("hello"));
    world_turn(&w);
    tap_ok(a->count == 1 && a->seen[0].stream == 21
               && a->seen[0].ppid == SFU_SCTP_PPID_STRING
               && a->seen[0].len == 5, "and what we say");
    data_channel_say(ch, span_str(""));
    world_turn(&w);
    tap_is_int((long long)a->count, 1, "nothing, when it is nothing");

    sfu_sctp_send(a->client, 21, SFU_SCTP_PPID_BINARY, &reliable,
                  span_str("{}"));
    sfu_sctp_send(a->client, 21, SFU_SCTP_PPID_STRING, &reliable,
                  span_of("a\0b", 3));
    world_turn(&w);
    tap_is_int((long long)dropped(&w, DATA_DROP_kind), 2, "no text is lost");
    memset(text, 'x', sizeof(text));
    text[101] = '\0';
    guest_send(a, 21, text);
    tap_is_int((long long)dropped(&w, DATA_DROP_too_long), 1, "or too long");

    for (int i = 0; i < 5; i++) {
        guest_send(a, 21, "again");
    }

    tap_is_int((long long)dropped(&w, DATA_DROP_tells_limit), 2,
               "and what is too much");
    tap_is_int(w.events[DATA_EVENT_TOLD], 4, "in a second");
    data_channel_end(ch);
    data_channel_say(ch, span_str("late"));
    world_turn(&w);
    tap_is_int((long long)a->count, 1, "a channel that ended says no more");
    world_end(&w);
}

int
main(void)
{
    test_group();
    test_tell();

    return tap_done();
}
