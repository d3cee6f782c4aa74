/*
 * ice/checklist_test.c - candidates that answer, late, never, or lie.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ice/checklist.h"

#include <stdio.h>

#include "base/error.h"
#include "ice/stun.h"
#include "test/tap.h"

static const char password[] = "VOkJxbRl1RmTxUk/WvJxBt";

static struct ice_directory directory;
static struct ice_checklist list;
static usec_t now;
static uint8_t check[ICE_CHECK_MAX];
static size_t check_len;
static const struct address *check_to;

static void
begin(size_t candidates)
{
    struct ice_remote_params params = { .ufrag = "them",
                                        .candidate_count = candidates };

    snprintf(params.pwd, sizeof(params.pwd), "%s", password);

    for (size_t i = 0; i < candidates; i++) {
        address_parse(&params.candidates[i], "192.0.2.1",
                      (uint16_t)(5000 + i));
    }

    now = USEC_PER_SEC;
    ice_checklist_init(&list, &directory, &params, "us", now, NULL);
}

/* the next check, if one is due within so many milliseconds */
static bool
next_within(int ms)
{
    usec_t end = now + ms * USEC_PER_MS;
    usec_t when;

    while ((when = ice_checklist_when(&list)) >= 0 && when <= end) {
        now = when > now ? when : now;
        check_len = ice_checklist_next(&list, now, check, &check_to);

        if (check_len) {
            return true;
        }
    }

    now = end;

    return false;
}

/* what the peer makes of the check sent last; whether it was nominated */
static bool
reply(struct sfu_stun_check *answer, const char *its_password)
{
    struct sfu_stun *peer = sfu_stun_create();
    struct address us;

    address_parse(&us, "192.0.2.9", 9000);
    sfu_stun_answer(peer, span_of(check, check_len), its_password, &us,
                    answer);
    sfu_stun_destroy(peer);

    return answer->use_candidate;
}

static int
answered(const struct sfu_stun_check *answer, const struct address *from)
{
    struct span datagram = span_of(answer->reply, answer->reply_len);
    struct ice_remote *remote = ice_directory_check(&directory, datagram);

    return remote != NULL
               ? ice_checklist_answered(remote, datagram, from, now)
               : SFU_ERR_NOT_FOUND;
}

static void
one_answers(void)
{
    struct sfu_stun_check answer;
    struct address from;
    struct address other;

    begin(3);
    tap_ok(next_within(0), "the first is checked at once");
    tap_is_int(address_port(check_to), 5000, "it is the first");
    tap_ok(!next_within(49) && next_within(1), "the second 50 ms later");
    tap_is_int(address_port(check_to), 5001, "it is the second");
    from = *check_to;
    address_parse(&other, "192.0.2.1", 5000);

    tap_ok(!reply(&answer, password), "which is not nominated yet");
    tap_is_int(answered(&answer, &other), SFU_ERR_NOT_FOUND,
               "an answer from elsewhere proves nothing");
    answer.reply[answer.reply_len - 10] ^= 1;
    tap_ok(answered(&answer, &from) != 0, "nor does one that was changed");
    answer.reply[answer.reply_len - 10] ^= 1;
    tap_is_int(answered(&answer, &from), 0, "this one does");
    tap_is_int(answered(&answer, &from), SFU_ERR_NOT_FOUND, "once");

    tap_ok(next_within(50) && address_port(check_to) == 5001,
           "it is checked again, before the third");
    tap_ok(reply(&answer, password) && !list.nominated, "to nominate it");
    tap_is_int(answered(&answer, &from), 0, "which is answered");
    tap_ok(list.nominated, "and settled");

    for (int i = 0; i < 20; i++) {
        usec_t before = now;

        tap_ok(!next_within(3900) && next_within(2200)
                   && address_port(check_to) == 5001,
               "consent %d after %lld ms", i,
               (long long)((now - before) / USEC_PER_MS));
    }

    reply(&answer, password);
    tap_is_int(answered(&answer, &from), 0, "whose answers count");
    ice_checklist_fini(&list);
}

static void
none_answers(void)
{
    static const int after[] = { 0, 500, 1000, 2000, 4000, 8000, 16000 };

    begin(1);

    for (size_t i = 0; i < sizeof(after) / sizeof(after[0]); i++) {
        tap_ok((after[i] == 0 || !next_within(after[i] - 1))
                   && next_within(1),
               "try %zu, %d ms after the one before", i, after[i]);
    }

    tap_ok(!next_within(100000), "and no more");
    tap_is_int(ice_checklist_when(&list), -1, "ever");
    tap_is_int((long long)directory.checks.count, 0, "nothing is out");
    ice_checklist_fini(&list);
}

/* it answers, but not to be nominated: the others are tried on */
static void
one_goes_away(void)
{
    struct sfu_stun_check answer;
    struct address from;
    int others = 0;

    begin(2);
    next_within(0);
    from = *check_to;
    reply(&answer, password);
    tap_is_int(answered(&answer, &from), 0, "the first answers");

    for (int i = 0; i < 7; i++) {
        tap_ok(next_within(33000) && address_port(check_to) == 5000,
               "is nominated, %d", i);
    }

    while (next_within(33000)) {
        others += address_port(check_to) == 5001;
    }

    tap_is_int(others, 7, "then the other has its tries");
    ice_checklist_fini(&list);
}

static void
strangers_answer(void)
{
    struct sfu_stun_check answer;
    struct address from;

    begin(1);
    next_within(0);
    from = *check_to;
    reply(&answer, "another password of 22 or more");
    tap_ok(answer.reply_len == 0, "who knows another password is silent");
    tap_ok(ice_directory_check(&directory, span_of(check, 19)) == NULL,
           "what is too short answers nothing");
    tap_ok(answered(&answer, &from) != 0, "nor does nothing");
    ice_checklist_fini(&list);
    tap_ok(ice_directory_check(&directory, span_of(check, check_len)) == NULL,
           "nor anything, once it is over");
}

int
main(void)
{
    ice_directory_init(&directory);
    one_answers();
    none_answers();
    one_goes_away();
    strangers_answer();
    ice_directory_fini(&directory);

    return tap_done();
}
