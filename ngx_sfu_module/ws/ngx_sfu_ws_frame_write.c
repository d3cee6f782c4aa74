
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Frames that are written, and the queue of their bytes.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sfu_ws_code.h>
#include <ngx_sfu_ws_frame.h>


#define NGX_SFU_WS_BLOCK_SIZE  1024


static ngx_int_t ngx_sfu_ws_frame_reserve(ngx_sfu_ws_frame_t *frame,
    size_t len);


/* 5.2: FIN is set, and the server does not mask */

ngx_int_t
ngx_sfu_ws_frame_write(ngx_sfu_ws_frame_t *frame, ngx_sfu_ws_opcode_e opcode,
    u_char *data, size_t len)
{
    size_t  n;
    u_char  header[10];

    if (frame->code_sent != 0) {
        return NGX_OK;
    }

    header[0] = 0x80 | opcode;

    if (len < 126) {
        header[1] = (u_char) len;
        n = 2;

    } else if (len < 65536) {
        header[1] = 126;
        header[2] = (u_char) (len >> 8);
        header[3] = (u_char) len;
        n = 4;

    } else {
        header[1] = 127;

        for (n = 2; n < 10; n++) {
            header[n] = (u_char) ((uint64_t) len >> (8 * (9 - n)));
        }
    }

    /* half a frame must never be in the queue */

    if (ngx_sfu_ws_frame_reserve(frame, n + len) != NGX_OK) {
        return NGX_ERROR;
    }

    (void) ngx_sfu_ws_frame_append(frame, header, n);

    return ngx_sfu_ws_frame_append(frame, data, len);
}


ngx_int_t
ngx_sfu_ws_frame_close(ngx_sfu_ws_frame_t *frame, ngx_uint_t code,
    const char *reason)
{
    size_t  len;
    u_char  payload[NGX_SFU_WS_CONTROL_MAX];

    if (frame->code_sent != 0) {
        return NGX_OK;
    }

    payload[0] = (u_char) (code >> 8);
    payload[1] = (u_char) code;
    len = 2;

    if (reason != NULL) {
        len += ngx_min(ngx_strlen(reason), NGX_SFU_WS_CONTROL_MAX - 2);
        ngx_memcpy(payload + 2, reason, len - 2);
    }

    if (ngx_sfu_ws_frame_write(frame, NGX_SFU_WS_CLOSE, payload, len)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    frame->code_sent = code;

    return NGX_OK;
}


void
ngx_sfu_ws_frame_sent(ngx_sfu_ws_frame_t *frame, size_t len)
{
    size_t               n;
    ngx_sfu_ws_block_t  *block;

    frame->queued -= len;

    while (frame->out != NULL) {

        block = frame->out;
        n = ngx_min(len, (size_t) (block->last - block->pos));

        block->pos += n;
        len -= n;

        if (block->pos < block->last) {
            return;
        }

        frame->out = block->next;
        ngx_free(block);
    }

    frame->out_last = NULL;
}


ngx_int_t
ngx_sfu_ws_frame_append(ngx_sfu_ws_frame_t *frame, const u_char *data,
    size_t len)
{
    if (len == 0) {
        return NGX_OK;
    }

    if (ngx_sfu_ws_frame_reserve(frame, len) != NGX_OK) {
        return NGX_ERROR;
    }

    frame->out_last->last = ngx_cpymem(frame->out_last->last, data, len);
    frame->queued += len;

    return NGX_OK;
}


/* room for so many bytes in one piece */

static ngx_int_t
ngx_sfu_ws_frame_reserve(ngx_sfu_ws_frame_t *frame, size_t len)
{
    size_t               size;
    ngx_sfu_ws_block_t  *block;

    block = frame->out_last;

    if (block != NULL && (size_t) (block->end - block->last) >= len) {
        return NGX_OK;
    }

    size = ngx_max(len, NGX_SFU_WS_BLOCK_SIZE);

    block = ngx_alloc(sizeof(ngx_sfu_ws_block_t) + size, frame->log);
    if (block == NULL) {
        return NGX_ERROR;
    }

    block->next = NULL;
    block->pos = (u_char *) block + sizeof(ngx_sfu_ws_block_t);
    block->last = block->pos;
    block->end = block->pos + size;

    if (frame->out == NULL) {
        frame->out = block;

    } else {
        frame->out_last->next = block;
    }

    frame->out_last = block;

    return NGX_OK;
}
