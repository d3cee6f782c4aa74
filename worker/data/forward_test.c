/*
 * data/forward_test.c - who gets what: publishers, subscribers, repliers.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "data/fixture.h"

static struct world w;

static void
test_fan_out(void)
{
    struct guest *a, *b, *c;

    world_begin(&w);
    a = guest_add(&w, 0);
    b = guest_add(&w, 0);
    c = guest_add(&w, 1);
    guest_channel(a, 1, 3, 0, reliable);
    guest_channel(b, 2, 1, 1, reliable);
    guest_channel(c, 3, 9, 1, reliable);
    guest_send(a, 3, "hello");
    tap_ok(b->count == 1 && b->seen[0].stream == 1 && b->seen[0].len == 5
               && b->seen[0].ppid == SFU_SCTP_PPID_STRING
               && b->seen[0].first == 'h',
           "a subscriber on the same loop, on its own id");
    tap_ok(c->count == 1 && c->seen[0].stream == 9, "and on the other");
    tap_is_int((long long)a->count, 0, "the publisher hears nothing");

    for (uint32_t ppid = 56; ppid <= 57; ppid++) {
        sfu_sctp_send(a->client, 3, ppid, &reliable, span_of("", 1));
    }

    world_turn(&w);
    tap_ok(b->count == 3 && b->seen[1].ppid == 56 && b->seen[2].ppid == 57
               && b->seen[2].len == 1, "empty messages");

    sfu_sctp_send(a->client, 3, 52, &reliable, span_str("partial"));
    sfu_sctp_send(a->client, 20, 51, &reliable, span_str("nowhere"));
    world_turn(&w);
    tap_is_int((long long)dropped(&w, DATA_DROP_kind), 1,
               "what is neither text nor binary");
    tap_is_int((long long)dropped(&w, DATA_DROP_no_channel), 1,
               "a stream without a channel");
    tap_is_int((long long)b->count, 3, "go nowhere");
    world_end(&w);
}

static void
test_reply(void)
{
    struct guest *a, *b, *c;
    struct data_channel *of_b, *of_c;

    world_begin(&w);
    a = guest_add(&w, 0);
    b = guest_add(&w, 0);
    c = guest_add(&w, 1);
    guest_channel(a, 1, 1, 0, reliable);
    of_b = guest_channel(b, 2, 1, 1, reliable);
    of_c = guest_channel(c, 3, 1, 1, reliable);
    guest_send(b, 1, "no");
    tap_is_int((long long)dropped(&w, DATA_DROP_not_allowed), 1,
               "a subscriber may not reply");
    data_channel_set_reply(of_b, true);
    guest_send(b, 1, "yes");
    tap_ok(a->count == 1 && a->seen[0].first == 'y', "one may");
    tap_is_int((long long)c->count, 0, "which is the publisher's alone");
    data_channel_set_reply(of_c, true);
    guest_send(b, 1, "no");
    guest_send(c, 1, "mine");
    tap_ok(a->count == 2 && a->seen[1].first == 'm', "the grant moves");
    data_channel_set_reply(of_b, false);
    guest_send(c, 1, "still mine");
    tap_is_int((long long)a->count, 3, "what one has not cannot be taken");
    data_channel_set_reply(of_c, false);
    guest_send(c, 1, "no");
    tap_is_int((long long)a->count, 3, "what one has can");

    data_channel_set_reply(of_c, true);
    data_peer_destroy(a->peer);
    a->peer = NULL;
    guest_send(c, 1, "hello?");
    tap_is_int((long long)dropped(&w, DATA_DROP_no_publisher), 1,
               "nobody is there any more");
    data_channel_set_reply(of_c, true);
    world_turn(&w);
    world_end(&w);
}

static void
test_ack(void)
{
    struct data_channel_params params = {
        .id = 2, .stream = 1, .publication = 1, .wait_ack = true,
    };
    struct data_channel *ch;
    struct guest *a, *b;

    world_begin(&w);
    a = guest_add(&w, 0);
    b = guest_add(&w, 0);
    guest_channel(a, 1, 1, 0, reliable);
    data_channel_create(&ch, b->peer, &params);
    data_channel_set_reply(ch, true);
    guest_send(a, 1, "early");
    tap_is_int((long long)b->count, 0, "nothing before the first message");
    guest_send(b, 1, "ack");
    tap_ok(b->count == 1 && b->seen[0].first == 'e', "what was early then");
    tap_is_int((long long)a->count, 0, "the first message goes nowhere");
    guest_send(b, 1, "reply");
    tap_is_int((long long)a->count, 1, "the second does");

    w.settings.ack_time = 20 * USEC_PER_MS;
    params.id = 3;
    params.stream = 2;
    data_channel_create(&ch, b->peer, &params);
    world_run(&w, 100);
    tap_is_int(w.events[DATA_EVENT_CLOSING], 1, "one that never comes");
    tap_ok(w.last_end == DATA_END_NO_ACK && b->resets == 1,
           "ends the channel, which the subscriber is told");
    guest_send(a, 1, "later");
    tap_is_int((long long)b->count, 2, "and no other");
    world_end(&w);
}

static void
test_before_up(void)
{
    struct guest *a, *b;
    static uint8_t bytes[16000];

    world_begin(&w);
    a = guest_add(&w, 0);
    b = guest_create(&w, 1, 65536);
    guest_channel(a, 1, 1, 0, reliable);
    guest_channel(b, 2, 1, 1, reliable);

    for (int i = 0; i < 10; i++) {
        bytes[0] = (uint8_t)i;
        sfu_sctp_send(a->client, 1, SFU_SCTP_PPID_BINARY, &reliable,
                      span_of(bytes, sizeof(bytes)));
        world_turn(&w);
    }

    tap_ok(counter_get(&w.loop.counters.queued_bytes) <= 65536,
           "before a subscriber is there, some is kept");
    tap_is_int(w.events[DATA_EVENT_CLOSING], 0, "and its channel too");
    guest_connect(b);
    tap_ok(b->count == 4 && b->seen[0].first == 6 && b->seen[3].first == 9,
           "what came last, in order");
    tap_is_int((long long)dropped(&w, DATA_DROP_queue_full), 6,
               "the rest is counted");
    world_end(&w);
}

static void
test_length(void)
{
    static uint8_t bytes[16384];
    struct guest *a, *b;

    world_begin(&w);
    a = guest_add(&w, 0);
    b = guest_create(&w, 0, 1000);
    guest_connect(b);
    guest_channel(a, 1, 1, 0, reliable);
    guest_channel(b, 2, 1, 1, reliable);
    sfu_sctp_send(a->client, 1, SFU_SCTP_PPID_BINARY, &reliable,
                  span_of(bytes, 1001));
    sfu_sctp_send(a->client, 1, SFU_SCTP_PPID_BINARY, &reliable,
                  span_of(bytes, 1000));
    world_turn(&w);
    tap_ok(b->count == 1 && b->seen[0].len == 1000,
           "no more than the subscriber takes");
    sfu_sctp_send(a->client, 1, SFU_SCTP_PPID_BINARY, &reliable,
                  span_of(bytes, sizeof(bytes)));
    world_turn(&w);
    tap_is_int((long long)dropped(&w, DATA_DROP_too_long), 2, "is counted");
    world_end(&w);
}

int
main(void)
{
    test_fan_out();
    test_reply();
    test_ack();
    test_before_up();
    test_length();

    return tap_done();
}
