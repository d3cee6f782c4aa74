/*
 * client.c - a WebSocket as the bench needs it.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The mask is zero: it costs the server as much as any other.
 */

#include "signal/client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 5000, READ_SIZE = 4096 };

static bool
wait_for(int fd, short events)
{
    struct pollfd p = { fd, events, 0 };

    return poll(&p, 1, PATIENCE_MS) == 1;
}

static bool
send_all(struct client *c, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = send(c->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0 && errno == EAGAIN && wait_for(c->fd, POLLOUT)) {
            continue;
        }

        if (n < 0) {
            return false;
        }

        data += n;
        len -= (size_t)n;
    }

    return true;
}

static bool
handshake(struct client *c, const char *path)
{
    char text[512];
    const char *end, *pid;
    int n = snprintf(text, sizeof(text),
                     "GET %s HTTP/1.1\r\nHost: localhost\r\n"
                     "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                     "User-Agent: Mozilla/5.0 (X11; Linux x86_64) "
                     "AppleWebKit/537.36 (KHTML, like Gecko) "
                     "Chrome/120.0.0.0 Safari/537.36\r\n"
                     "Origin: https://conference.example\r\n"
                     "Accept-Encoding: gzip, deflate, br\r\n"
                     "Accept-Language: en-US,en;q=0.9\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                     "Sec-WebSocket-Version: 13\r\n\r\n", path);

    if (n < 0 || (size_t)n >= sizeof(text) || !send_all(c, text, (size_t)n)) {
        return false;
    }

    while ((end = c->len ? strstr(c->in, "\r\n\r\n") : NULL) == NULL) {
        if (!wait_for(c->fd, POLLIN) || !client_read(c)) {
            return false;
        }
    }

    pid = strstr(c->in, "\r\nX-Pid: ");
    c->pid = pid != NULL ? atoi(pid + 9) : 0;

    if (strncmp(c->in, "HTTP/1.1 101 ", 13) != 0) {
        return false;
    }

    end += 4;
    c->len -= (size_t)(end - c->in);
    memmove(c->in, end, c->len + 1);

    return true;
}

bool
client_open(struct client *c, const struct sockaddr_in *address,
            const char *path)
{
    int on = 1;

    c->fd = socket(AF_INET, SOCK_STREAM, 0);

    if (c->fd == -1
        || connect(c->fd, (const struct sockaddr *)address,
                   sizeof(*address)) == -1
        || setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == -1
        || !handshake(c, path)) {
        client_close(c);
        return false;
    }

    return true;
}

void
client_close(struct client *c)
{
    if (c->fd > 0) {
        close(c->fd);
    }

    free(c->in);
    *c = (struct client){ .fd = -1 };
}

bool
client_send(struct client *c, const char *text, size_t len)
{
    char frame[1024] = { (char)0x81 };
    size_t n = 2;

    if (len > sizeof(frame) - 8) {
        return false;
    }

    if (len < 126) {
        frame[1] = (char)(0x80 | len);
    } else {
        frame[1] = (char)(0x80 | 126);
        frame[2] = (char)(len >> 8);
        frame[3] = (char)len;
        n = 4;
    }

    memset(frame + n, 0, 4);
    memcpy(frame + n + 4, text, len);

    return send_all(c, frame, n + 4 + len);
}

bool
client_read(struct client *c)
{
    ssize_t n;

    if (c->size - c->len < READ_SIZE + 1) {
        size_t size = c->len + 2 * READ_SIZE;
        char *in = realloc(c->in, size);

        if (in == NULL) {
            return false;
        }

        c->in = in;
        c->size = size;
    }

    n = recv(c->fd, c->in + c->len, READ_SIZE, MSG_DONTWAIT);

    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        return false;
    }

    c->len += n > 0 ? (size_t)n : 0;
    c->in[c->len] = '\0';

    return true;
}

const char *
client_next(struct client *c, size_t *len)
{
    static char message[2048];
    size_t header = 2;

    if (c->len < 2) {
        return NULL;
    }

    *len = (uint8_t)c->in[1] & 0x7f;

    if (*len == 126) {
        if (c->len < 4) {
            return NULL;
        }

        header = 4;
        *len = (size_t)((uint8_t)c->in[2] << 8 | (uint8_t)c->in[3]);
    }

    if (c->len < header + *len || *len >= sizeof(message)) {
        return NULL;
    }

    memcpy(message, c->in + header, *len);
    message[*len] = '\0';

    c->len -= header + *len;
    memmove(c->in, c->in + header + *len, c->len + 1);

    return message;
}
