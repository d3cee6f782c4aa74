/*
 * sfu/inspect.c - what a session has.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "base/error.h"
#include "sfu/channel.h"
#include "sfu/operation.h"

static int
add(struct sfu_reply *reply, const char *name, const char *mid,
    const char *publisher, enum media_kind kind, bool active)
{
    struct sfu_reply_track *t = sfu_reply_add(reply);

    if (t == NULL) {
        return SFU_ERR_NOMEM;
    }

    t->has_kind = true;
    t->kind = kind;
    t->remote = publisher != NULL;
    t->active = active;

    return sfu_reply_set(&t->name, name) || sfu_reply_set(&t->mid, mid)
                   || sfu_reply_set(&t->publisher, publisher)
               ? SFU_ERR_NOMEM
               : 0;
}

/* one without a name is ours, or nobody's */
static int
add_channel(struct sfu_reply *reply, const struct sfu_channel *ch)
{
    struct sfu_reply_channel *r;

    if (ch->closing || ch->name == NULL) {
        return 0;
    }

    r = sfu_reply_add_channel(reply);

    if (r == NULL) {
        return SFU_ERR_NOMEM;
    }

    r->id = ch->stream;
    r->state = !ch->data->up ? "initializing"
               : ch->publisher != NULL && ch->publication == NULL
                   ? "inactive"
                   : "active";

    return sfu_reply_set(&r->name, ch->name)
                   || sfu_reply_set(&r->publisher, ch->publisher)
               ? SFU_ERR_NOMEM
               : 0;
}

enum operation_result
operation_get(struct sfu_session *session, const struct sfu_request *request,
              struct sfu_reply *reply)
{
    int error = 0;

    (void)request;
    reply->state = sfu_session_state_name(session);

    list_each(node, next, &session->publications) {
        struct sfu_publication *p = container_of(node, struct sfu_publication,
                                                 node);

        error = error ? error : add(reply, p->name, p->mid, NULL, p->kind,
                                    true);
        error = error ? error
                      : sfu_reply_set(
                            &reply->tracks[reply->track_count - 1].label,
                            p->label);
    }

    list_each(node, next, &session->subscriptions) {
        struct sfu_subscription *s = container_of(node,
                                                  struct sfu_subscription,
                                                  in_session);

        error = error ? error : add(reply, s->name, s->mid, s->publisher,
                                    s->kind, s->publication != NULL);
    }

    if (session->data != NULL) {
        list_each(node, next, &session->data->channels) {
            error = error ? error
                          : add_channel(reply, container_of(
                                                   node, struct sfu_channel,
                                                   node));
        }
    }

    if (error) {
        operation_no_memory(NULL, reply);
    }

    return OPERATION_DONE;
}

bool
sfu_session_receives(const struct sfu_session *session, enum media_kind kind,
                     enum codec_id codec)
{
    const struct sdp_negotiation *n = session->negotiation;

    for (size_t i = 0; i < sdp_negotiation_count(n); i++) {
        const struct sdp_section *s = sdp_negotiation_at(n, i);

        if (!s->receives || (kind == MEDIA_VIDEO) != (s->kind == SDP_VIDEO)) {
            continue;
        }

        for (size_t k = 0; k < s->codec_count; k++) {
            if (codec == CODEC_NONE || s->codecs[k].id == codec) {
                return true;
            }
        }
    }

    return false;
}
