/*
 * media/rest_test.c - a loop that stays away for a moment counts it.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media/fixture.h"

enum {
    PORT = 21776,
    INTERVAL = 100 * USEC_PER_MS,
    PATIENCE = 60,
};

static uint64_t
rests(void)
{
    return counter_get(&fixture.loops[0].counters.rests);
}

/* five hundred datagrams a second, more or less, until it rests */
static void
send_many(void)
{
    const struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(PORT),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    usec_t end = clock_now() + PATIENCE * USEC_PER_SEC;

    while (rests() == 0 && clock_now() < end) {
        sendto(fd, "\xff", 1, 0, (const struct sockaddr *)&to, sizeof(to));
        usleep(2000);
    }

    close(fd);
}

/* it decides once a second */
static bool
goes_on(void)
{
    uint64_t before;
    int i = 0;

    do {
        before = rests();
        usleep(1500000);
    } while (rests() != before && ++i < PATIENCE);

    return rests() != before;
}

int
main(void)
{
    uint64_t n;

    fixture.settings.wake_interval = INTERVAL;
    fixture_begin(PORT);
    tap_is_int((int)rests(), 0, "nothing comes: none");
    send_many();
    tap_ok(rests() > 0, "datagrams come");
    tap_ok(!goes_on(), "and no more");

    n = counter_get(&fixture.loops[0].counters.rest_usec);
    tap_ok(n > 0 && n <= rests() * INTERVAL, "for an interval each at most");
    fixture_end();

    return tap_done();
}
