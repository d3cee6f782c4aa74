/*
 * data/open.c - channels that are opened in-band (RFC 8832).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "data/open.h"

#include <stdlib.h>

#include "base/error.h"
#include "data/loop.h"
#include "sctp/dcep.h"

/* ids of the control thread begin at 1 */
#define OWN_ID ((uint64_t)1 << 63)

static void
send_dcep(struct data_channel *ch, const struct dcep_message *dcep)
{
    uint8_t bytes[DCEP_HEADER + DATA_LABEL_MAX];
    int len = dcep_write(dcep, bytes, sizeof(bytes));
    struct data_message m = { .ppid = SFU_SCTP_PPID_DCEP };

    if (len > 0) {
        m.bytes = span_of(bytes, (size_t)len);
        data_channel_send(ch, &m);
    }
}

void
open_send(struct data_channel *channel)
{
    channel->unacknowledged = true;
    send_dcep(channel, &(struct dcep_message){
                           .type = DCEP_OPEN,
                           .policy = channel->params.policy,
                           .label = span_str(channel->params.label),
                       });
}

static bool
tell(struct data_channel *ch, struct span label)
{
    struct data_event *event = data_peer_event(ch->peer, DATA_EVENT_OPENED);

    if (event == NULL) {
        return false;
    }

    event->label = strndup((const char *)label.data, label.len);

    if (event->label == NULL) {
        free(event);
        return false;
    }

    event->channel = ch->params.id;
    event->opened = ch;
    event->stream = ch->params.stream;
    event->policy = ch->params.policy;
    data_peer_post(ch->peer, event);

    return true;
}

/* its number of streams is the limit to what a peer can open */
static void
opened(struct data_peer *peer, uint16_t stream,
       const struct dcep_message *dcep)
{
    struct data_channel *ch = malloc(sizeof(*ch));

    if (ch == NULL) {
        data_drop(&peer->loop->counters, DATA_DROP_memory_full);
        return;
    }

    data_channel_make(ch, peer, &(struct data_channel_params){
                                    .id = OWN_ID | ++peer->loop->opened,
                                    .stream = stream,
                                    .policy = dcep->policy,
                                });
    data_channel_init(ch);

    if (!tell(ch, dcep->label)) {
        data_channel_fini(ch);
        free(ch);
        return;
    }

    send_dcep(ch, &(struct dcep_message){ .type = DCEP_ACK });
}

/* each is a task, a log line and two resets, and the peer can go on for ever */
static bool
may_open(struct data_peer *peer)
{
    struct data_loop *loop = peer->loop;

    if (loop->now - peer->opens_since >= USEC_PER_SEC) {
        peer->opens_since = loop->now;
        peer->opens = 0;
    }

    return ++peer->opens <= loop->settings->opens_per_second;
}

void
open_message(struct data_peer *peer, struct data_channel *channel,
             uint16_t stream, struct span bytes)
{
    struct dcep_message dcep;

    if (dcep_parse(&dcep, bytes)
        || (dcep.label.len
            && memchr(dcep.label.data, '\0', dcep.label.len) != NULL)) {
        data_drop(&peer->loop->counters, DATA_DROP_malformed);
        return;
    }

    if (dcep.type == DCEP_ACK) {
        if (channel != NULL) {
            channel->unacknowledged = false;
        }

        return;
    }

    /* a stream that is in use already is not to be opened (section 6) */
    if (channel != NULL || dcep.label.len > DATA_LABEL_MAX) {
        data_drop(&peer->loop->counters, DATA_DROP_malformed);
        return;
    }

    if (!may_open(peer)) {
        data_drop(&peer->loop->counters, DATA_DROP_opens_limit);
        (void)sfu_sctp_reset(peer->association, stream);
        return;
    }

    opened(peer, stream, &dcep);
}
