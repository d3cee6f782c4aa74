/*
 * sctp/dcep_test.c - the messages of RFC 8832, both ways.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "base/error.h"
#include "sctp/dcep.h"
#include "test/tap.h"

/* as Chromium writes it: priority 256 is "low", "chat", no protocol */
static const uint8_t open_chat[] = {
    0x03, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x04, 0x00, 0x00, 'c',  'h',  'a',  't',
};

static void
test_open(void)
{
    struct dcep_message m;

    tap_is_int(dcep_parse(&m, span_of(open_chat, sizeof(open_chat))), 0,
               "an OPEN of Chromium");
    tap_is_int(m.type, DCEP_OPEN, "its type");
    tap_is_int(m.priority, 256, "its priority");
    tap_ok(!m.policy.unordered && m.policy.reliability == SFU_SCTP_RELIABLE,
           "reliable and ordered");
    tap_is_bytes(m.label, span_str("chat"), "its label");
    tap_is_int((long long)m.protocol.len, 0, "no protocol");
}

static void
test_policies(void)
{
    static const struct {
        const char *name;
        struct sfu_sctp_policy policy;
        uint8_t type;
    } rows[] = {
        { "reliable", { false, SFU_SCTP_RELIABLE, 0 }, 0x00 },
        { "reliable, unordered", { true, SFU_SCTP_RELIABLE, 0 }, 0x80 },
        { "no retransmission", { false, SFU_SCTP_RETRANSMITS, 0 }, 0x01 },
        { "7 retransmissions", { true, SFU_SCTP_RETRANSMITS, 7 }, 0x81 },
        { "half a second", { false, SFU_SCTP_LIFETIME, 500 }, 0x02 },
        { "the longest life", { true, SFU_SCTP_LIFETIME, 0xffffffff }, 0x82 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct dcep_message in, out = {
            .type = DCEP_OPEN, .policy = rows[i].policy, .priority = 3,
            .label = span_str("l\303\244bel"), .protocol = span_str("proto"),
        };
        uint8_t bytes[64];
        int len = dcep_write(&out, bytes, sizeof(bytes));

        tap_is_int(len, DCEP_HEADER + 6 + 5, "%s: length", rows[i].name);
        tap_is_int(bytes[1], rows[i].type, "%s: type", rows[i].name);
        tap_is_int(dcep_parse(&in, span_of(bytes, (size_t)len)), 0,
                   "%s: read again", rows[i].name);
        tap_ok(in.policy.unordered == rows[i].policy.unordered
                   && in.policy.reliability == rows[i].policy.reliability
                   && in.policy.value == rows[i].policy.value
                   && in.priority == 3 && span_eq(in.label, out.label)
                   && span_eq(in.protocol, out.protocol),
               "%s: the same as written", rows[i].name);
    }
}

static void
test_ack(void)
{
    struct dcep_message m, ack = { .type = DCEP_ACK };
    uint8_t bytes[4];

    tap_is_int(dcep_write(&ack, bytes, sizeof(bytes)), 1, "an ACK is a byte");
    tap_is_int(dcep_parse(&m, span_of(bytes, 1)), 0, "and is read");
    tap_is_int(m.type, DCEP_ACK, "as one");
    tap_is_int(dcep_parse(&m, span_of("\002\000\000", 3)), 0,
               "what follows an ACK is not looked at");
}

static void
test_broken(void)
{
    static const struct {
        const char *name;
        const char *bytes;
        size_t len;
        int error;
    } rows[] = {
        { "nothing", "", 0, SFU_ERR_TRUNCATED },
        { "a type of no RFC", "\001", 1, SFU_ERR_UNSUPPORTED },
        { "an OPEN that ends at once", "\003", 1, SFU_ERR_TRUNCATED },
        { "a label that is longer than the message",
          "\003\0\0\0\0\0\0\0\0\005\0\0abcd", 16, SFU_ERR_TRUNCATED },
        { "lengths that add up to more than 16 bits",
          "\003\0\0\0\0\0\0\0\377\377\377\377ab", 14, SFU_ERR_TRUNCATED },
        { "a channel type that does not exist",
          "\003\003\0\0\0\0\0\0\0\0\0\0", 12, SFU_ERR_MALFORMED },
    };
    struct dcep_message m;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tap_is_int(dcep_parse(&m, span_of(rows[i].bytes, rows[i].len)),
                   rows[i].error, "%s", rows[i].name);
    }

    for (size_t i = 0; i < sizeof(open_chat); i++) {
        tap_ok(dcep_parse(&m, span_of(open_chat, i)) != 0,
               "an OPEN cut off after %zu bytes", i);
    }

    m = (struct dcep_message){ .type = DCEP_OPEN, .label = span_str("x") };
    tap_is_int(dcep_write(&m, &m, DCEP_HEADER), SFU_ERR_LIMIT,
               "an OPEN does not fit");
}

int
main(void)
{
    test_open();
    test_policies();
    test_ack();
    test_broken();

    return tap_done();
}
