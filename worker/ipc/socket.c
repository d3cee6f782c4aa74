/*
 * ipc/socket.c - a raw REP socket of nanomsg.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ipc/socket.h"

#include <errno.h>
#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <sys/stat.h>

#include "base/error.h"

enum {
    /*
     * A raw REP socket drops a reply silently where the peer's socket buffer
     * is full.  As much as the kernel allows, for bursts of descriptions.
     */
    SEND_BUFFER = 8 * 1024 * 1024,
};

const char *
ipc_socket_error(void)
{
    return nn_strerror(nn_errno());
}

int
ipc_socket_open(struct ipc_socket *s, const char *address, size_t message_max,
                unsigned mode)
{
    int max = (int)message_max;
    int buffer = SEND_BUFFER;
    int v4_only = strchr(address, '[') == NULL;
    size_t len = sizeof(s->fd);

    s->fd = -1;
    s->socket = nn_socket(AF_SP_RAW, NN_REP);

    if (s->socket == -1) {
        return SFU_ERR_SYSTEM;
    }

    if (nn_setsockopt(s->socket, NN_SOL_SOCKET, NN_RCVMAXSIZE, &max,
                      sizeof(max)) == -1
        || nn_setsockopt(s->socket, NN_SOL_SOCKET, NN_SNDBUF, &buffer,
                         sizeof(buffer)) == -1
        || nn_setsockopt(s->socket, NN_SOL_SOCKET, NN_IPV4ONLY, &v4_only,
                         sizeof(v4_only)) == -1
        || nn_bind(s->socket, address) == -1
        || nn_getsockopt(s->socket, NN_SOL_SOCKET, NN_RCVFD, &s->fd, &len)
               == -1) {
        goto failed;
    }

    if (strncmp(address, "ipc://", 6) == 0 && chmod(address + 6, mode) == -1) {
        goto failed;
    }

    return 0;

failed:

    {
        int saved = errno;

        ipc_socket_close(s);
        errno = saved;
    }

    return SFU_ERR_SYSTEM;
}

void
ipc_socket_close(struct ipc_socket *s)
{
    if (s->socket != -1) {
        nn_close(s->socket);
        s->socket = -1;
    }
}

/* the SP header inside the control data */
static int
read_header(struct nn_msghdr *hdr, struct ipc_header *header)
{
    for (struct nn_cmsghdr *c = NN_CMSG_FIRSTHDR(hdr); c != NULL;
         c = NN_CMSG_NXTHDR(hdr, c)) {
        size_t len;

        if (c->cmsg_level != PROTO_SP || c->cmsg_type != SP_HDR) {
            continue;
        }

        /* its length, as size_t, then the bytes */
        memcpy(&len, NN_CMSG_DATA(c), sizeof(len));

        if (len == 0 || len > sizeof(header->bytes)) {
            return SFU_ERR_MALFORMED;
        }

        memcpy(header->bytes, NN_CMSG_DATA(c) + sizeof(len), len);
        header->len = len;

        return 0;
    }

    return SFU_ERR_MALFORMED;
}

int
ipc_socket_receive(struct ipc_socket *s, struct ipc_header *header,
                   struct span *message)
{
    void *body = NULL;
    void *control = NULL;
    struct nn_iovec iov = { &body, NN_MSG };
    struct nn_msghdr hdr = { &iov, 1, &control, NN_MSG };
    int n = nn_recvmsg(s->socket, &hdr, NN_DONTWAIT);
    int error;

    if (n < 0) {
        return SFU_ERR_AGAIN;
    }

    error = read_header(&hdr, header);
    nn_freemsg(control);

    if (error) {
        nn_freemsg(body);
        return error;
    }

    *message = span_of(body, (size_t)n);

    return 0;
}

void
ipc_socket_free(struct span message)
{
    nn_freemsg((void *)(uintptr_t)message.data);
}

int
ipc_socket_send(struct ipc_socket *s, const struct ipc_header *header,
                struct span message)
{
    union {
        uint8_t bytes[NN_CMSG_SPACE(sizeof(size_t) + IPC_HEADER_MAX)];
        struct nn_cmsghdr align;
    } control = { { 0 } };
    struct nn_iovec iov = { (void *)(uintptr_t)message.data, message.len };
    struct nn_msghdr hdr = {
        &iov, 1, &control,
        NN_CMSG_SPACE(sizeof(size_t) + header->len),
    };
    struct nn_cmsghdr *c = NN_CMSG_FIRSTHDR(&hdr);

    c->cmsg_len = NN_CMSG_LEN(sizeof(size_t) + header->len);
    c->cmsg_level = PROTO_SP;
    c->cmsg_type = SP_HDR;
    memcpy(NN_CMSG_DATA(c), &header->len, sizeof(header->len));
    memcpy(NN_CMSG_DATA(c) + sizeof(size_t), header->bytes, header->len);

    return nn_sendmsg(s->socket, &hdr, NN_DONTWAIT) < 0 ? SFU_ERR_AGAIN : 0;
}
