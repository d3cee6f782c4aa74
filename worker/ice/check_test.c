/*
 * ice/check_test.c
 * Copyright (C) the ngx_sfu_module authors
 *
 * Checks against the half that answers them.
 */

#include "ice/check.h"

#include "base/error.h"
#include "ice/request_fixture.h"
#include "test/tap.h"

static const char password[] = "VOkJxbRl1RmTxUk/WvJxBt";

/* sends a check to an agent in a role; what the answer to it means */
static int
exchange(bool controlling, bool peer_controls, const char *expected_password,
         struct sfu_stun_check *reply)
{
    struct ice_check check = {
        .username = "there:here", .password = password,
        .controlling = controlling, .use_candidate = controlling,
        .priority = 12345,
    };
    struct sfu_stun *peer = sfu_stun_create();
    uint8_t buffer[ICE_CHECK_MAX];
    uint8_t id[ICE_CHECK_ID_LEN];
    struct address from;
    size_t len;
    int error;

    address_parse(&from, "192.0.2.1", 5000);

    if (peer_controls) {
        sfu_stun_set_controlling(peer);
    }

    len = ice_check_write(&check, buffer, id);
    error = sfu_stun_answer(peer, span_of(buffer, len), password, &from,
                            reply);
    sfu_stun_destroy(peer);

    return error ? error
                 : ice_check_answered(span_of(reply->reply, reply->reply_len),
                                      expected_password, id);
}

static void
test_strangers(void)
{
    struct sfu_stun_check first;
    struct sfu_stun_check second;
    struct ice_check check = { .username = "a:b", .password = password };
    uint8_t buffer[ICE_CHECK_MAX];
    uint8_t id[ICE_CHECK_ID_LEN];
    size_t len = ice_check_write(&check, buffer, id);

    exchange(true, false, password, &first);
    exchange(true, false, password, &second);
    tap_is_int(ice_check_answered(span_of(first.reply, first.reply_len),
                                  password, id),
               SFU_ERR_NOT_FOUND, "the answer to another check");
    tap_is_int(ice_check_answered(span_of(buffer, len), password, id),
               SFU_ERR_NOT_FOUND, "a request is no answer");
    tap_is_int(ice_check_answered(span_of(buffer, 10), password, id),
               SFU_ERR_NOT_FOUND, "nor is a fragment");
}

/* of which libnice would read what is behind the datagram */
static void
test_short_integrity(void)
{
    struct ice_fingerprint fingerprint;
    uint8_t id[ICE_CHECK_ID_LEN] = { 0x21, 0x12, 0xa4, 0x42 };
    uint8_t answer[64];
    struct writer w = writer_over(answer, sizeof(answer));

    writer_u16(&w, 0x0101);
    writer_u16(&w, 0);
    writer_bytes(&w, span_of(id, sizeof(id)));
    fixture_letter(&w, 'm', NULL, NULL, NULL);
    ice_fingerprint_init(&fingerprint);
    fixture_letter(&w, 'F', NULL, NULL, &fingerprint);

    tap_is_int(ice_check_answered(writer_span(&w), password, id),
               SFU_ERR_NOT_FOUND, "an answer with a short integrity");
}

int
main(void)
{
    struct sfu_stun_check reply;
    char long_name[600];
    struct ice_check check = { .username = long_name, .password = password };
    uint8_t buffer[ICE_CHECK_MAX];
    uint8_t id[ICE_CHECK_ID_LEN];

    tap_is_int(exchange(true, false, password, &reply), 0,
               "controlling, to a controlled agent");
    tap_ok(reply.valid && reply.use_candidate && reply.priority == 12345,
           "it nominates");
    tap_is_int(exchange(false, true, password, &reply), 0,
               "controlled, to a controlling agent");
    tap_ok(reply.valid && !reply.use_candidate, "it does not nominate");
    tap_is_int(exchange(false, false, password, &reply), SFU_ERR_STATE,
               "two that are controlled: we change");
    tap_is_int(exchange(true, true, password, &reply), SFU_ERR_STATE,
               "two that control: we change");
    tap_is_int(exchange(true, false, "somebody else's password", &reply),
               SFU_ERR_AUTH, "an answer without the password");
    test_strangers();
    test_short_integrity();

    memset(long_name, 'a', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    tap_is_int((long long)ice_check_write(&check, buffer, id), 0,
               "credentials that are too long");

    return tap_done();
}
