/*
 * ice/answer_test.c - usual checks: our answer is libnice's.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ice/answer.h"

#include <stdlib.h>

#include "base/error.h"
#include "ice/check.h"
#include "ice/request_fixture.h"
#include "test/tap.h"

static const char password[] = "8GCTjXA5dDNgqFrgCRkJHQpB";

static struct ice_fingerprint fingerprint;
static struct ice_integrity integrity;
static struct sfu_stun *stun;

/* recorded; whoever knows the password is gone */
static const uint8_t chromium[] = {
    0x00, 0x01, 0x00, 0x54, 0x21, 0x12, 0xa4, 0x42, 0x6d, 0x2f, 0x7a, 0x71,
    0x42, 0x75, 0x37, 0x4b, 0x61, 0x51, 0x54, 0x66, 0x00, 0x06, 0x00, 0x0d,
    0x42, 0x79, 0x4e, 0x52, 0x4e, 0x77, 0x65, 0x38, 0x3a, 0x74, 0x45, 0x4f,
    0x6d, 0x00, 0x00, 0x00, 0xc0, 0x57, 0x00, 0x04, 0x00, 0x02, 0x00, 0x00,
    0x80, 0x2a, 0x00, 0x08, 0xe8, 0xa3, 0xbd, 0x79, 0xf9, 0xfd, 0xd2, 0x0e,
    0x00, 0x25, 0x00, 0x00, 0x00, 0x24, 0x00, 0x04, 0x6e, 0x7f, 0x32, 0xff,
    0x00, 0x08, 0x00, 0x14, 0x57, 0x97, 0x71, 0xfa, 0xb8, 0x1d, 0x91, 0x86,
    0x5c, 0x37, 0xde, 0xe7, 0xea, 0x96, 0xae, 0x39, 0xe1, 0xc3, 0x48, 0x9f,
    0x80, 0x28, 0x00, 0x04, 0x21, 0x83, 0xb9, 0x7e,
};
static const uint8_t firefox[] = {
    0x00, 0x01, 0x00, 0x50, 0x21, 0x12, 0xa4, 0x42, 0x2f, 0x46, 0x3e, 0x27,
    0x4f, 0x23, 0x55, 0xd6, 0xc5, 0xb8, 0x5c, 0x51, 0x00, 0x06, 0x00, 0x11,
    0x4e, 0x54, 0x6c, 0x6e, 0x72, 0x53, 0x57, 0x42, 0x3a, 0x36, 0x34, 0x61,
    0x30, 0x32, 0x31, 0x31, 0x37, 0x00, 0x00, 0x00, 0x00, 0x25, 0x00, 0x00,
    0x00, 0x24, 0x00, 0x04, 0x6e, 0x7f, 0x00, 0xff, 0x80, 0x2a, 0x00, 0x08,
    0x61, 0xbe, 0x8f, 0xe9, 0x3f, 0x61, 0x95, 0xa5, 0x00, 0x08, 0x00, 0x14,
    0xb4, 0x1e, 0x33, 0xc3, 0xaa, 0x43, 0xdc, 0x79, 0x41, 0xff, 0x77, 0x2b,
    0xca, 0x21, 0x7f, 0xfb, 0x91, 0x2b, 0xc7, 0xe9, 0x80, 0x28, 0x00, 0x04,
    0x77, 0x8b, 0x76, 0xf2,
};

/* letters: see request_fixture.h */
static const struct {
    const char *name;
    const char *letters;
    bool usual;
} rows[] = {
    { "as Chromium lays it out", "UGICPMF", true },
    { "without nominating", "UGIPMF", true },
    { "as Firefox does", "UCPIMF", true },
    { "in any order", "IUCGPMF", true },
    { "as libnice does, which says what it is", "SCPIUMF", true },
    { "a conflict is ours to see", "UPDMF", true },
    { "no name", "PIMF", false },
    { "no priority", "UIMF", false },
    { "no role", "UPMF", false },
    { "no integrity", "UPIF", false },
    { "no fingerprint", "UPIM", false },
    { "two names", "UUPIMF", false },
    { "two roles", "UPIDMF", false },
    { "nominates twice", "UPICCMF", false },
    { "a short priority", "UpIMF", false },
    { "a short role", "UPiMF", false },
    { "nominates at length", "UPIcMF", false },
    { "a short integrity", "UPImF", false },
    { "an attribute that must be understood", "UPIXMF", false },
    { "one that libnice knows, and does not need", "UPIRMF", false },
    { "the fingerprint first", "UPIFMF", false },
    { "the fingerprint twice", "UPIMFF", false },
    { "something behind the integrity", "UPMIF", false },
    { "something behind the fingerprint", "UPIMFS", false },
    { "the integrity twice", "UPIMMF", false },
    { "the other integrity, too", "UPIM2F", false },
    { "nothing at all", "", false },
};

/* usual: whether we could answer */
static bool
same_answer(struct span datagram, const struct address *from, int *result)
{
    static struct sfu_stun_check ours;
    static struct sfu_stun_check libnice;
    struct ice_request request;
    struct span ufrag;

    if (ice_request_parse(&request, datagram)) {
        *result = SFU_ERR_UNSUPPORTED;
        return true;
    }

    *result = ice_answer(&fingerprint, &request, &integrity, from, &ours);

    return sfu_stun_local_ufrag(datagram, &ufrag) == 0
           && span_eq(ufrag, request.ufrag)
           && sfu_stun_answer(stun, datagram, password, from, &libnice)
                  == *result
           && ours.valid == libnice.valid
           && span_eq(span_of(ours.reply, ours.reply_len),
                      span_of(libnice.reply, libnice.reply_len))
           && (*result
               || (ours.use_candidate == libnice.use_candidate
                   && ours.priority == libnice.priority));
}

static void
test_rows(const struct address *from)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ice_request request;
        uint8_t buffer[256];
        size_t len = fixture_request(buffer, sizeof(buffer), rows[i].letters,
                                     "evtjH8dn:h6vY", &integrity,
                                     &fingerprint);
        struct span datagram = span_of(buffer, len);
        bool usual = ice_request_parse(&request, datagram) == 0;
        int result;

        tap_ok(usual == rows[i].usual, "%s", rows[i].name);
        tap_ok(!usual || !request.controlling
                   || (same_answer(datagram, from, &result) && result == 0),
               "answered as libnice answers");
    }
}

/* each length is padded in its way, and the longest are too long */
static void
test_names(const struct address *from)
{
    char name[STUN_NAME_MAX + 8] = "evtjH8dn:";
    int differ = 0;

    for (size_t len = strlen(name); len + 1 < sizeof(name); len++) {
        uint8_t buffer[1024];
        int result;
        struct span datagram = span_of(
            buffer, fixture_request(buffer, sizeof(buffer), "UGICPMF", name,
                                    &integrity, &fingerprint));

        differ += !same_answer(datagram, from, &result)
                  || (result == 0) != (len <= STUN_NAME_MAX);
        name[len] = 'x';
    }

    tap_is_int(differ, 0, "names of all lengths");
}

static void
test_changed(const struct address *from)
{
    uint8_t buffer[256];
    size_t len = 0;
    int differ = 0;
    int answered = 0;
    int marked = 0;
    int result;

    for (size_t bit = 0; bit == 0 || bit < len * 8; bit++) {
        struct writer w = writer_over(buffer, sizeof(buffer));

        len = fixture_request(buffer, sizeof(buffer), "UGICPMF",
                              "evtjH8dn:h6vY", &integrity, &fingerprint);
        buffer[bit / 8] ^= (uint8_t)(1 << bit % 8);
        differ += !same_answer(span_of(buffer, len), from, &result);
        answered += result == 0;

        writer_room(&w, len - 8);
        fixture_fingerprint(&w, &fingerprint);
        differ += !same_answer(span_of(buffer, len), from, &result);
        marked += result == 0;
    }

    tap_is_int(differ, 0, "any bit of it changed: libnice agrees");
    tap_is_int(answered, 0, "and nothing is answered");
    tap_is_int(marked, (2 + 8) * 8,
               "nor from who can count lengths and CRCs, but for these");

    for (size_t i = 0; i < len; i++) {
        same_answer(span_of(buffer, i), from, &result);
        answered += result == 0;
    }

    tap_is_int(answered, 0, "nor when it is cut");
}

static void
test_recorded(struct span datagram, const char *ufrag, const char *browser)
{
    struct ice_request request;
    struct address from;
    int result;

    address_parse(&from, "192.0.2.1", 5000);
    tap_is_int(ice_request_parse(&request, datagram), 0,
               "%s sends usual checks", browser);
    tap_is_bytes(request.ufrag, span_str(ufrag), "to this session");
    tap_ok(request.use_candidate && request.controlling,
           "it controls and nominates");
    tap_ok(same_answer(datagram, &from, &result) && result == SFU_ERR_AUTH,
           "but for the password all is right");
}

static void
test_own(void)
{
    struct ice_check check = {
        .username = "evtj:h6vY", .password = password, .priority = 1,
    };
    struct ice_request request;
    uint8_t buffer[ICE_CHECK_MAX];
    uint8_t id[ICE_CHECK_ID_LEN];
    size_t len = ice_check_write(&check, buffer, id);

    tap_is_int(ice_request_parse(&request, span_of(buffer, len)), 0,
               "a check of our own");
    tap_ok(!request.controlling, "of who is controlled");
    check.controlling = true;
    len = ice_check_write(&check, buffer, id);
    ice_request_parse(&request, span_of(buffer, len));
    tap_ok(request.controlling, "of who controls");
    tap_is_bytes(request.id, span_of(id + 4, 12), "its transaction");
}

/* what is looked at ahead: the name where it comes first, or nothing */
static void
test_peek(void)
{
    struct span ufrag = ice_request_peek(span_of(chromium, sizeof(chromium)));
    uint8_t buffer[256];
    size_t len;

    tap_ok(span_eq(ufrag, span_str("ByNRNwe8")), "a glance at Chromium's");
    ufrag = ice_request_peek(span_of(firefox, sizeof(firefox)));
    tap_ok(span_eq(ufrag, span_str("NTlnrSWB")), "and at Firefox's");
    len = fixture_request(buffer, sizeof(buffer), "PUIMF", "a:b", &integrity,
                          &fingerprint);
    tap_is_int((long long)ice_request_peek(span_of(buffer, len)).len, 0,
               "not where something else is first");
    len = fixture_request(buffer, sizeof(buffer), "UPIMF", "ab", &integrity,
                          &fingerprint);
    tap_is_int((long long)ice_request_peek(span_of(buffer, len)).len, 0,
               "nor at a name without a colon");

    for (len = 0; len < 24 + 13; len++) {
        /* a piece of memory as long as that: readers behind it are caught */
        uint8_t *copy = malloc(len ? len : 1);

        memcpy(copy, chromium, len);
        ufrag = ice_request_peek(span_of(copy, len));
        free(copy);

        if (ufrag.len != 0) {
            break;
        }
    }

    tap_is_int((long long)len, 24 + 13, "nor at one that is cut");
}

int
main(void)
{
    struct address v4;
    struct address v6;

    stun = sfu_stun_create();
    ice_fingerprint_init(&fingerprint);
    ice_integrity_init(&integrity, password);
    address_parse(&v4, "192.0.2.1", 32853);
    address_parse(&v6, "2001:db8:1234:5678:11:2233:4455:6677", 32853);

    test_rows(&v4);
    test_rows(&v6);
    test_names(&v4);
    test_names(&v6);
    test_changed(&v4);
    test_recorded(span_of(chromium, sizeof(chromium)), "ByNRNwe8", "Chromium");
    test_recorded(span_of(firefox, sizeof(firefox)), "NTlnrSWB", "Firefox");
    test_own();
    test_peek();
    sfu_stun_destroy(stun);

    return tap_done();
}
