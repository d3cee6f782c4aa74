/*
 * channel/call.c - a viewer that is there for one question.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "channel/call.h"

#include "base/error.h"
#include "channel/mailbox.h"

enum { MARGIN = 100 * USEC_PER_MS };

/* it is its asker's again */
static void
let_go(struct channel_request *call)
{
    struct channel *ch = call->channel;

    timer_disarm(ch->channels->wheel, &call->timer);
    list_remove(&call->node);
    ch->call_count--;
    ch->channels->calls--;
    channel_settle(ch);
}

static void
give_up(struct channel_request *call, const char *why)
{
    let_go(call);
    channel_answer_error(call->channel->channels, call, SFU_IPC_ERR_NO_ANSWER,
                         why);
}

static void
time_is_up(struct timer *timer, usec_t now)
{
    (void)now;
    give_up(container_of(timer, struct channel_request, timer),
            "the master did not answer in time");
}

static struct channel_request *
find(struct channel *ch, const char *from)
{
    list_each(node, next, &ch->calls) {
        struct channel_request *call =
            container_of(node, struct channel_request, node);

        if (strcmp(call->from, from) == 0) {
            return call;
        }
    }

    return NULL;
}

bool
channel_call_takes(struct channel *ch, const struct channel_request *message)
{
    struct channel_request *call = message->kind != CHANNEL_OFFER
                                       ? find(ch, message->to)
                                       : NULL;

    if (call == NULL) {
        return false;
    }

    if (message->kind == CHANNEL_CANDIDATE) {
        ch->channels->figures.drops[CHANNEL_DROP_called]++;
        return true;
    }

    let_go(call);
    channel_answer(call, &(struct channel_reply){
        .payload = message->payload,
    });

    return true;
}

/*
 * Who asks again while a master has both questions gets both answers, in their
 * order.  A question that waited is overwritten by the next one, and one that
 * an earlier master heard is forgotten with it: the answer is not for those.
 */
static void
end_older(struct channel *ch, const struct channel_request *r)
{
    list_each(node, next, &ch->calls) {
        struct channel_request *call =
            container_of(node, struct channel_request, node);

        if (strcmp(call->from, r->from) == 0
            && (ch->master == NULL || call->heard_by != ch->masters)) {
            give_up(call, "the same client has asked again");
        }
    }
}

void
channel_calls_end(struct channel *ch)
{
    while (!list_empty(&ch->calls)) {
        struct channel_request *call =
            container_of(ch->calls.next, struct channel_request, node);

        let_go(call);
        channel_answer_end(ch->channels, call);
    }
}

void
channel_call(struct channels *channels, struct channel_request *r)
{
    struct channel_words words;
    struct channel *ch;
    usec_t wait;
    int error = channel_open(channels, &r->key, r->created, &ch);

    if (error) {
        channel_answer_failure(channels, r, error);
        return;
    }

    if (ch->call_count >= channels->settings->questions_max
        || channels->calls >= channels->settings->all_questions_max) {
        channel_answer_failure(channels, r, SFU_ERR_LIMIT);
        return;
    }

    wait = (usec_t)ch->ttl * USEC_PER_SEC;

    /* nginx must still be there to hear it */
    if (r->timeout > MARGIN && r->timeout - MARGIN < wait) {
        wait = r->timeout - MARGIN;
    }

    words = (struct channel_words){ CHANNEL_OFFER, false, r->from,
                                    r->payload };

    if (ch->master != NULL) {
        channel_client_tell(ch->master, &words);
    } else {
        error = channel_mailbox_put(ch, "", &words, *channels->now + wait);
    }

    if (error) {
        channel_answer_failure(channels, r, error);
        return;
    }

    end_older(ch, r);
    channels->figures.calls++;
    channels->calls++;
    ch->call_count++;
    r->channel = ch;
    r->heard_by = ch->masters + (ch->master == NULL);
    timer_init(&r->timer, time_is_up);
    timer_arm(channels->wheel, &r->timer, *channels->now + wait);
    list_append(&ch->calls, &r->node);
}
