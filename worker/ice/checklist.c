/*
 * ice/checklist.c - the checks of a controlling agent.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ice/checklist.h"

#include <stdio.h>

#include "base/error.h"
#include "base/random.h"

enum {
    PACE = 50 * USEC_PER_MS,            /* RFC 8445, 14.2: Ta */
    RTO = 500 * USEC_PER_MS,            /* 14.3; doubled with each try */
    TRIES = 7,                          /* RFC 8489, 6.2.1: Rc */
    CONSENT = 5 * USEC_PER_SEC,         /* RFC 7675, 5.1; more or less 20 % */
    /* 5.1.2.1: peer-reflexive, component 1 */
    PRIORITY = 110 << 24 | 65535 << 8 | 255,
};

void
ice_checklist_init(struct ice_checklist *list, struct ice_directory *directory,
                   const struct ice_remote_params *params,
                   const char *local_ufrag, usec_t now, void *user)
{
    *list = (struct ice_checklist){
        .directory = directory, .count = params->candidate_count,
        .paced = now, .user = user,
    };
    snprintf(list->username, sizeof(list->username), "%s:%s", params->ufrag,
             local_ufrag);
    snprintf(list->password, sizeof(list->password), "%s", params->pwd);

    for (size_t i = 0; i < list->count; i++) {
        list->remotes[i] = (struct ice_remote){
            .list = list, .address = params->candidates[i], .next = now,
        };
    }
}

/* a late answer to what was tried before counts for nothing */
static void
forget(struct ice_remote *remote)
{
    if (remote->out) {
        map_remove(&remote->list->directory->checks, &remote->by_id);
        remote->out = false;
    }
}

void
ice_checklist_fini(struct ice_checklist *list)
{
    for (size_t i = 0; i < list->count; i++) {
        forget(&list->remotes[i]);
    }
}

static usec_t
until_next(const struct ice_checklist *list, unsigned tries)
{
    return list->nominated
               ? CONSENT * 4 / 5 + random_u32() % (CONSENT * 2 / 5)
               : (usec_t)RTO << (tries - 1);
}

/* once one is chosen the others are of no interest */
static bool
is_of_interest(const struct ice_checklist *list, const struct ice_remote *r)
{
    return r->state != ICE_REMOTE_FAILED
           && (list->chosen == NULL || list->chosen == r);
}

static struct ice_remote *
first_due(struct ice_checklist *list)
{
    struct ice_remote *first = NULL;

    for (size_t i = 0; i < list->count; i++) {
        struct ice_remote *r = &list->remotes[i];

        if (is_of_interest(list, r)
            && (first == NULL || r->next < first->next)) {
            first = r;
        }
    }

    return first;
}

/* whether it may be tried once more; consent has no last try */
static bool
may_try(struct ice_checklist *list, struct ice_remote *r)
{
    if (list->nominated || r->tries < TRIES) {
        return true;
    }

    r->state = ICE_REMOTE_FAILED;
    forget(r);

    /* it answered once, and never again: let others have their chance */
    if (list->chosen == r) {
        list->chosen = NULL;
    }

    return false;
}

static size_t
write_check(struct ice_checklist *list, struct ice_remote *r, uint8_t *buffer)
{
    struct ice_check check = {
        .username = list->username, .password = list->password,
        .controlling = true, .use_candidate = list->chosen == r,
        .priority = PRIORITY,
    };
    size_t len;

    forget(r);
    len = ice_check_write(&check, buffer, r->id);

    if (len) {
        map_insert(&list->directory->checks, &r->by_id,
                   span_of(r->id, sizeof(r->id)));
        r->out = true;
    } else {
        r->state = ICE_REMOTE_FAILED;
    }

    return len;
}

size_t
ice_checklist_next(struct ice_checklist *list, usec_t now, uint8_t *buffer,
                   const struct address **to)
{
    struct ice_remote *r;
    size_t len;

    while ((r = first_due(list)) != NULL && r->next <= now
           && list->paced <= now) {
        len = may_try(list, r) ? write_check(list, r, buffer) : 0;

        if (len == 0) {
            continue;
        }

        if (r->state == ICE_REMOTE_WAITING) {
            r->state = ICE_REMOTE_IN_PROGRESS;
        }

        r->tries++;
        r->next = now + until_next(list, r->tries);
        list->paced = now + PACE;
        *to = &r->address;

        return len;
    }

    return 0;
}

usec_t
ice_checklist_when(const struct ice_checklist *list)
{
    usec_t when = -1;

    for (size_t i = 0; i < list->count; i++) {
        const struct ice_remote *r = &list->remotes[i];

        if (is_of_interest(list, r) && (when < 0 || r->next < when)) {
            when = r->next;
        }
    }

    return when >= 0 && when < list->paced ? list->paced : when;
}

struct ice_remote *
ice_directory_check(const struct ice_directory *d, struct span datagram)
{
    struct map_entry *e = NULL;

    /* the transaction id, with the cookie before it */
    if (datagram.len >= 20) {
        e = map_find(&d->checks, span_of(datagram.data + 4, ICE_CHECK_ID_LEN));
    }

    return e != NULL ? container_of(e, struct ice_remote, by_id) : NULL;
}

int
ice_checklist_answered(struct ice_remote *remote, struct span datagram,
                       const struct address *from, usec_t now)
{
    struct ice_checklist *list = remote->list;
    int error;

    if (!address_eq(from, &remote->address)) {
        return SFU_ERR_NOT_FOUND;
    }

    error = ice_check_answered(datagram, list->password, remote->id);

    if (error) {
        return error;
    }

    forget(remote);
    remote->state = ICE_REMOTE_SUCCEEDED;

    if (list->chosen == NULL) {
        /* now the same with USE-CANDIDATE (RFC 8445, 8.1.1) */
        list->chosen = remote;
        remote->tries = 0;
        remote->next = now;

    } else if (list->chosen == remote && !list->nominated) {
        list->nominated = true;
        remote->next = now + until_next(list, 1);
    }

    return 0;
}
