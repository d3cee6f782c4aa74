
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * A raw REQ socket of nanomsg.  Raw, because the cooked one has a single
 * request in flight and repeats it by itself; here many are, matched by the
 * number in the header.  Nothing but this file includes nanomsg's headers.
 */


#ifndef _NGX_SFU_IPC_SOCKET_H_INCLUDED_
#define _NGX_SFU_IPC_SOCKET_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* numbers of requests have 31 bits: the highest one marks the last header */
#define NGX_SFU_IPC_ID_MASK  0x7fffffff


typedef struct {
    u_char     *data;          /* to be given to ngx_sfu_ipc_socket_free() */
    size_t      len;
    uint32_t    id;
} ngx_sfu_ipc_message_t;


typedef struct {
    char       *address;
    int         socket;
    int         endpoint;
    int         recv_fd;       /* readable while there is a message */
    int         send_fd;       /* readable while a message can be sent */
} ngx_sfu_ipc_socket_t;


/*
 * Starts nanomsg's threads when it is the first one, so it belongs into a
 * process that does not fork any more.  Connects, and reconnects, in the
 * background.
 */
ngx_int_t ngx_sfu_ipc_socket_open(ngx_sfu_ipc_socket_t *s, char *address,
    ngx_log_t *log);
void ngx_sfu_ipc_socket_close(ngx_sfu_ipc_socket_t *s);

/* for a socket that has lost its connection */
ngx_int_t ngx_sfu_ipc_socket_renew(ngx_sfu_ipc_socket_t *s, ngx_log_t *log);

/* NGX_AGAIN: not connected, or the peer has stopped reading */
ngx_int_t ngx_sfu_ipc_socket_send(ngx_sfu_ipc_socket_t *s, uint32_t id,
    u_char *data, size_t len, ngx_log_t *log);

/* NGX_AGAIN: nothing now.  NGX_DECLINED: a message was dropped */
ngx_int_t ngx_sfu_ipc_socket_recv(ngx_sfu_ipc_socket_t *s,
    ngx_sfu_ipc_message_t *message, ngx_log_t *log);
void ngx_sfu_ipc_socket_free(ngx_sfu_ipc_message_t *message);

ngx_uint_t ngx_sfu_ipc_socket_connected(ngx_sfu_ipc_socket_t *s);

/* counts connections: what was sent over an earlier one gets no reply */
uint64_t ngx_sfu_ipc_socket_epoch(ngx_sfu_ipc_socket_t *s);


#endif /* _NGX_SFU_IPC_SOCKET_H_INCLUDED_ */
