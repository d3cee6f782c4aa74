
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Bytes to messages and back (RFC 6455, 5).  wslay reads, so the rules of
 * frames, codes and UTF-8 are its own; what it buffers is not: a message in a
 * hundred thousand fragments would cost it a hundred times its size.  No
 * sockets here, and nothing of nginx but its types.
 *
 * wslay's context has 8 KiB.  It is there while a message or a frame is
 * incomplete, so an idle connection has none.
 */


#ifndef _NGX_SFU_WS_FRAME_H_INCLUDED_
#define _NGX_SFU_WS_FRAME_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* of a control frame, its code included */
#define NGX_SFU_WS_CONTROL_MAX  125


typedef enum {
    NGX_SFU_WS_TEXT = 1,
    NGX_SFU_WS_BINARY = 2,
    NGX_SFU_WS_CLOSE = 8,
    NGX_SFU_WS_PING = 9,
    NGX_SFU_WS_PONG = 10
} ngx_sfu_ws_opcode_e;


typedef struct ngx_sfu_ws_frame_s  ngx_sfu_ws_frame_t;
typedef struct ngx_sfu_ws_block_s  ngx_sfu_ws_block_t;


/* a message, a ping (its pong is written already), or a pong */
typedef void (*ngx_sfu_ws_frame_handler_pt)(ngx_sfu_ws_frame_t *frame,
    ngx_sfu_ws_opcode_e opcode, u_char *data, size_t len);


/* bytes to be sent; they never move, as OpenSSL wants it */

struct ngx_sfu_ws_block_s {
    ngx_sfu_ws_block_t           *next;
    u_char                       *pos;
    u_char                       *last;
    u_char                       *end;
};


struct ngx_sfu_ws_frame_s {
    /* set by the user */

    size_t                        message_max;
    ngx_sfu_ws_frame_handler_pt   handler;
    void                         *data;
    ngx_log_t                    *log;

    /* to be read: what goes out, and how much of it */

    ngx_sfu_ws_block_t           *out;
    size_t                        queued;
    ngx_uint_t                    code_received;  /* 0: no close frame */
    ngx_uint_t                    code_sent;      /* 0: no close frame */

    /* ours */

    ngx_sfu_ws_block_t           *out_last;
    void                         *wslay;
    u_char                       *in;             /* not yet wslay's */
    u_char                       *in_last;
    uint64_t                      taken;          /* of frames not ended */
    uint64_t                      frame_size;     /* of the one begun */
    u_char                       *message;        /* its fragments */
    size_t                        len;
    size_t                        size;

    unsigned                      partial:1;      /* a message has begun */
    unsigned                      control:1;      /* the frame begun is one */
    unsigned                      failed:1;
    unsigned                      too_large:1;
    unsigned                      no_memory:1;
};


void ngx_sfu_ws_frame_init(ngx_sfu_ws_frame_t *frame, size_t message_max,
    ngx_sfu_ws_frame_handler_pt handler, void *data, ngx_log_t *log);
void ngx_sfu_ws_frame_free(ngx_sfu_ws_frame_t *frame);

/*
 * NGX_DONE: nothing more will be read, because a close frame came or
 * something that is none; the answer is written already.
 */
ngx_int_t ngx_sfu_ws_frame_read(ngx_sfu_ws_frame_t *frame, u_char *data,
    size_t len);

/* NGX_ERROR: no memory.  After a close frame nothing is written any more */
ngx_int_t ngx_sfu_ws_frame_write(ngx_sfu_ws_frame_t *frame,
    ngx_sfu_ws_opcode_e opcode, u_char *data, size_t len);
ngx_int_t ngx_sfu_ws_frame_close(ngx_sfu_ws_frame_t *frame, ngx_uint_t code,
    const char *reason);

/* within: bytes as they are */
ngx_int_t ngx_sfu_ws_frame_append(ngx_sfu_ws_frame_t *frame,
    const u_char *data, size_t len);

/* so many bytes of frame->out have been sent */
void ngx_sfu_ws_frame_sent(ngx_sfu_ws_frame_t *frame, size_t len);


#endif /* _NGX_SFU_WS_FRAME_H_INCLUDED_ */
