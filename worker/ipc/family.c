/*
 * ipc/family.c - requests of one kind: how they are read, and whom they ask.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ipc/family.h"

#include <stdlib.h>

#include "base/error.h"
#include "ipc/channel.h"
#include "ipc/events.h"
#include "ipc/rooms.h"
#include "ipc/session.h"
#include "ipc/worker.h"

static const struct ipc_family *
family_of(const char *type)
{
    const struct ipc_family *const families[] = {
        ipc_worker_hello(),
        ipc_worker_status(),
        ipc_session_family(),
        ipc_events_family(),
        ipc_rooms_family(),
        ipc_channel_family(),
    };

    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        const char *prefix = families[i]->prefix;
        size_t len = strlen(prefix);

        if (strncmp(type, prefix, len) == 0
            && (prefix[len - 1] == '.' || type[len] == '\0')) {
            return families[i];
        }
    }

    return NULL;
}

static int
read_message(struct ipc_pending **out, struct ipc_message *m, struct fields *f,
             const char **error, const char **detail)
{
    const struct ipc_family *family = family_of(m->type);
    struct ipc_pending *p;

    *error = SFU_IPC_ERR_UNKNOWN_TYPE;
    *detail = "this worker knows no such request";

    if (family == NULL) {
        return SFU_ERR_MALFORMED;
    }

    p = calloc(1, family->size);

    if (p == NULL) {
        *error = SFU_IPC_ERR_INTERNAL;
        *detail = "out of memory";
        return SFU_ERR_NOMEM;
    }

    p->family = family;
    p->message = *m;
    *error = family->take(p, f, detail);

    if (*error == NULL && f->wrong == NULL) {
        *out = p;
        return 0;
    }

    if (*error == NULL || f->wrong != NULL) {
        *error = SFU_IPC_ERR_MALFORMED;
        *detail = f->wrong;
    }

    free(p);

    return SFU_ERR_MALFORMED;
}

int
ipc_pending_create(struct ipc_pending **p, struct span text,
                   const char **error, const char **detail)
{
    struct ipc_message m;
    struct fields f;
    int rc;

    *p = NULL;
    *error = SFU_IPC_ERR_MALFORMED;
    rc = ipc_message_parse(&m, text, &f, detail);
    rc = rc ? rc : read_message(p, &m, &f, error, detail);

    if (rc) {
        ipc_message_fini(&m);
    }

    return rc;
}

void
ipc_pending_destroy(struct ipc_pending *p)
{
    if (p != NULL) {
        ipc_message_fini(&p->message);
        free(p);
    }
}

void
ipc_answer_error(struct ipc_pending *p, const char *error, const char *detail)
{
    ipc_answer(p, ipc_message_error(error, detail));
}
