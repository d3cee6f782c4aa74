
/*
 * Copyright (C) the ngx_sfu_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sfu_ipc_socket.h>

#include <signal.h>
#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>

#include <sfu_ipc.h>


/* the size of the header precedes the header in nanomsg's control data */
#define NGX_SFU_IPC_HEADER_LEN   sizeof(uint32_t)
#define NGX_SFU_IPC_CONTROL_LEN  (sizeof(size_t) + NGX_SFU_IPC_HEADER_LEN)


typedef union {
    struct nn_cmsghdr   header;
    u_char              data[NN_CMSG_SPACE(NGX_SFU_IPC_CONTROL_LEN)];
} ngx_sfu_ipc_control_t;


static ngx_int_t ngx_sfu_ipc_socket_setup(ngx_sfu_ipc_socket_t *s);


ngx_int_t
ngx_sfu_ipc_socket_open(ngx_sfu_ipc_socket_t *s, char *address, ngx_log_t *log)
{
    int        err;
    sigset_t   all, old;
    ngx_int_t  rc;

    /* threads inherit the mask, and nginx's signals are to stay nginx's */

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &old);

    s->address = address;
    s->socket = nn_socket(AF_SP_RAW, NN_REQ);

    rc = NGX_ERROR;

    if (s->socket != -1) {
        rc = ngx_sfu_ipc_socket_setup(s);
    }

    err = nn_errno();

    pthread_sigmask(SIG_SETMASK, &old, NULL);

    if (rc == NGX_OK) {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, log, 0,
                  "sfu: worker \"%s\": could not open a socket: %s",
                  address, nn_strerror(err));

    if (s->socket != -1) {
        (void) nn_close(s->socket);
        s->socket = -1;
    }

    return NGX_ERROR;
}


static ngx_int_t
ngx_sfu_ipc_socket_setup(ngx_sfu_ipc_socket_t *s)
{
    int     value;
    size_t  len;

    value = SFU_IPC_MESSAGE_MAX;

    if (nn_setsockopt(s->socket, NN_SOL_SOCKET, NN_RCVMAXSIZE,
                      &value, sizeof(value))
        == -1)
    {
        return NGX_ERROR;
    }

    /* not for others: nanomsg 1.1 aborts when it meets an IPv4 address then */

    value = (ngx_strchr(s->address, '[') == NULL);

    if (nn_setsockopt(s->socket, NN_SOL_SOCKET, NN_IPV4ONLY,
                      &value, sizeof(value))
        == -1)
    {
        return NGX_ERROR;
    }

    len = sizeof(int);

    if (nn_getsockopt(s->socket, NN_SOL_SOCKET, NN_RCVFD, &s->recv_fd, &len)
        == -1)
    {
        return NGX_ERROR;
    }

    len = sizeof(int);

    if (nn_getsockopt(s->socket, NN_SOL_SOCKET, NN_SNDFD, &s->send_fd, &len)
        == -1)
    {
        return NGX_ERROR;
    }

    s->endpoint = nn_connect(s->socket, s->address);

    return s->endpoint == -1 ? NGX_ERROR : NGX_OK;
}


/*
 * nanomsg 1.1 connects again by itself, but what it had read of a message
 * that was cut off, or was larger than allowed, it takes for the beginning of
 * the next connection: it refuses that, and all others.  A new endpoint has
 * no such memory.
 */

ngx_int_t
ngx_sfu_ipc_socket_renew(ngx_sfu_ipc_socket_t *s, ngx_log_t *log)
{
    if (s->endpoint != -1) {
        (void) nn_shutdown(s->socket, s->endpoint);
    }

    s->endpoint = nn_connect(s->socket, s->address);

    if (s->endpoint == -1) {
        ngx_log_error(NGX_LOG_ALERT, log, 0, "sfu: nn_connect() failed: %s",
                      nn_strerror(nn_errno()));
        return NGX_ERROR;
    }

    return NGX_OK;
}


void
ngx_sfu_ipc_socket_close(ngx_sfu_ipc_socket_t *s)
{
    if (s->socket != -1) {
        (void) nn_close(s->socket);
        s->socket = -1;
    }
}


ngx_int_t
ngx_sfu_ipc_socket_send(ngx_sfu_ipc_socket_t *s, uint32_t id, u_char *data,
    size_t len, ngx_log_t *log)
{
    u_char                 *p;
    size_t                  size;
    uint32_t                header;
    struct nn_iovec         iov;
    struct nn_msghdr        msg;
    ngx_sfu_ipc_control_t   control;

    ngx_memzero(&control, sizeof(ngx_sfu_ipc_control_t));

    control.header.cmsg_len = NN_CMSG_LEN(NGX_SFU_IPC_CONTROL_LEN);
    control.header.cmsg_level = PROTO_SP;
    control.header.cmsg_type = SP_HDR;

    size = NGX_SFU_IPC_HEADER_LEN;
    header = htonl(id | ~NGX_SFU_IPC_ID_MASK);

    p = ngx_cpymem(NN_CMSG_DATA(&control.header), &size, sizeof(size_t));
    ngx_memcpy(p, &header, NGX_SFU_IPC_HEADER_LEN);

    iov.iov_base = data;
    iov.iov_len = len;

    msg.msg_iov = &iov;
    msg.msg_iovlen = 1;
    msg.msg_control = &control;
    msg.msg_controllen = sizeof(ngx_sfu_ipc_control_t);

    if (nn_sendmsg(s->socket, &msg, NN_DONTWAIT) != -1) {
        return NGX_OK;
    }

    if (nn_errno() == EAGAIN) {
        return NGX_AGAIN;
    }

    ngx_log_error(NGX_LOG_ALERT, log, 0, "sfu: nn_sendmsg() failed: %s",
                  nn_strerror(nn_errno()));

    return NGX_ERROR;
}


ngx_int_t
ngx_sfu_ipc_socket_recv(ngx_sfu_ipc_socket_t *s,
    ngx_sfu_ipc_message_t *message, ngx_log_t *log)
{
    int                     n;
    u_char                 *p;
    size_t                  size;
    uint32_t                header;
    struct nn_iovec         iov;
    struct nn_msghdr        msg;
    ngx_sfu_ipc_control_t   control;

    ngx_memzero(&control, sizeof(ngx_sfu_ipc_control_t));

    message->data = NULL;

    iov.iov_base = &message->data;
    iov.iov_len = NN_MSG;

    msg.msg_iov = &iov;
    msg.msg_iovlen = 1;
    msg.msg_control = &control;
    msg.msg_controllen = sizeof(ngx_sfu_ipc_control_t);

    n = nn_recvmsg(s->socket, &msg, NN_DONTWAIT);

    if (n == -1) {

        if (nn_errno() == EAGAIN) {
            return NGX_AGAIN;
        }

        ngx_log_error(NGX_LOG_ALERT, log, 0, "sfu: nn_recvmsg() failed: %s",
                      nn_strerror(nn_errno()));

        return NGX_ERROR;
    }

    message->len = n;

    p = NN_CMSG_DATA(&control.header);
    ngx_memcpy(&size, p, sizeof(size_t));

    if (control.header.cmsg_level != PROTO_SP
        || control.header.cmsg_type != SP_HDR
        || size != NGX_SFU_IPC_HEADER_LEN)
    {
        ngx_sfu_ipc_socket_free(message);
        return NGX_DECLINED;
    }

    ngx_memcpy(&header, p + sizeof(size_t), NGX_SFU_IPC_HEADER_LEN);
    message->id = ntohl(header) & NGX_SFU_IPC_ID_MASK;

    return NGX_OK;
}


void
ngx_sfu_ipc_socket_free(ngx_sfu_ipc_message_t *message)
{
    if (message->data != NULL) {
        (void) nn_freemsg(message->data);
        message->data = NULL;
    }
}


ngx_uint_t
ngx_sfu_ipc_socket_connected(ngx_sfu_ipc_socket_t *s)
{
    return nn_get_statistic(s->socket, NN_STAT_CURRENT_CONNECTIONS) != 0;
}


uint64_t
ngx_sfu_ipc_socket_epoch(ngx_sfu_ipc_socket_t *s)
{
    return nn_get_statistic(s->socket, NN_STAT_ESTABLISHED_CONNECTIONS);
}
