/*
 * ice/stun.c - STUN connectivity checks on libnice's STUN layer.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ice/stun.h"

#include <stdlib.h>
#include <stun/stunagent.h>
#include <stun/usages/ice.h>

#include "base/error.h"
#include "ice/integrity.h"

struct sfu_stun {
    StunAgent agent;
    bool controlling;
};

struct sfu_stun *
sfu_stun_create(void)
{
    struct sfu_stun *stun = calloc(1, sizeof(*stun));

    if (stun == NULL) {
        return NULL;
    }

    stun_agent_init(&stun->agent, STUN_ALL_KNOWN_ATTRIBUTES,
                    STUN_COMPATIBILITY_RFC5389,
                    STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS
                    | STUN_AGENT_USAGE_USE_FINGERPRINT);

    return stun;
}

void
sfu_stun_destroy(struct sfu_stun *stun)
{
    free(stun);
}

void
sfu_stun_set_controlling(struct sfu_stun *stun)
{
    stun->controlling = true;
}

/* libnice takes buffers without const, but only reads them */
static uint8_t *
writable(struct span bytes)
{
    return (uint8_t *)(uintptr_t)bytes.data;
}

int
sfu_stun_local_ufrag(struct span datagram, struct span *ufrag)
{
    StunMessage msg = { 0 };
    const uint8_t *username;
    const uint8_t *colon;
    uint16_t len;
    int size = stun_message_validate_buffer_length(datagram.data, datagram.len,
                                                   true);

    if (size <= 0 || (size_t)size != datagram.len) {
        return SFU_ERR_MALFORMED;
    }

    msg.buffer = writable(datagram);
    msg.buffer_len = datagram.len;

    if (stun_message_get_class(&msg) != STUN_REQUEST
        || stun_message_get_method(&msg) != STUN_BINDING) {
        return SFU_ERR_UNSUPPORTED;
    }

    username = stun_message_find(&msg, STUN_ATTRIBUTE_USERNAME, &len);
    colon = username != NULL ? memchr(username, ':', len) : NULL;

    if (colon == NULL) {
        return SFU_ERR_MALFORMED;
    }

    *ufrag = span_of(username, (size_t)(colon - username));

    return 0;
}

static bool
give_password(StunAgent *agent, StunMessage *msg, uint8_t *username,
              uint16_t username_len, uint8_t **password, size_t *password_len,
              void *user)
{
    (void)agent;
    (void)msg;
    (void)username;
    (void)username_len;

    /* the caller found this password by the username */
    *password = user;
    *password_len = strlen(user);

    return true;
}

/*
 * libnice reads twenty bytes of MESSAGE-INTEGRITY however long it is, and
 * aborts when the reply, in which it repeats the name, gets too long.
 */
bool
sfu_stun_readable(struct span datagram)
{
    StunMessage msg = {
        .buffer = writable(datagram), .buffer_len = datagram.len,
    };
    uint16_t len;

    if (stun_message_validate_buffer_length(datagram.data, datagram.len, true)
        <= 0) {
        return false;
    }

    if (stun_message_find(&msg, STUN_ATTRIBUTE_MESSAGE_INTEGRITY, &len) != NULL
        && len != ICE_INTEGRITY_LEN) {
        return false;
    }

    return stun_message_find(&msg, STUN_ATTRIBUTE_USERNAME, &len) == NULL
           || len <= STUN_NAME_MAX;
}

int
sfu_stun_answer(struct sfu_stun *stun, struct span datagram,
                const char *password, const struct address *from,
                struct sfu_stun_check *check)
{
    struct sockaddr_storage ss;
    socklen_t ss_len = address_to_sockaddr(from, address_is_v4(from) ? AF_INET
                                                                     : AF_INET6,
                                           &ss);
    bool controlling = stun->controlling;
    size_t len = sizeof(check->reply);
    StunMessage request;
    StunMessage reply;
    StunUsageIceReturn result;

    check->valid = false;
    check->reply_len = 0;

    if (!sfu_stun_readable(datagram)) {
        return SFU_ERR_MALFORMED;
    }

    switch (stun_agent_validate(&stun->agent, &request, datagram.data,
                                datagram.len, give_password,
                                (void *)(uintptr_t)password)) {
    case STUN_VALIDATION_SUCCESS:
        break;

    case STUN_VALIDATION_UNKNOWN_REQUEST_ATTRIBUTE:
        check->reply_len = stun_agent_build_unknown_attributes_error(
            &stun->agent, &reply, check->reply, sizeof(check->reply),
            &request);
        return 0;

    case STUN_VALIDATION_UNAUTHORIZED:
    case STUN_VALIDATION_UNAUTHORIZED_BAD_REQUEST:
        return SFU_ERR_AUTH;

    default:
        return SFU_ERR_MALFORMED;
    }

    /*
     * With the lowest tie-breaker of a controlled agent, or the highest of a
     * controlling one, a conflict is always the peer's to mend: a lite agent
     * cannot take the controlling role.
     */
    result = stun_usage_ice_conncheck_create_reply(
        &stun->agent, &request, &reply, check->reply, &len, &ss, ss_len,
        &controlling, stun->controlling ? UINT64_MAX : 0,
        STUN_USAGE_ICE_COMPATIBILITY_RFC5245);

    check->reply_len = len;

    check->valid = result == STUN_USAGE_ICE_RETURN_SUCCESS
                   && controlling == stun->controlling;
    check->use_candidate = stun_usage_ice_conncheck_use_candidate(&request);
    check->priority = stun_usage_ice_conncheck_priority(&request);

    return 0;
}
