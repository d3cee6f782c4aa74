/*
 * ice/check.c - connectivity checks that we send, on libnice's STUN layer.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ice/check.h"

#include <stun/stunagent.h>
#include <stun/usages/ice.h>

#include "base/error.h"
#include "ice/stun.h"

/*
 * libnice remembers in an agent which requests are out.  One agent for each
 * of ten thousand transports would cost 16 kB each, one for all has room for
 * 200: so the agent lives for a call, and is told what it has sent.
 */
static void
begin(StunAgent *agent)
{
    stun_agent_init(agent, STUN_ALL_KNOWN_ATTRIBUTES,
                    STUN_COMPATIBILITY_RFC5389,
                    STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS
                    | STUN_AGENT_USAGE_USE_FINGERPRINT);
}

size_t
ice_check_write(const struct ice_check *check, uint8_t *buffer,
                uint8_t id[ICE_CHECK_ID_LEN])
{
    StunAgent agent;
    StunMessage msg;
    size_t len;

    begin(&agent);
    /* the highest tie-breaker: who is told of a conflict, mends it */
    len = stun_usage_ice_conncheck_create(
        &agent, &msg, buffer, ICE_CHECK_MAX, (const uint8_t *)check->username,
        strlen(check->username), (const uint8_t *)check->password,
        strlen(check->password), check->use_candidate, check->controlling,
        check->priority, UINT64_MAX, NULL,
        STUN_USAGE_ICE_COMPATIBILITY_RFC5245);

    if (len) {
        stun_message_id(&msg, id);
    }

    return len;
}

int
ice_check_answered(struct span datagram, const char *password,
                   const uint8_t id[ICE_CHECK_ID_LEN])
{
    StunAgent agent;
    StunMessage msg;
    int code = 0;

    /* bit C1 of the type says response: most datagrams are sorted out here */
    if (datagram.len < 20 || !(datagram.data[0] & 1)
        || memcmp(datagram.data + 4, id, ICE_CHECK_ID_LEN) != 0
        || !sfu_stun_readable(datagram)) {
        return SFU_ERR_NOT_FOUND;
    }

    begin(&agent);
    memcpy(agent.sent_ids[0].id, id, ICE_CHECK_ID_LEN);
    agent.sent_ids[0].method = STUN_BINDING;
    agent.sent_ids[0].key = (uint8_t *)(uintptr_t)password;
    agent.sent_ids[0].key_len = strlen(password);
    agent.sent_ids[0].valid = true;

    switch (stun_agent_validate(&agent, &msg, datagram.data, datagram.len,
                                NULL, NULL)) {
    case STUN_VALIDATION_SUCCESS:
        break;
    case STUN_VALIDATION_UNAUTHORIZED:
    case STUN_VALIDATION_UNAUTHORIZED_BAD_REQUEST:
        return SFU_ERR_AUTH;
    default:
        return SFU_ERR_NOT_FOUND;
    }

    switch (stun_message_get_class(&msg)) {
    case STUN_RESPONSE:
        return 0;
    case STUN_ERROR:
        return stun_message_find_error(&msg, &code)
                           == STUN_MESSAGE_RETURN_SUCCESS
                       && code == STUN_ERROR_ROLE_CONFLICT
                   ? SFU_ERR_STATE
                   : SFU_ERR_UNSUPPORTED;
    default:
        return SFU_ERR_NOT_FOUND;
    }
}
