/*
 * data/channel_test.c - slow receivers, and how channels begin and end.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "data/fixture.h"

static struct world w;
static uint8_t bytes[16384];

/* one publisher, a subscriber that hears nothing, and one that does */
static void
begin_slow(struct guest **a, struct guest **deaf, struct guest **b,
           struct sfu_sctp_policy policy)
{
    world_begin(&w);
    *a = guest_add(&w, 0);
    *deaf = guest_add(&w, 0);
    *b = guest_add(&w, 0);
    guest_channel(*a, 1, 1, 0, policy);
    guest_channel(*deaf, 2, 1, 1, policy);
    guest_channel(*b, 3, 1, 1, policy);
    (*deaf)->deaf = true;
}

static void
flood(struct guest *a, int count)
{
    for (int i = 0; i < count; i++) {
        bytes[0] = (uint8_t)i;
        sfu_sctp_send(a->client, 1, SFU_SCTP_PPID_BINARY, &reliable,
                      span_of(bytes, sizeof(bytes)));
        world_turn(&w);
    }
}

static void
test_slow_reliable(void)
{
    struct guest *a, *deaf, *b;

    begin_slow(&a, &deaf, &b, reliable);
    flood(a, 20);
    tap_is_int((long long)b->count, 20, "a slow one holds up nobody");
    tap_is_int((long long)counter_get(&w.loop.counters.overflows), 1,
               "its reliable channel is closed");
    tap_ok(w.events[DATA_EVENT_CLOSING] == 1
               && w.last_end == DATA_END_OVERFLOW && w.last_channel == 2,
           "which the control thread is told");
    tap_is_int((long long)counter_get(&w.loop.counters.queued_bytes), 0,
               "and nothing waits for it");
    deaf->deaf = false;
    world_run(&w, 1500);
    tap_is_int(deaf->resets, 1, "when it hears again, it hears of that");
    tap_ok(deaf->count <= 3, "after what it was sent before");
    world_end(&w);
}

static void
test_slow_unreliable(void)
{
    struct sfu_sctp_policy policy = { true, SFU_SCTP_RETRANSMITS, 0 };
    struct guest *a, *deaf, *b;

    begin_slow(&a, &deaf, &b, policy);
    flood(a, 40);
    tap_is_int((long long)b->count, 40, "a slow one holds up nobody");
    tap_ok(dropped(&w, DATA_DROP_queue_full) > 20
               && counter_get(&w.loop.counters.queued_bytes) <= 65536,
           "it loses messages, and %llu bytes wait",
           (unsigned long long)counter_get(&w.loop.counters.queued_bytes));
    tap_is_int(w.events[DATA_EVENT_CLOSING], 0, "but not its channel");
    deaf->deaf = false;
    world_run(&w, 1500);
    tap_ok(deaf->count >= 4 && deaf->seen[deaf->count - 1].first == 39,
           "it gets the last ones");
    world_end(&w);
}

static void
test_memory(void)
{
    struct sfu_sctp_policy policy = { true, SFU_SCTP_RETRANSMITS, 0 };
    struct guest *a, *deaf, *b;

    begin_slow(&a, &deaf, &b, policy);
    w.settings.memory_max = 40000;
    flood(a, 20);
    tap_ok(counter_get(&w.loop.counters.queued_bytes) <= 40000,
           "all queues together have a limit");
    tap_ok(dropped(&w, DATA_DROP_memory_full) > 0, "which is counted");
    tap_is_int((long long)b->count, 20, "and holds up nobody");
    world_end(&w);
}

/* two channels of one session, each with room in its own queue */
static void
test_session(void)
{
    struct sfu_sctp_policy policy = { true, SFU_SCTP_RETRANSMITS, 0 };
    struct guest *a, *deaf, *b;

    begin_slow(&a, &deaf, &b, policy);
    guest_channel(deaf, 4, 2, 1, policy);
    w.settings.session_max = 100000;
    flood(a, 20);
    tap_ok(deaf->peer->queued <= 100000 && deaf->peer->queued > 65536,
           "what waits for a session has a limit: %zu", deaf->peer->queued);
    tap_is_int((long long)b->count, 20, "and holds up nobody");
    deaf->deaf = false;
    world_run(&w, 1000);
    tap_is_int((long long)deaf->peer->queued, 0, "nothing waits any more");
    world_end(&w);
}

static void
test_expired(void)
{
    struct sfu_sctp_policy policy = { true, SFU_SCTP_LIFETIME, 20 };
    struct guest *a, *deaf, *b;

    begin_slow(&a, &deaf, &b, policy);
    flood(a, 6);
    world_run(&w, 100);
    deaf->deaf = false;
    world_run(&w, 1500);
    tap_ok(dropped(&w, DATA_DROP_expired) > 0 && deaf->count < 6,
           "what waited too long is not sent any more");
    tap_is_int((long long)counter_get(&w.loop.counters.queued_bytes), 0,
               "and waits no longer");
    world_end(&w);
}

static void
test_fair(void)
{
    struct sfu_sctp_policy policy = { false, SFU_SCTP_RETRANSMITS, 100 };
    struct guest *a, *b;
    size_t first = 0;

    world_begin(&w);
    a = guest_add(&w, 0);
    b = guest_add(&w, 0);
    guest_channel(a, 1, 1, 0, policy);
    guest_channel(a, 2, 2, 0, policy);
    guest_channel(b, 3, 1, 1, policy);
    guest_channel(b, 4, 2, 2, policy);
    b->deaf = true;
    flood(a, 5);
    guest_send(a, 2, "small");
    tap_ok(counter_get(&w.loop.counters.queued_bytes) > sizeof(bytes),
           "one channel has a queue");
    b->deaf = false;
    world_run(&w, 1500);

    for (size_t i = 0; i < b->count; i++) {
        first = b->seen[i].stream == 2 ? i : first;
    }

    tap_is_int((long long)b->count, 6, "all arrives");
    tap_ok(first < 5, "a second channel has its turn before it is empty");
    world_end(&w);
}

static void
test_close(void)
{
    struct data_channel *of_a, *of_b;
    struct guest *a, *b;

    world_begin(&w);
    a = guest_add(&w, 0);
    b = guest_add(&w, 1);
    of_a = guest_channel(a, 1, 1, 0, reliable);
    of_b = guest_channel(b, 2, 5, 1, reliable);
    data_channel_end(of_b);
    world_turn(&w);
    tap_ok(w.events[DATA_EVENT_CLOSING] == 1
               && w.last_end == DATA_END_ASKED && b->resets == 1,
           "asked for: our direction of the stream is reset");
    tap_is_int(w.events[DATA_EVENT_CLOSED], 0,
               "its id is in use until the other one is, too");
    guest_send(a, 1, "x");
    tap_is_int((long long)b->count, 0, "nothing is sent any more");
    sfu_sctp_reset(b->client, 5);
    world_turn(&w);
    tap_ok(w.events[DATA_EVENT_CLOSED] == 1 && w.last_channel == 2,
           "which then it is");
    data_channel_destroy(of_b);
    of_b = guest_channel(b, 3, 5, 1, reliable);
    guest_send(a, 1, "y");
    tap_ok(b->count == 1 && b->seen[0].stream == 5, "and is used again");

    /* behind what it sent, which is acknowledged 200 ms later */
    sfu_sctp_reset(a->client, 1);
    world_run(&w, 500);
    tap_ok(w.events[DATA_EVENT_CLOSING] == 2 && w.last_end == DATA_END_PEER
               && w.events[DATA_EVENT_CLOSED] == 2 && a->resets == 1,
           "the peer resets: so do we");
    data_channel_destroy(of_a);
    world_turn(&w);
    tap_is_int(b->resets, 1, "a publication that ends leaves others alone");
    data_channel_end(of_b);
    data_channel_end(of_b);
    world_turn(&w);
    tap_is_int(w.events[DATA_EVENT_CLOSING], 3, "closing twice is once");
    world_end(&w);
}

static void
test_close_before_up(void)
{
    struct data_channel *ch;
    struct guest *a;

    world_begin(&w);
    a = guest_create(&w, 0, 65536);
    ch = guest_channel(a, 1, 1, 0, reliable);
    data_channel_end(ch);
    world_turn(&w);
    tap_is_int(w.events[DATA_EVENT_CLOSED], 1,
               "a stream that never was needs no reset");
    data_channel_destroy(ch);
    world_end(&w);
}

static void
test_gone(void)
{
    struct guest *a, *b;

    world_begin(&w);
    a = guest_add(&w, 0);
    b = guest_add(&w, 0);
    guest_channel(a, 1, 1, 0, reliable);
    guest_channel(b, 2, 1, 1, reliable);
    sfu_sctp_destroy(b->client);
    b->client = NULL;
    world_turn(&w);
    tap_ok(b->down, "an association that its peer aborts");
    guest_send(a, 1, "x");
    tap_is_int((long long)counter_get(&w.loop.counters.messages_out), 0,
               "is sent nothing");
    data_port_put(&w.loop.ports[0].in, 4711, DATA_RECORD_PACKET,
                  span_str("of nobody"));
    world_turn(&w);
    tap_ok(!a->down, "a packet of nobody's does no harm");
    world_end(&w);
}

static void
send_dcep(struct guest *g, uint16_t stream, const char *label)
{
    uint8_t buffer[600];
    int len = dcep_write(&(struct dcep_message){
                             .type = DCEP_OPEN, .label = span_str(label),
                             .policy = { true, SFU_SCTP_RETRANSMITS, 2 },
                         }, buffer, sizeof(buffer));

    sfu_sctp_send(g->client, stream, SFU_SCTP_PPID_DCEP, &reliable,
                  span_of(buffer, (size_t)len));
    world_turn(&w);
}

static void
test_in_band(void)
{
    struct data_channel_params params = {
        .id = 7, .stream = 0, .in_band = true, .label = "events",
        .policy = { true, SFU_SCTP_RELIABLE, 0 },
    };
    struct data_channel *ch;
    struct guest *a, *b;
    char label[DATA_LABEL_MAX + 2];

    world_begin(&w);
    a = guest_add(&w, 0);
    b = guest_add(&w, 0);
    send_dcep(a, 2, "chat");
    tap_ok(w.events[DATA_EVENT_OPENED] == 1 && strcmp(w.label, "chat") == 0,
           "a channel that the peer opens is told of");
    tap_ok(a->count == 1 && a->seen[0].ppid == SFU_SCTP_PPID_DCEP
               && a->seen[0].first == DCEP_ACK && a->seen[0].stream == 2,
           "and acknowledged");
    guest_channel(b, 3, 1, w.last_channel, reliable);
    guest_send(a, 2, "hi");
    tap_is_int((long long)b->count, 1, "it publishes");

    send_dcep(a, 2, "again");
    memset(label, 'x', sizeof(label));
    label[DATA_LABEL_MAX + 1] = '\0';
    send_dcep(a, 4, label);
    sfu_sctp_send(a->client, 6, SFU_SCTP_PPID_DCEP, &reliable,
                  span_of("\003\0\0", 3));
    sfu_sctp_send(a->client, 6, SFU_SCTP_PPID_DCEP, &reliable,
                  span_of("\003\0\0\0\0\0\0\0\0\002\0\0a\0", 14));
    world_turn(&w);
    tap_is_int((long long)dropped(&w, DATA_DROP_malformed), 4,
               "an id in use, a long label, half a message, a zero byte");
    tap_is_int(w.events[DATA_EVENT_OPENED], 1, "open nothing");

    /* a second that does not end */
    a->peer->opens_since = w.loop.now + 3600 * (usec_t)USEC_PER_SEC;
    a->peer->opens = 0;

    for (uint16_t i = 10; i < 20; i++) {
        send_dcep(a, i, "many");
    }

    world_run(&w, 300);
    tap_ok(w.events[DATA_EVENT_OPENED] == 6
               && dropped(&w, DATA_DROP_opens_limit) == 5
               && a->resets == 5,
           "too many in a second are reset");

    data_channel_create(&ch, b->peer, &params);
    world_turn(&w);
    tap_ok(b->count == 2 && b->seen[1].first == DCEP_OPEN
               && b->seen[1].stream == 0, "one that we open");
    tap_ok(ch->unacknowledged, "is not acknowledged");
    sfu_sctp_send(b->client, 0, SFU_SCTP_PPID_DCEP, &reliable,
                  span_of("\002", 1));
    world_turn(&w);
    tap_ok(!ch->unacknowledged, "and then it is");
    sfu_sctp_reset(a->client, 2);
    world_run(&w, 500);
    tap_is_int(w.events[DATA_EVENT_CLOSED], 1, "its peer closes it");
    world_end(&w);
}

/* memory is short while one session sends to another */
static int
exchange(void)
{
    struct data_peer_params params = {
        .id = 1, .session = 1, .remote_max = 1000, .on_event = world_event,
    };
    struct data_channel_params of_channel = { .id = 5, .stream = 1 };
    struct data_message m = { .ppid = 51, .bytes = span_str("hello") };
    struct data_channel *ch = NULL;
    struct data_peer *peer;
    int error = data_peer_create(&peer, &w.loop, &params);

    if (!error) {
        error = data_channel_create(&ch, peer, &of_channel);
    }

    if (!error) {
        data_loop_turn(&w.loop);
        data_channel_send(ch, &m);
        error = data_channel_end(ch);
    }

    data_peer_destroy(peer);
    world_turn(&w);

    return error;
}

/* a browser that moves to another transport keeps its channels open */
static void
test_anew(void)
{
    struct data_channel *closing;
    struct guest *a, *b;

    world_begin(&w);
    a = guest_add(&w, 0);
    b = guest_add(&w, 1);
    guest_channel(a, 1, 3, 0, reliable);
    guest_channel(b, 2, 4, 1, reliable);
    closing = guest_channel(b, 3, 5, 0, reliable);
    b->deaf = true;
    data_channel_end(closing);
    guest_send(a, 3, "meanwhile");
    sfu_sctp_destroy(b->client);
    world_turn(&w);
    tap_is_int(w.events[DATA_EVENT_CLOSED], 0, "a reset that nobody answers");
    b->deaf = b->up = b->client_up = false;
    guest_connect(b);
    tap_ok(b->up && b->client_up, "another association comes up");
    tap_is_int(w.events[DATA_EVENT_CLOSED], 1, "the reset is not waited for");
    guest_send(a, 3, "after");
    tap_ok(b->count == 1 && b->seen[0].stream == 4
               && b->seen[0].first == 'a', "and the channel goes on in it");
    world_end(&w);
}

int
main(void)
{
    test_slow_reliable();
    test_slow_unreliable();
    test_memory();
    test_session();
    test_expired();
    test_fair();
    test_close();
    test_close_before_up();
    test_gone();
    test_in_band();
    world_begin(&w);
    w.log.fd = -1;              /* it says each time that memory is short */
    tap_each_allocation_fails(exchange);
    world_end(&w);
    test_anew();

    return tap_done();
}
