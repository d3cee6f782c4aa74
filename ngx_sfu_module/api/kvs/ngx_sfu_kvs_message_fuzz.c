
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Any text of a WebSocket, its payload read as everything it could be.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sfu_kvs_message.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void
check(ngx_sfu_kvs_message_t *message)
{
    json_t      *opened, *again, *same;
    ngx_uint_t   kind;

    for (kind = 0; kind < NGX_SFU_KVS_NKINDS; kind++) {

        message->kind = kind;
        opened = ngx_sfu_kvs_message_open(message);

        if (kind != NGX_SFU_KVS_CANDIDATE && opened != NULL) {

            /* what we would say is read as what it was */

            again = ngx_sfu_kvs_message_close("offer", opened);

            message->payload.data = (u_char *) json_string_value(again);
            message->payload.len = json_string_length(again);

            same = ngx_sfu_kvs_message_open(message);

            if (!json_equal(same, opened)) {
                abort();
            }

            json_decref(same);
            json_decref(opened);
            json_decref(again);
            return;
        }

        json_decref(opened);
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    u_char                 *copy;
    json_t                 *document;
    ngx_sfu_kvs_message_t   message;

    /* so that not a byte behind it is read */

    copy = malloc(size ? size : 1);

    if (copy == NULL) {
        return 0;
    }

    ngx_memcpy(copy, data, size);

    document = ngx_sfu_kvs_message_parse(&message, copy, size, 1024);

    if (document != NULL) {

        if (message.correlation.len > 256 || (message.error == NULL
            && (message.payload.len == 0 || message.payload.len > 1024)))
        {
            abort();
        }

        if (message.error == NULL) {
            check(&message);
        }
    }

    json_decref(document);

    /* the payload alone */

    ngx_memzero(&message, sizeof(message));
    message.payload.data = copy;
    message.payload.len = size;
    check(&message);

    free(copy);

    return 0;
}
