/*
 * sctp/association_test.c - two associations that talk to each other.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "sctp/association.h"
#include "test/tap.h"

enum { MESSAGE_MAX = 262144, QUEUE = 4096, STREAMS = 64 };

struct packet {
    uint8_t *data;
    size_t len;
};

/* one end; what it sends waits for deliver() */
struct end {
    struct sfu_sctp_association *association;
    struct packet queue[QUEUE];
    size_t head, tail;
    size_t longest;
    bool up, down;
    size_t streams;
    size_t messages, too_long;
    size_t on_stream[STREAMS];
    uint16_t stream;
    uint32_t ppid;
    uint8_t *last;
    size_t last_len;
    int in_resets, out_resets;
    int writable;
};

static struct sfu_sctp_stack *stack;
static struct sfu_sctp_settings settings = { STREAMS, MESSAGE_MAX };
static usec_t now;
static unsigned lose;           /* one of so many packets, at random */
static unsigned seed;

static void
on_send(void *ctx, struct span packet)
{
    struct end *e = ctx;
    struct packet *p = &e->queue[e->tail % QUEUE];

    if (e->tail - e->head == QUEUE) {
        return;
    }

    p->data = malloc(packet.len);
    p->len = packet.len;
    memcpy(p->data, packet.data, packet.len);
    e->tail++;
    e->longest = packet.len > e->longest ? packet.len : e->longest;
}

static void
on_up(void *ctx, size_t streams)
{
    struct end *e = ctx;

    e->up = true;
    e->streams = streams;
}

static void
on_down(void *ctx)
{
    ((struct end *)ctx)->down = true;
}

static void
on_message(void *ctx, uint16_t stream, uint32_t ppid, struct span bytes)
{
    struct end *e = ctx;

    e->messages++;
    e->on_stream[stream]++;
    e->stream = stream;
    e->ppid = ppid;
    free(e->last);
    e->last = malloc(bytes.len + 1);
    memcpy(e->last, bytes.data, bytes.len);
    e->last_len = bytes.len;
}

static void
on_too_long(void *ctx, uint16_t stream)
{
    (void)stream;
    ((struct end *)ctx)->too_long++;
}

static void
on_reset(void *ctx, uint16_t stream, bool incoming)
{
    struct end *e = ctx;

    e->stream = stream;
    *(incoming ? &e->in_resets : &e->out_resets) += 1;
}

static void
on_writable(void *ctx)
{
    ((struct end *)ctx)->writable++;
}

static const struct sfu_sctp_events events = {
    on_send, on_up, on_down, on_message, on_too_long, on_reset, on_writable,
};

/* the same ones each time */
static bool
lost(void)
{
    seed = seed * 1103515245 + 12345;

    return lose && (seed >> 16) % lose == 0;
}

static bool
deliver(struct end *from, struct end *to)
{
    struct packet p;

    if (from->head == from->tail) {
        return false;
    }

    p = from->queue[from->head++ % QUEUE];

    if (to->association != NULL && !lost()) {
        sfu_sctp_receive(to->association, span_of(p.data, p.len));
    }

    free(p.data);

    return true;
}

static void
exchange(struct end *a, struct end *b)
{
    bool more;

    do {
        more = deliver(a, b);
        more = deliver(b, a) || more;
    } while (more);

    sfu_sctp_stack_tick(stack, now);
}

/* so many milliseconds, which pass at once */
static void
run(struct end *a, struct end *b, int ms)
{
    for (int i = 0; i < ms; i += 10) {
        now += 10 * USEC_PER_MS;
        exchange(a, b);
    }
}

/*
 * Until so many messages came, or so many milliseconds.  They really pass:
 * what is repeated was sent long enough ago on the machine's clock.
 */
static void
wait_for(struct end *a, struct end *b, size_t messages, int ms)
{
    usec_t until = clock_now() + ms * USEC_PER_MS;

    while (b->messages < messages && clock_now() < until) {
        now += USEC_PER_MS;
        exchange(a, b);
        usleep(1000);
    }
}

static void
begin(struct end *a, struct end *b)
{
    *a = *b = (struct end){ 0 };
    lose = 0;
    now = clock_now();
    tap_is_int(sfu_sctp_stack_create(&stack, &settings), 0, "a stack");
    tap_is_int(sfu_sctp_create(&a->association, stack, &events, a), 0,
               "an association");
    tap_is_int(sfu_sctp_create(&b->association, stack, &events, b), 0,
               "and its peer");
    tap_is_int(sfu_sctp_connect(a->association, 5000), 0, "one begins");
    tap_is_int(sfu_sctp_connect(b->association, 5000), 0, "and the other");
}

static void
clear(struct end *e)
{
    while (e->head != e->tail) {
        free(e->queue[e->head++ % QUEUE].data);
    }

    free(e->last);
}

static void
end(struct end *a, struct end *b)
{
    sfu_sctp_destroy(a->association);
    sfu_sctp_destroy(b->association);
    tap_is_int(sfu_sctp_stack_wait(stack, now), -1,
               "without associations there is nothing to wait for");
    tap_ok(sfu_sctp_stack_destroy(stack), "nor is there anything left");
    clear(a);
    clear(b);
}

static const struct sfu_sctp_policy reliable = { false, SFU_SCTP_RELIABLE, 0 };

static void
test_messages(void)
{
    static uint8_t large[MESSAGE_MAX + 1];
    static struct end a, b;

    for (size_t i = 0; i < sizeof(large); i++) {
        large[i] = (uint8_t)(i * 7 + i / 251);
    }

    begin(&a, &b);
    tap_is_int(sfu_sctp_send(a.association, 1, SFU_SCTP_PPID_STRING,
                             &reliable, span_str("early")),
               SFU_ERR_STATE, "nothing is sent before it is up");
    run(&a, &b, 100);
    tap_ok(a.up && b.up, "both that begin are up");
    tap_is_int((long long)a.streams, STREAMS, "with the streams of both");

    sfu_sctp_send(a.association, 7, SFU_SCTP_PPID_STRING, &reliable,
                  span_str("hello"));
    run(&a, &b, 20);
    tap_is_bytes(span_of(b.last, b.last_len), span_str("hello"), "a text");
    tap_is_int(b.stream, 7, "on its stream");
    tap_is_int(b.ppid, SFU_SCTP_PPID_STRING, "with its identifier");

    tap_is_int(sfu_sctp_send(b.association, 63, SFU_SCTP_PPID_BINARY,
                             &reliable, span_of(large, MESSAGE_MAX)), 0,
               "256 KiB the other way");
    run(&a, &b, 500);
    tap_ok(span_eq(span_of(a.last, a.last_len), span_of(large, MESSAGE_MAX)),
           "arrive as they were");
    tap_ok(b.longest <= SFU_SCTP_PACKET_MAX + 12, "in packets of %zu bytes",
           b.longest);

    sfu_sctp_send(a.association, 7, SFU_SCTP_PPID_BINARY, &reliable,
                  span_of(large, MESSAGE_MAX + 1));
    sfu_sctp_send(a.association, 7, SFU_SCTP_PPID_STRING, &reliable,
                  span_str("next"));
    run(&a, &b, 500);
    tap_is_int((long long)b.too_long, 1, "one that is too long is lost");
    tap_is_bytes(span_of(b.last, b.last_len), span_str("next"),
                 "and the next one is not");
    tap_is_int(sfu_sctp_send(a.association, STREAMS, SFU_SCTP_PPID_STRING,
                             &reliable, span_str("x")), SFU_ERR_LIBRARY,
               "a stream that is not there");
    end(&a, &b);
}

static void
test_full(void)
{
    static uint8_t large[MESSAGE_MAX];
    static struct end a, b;
    int sent = 0, before;

    begin(&a, &b);
    run(&a, &b, 100);

    while (sent < 100
           && sfu_sctp_send(a.association, 1, SFU_SCTP_PPID_BINARY, &reliable,
                            span_of(large, MESSAGE_MAX)) == 0) {
        sent++;
    }

    tap_ok(sent >= 1 && sent <= 2, "a peer that reads nothing: %d go in",
           sent);
    tap_is_int(sfu_sctp_send(a.association, 1, SFU_SCTP_PPID_BINARY,
                             &reliable, span_of(large, MESSAGE_MAX)),
               SFU_ERR_AGAIN, "and then no more");
    before = a.writable;
    run(&a, &b, 1000);
    tap_is_int((long long)b.messages, sent, "what went in arrives");
    tap_ok(a.writable > before, "and the sender is told that there is room");
    tap_is_int(sfu_sctp_send(a.association, 1, SFU_SCTP_PPID_BINARY,
                             &reliable, span_of(large, MESSAGE_MAX)), 0,
               "for the next one");
    end(&a, &b);
}

static void
test_loss(void)
{
    static struct end a, b;
    static uint8_t bytes[10000];
    struct sfu_sctp_policy once = { true, SFU_SCTP_RETRANSMITS, 0 };

    begin(&a, &b);
    run(&a, &b, 100);
    lose = 10;

    for (int i = 0; i < 20; i++) {
        sfu_sctp_send(a.association, 3, SFU_SCTP_PPID_BINARY, &reliable,
                      span_of(bytes, sizeof(bytes)));
    }

    wait_for(&a, &b, 20, 20000);
    tap_is_int((long long)b.messages, 20,
               "a tenth is lost, and all messages arrive");
    b.messages = 0;
    lose = 4;

    for (int i = 0; i < 60; i++) {
        sfu_sctp_send(a.association, 4, SFU_SCTP_PPID_BINARY, &once,
                      span_of(bytes, 900));
        wait_for(&a, &b, b.messages + 1, 5);
    }

    sfu_sctp_send(a.association, 5, SFU_SCTP_PPID_STRING, &reliable,
                  span_str("after"));

    for (int i = 0; i < 100 && b.on_stream[5] == 0; i++) {
        wait_for(&a, &b, b.messages + 1, 100);
    }

    tap_is_int((long long)b.on_stream[5], 1,
               "without retransmissions it goes on");
    tap_ok(b.on_stream[4] > 0 && b.on_stream[4] < 60,
           "and of 60 messages %zu are lost", 60 - b.on_stream[4]);
    end(&a, &b);
}

static void
test_reset(void)
{
    static struct end a, b;

    begin(&a, &b);
    run(&a, &b, 100);
    sfu_sctp_send(a.association, 9, SFU_SCTP_PPID_STRING, &reliable,
                  span_str("last"));
    sfu_sctp_reset(a.association, 9);
    run(&a, &b, 500);
    tap_is_bytes(span_of(b.last, b.last_len), span_str("last"),
                 "what was sent before a reset arrives");
    tap_is_int(a.out_resets, 1, "our direction of the stream is reset");
    tap_is_int(b.in_resets, 1, "which the peer is told");
    tap_is_int(b.out_resets + a.in_resets, 0, "the other one is not");

    for (uint16_t i = 10; i < 60; i++) {
        sfu_sctp_reset(b.association, i);
    }

    run(&a, &b, 2000);
    tap_is_int(b.out_resets, 50, "fifty at once, one request after another");
    tap_is_int(a.in_resets, 50, "and fifty are told");

    sfu_sctp_send(a.association, 9, SFU_SCTP_PPID_STRING, &reliable,
                  span_str("anew"));
    run(&a, &b, 100);
    tap_is_bytes(span_of(b.last, b.last_len), span_str("anew"),
                 "a stream that was reset is used again");
    end(&a, &b);
}

static void
test_end(void)
{
    static struct end a, b;
    uint8_t garbage[] = { 0x13, 0x88, 0x13, 0x88, 1, 2, 3, 4, 5, 6, 7, 8, 0,
                          0, 0, 0 };

    begin(&a, &b);
    sfu_sctp_receive(a.association, span_of(garbage, sizeof(garbage)));
    sfu_sctp_receive(a.association, span_of(garbage, 3));
    run(&a, &b, 100);
    tap_ok(a.up && b.up, "garbage before it is up does no harm");
    sfu_sctp_receive(a.association, span_of(garbage, sizeof(garbage)));
    run(&a, &b, 100);
    tap_ok(!a.down, "nor later");
    sfu_sctp_destroy(a.association);
    a.association = NULL;
    run(&a, &b, 100);
    tap_ok(b.down, "the peer is told of the end");
    tap_is_int(sfu_sctp_send(b.association, 1, SFU_SCTP_PPID_STRING,
                             &reliable, span_str("x")), SFU_ERR_STATE,
               "after which nothing is sent");
    end(&a, &b);

    begin(&a, &b);
    run(&a, &b, 100);
    lose = 1;
    sfu_sctp_send(b.association, 1, SFU_SCTP_PPID_STRING, &reliable,
                  span_str("is anybody there?"));
    run(&a, &b, 120000);
    tap_ok(b.down, "a peer that does not acknowledge is gone in the end");
    end(&a, &b);
}

int
main(void)
{
    test_messages();
    test_full();
    test_loss();
    test_reset();
    test_end();

    return tap_done();
}
