
/*
 * Copyright (C) the ngx_sfu_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sfu_ws_code.h>
#include <ngx_sfu_ws_frame.h>

#include <wslay/wslay.h>


#define NGX_SFU_WS_MESSAGE_SIZE  1024


static ngx_int_t ngx_sfu_ws_frame_open(ngx_sfu_ws_frame_t *frame);
static void ngx_sfu_ws_frame_release(ngx_sfu_ws_frame_t *frame);
static ssize_t ngx_sfu_ws_frame_recv(wslay_event_context_ptr ctx, uint8_t *buf,
    size_t len, int flags, void *data);
static void ngx_sfu_ws_frame_begin(wslay_event_context_ptr ctx,
    const struct wslay_event_on_frame_recv_start_arg *arg, void *data);
static void ngx_sfu_ws_frame_chunk(wslay_event_context_ptr ctx,
    const struct wslay_event_on_frame_recv_chunk_arg *arg, void *data);
static void ngx_sfu_ws_frame_end(wslay_event_context_ptr ctx, void *data);
static void ngx_sfu_ws_frame_message(wslay_event_context_ptr ctx,
    const struct wslay_event_on_msg_recv_arg *arg, void *data);
static ssize_t ngx_sfu_ws_frame_answer(wslay_event_context_ptr ctx,
    const uint8_t *buf, size_t len, int flags, void *data);
static ngx_int_t ngx_sfu_ws_frame_collect(ngx_sfu_ws_frame_t *frame,
    const u_char *data, size_t len);


static const struct wslay_event_callbacks  ngx_sfu_ws_frame_callbacks = {
    ngx_sfu_ws_frame_recv,
    ngx_sfu_ws_frame_answer,
    NULL,
    ngx_sfu_ws_frame_begin,
    ngx_sfu_ws_frame_chunk,
    ngx_sfu_ws_frame_end,
    ngx_sfu_ws_frame_message
};


void
ngx_sfu_ws_frame_init(ngx_sfu_ws_frame_t *frame, size_t message_max,
    ngx_sfu_ws_frame_handler_pt handler, void *data, ngx_log_t *log)
{
    ngx_memzero(frame, sizeof(ngx_sfu_ws_frame_t));

    frame->message_max = message_max;
    frame->handler = handler;
    frame->data = data;
    frame->log = log;
}


void
ngx_sfu_ws_frame_free(ngx_sfu_ws_frame_t *frame)
{
    ngx_sfu_ws_frame_release(frame);

    ngx_sfu_ws_frame_sent(frame, frame->queued);
}


ngx_int_t
ngx_sfu_ws_frame_read(ngx_sfu_ws_frame_t *frame, u_char *data, size_t len)
{
    int  rc;

    if (frame->failed || frame->code_received != 0) {
        return NGX_DONE;
    }

    if (frame->wslay == NULL && ngx_sfu_ws_frame_open(frame) != NGX_OK) {
        frame->failed = 1;
        (void) ngx_sfu_ws_frame_close(frame, NGX_SFU_WS_INTERNAL, NULL);
        return NGX_DONE;
    }

    frame->in = data;
    frame->in_last = data + len;

    rc = wslay_event_recv(frame->wslay);

    if (frame->code_received != 0) {
        return NGX_DONE;
    }

    if (rc == 0 && wslay_event_want_read(frame->wslay)) {

        if (!frame->partial && frame->taken == 0) {
            ngx_sfu_ws_frame_release(frame);
        }

        return NGX_OK;
    }

    if (frame->no_memory || rc == WSLAY_ERR_NOMEM) {
        (void) ngx_sfu_ws_frame_close(frame, NGX_SFU_WS_INTERNAL, NULL);

    } else if (frame->too_large) {
        (void) ngx_sfu_ws_frame_close(frame, NGX_SFU_WS_TOO_LARGE, NULL);

    } else if (rc == 0 && !frame->failed && frame->code_sent == 0) {

        /* wslay has a close frame for that, and knows the code */

        (void) wslay_event_send(frame->wslay);
        frame->code_sent = wslay_event_get_status_code_sent(frame->wslay);

    } else {
        (void) ngx_sfu_ws_frame_close(frame, NGX_SFU_WS_PROTOCOL, NULL);
    }

    frame->failed = 1;

    return NGX_DONE;
}


static ngx_int_t
ngx_sfu_ws_frame_open(ngx_sfu_ws_frame_t *frame)
{
    wslay_event_context_ptr  ctx;

    if (wslay_event_context_server_init(&ctx, &ngx_sfu_ws_frame_callbacks,
                                        frame)
        != 0)
    {
        return NGX_ERROR;
    }

    wslay_event_config_set_no_buffering(ctx, 1);
    wslay_event_config_set_max_recv_msg_length(ctx,
                          ngx_max(frame->message_max, NGX_SFU_WS_CONTROL_MAX));

    frame->wslay = ctx;

    return NGX_OK;
}


static void
ngx_sfu_ws_frame_release(ngx_sfu_ws_frame_t *frame)
{
    if (frame->wslay != NULL) {
        wslay_event_context_free(frame->wslay);
        frame->wslay = NULL;
    }

    if (frame->message != NULL) {
        ngx_free(frame->message);
        frame->message = NULL;
    }

    frame->len = 0;
    frame->size = 0;
}


/* wslay asks for bytes; what it has taken of a frame it does not give back */

static ssize_t
ngx_sfu_ws_frame_recv(wslay_event_context_ptr ctx, uint8_t *buf, size_t len,
    int flags, void *data)
{
    ngx_sfu_ws_frame_t *frame = data;

    len = ngx_min(len, (size_t) (frame->in_last - frame->in));

    if (len == 0) {
        wslay_event_set_error(ctx, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }

    ngx_memcpy(buf, frame->in, len);

    frame->in += len;
    frame->taken += len;

    return len;
}


static void
ngx_sfu_ws_frame_begin(wslay_event_context_ptr ctx,
    const struct wslay_event_on_frame_recv_start_arg *arg, void *data)
{
    ngx_sfu_ws_frame_t *frame = data;

    /* the header: two bytes, the rest of the length, the mask */

    frame->frame_size = 2 + 4 + arg->payload_length;

    if (arg->payload_length > 65535) {
        frame->frame_size += 8;

    } else if (arg->payload_length > 125) {
        frame->frame_size += 2;
    }

    frame->control = wslay_is_ctrl_frame(arg->opcode);

    if (frame->control) {
        return;
    }

    frame->partial = 1;

    /* wslay compares single frames, since it does not buffer */

    if (arg->payload_length > frame->message_max - frame->len) {
        frame->too_large = 1;
        wslay_event_shutdown_read(ctx);
    }
}


static void
ngx_sfu_ws_frame_chunk(wslay_event_context_ptr ctx,
    const struct wslay_event_on_frame_recv_chunk_arg *arg, void *data)
{
    ngx_sfu_ws_frame_t *frame = data;

    if (frame->control || frame->too_large || arg->data_length == 0) {
        return;
    }

    if (ngx_sfu_ws_frame_collect(frame, arg->data, arg->data_length)
        != NGX_OK)
    {
        frame->no_memory = 1;
        wslay_event_shutdown_read(ctx);
    }
}


static void
ngx_sfu_ws_frame_end(wslay_event_context_ptr ctx, void *data)
{
    ngx_sfu_ws_frame_t *frame = data;

    frame->taken -= frame->frame_size;
}


static void
ngx_sfu_ws_frame_message(wslay_event_context_ptr ctx,
    const struct wslay_event_on_msg_recv_arg *arg, void *data)
{
    ngx_sfu_ws_frame_t *frame = data;

    if (frame->too_large || frame->no_memory) {
        return;
    }

    switch (arg->opcode) {

    case WSLAY_CONNECTION_CLOSE:

        /* half a code, which wslay takes for none */

        if (arg->msg_length == 1) {
            frame->failed = 1;
            return;
        }

        frame->code_received = arg->status_code ? arg->status_code
                                                : NGX_SFU_WS_NO_CODE;

        /* its answer, unless it is the answer to ours */

        if (frame->code_sent == 0) {
            (void) wslay_event_send(ctx);
            frame->code_sent = frame->code_received;
        }

        return;

    case WSLAY_PING:
        (void) wslay_event_send(ctx);
        /* fall through */

    case WSLAY_PONG:
        frame->handler(frame, arg->opcode, (u_char *) arg->msg,
                       arg->msg_length);
        return;

    default: /* WSLAY_TEXT_FRAME, WSLAY_BINARY_FRAME */

        frame->handler(frame, arg->opcode, frame->message, frame->len);

        frame->partial = 0;
        frame->len = 0;
    }
}


/* pongs and close frames of wslay's own */

static ssize_t
ngx_sfu_ws_frame_answer(wslay_event_context_ptr ctx, const uint8_t *buf,
    size_t len, int flags, void *data)
{
    ngx_sfu_ws_frame_t *frame = data;

    if (frame->code_sent != 0) {
        return len;
    }

    if (ngx_sfu_ws_frame_append(frame, buf, len) != NGX_OK) {
        frame->no_memory = 1;
        wslay_event_set_error(ctx, WSLAY_ERR_CALLBACK_FAILURE);
        return -1;
    }

    return len;
}


static ngx_int_t
ngx_sfu_ws_frame_collect(ngx_sfu_ws_frame_t *frame, const u_char *data,
    size_t len)
{
    size_t   size;
    u_char  *p;

    if (len > frame->size - frame->len) {

        size = ngx_max(2 * frame->size, NGX_SFU_WS_MESSAGE_SIZE);
        size = ngx_max(size, frame->len + len);
        size = ngx_min(size, frame->message_max);

        p = ngx_alloc(size, frame->log);
        if (p == NULL) {
            return NGX_ERROR;
        }

        if (frame->message != NULL) {
            ngx_memcpy(p, frame->message, frame->len);
            ngx_free(frame->message);
        }

        frame->message = p;
        frame->size = size;
    }

    ngx_memcpy(frame->message + frame->len, data, len);
    frame->len += len;

    return NGX_OK;
}
