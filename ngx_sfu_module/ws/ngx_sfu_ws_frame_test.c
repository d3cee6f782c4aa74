
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * What a connection costs while nothing is under way, and without memory;
 * t/websocket.t has the frames.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sfu_ws_code.h>
#include <ngx_sfu_ws_frame.h>

#include "test/tap.h"


static ngx_uint_t  messages;
static size_t      last_len;


void *
ngx_alloc(size_t size, ngx_log_t *log)
{
    return malloc(size);
}


static void
handler(ngx_sfu_ws_frame_t *frame, ngx_sfu_ws_opcode_e opcode, u_char *data,
    size_t len)
{
    messages++;
    last_len = len;
}


/* masked with zeros; returns its length */

static size_t
frame_of(u_char *p, u_char first, const char *payload, size_t len)
{
    size_t  n;

    p[0] = first;

    if (len < 126) {
        p[1] = 0x80 | len;
        n = 2;

    } else {
        p[1] = 0x80 | 126;
        p[2] = len >> 8;
        p[3] = len;
        n = 4;
    }

    ngx_memzero(p + n, 4);
    ngx_memcpy(p + n + 4, payload, len);

    return n + 4 + len;
}


static void
test_idle(void)
{
    size_t               len, i;
    u_char               bytes[1024];
    char                 text[300];
    ngx_sfu_ws_frame_t   frame;

    ngx_memset(text, 'x', sizeof(text));
    ngx_sfu_ws_frame_init(&frame, 1000, handler, NULL, NULL);

    tap_ok(frame.wslay == NULL, "nothing is kept before the first byte");

    len = frame_of(bytes, 0x81, text, 300);

    for (i = 0; i < len; i++) {

        if (ngx_sfu_ws_frame_read(&frame, bytes + i, 1) != NGX_OK
            || (frame.wslay != NULL) != (i + 1 < len))
        {
            break;
        }
    }

    tap_is_int(i, len, "only while a frame is incomplete");
    tap_is_int(last_len, 300, "the message is whole");

    len = frame_of(bytes, 0x01, "a", 1);
    (void) ngx_sfu_ws_frame_read(&frame, bytes, len);
    tap_ok(frame.wslay != NULL, "a message is incomplete");

    len = frame_of(bytes, 0x89, "p", 1);
    (void) ngx_sfu_ws_frame_read(&frame, bytes, len);
    tap_ok(frame.wslay != NULL, "also after a ping");

    len = frame_of(bytes, 0x80, "b", 1);
    (void) ngx_sfu_ws_frame_read(&frame, bytes, len);
    tap_ok(frame.wslay == NULL && frame.message == NULL, "until it is");
    tap_is_int(last_len, 2, "and then it is whole");

    tap_is_int(frame.queued, 3, "the pong waits");
    ngx_sfu_ws_frame_sent(&frame, 3);
    tap_ok(frame.out == NULL, "nothing is kept when it is sent");

    ngx_sfu_ws_frame_free(&frame);
}


static void
test_write(void)
{
    u_char              *large;
    ngx_sfu_ws_frame_t   frame;

    large = calloc(1, 70000);
    ngx_sfu_ws_frame_init(&frame, 1000, handler, NULL, NULL);

    (void) ngx_sfu_ws_frame_write(&frame, NGX_SFU_WS_TEXT, large, 125);
    tap_is_bytes(span_of(frame.out->pos, 2), span_of("\x81\x7d", 2),
                 "7 bits of length");
    ngx_sfu_ws_frame_sent(&frame, 127);

    (void) ngx_sfu_ws_frame_write(&frame, NGX_SFU_WS_TEXT, large, 126);
    tap_is_bytes(span_of(frame.out->pos, 4), span_of("\x81\x7e\x00\x7e", 4),
                 "16 bits of length");
    ngx_sfu_ws_frame_sent(&frame, 130);

    (void) ngx_sfu_ws_frame_write(&frame, NGX_SFU_WS_TEXT, large, 70000);
    tap_is_bytes(span_of(frame.out->pos, 10),
                 span_of("\x81\x7f\x00\x00\x00\x00\x00\x01\x11\x70", 10),
                 "64 bits of length");
    tap_is_int(frame.queued, 70010, "one frame waits");

    (void) ngx_sfu_ws_frame_close(&frame, NGX_SFU_WS_GOING, "bye");
    tap_is_int(frame.queued, 70010 + 7, "and the close frame");

    (void) ngx_sfu_ws_frame_close(&frame, NGX_SFU_WS_INTERNAL, NULL);
    (void) ngx_sfu_ws_frame_write(&frame, NGX_SFU_WS_TEXT, large, 5);
    tap_is_int(frame.queued, 70010 + 7, "after which there is nothing");

    ngx_sfu_ws_frame_free(&frame);
    free(large);
}


static int
read_and_write(void)
{
    int                  rc;
    size_t               len;
    u_char               bytes[4096];
    char                 text[2000];
    ngx_sfu_ws_frame_t   frame;

    ngx_memset(text, 'x', sizeof(text));
    ngx_sfu_ws_frame_init(&frame, 4000, handler, NULL, NULL);

    messages = 0;
    rc = 0;

    len = frame_of(bytes, 0x01, text, 1500);
    len += frame_of(bytes + len, 0x89, "p", 1);
    len += frame_of(bytes + len, 0x80, text, 2000);

    (void) ngx_sfu_ws_frame_read(&frame, bytes, len);

    if (ngx_sfu_ws_frame_write(&frame, NGX_SFU_WS_TEXT, bytes, 3000)
        != NGX_OK || messages != 2)
    {
        rc = -1;
    }

    ngx_sfu_ws_frame_free(&frame);

    return rc;
}


int
main(void)
{
    test_idle();
    test_write();

    tap_each_allocation_fails(read_and_write);

    return tap_done();
}
