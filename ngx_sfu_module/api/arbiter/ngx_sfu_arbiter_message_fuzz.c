
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Any message: what others would get of it is what was understood of it.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sfu_arbiter_message.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    u_char                     *copy;
    json_t                     *document, *text;
    json_error_t                error;
    ngx_sfu_arbiter_message_t   message;

    /* so that not a byte behind it is read */

    copy = malloc(size ? size : 1);
    ngx_memcpy(copy, data, size);

    document = ngx_sfu_arbiter_parse(&message, copy, size);

    if (document == NULL && (message.data != NULL && message.text.len)) {
        abort();
    }

    if (document != NULL && message.data != NULL) {

        text = json_loadb((char *) message.text.data, message.text.len,
                          JSON_REJECT_DUPLICATES, &error);

        if (text == NULL || !json_equal(text, message.data)) {
            abort();
        }

        json_decref(text);
        json_decref(ngx_sfu_arbiter_id(message.data, "id"));
    }

    json_decref(document);
    free(copy);

    return 0;
}
