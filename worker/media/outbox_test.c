/*
 * media/outbox_test.c - what leaves, in which runs.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "test/tap.h"

enum { PORT = 21760, SLOTS = 32 };

static struct media_counters counters;
static struct udp_socket udp;
static struct outbox outbox;
static struct ice_directory directory;
static int peer;

static uint16_t
open_peer(void)
{
    struct sockaddr_in name = { .sin_family = AF_INET };
    socklen_t len = sizeof(name);

    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    peer = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    bind(peer, (struct sockaddr *)&name, sizeof(name));
    getsockname(peer, (struct sockaddr *)&name, &len);

    return ntohs(name.sin_port);
}

static void
put(struct outbox_queue *queue, uint8_t byte, size_t len)
{
    struct outbox_slot *slot = outbox_reserve(&outbox);

    memset(slot->data, byte, len);
    outbox_commit(&outbox, queue, slot, len);
}

/* the sizes that arrive, as text */
static const char *
arrived(void)
{
    static char text[4096];
    uint8_t data[2048];
    size_t at = 0;
    ssize_t n;

    text[0] = '\0';

    while ((n = recv(peer, data, sizeof(data), 0)) > 0) {
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%zd%c",
                               at ? " " : "", n, data[0]);
    }

    return text;
}

static void
runs(struct outbox_queue *queue)
{
    static const struct {
        const char *why;
        size_t sizes[8];
        uint64_t runs;
        const char *expected;
    } rows[] = {
        { "one packet", { 100 }, 1, "100a" },
        { "equal sizes are one run", { 100, 100, 100 }, 1, "100a 100b 100c" },
        { "the last may be shorter", { 100, 100, 40 }, 1, "100a 100b 40c" },
        { "a longer one begins a run", { 40, 100, 100 }, 2,
          "40a 100b 100c" },
        { "a shorter one ends a run", { 100, 40, 100, 100 }, 2,
          "100a 40b 100c 100d" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t before = counter_get(&counters.runs_out);

        for (size_t k = 0; k < 8 && rows[i].sizes[k]; k++) {
            put(queue, (uint8_t)('a' + k), rows[i].sizes[k]);
        }

        tap_is_str(arrived(), "", "%s: nothing leaves before the end of the "
                                  "batch", rows[i].why);
        outbox_flush(&outbox);
        tap_is_str(arrived(), rows[i].expected, "%s", rows[i].why);
        tap_is_int((long long)(counter_get(&counters.runs_out) - before),
                   (long long)rows[i].runs, "%s: system calls", rows[i].why);
    }
}

static size_t
free_slots(void)
{
    size_t n = 0;

    for (struct outbox_slot *s = outbox.free; s != NULL; s = s->next) {
        n++;
    }

    return n;
}

static int
build(void)
{
    struct outbox o;
    int error = outbox_init(&o, 4, &udp, &counters);

    outbox_fini(&o);

    return error;
}

int
main(void)
{
    struct ice_credentials credentials;
    struct outbox_queue queue;
    struct outbox_queue idle;
    struct ice_agent agent;
    struct address local;
    struct address remote;

    address_parse(&local, "127.0.0.1", PORT);
    tap_is_int(udp_open(&udp, &local, 1 << 20), 0, "socket");
    address_parse(&remote, "127.0.0.1", open_peer());
    ice_directory_init(&directory);
    ice_credentials_make(&credentials);
    ice_agent_init(&agent, &directory, &credentials, NULL);
    outbox_init(&outbox, SLOTS, &udp, &counters);
    outbox_queue_init(&queue, &agent);

    put(&queue, 'a', 10);
    outbox_flush(&outbox);
    tap_is_str(arrived(), "", "nothing is sent before a pair is valid");
    tap_is_int((long long)free_slots(), SLOTS, "and its slot is free again");

    ice_agent_checked(&agent, &agent.current, &remote, &local, NULL, true, 1);
    runs(&queue);

    for (int i = 0; i < SLOTS + 1; i++) {
        put(&queue, 'x', 50);
    }

    tap_ok(strlen(arrived()) > 0, "a full outbox sends at once");
    outbox_flush(&outbox);
    arrived();
    tap_is_int((long long)free_slots(), SLOTS, "every slot comes back");

    outbox_queue_init(&idle, &agent);
    put(&idle, 'z', 10);
    outbox_queue_fini(&outbox, &idle);
    outbox_flush(&outbox);
    tap_is_str(arrived(), "", "what a peer that goes had collected is dropped");
    tap_is_int((long long)free_slots(), SLOTS, "and nothing is lost");

    outbox_queue_fini(&outbox, &queue);
    ice_agent_fini(&agent);
    ice_directory_fini(&directory);
    outbox_fini(&outbox);
    udp_close(&udp);
    close(peer);
    tap_each_allocation_fails(build);

    return tap_done();
}
