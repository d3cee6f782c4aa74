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
    StunAgent reader;           /* wants a FINGERPRINT; the rest is ours */
    StunAgent writer;           /* leaves both to us */
    struct ice_integrity *integrity;    /* owned */
    bool controlling;
};

struct sfu_stun *
sfu_stun_create(void)
{
    struct sfu_stun *stun = calloc(1, sizeof(*stun));

    if (stun == NULL) {
        return NULL;
    }

    stun->integrity = ice_integrity_create();

    if (stun->integrity == NULL) {
        free(stun);
        return NULL;
    }

    stun_agent_init(&stun->reader, STUN_ALL_KNOWN_ATTRIBUTES,
                    STUN_COMPATIBILITY_RFC5389,
                    STUN_AGENT_USAGE_IGNORE_CREDENTIALS
                    | STUN_AGENT_USAGE_USE_FINGERPRINT);
    stun_agent_init(&stun->writer, STUN_ALL_KNOWN_ATTRIBUTES,
                    STUN_COMPATIBILITY_RFC5389,
                    STUN_AGENT_USAGE_IGNORE_CREDENTIALS);

    return stun;
}

void
sfu_stun_destroy(struct sfu_stun *stun)
{
    if (stun != NULL) {
        ice_integrity_destroy(stun->integrity);
        free(stun);
    }
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
is_genuine(struct sfu_stun *stun, const StunMessage *request,
           struct span datagram, const char *password)
{
    uint16_t len;
    const uint8_t *value = stun_message_find(
        request, STUN_ATTRIBUTE_MESSAGE_INTEGRITY, &len);

    return value != NULL && len == 20
           && ice_integrity_valid(stun->integrity, datagram, value, password);
}

static size_t
finish_reply(struct sfu_stun *stun, struct sfu_stun_check *check, size_t len,
             const char *password)
{
    return len ? ice_integrity_add(stun->integrity, check->reply, len,
                                   password)
               : 0;
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
    size_t len = sizeof(check->reply) - ICE_INTEGRITY_LEN;
    StunMessage request;
    StunMessage reply;
    StunUsageIceReturn result;
    StunValidationStatus status;

    check->valid = false;
    check->reply_len = 0;
    status = stun_agent_validate(&stun->reader, &request, datagram.data,
                                 datagram.len, NULL, NULL);

    if (status != STUN_VALIDATION_SUCCESS
        && status != STUN_VALIDATION_UNKNOWN_REQUEST_ATTRIBUTE) {
        return SFU_ERR_MALFORMED;
    }

    if (!is_genuine(stun, &request, datagram, password)) {
        return SFU_ERR_AUTH;
    }

    if (status == STUN_VALIDATION_UNKNOWN_REQUEST_ATTRIBUTE) {
        len = stun_agent_build_unknown_attributes_error(
            &stun->writer, &reply, check->reply, len, &request);
        check->reply_len = finish_reply(stun, check, len, password);
        return 0;
    }

    /*
     * With the lowest tie-breaker of a controlled agent, or the highest of a
     * controlling one, a conflict is always the peer's to mend: a lite agent
     * cannot take the controlling role.
     */
    result = stun_usage_ice_conncheck_create_reply(
        &stun->writer, &request, &reply, check->reply, &len, &ss, ss_len,
        &controlling, stun->controlling ? UINT64_MAX : 0,
        STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
    check->reply_len = finish_reply(stun, check, len, password);
    check->valid = result == STUN_USAGE_ICE_RETURN_SUCCESS
                   && controlling == stun->controlling;
    check->use_candidate = stun_usage_ice_conncheck_use_candidate(&request);
    check->priority = stun_usage_ice_conncheck_priority(&request);

    return 0;
}
