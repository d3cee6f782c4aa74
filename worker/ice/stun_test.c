/*
 * ice/stun_test.c
 * Copyright (C) the ngx_sfu_module authors
 *
 * Requests are built with libnice's own client side, and one comes from
 * RFC 5769, 2.1.
 */

#include "ice/stun.h"

#include <stun/stunagent.h>
#include <stun/usages/ice.h>

#include "base/error.h"
#include "test/tap.h"

static const char password[] = "VOkJxbRl1RmTxUk/WvJxBt";

static const uint8_t rfc5769_request[] = {
    0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01,
    0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x10,
    0x53, 0x54, 0x55, 0x4e, 0x20, 0x74, 0x65, 0x73, 0x74, 0x20, 0x63, 0x6c,
    0x69, 0x65, 0x6e, 0x74, 0x00, 0x24, 0x00, 0x04, 0x6e, 0x00, 0x01, 0xff,
    0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36,
    0x00, 0x06, 0x00, 0x09, 0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68, 0x36, 0x76,
    0x59, 0x20, 0x20, 0x20, 0x00, 0x08, 0x00, 0x14, 0x9a, 0xea, 0xa7, 0x0c,
    0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49,
    0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf,
};

/* MESSAGE-INTEGRITY has four bytes, and FINGERPRINT is right */
static const uint8_t short_integrity[] = {
    0x00, 0x01, 0x00, 0x20, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01,
    0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae, 0x00, 0x06, 0x00, 0x09,
    0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68, 0x36, 0x76, 0x59, 0x00, 0x00, 0x00,
    0x00, 0x08, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x80, 0x28, 0x00, 0x04,
    0x82, 0x08, 0xb5, 0xb8,
};

static size_t
build_named(uint8_t *buffer, size_t size, const char *username,
            const char *pwd, bool controlling, bool nominate)
{
    StunAgent agent;
    StunMessage msg;

    stun_agent_init(&agent, STUN_ALL_KNOWN_ATTRIBUTES,
                    STUN_COMPATIBILITY_RFC5389,
                    STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS
                    | STUN_AGENT_USAGE_USE_FINGERPRINT);

    return stun_usage_ice_conncheck_create(
        &agent, &msg, buffer, size, (const uint8_t *)username,
        strlen(username), (const uint8_t *)pwd, strlen(pwd), nominate,
        controlling, 12345, 1, NULL, STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
}

static size_t
build(uint8_t *buffer, size_t size, const char *pwd, bool controlling,
      bool nominate)
{
    return build_named(buffer, size, "local:remote", pwd, controlling,
                       nominate);
}

/* the error code of a reply, 0 for success */
static int
code_of(const struct sfu_stun_check *check)
{
    StunMessage msg = { 0 };
    int code = 0;

    msg.buffer = (uint8_t *)(uintptr_t)check->reply;
    msg.buffer_len = check->reply_len;

    if (stun_message_get_class(&msg) == STUN_ERROR) {
        stun_message_find_error(&msg, &code);
    }

    return code;
}

/* how many bytes of a name are too many; 0: none are */
static size_t
too_long(struct sfu_stun *stun, const struct address *from)
{
    struct sfu_stun_check check;
    char name[1000] = "local:";

    for (size_t len = strlen(name); len + 1 < sizeof(name); len++) {
        uint8_t buffer[1200];
        size_t size = build_named(buffer, sizeof(buffer), name, password, true,
                                  true);

        if (sfu_stun_answer(stun, span_of(buffer, size), password, from,
                            &check)
            || !check.valid || check.reply_len == 0) {
            return len;
        }

        name[len] = 'x';
    }

    return 0;
}

static int
make_and_free(void)
{
    struct sfu_stun *stun = sfu_stun_create();

    sfu_stun_destroy(stun);

    return stun != NULL ? 0 : SFU_ERR_NOMEM;
}

int
main(void)
{
    struct sfu_stun *stun = sfu_stun_create();
    struct sfu_stun_check check;
    struct address from;
    struct span ufrag;
    uint8_t buffer[512];
    size_t len;
    struct span request = span_of(rfc5769_request, sizeof(rfc5769_request));
    int answered = 0;

    address_parse(&from, "192.0.2.1", 32853);

    tap_is_int(sfu_stun_local_ufrag(request, &ufrag), 0, "RFC 5769: username");
    tap_is_bytes(ufrag, span_str("evtj"), "RFC 5769: its local part");
    tap_is_int(sfu_stun_answer(stun, request, password, &from, &check),
               0, "RFC 5769: integrity and fingerprint");
    tap_is_int(sfu_stun_answer(stun, request, "another password", &from,
                               &check), SFU_ERR_AUTH, "wrong password");
    tap_is_int((long long)check.reply_len, 0, "gets no reply at all");

    len = build(buffer, sizeof(buffer), password, true, true);
    request = span_of(buffer, len);
    tap_is_int(sfu_stun_answer(stun, request, password, &from, &check), 0,
               "a check of the controlling side");
    tap_ok(check.valid && check.use_candidate, "is valid and nominates");
    tap_is_int(check.priority, 12345, "tells its priority");
    tap_is_int(code_of(&check), 0, "is answered with success");

    for (size_t i = 0; i < len; i++) {
        buffer[i] ^= 1;
        answered += sfu_stun_answer(stun, request, password, &from, &check)
                        == 0
                    && check.valid;
        buffer[i] ^= 1;
    }

    tap_is_int(answered, 0, "no byte of it may change");

    for (size_t i = 0; i < len; i++) {
        answered += sfu_stun_answer(stun, span_of(buffer, i), password, &from,
                                    &check) == 0;
    }

    tap_is_int(answered, 0, "nor may it be cut");

    len = build(buffer, sizeof(buffer), password, true, false);
    sfu_stun_answer(stun, span_of(buffer, len), password, &from, &check);
    tap_ok(check.valid && !check.use_candidate, "a check may not nominate");

    len = build(buffer, sizeof(buffer), password, false, false);
    tap_is_int(sfu_stun_answer(stun, span_of(buffer, len), password, &from,
                               &check), 0, "a peer that wants to be controlled");
    tap_ok(!check.valid, "is not believed");
    tap_is_int(code_of(&check), 487, "and told so");

    tap_is_int((long long)too_long(stun, &from), STUN_NAME_MAX + 1,
               "names are answered up to the longest that there is");
    address_parse(&from, "2001:db8::1", 32853);
    tap_is_int((long long)too_long(stun, &from), STUN_NAME_MAX + 1,
               "over IPv6, too");
    tap_is_int(sfu_stun_answer(stun, span_of(short_integrity,
                                             sizeof(short_integrity)),
                               password, &from, &check), SFU_ERR_MALFORMED,
               "nothing is read behind a short integrity");

    sfu_stun_destroy(stun);
    tap_each_allocation_fails(make_and_free);

    return tap_done();
}
