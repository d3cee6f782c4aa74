/*
 * ipc/message.c - what all requests of include/sfu_ipc.h have.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ipc/message.h"

#include "base/error.h"
#include "sfu_ipc.h"

enum {
    TIMEOUT_MAX = 3600 * 1000,  /* ms; more is a mistake */
    TEXT_MAX = 256,             /* of what only log lines show */
};

int
ipc_message_parse(struct ipc_message *m, struct span text, struct fields *f,
                  const char **detail)
{
    *m = (struct ipc_message){ 0 };
    *f = (struct fields){ NULL, NULL };
    *detail = "not a JSON object";
    m->root = json_loadb((const char *)text.data, text.len,
                         JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);

    if (!json_is_object(m->root)) {
        return SFU_ERR_MALFORMED;
    }

    f->object = m->root;
    *detail = "\"type\"";
    m->type = take_string(f, "type", TEXT_MAX, "\"type\"");

    if (m->type == NULL) {
        return SFU_ERR_MALFORMED;
    }

    m->id = take_string(f, "request", TEXT_MAX, "\"request\"");
    m->id = m->id != NULL ? m->id : "-";
    m->app = take_string(f, "app", SFU_IPC_APP_ID_MAX, "\"app\"");
    m->timeout = take_integer(f, "timeout", TIMEOUT_MAX, "\"timeout\"")
                 * USEC_PER_MS;

    return 0;
}

void
ipc_message_fini(struct ipc_message *m)
{
    json_decref(m->root);
    m->root = NULL;
}

json_t *
ipc_message_error(const char *error, const char *detail)
{
    return json_pack("{s:s, s:s}", "error", error, "detail",
                     detail != NULL && detail[0] ? detail : error);
}
