
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * The same bytes, read at once and in pieces: both have to make the same of
 * it.  The first byte says how small the pieces are, and whether we close.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sfu_ws_frame.h>


#define MESSAGE_MAX  1000


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


typedef struct {
    uint64_t    hash;          /* of all that was read */
    ngx_uint_t  code_received;
    ngx_uint_t  code_sent;
    uint64_t    out;           /* hash of all that was written */
    ngx_uint_t  control;       /* it ends with, or in, a control frame */
} seen_t;


void *
ngx_alloc(size_t size, ngx_log_t *log)
{
    return malloc(size);
}


static void
hash(uint64_t *h, const u_char *data, size_t len)
{
    size_t  i;

    for (i = 0; i < len; i++) {
        *h = (*h ^ data[i]) * 1099511628211U;
    }
}


static void
handler(ngx_sfu_ws_frame_t *frame, ngx_sfu_ws_opcode_e opcode, u_char *data,
    size_t len)
{
    u_char  kind = opcode;
    seen_t  *seen = frame->data;

    if (opcode <= NGX_SFU_WS_BINARY ? len > MESSAGE_MAX : len > 125) {
        abort();
    }

    hash(&seen->hash, &kind, 1);
    hash(&seen->hash, data, len);

    if (opcode == NGX_SFU_WS_TEXT && len > 2 && len < 100) {
        (void) ngx_sfu_ws_frame_write(frame, NGX_SFU_WS_TEXT, data, len);
    }
}


static seen_t
play(const uint8_t *data, size_t size, size_t step, ngx_uint_t close)
{
    size_t               n;
    seen_t               seen = { 0, 0, 0, 0, 0 };
    u_char              *copy;
    ngx_int_t            rc;
    ngx_sfu_ws_block_t  *block;
    ngx_sfu_ws_frame_t   frame;

    ngx_sfu_ws_frame_init(&frame, MESSAGE_MAX, handler, &seen, NULL);

    rc = NGX_OK;

    if (close && ngx_sfu_ws_frame_close(&frame, 1001, "bye") != NGX_OK) {
        abort();
    }

    while (size > 0 && rc == NGX_OK) {
        n = step < size ? step : size;

        copy = malloc(n);
        memcpy(copy, data, n);
        rc = ngx_sfu_ws_frame_read(&frame, copy, n);
        free(copy);

        data += n;
        size -= n;

        while (frame.out != NULL) {
            block = frame.out;
            n = block->last - block->pos;
            n = n > 3 ? n / 2 : n;

            hash(&seen.out, block->pos, n);
            ngx_sfu_ws_frame_sent(&frame, n);
        }

        if (frame.queued != 0) {
            abort();
        }
    }

    /* who goes is always told why, once */

    if (rc == NGX_DONE && frame.code_sent == 0) {
        abort();
    }

    seen.code_received = frame.code_received;
    seen.code_sent = frame.code_sent;
    seen.control = frame.control;

    ngx_sfu_ws_frame_free(&frame);

    return seen;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    seen_t      whole, pieces;
    ngx_uint_t  close;

    if (size < 2) {
        return 0;
    }

    close = data[0] >> 7;

    whole = play(data + 1, size - 1, size, close);
    pieces = play(data + 1, size - 1, (data[0] & 0x7f) + 1, close);

    if (memcmp(&whole, &pieces, sizeof(seen_t)) == 0) {
        return 0;
    }

    /*
     * wslay 1.1 leaves out the first two bytes of each piece of a close frame
     * when it looks for UTF-8, not of the first piece alone; so it is told
     * another code, or none yet.
     */

    if (whole.hash != pieces.hash || !whole.control || !pieces.control) {
        abort();
    }

    return 0;
}
