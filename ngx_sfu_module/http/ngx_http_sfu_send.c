
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * JSON over a WebSocket.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_http_sfu_module.h>


void
ngx_http_sfu_send(ngx_sfu_ws_t *ws, json_t *document)
{
    char  *text;

    text = json_dumps(document, JSON_COMPACT);
    json_decref(document);

    if (text == NULL) {
        ngx_sfu_ws_close(ws, NGX_SFU_WS_INTERNAL, NULL);
        return;
    }

    (void) ngx_sfu_ws_send(ws, (u_char *) text, ngx_strlen(text));

    free(text);
}
