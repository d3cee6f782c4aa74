/*
 * sdp/candidate.c - the peer's candidates in a description.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sdp/candidate.h"

#include <stdio.h>

#include "sdp/scan.h"

/* "1 1 udp 2122260223 192.0.2.1 50000 typ host ..." */
static bool
read_candidate(struct span line, struct address *address)
{
    struct span foundation = scan_word(&line);
    struct span component = scan_word(&line);
    struct span transport = scan_word(&line);
    struct span priority = scan_word(&line);
    struct span ip = scan_word(&line);
    struct span port = scan_word(&line);
    char text[INET6_ADDRSTRLEN];
    uint64_t number;

    if (foundation.len == 0 || priority.len == 0
        || !span_eq_str(component, "1") || !scan_same(transport, "udp")
        || ip.len == 0 || ip.len >= sizeof(text)
        || !scan_number(port, 65535, &number) || number == 0) {
        return false;
    }

    snprintf(text, sizeof(text), "%.*s", (int)ip.len, (const char *)ip.data);

    return address_parse(address, text, (uint16_t)number) == 0
           && !address_is_any(address);
}

static bool
known(const struct address *list, size_t count, const struct address *a)
{
    for (size_t i = 0; i < count; i++) {
        if (address_eq(&list[i], a)) {
            return true;
        }
    }

    return false;
}

static size_t
read_family(struct span rest, bool v4, struct address *out, size_t max)
{
    static const char head[] = "a=candidate:";
    size_t count = 0;

    while (rest.len && count < max) {
        struct span line = scan_until(&rest, '\n');
        struct address address;

        if (line.len && line.data[line.len - 1] == '\r') {
            line.len--;
        }

        if (line.len > strlen(head)
            && memcmp(line.data, head, strlen(head)) == 0
            && read_candidate(span_of(line.data + strlen(head),
                                      line.len - strlen(head)), &address)
            && address_is_v4(&address) == v4
            && !known(out, count, &address)) {
            out[count++] = address;
        }
    }

    return count;
}

size_t
sdp_candidates_read(struct span description, struct address *out, size_t max)
{
    size_t count = read_family(description, true, out, max);

    return count ? count : read_family(description, false, out, max);
}
