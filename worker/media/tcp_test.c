/*
 * media/tcp_test.c - TCP connections of a session, more than it can use.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <arpa/inet.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "media/fixture.h"

enum { PORT = 21740, CONNECTIONS = 12 };

static int
connect_tcp(void)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    if (fd == -1 || connect(fd, (struct sockaddr *)&to, sizeof(to)) == -1) {
        printf("Bail out! no TCP\n");
        exit(1);
    }

    return fd;
}

static void
send_framed(int fd, const uint8_t *data, size_t len)
{
    uint8_t header[2] = { (uint8_t)(len >> 8), (uint8_t)len };

    if (send(fd, header, 2, MSG_NOSIGNAL) != 2
        || send(fd, data, len, MSG_NOSIGNAL) != (ssize_t)len) {
        printf("# a connection is closed\n");
    }
}

/* waits for an answer; false: the other side closed */
static bool
answered(int fd)
{
    struct pollfd p = { fd, POLLIN, 0 };
    uint8_t data[512];

    return poll(&p, 1, 1000) == 1 && recv(fd, data, sizeof(data), 0) > 0;
}

static bool
closed(int fd)
{
    struct pollfd p = { fd, POLLIN, 0 };
    uint8_t data[512];

    while (poll(&p, 1, 1000) == 1) {
        if (recv(fd, data, sizeof(data), 0) <= 0) {
            return true;
        }
    }

    return false;
}

/* eight addresses are kept; the ninth connection closes one */
static void
one_session_has_eight(void)
{
    int fds[CONNECTIONS];
    int open_ones = 0;
    uint8_t check[512];
    size_t len;
    struct client c;
    struct media_peer_handle *peer = fixture_peer(&c, 0);

    for (int i = 0; i < CONNECTIONS; i++) {
        len = client_check_write(check, sizeof(check),
                                 fixture.params.credentials.ufrag,
                                 fixture.params.credentials.pwd);
        fds[i] = connect_tcp();
        send_framed(fds[i], check, len);
        tap_ok(answered(fds[i]), "connection %d: the check is answered", i);
    }

    usleep(1200000);            /* counted once a second */
    open_ones = (int)counter_get(&fixture.loops[0].counters.tcp_connections);
    tap_is_int(open_ones, ICE_PAIRS_MAX, "as many stay as a peer has pairs");
    media_peer_destroy(peer);

    /* what is sent now must find nobody */
    for (int i = 0; i < CONNECTIONS; i++) {
        send_framed(fds[i], (const uint8_t *)"\x80\x60xxxxxxxxxxxx", 14);
    }

    for (int i = 0; i < CONNECTIONS; i++) {
        tap_ok(closed(fds[i]), "connection %d ends with the session", i);
        close(fds[i]);
    }

    client_close(&c);
}

/* the limit is 16 */
static void
silent_ones_keep_nobody_out(void)
{
    int fds[24];
    uint8_t check[512];
    size_t len;
    int fd;
    struct client c;
    struct media_peer_handle *peer = fixture_peer(&c, 0);

    for (int i = 0; i < 24; i++) {
        fds[i] = connect_tcp();
    }

    len = client_check_write(check, sizeof(check),
                             fixture.params.credentials.ufrag,
                             fixture.params.credentials.pwd);
    fd = connect_tcp();
    send_framed(fd, check, len);
    tap_ok(answered(fd), "a client connects in spite of 24 that say nothing");
    tap_ok(closed(fds[0]), "the oldest of them had to go");
    tap_ok(closed(fds[23]), "the others after their time");
    close(fd);

    for (int i = 0; i < 24; i++) {
        close(fds[i]);
    }

    client_close(&c);
    media_peer_destroy(peer);
}

/* accepting fails for ever then, and the listener stays readable */
static void
no_descriptor_is_left(void)
{
    struct rlimit before;
    struct rlimit none;
    uint8_t check[512];
    size_t len;
    struct client c;
    struct media_peer_handle *peer = fixture_peer(&c, 0);
    counter_t *busy = &fixture.loops[0].counters.busy_usec;
    uint64_t busy_before;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT) };

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    getrlimit(RLIMIT_NOFILE, &before);
    none = before;
    none.rlim_cur = 4;
    setrlimit(RLIMIT_NOFILE, &none);
    busy_before = counter_get(busy);
    tap_ok(connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0, "connects");
    usleep(600000);
    tap_ok(counter_get(busy) - busy_before < 100 * USEC_PER_MS,
           "a listener that cannot accept does not keep the loop busy");
    setrlimit(RLIMIT_NOFILE, &before);
    len = client_check_write(check, sizeof(check),
                             fixture.params.credentials.ufrag,
                             fixture.params.credentials.pwd);
    send_framed(fd, check, len);
    tap_ok(answered(fd), "and accepts once it can");
    close(fd);
    client_close(&c);
    media_peer_destroy(peer);
}

int
main(void)
{
    fixture_begin(PORT);
    one_session_has_eight();
    silent_ones_keep_nobody_out();
    no_descriptor_is_left();
    fixture_end();

    return tap_done();
}
