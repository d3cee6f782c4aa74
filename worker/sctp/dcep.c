/*
 * sctp/dcep.c - the data channel establishment protocol (RFC 8832).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sctp/dcep.h"

#include "base/error.h"
#include "base/reader.h"
#include "base/writer.h"

/* RFC 8832, 5.1: the channel type; the highest bit is "unordered" */
enum {
    TYPE_RELIABLE = 0x00,
    TYPE_RETRANSMITS = 0x01,
    TYPE_LIFETIME = 0x02,
    TYPE_UNORDERED = 0x80,
};

static int
parse_type(struct sfu_sctp_policy *policy, uint8_t type, uint32_t parameter)
{
    policy->unordered = type & TYPE_UNORDERED;
    policy->value = parameter;

    switch (type & ~TYPE_UNORDERED) {
    case TYPE_RELIABLE:
        policy->reliability = SFU_SCTP_RELIABLE;
        policy->value = 0;      /* to be ignored */
        return 0;
    case TYPE_RETRANSMITS:
        policy->reliability = SFU_SCTP_RETRANSMITS;
        return 0;
    case TYPE_LIFETIME:
        policy->reliability = SFU_SCTP_LIFETIME;
        return 0;
    default:
        return SFU_ERR_MALFORMED;
    }
}

/*
 * RFC 8832, 5.1 and 5.2.  What is behind an ACK, or behind the texts, would be
 * of a later version, and is not looked at.
 */
int
dcep_parse(struct dcep_message *message, struct span bytes)
{
    struct reader r = reader_over(bytes);
    uint8_t type = reader_u8(&r);
    uint8_t channel_type;
    uint32_t parameter;
    uint16_t label_len, protocol_len;
    int error;

    *message = (struct dcep_message){ 0 };

    if (!reader_ok(&r)) {
        return SFU_ERR_TRUNCATED;
    }

    if (type == DCEP_ACK) {
        message->type = DCEP_ACK;
        return 0;
    }

    if (type != DCEP_OPEN) {
        return SFU_ERR_UNSUPPORTED;
    }

    message->type = DCEP_OPEN;
    channel_type = reader_u8(&r);
    message->priority = reader_u16(&r);
    parameter = reader_u32(&r);
    label_len = reader_u16(&r);
    protocol_len = reader_u16(&r);
    message->label = reader_bytes(&r, label_len);
    message->protocol = reader_bytes(&r, protocol_len);
    error = parse_type(&message->policy, channel_type, parameter);

    return reader_ok(&r) ? error : SFU_ERR_TRUNCATED;
}

static uint8_t
type_of(const struct sfu_sctp_policy *policy)
{
    uint8_t type = TYPE_RELIABLE;

    if (policy->reliability == SFU_SCTP_RETRANSMITS) {
        type = TYPE_RETRANSMITS;
    } else if (policy->reliability == SFU_SCTP_LIFETIME) {
        type = TYPE_LIFETIME;
    }

    return policy->unordered ? type | TYPE_UNORDERED : type;
}

int
dcep_write(const struct dcep_message *message, void *buffer, size_t size)
{
    struct writer w = writer_over(buffer, size);

    if (message->label.len > DCEP_TEXT_MAX
        || message->protocol.len > DCEP_TEXT_MAX) {
        return SFU_ERR_LIMIT;
    }

    writer_u8(&w, (uint8_t)message->type);

    if (message->type == DCEP_OPEN) {
        writer_u8(&w, type_of(&message->policy));
        writer_u16(&w, message->priority);
        writer_u32(&w, message->policy.value);
        writer_u16(&w, (uint16_t)message->label.len);
        writer_u16(&w, (uint16_t)message->protocol.len);
        writer_bytes(&w, message->label);
        writer_bytes(&w, message->protocol);
    }

    return writer_ok(&w) ? (int)writer_len(&w) : SFU_ERR_LIMIT;
}
