/*
 * seal.c - one way to protect packets, chosen at run time.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "seal.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

struct seal {
    enum seal_library library;
    const struct srtp_profile *profile;
    size_t receivers;
    struct sfu_srtp **sessions;     /* owned */
    struct seal_ipsec *ipsec;       /* owned */
};

bool
seal_has(enum seal_library library)
{
#ifdef SFU_IPSEC_MB
    (void)library;

    return true;
#else
    return library != SEAL_IPSEC_MB;
#endif
}

const char *
seal_name(enum seal_library library)
{
    static const char *const names[] = {
        [SEAL_NOTHING] = "nothing",
        [SEAL_LIBSRTP] = "libsrtp",
        [SEAL_IPSEC_MB] = "ipsec-mb",
    };

    return names[library];
}

void
seal_keys_of(size_t receiver, const struct srtp_profile *profile,
             struct srtp_key_material *keys)
{
    *keys = (struct srtp_key_material){ .profile = profile };

    for (size_t i = 0; i < profile->key_len; i++) {
        keys->key[i] = (uint8_t)(31 * i + 7 * receiver + (receiver >> 8));
    }

    for (size_t i = 0; i < profile->salt_len; i++) {
        keys->salt[i] = (uint8_t)(13 * i + 5 * receiver);
    }
}

static int
create_sessions(struct seal *s)
{
    struct srtp_key_material keys;
    int error = 0;

    s->sessions = calloc(s->receivers, sizeof(struct sfu_srtp *));

    if (s->sessions == NULL) {
        return SFU_ERR_NOMEM;
    }

    for (size_t i = 0; i < s->receivers && !error; i++) {
        seal_keys_of(i, s->profile, &keys);
        error = sfu_srtp_create(&s->sessions[i], SRTP_SEND, &keys, 1);
    }

    return error;
}

int
seal_create(struct seal **seal, enum seal_library library,
            const struct srtp_profile *profile, size_t receivers)
{
    struct seal *s = calloc(1, sizeof(*s));
    int error = 0;

    *seal = NULL;

    if (s == NULL) {
        return SFU_ERR_NOMEM;
    }

    s->library = library;
    s->profile = profile;
    s->receivers = receivers;

    if (library == SEAL_LIBSRTP) {
        error = create_sessions(s);

    } else if (library == SEAL_IPSEC_MB) {
        error = seal_ipsec_create(&s->ipsec, profile, receivers);
    }

    if (error) {
        seal_destroy(s);
        return error;
    }

    *seal = s;

    return 0;
}

void
seal_destroy(struct seal *s)
{
    for (size_t i = 0; s->sessions != NULL && i < s->receivers; i++) {
        if (s->sessions[i] != NULL) {
            sfu_srtp_destroy(s->sessions[i]);
        }
    }

    seal_ipsec_destroy(s->ipsec);
    free(s->sessions);
    free(s);
}

size_t
seal_overhead(const struct seal *s)
{
    if (s->library == SEAL_NOTHING) {
        return 0;
    }

    return s->profile->id == SRTP_PROFILE_AES128_CM_SHA1_80 ? 10 : 16;
}

int
seal_add(struct seal *s, size_t receiver, const uint8_t header[SEAL_HEADER],
         uint64_t index, const uint8_t *payload, size_t payload_len,
         uint8_t *out)
{
    size_t len = SEAL_HEADER + payload_len;

    if (s->library == SEAL_IPSEC_MB) {
        return seal_ipsec_add(s->ipsec, receiver, header, index, payload,
                              payload_len, out);
    }

    memcpy(out, header, SEAL_HEADER);
    memcpy(out + SEAL_HEADER, payload, payload_len);

    /* libsrtp2 counts the rollovers itself */
    return s->library == SEAL_LIBSRTP
           ? sfu_srtp_seal(s->sessions[receiver], out, &len) : 0;
}

int
seal_finish(struct seal *s)
{
    return s->library == SEAL_IPSEC_MB ? seal_ipsec_finish(s->ipsec) : 0;
}
