/*
 * srtp/session.c - one direction of SRTP and SRTCP on libsrtp2.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "srtp/session.h"

#include <arpa/inet.h>
#include <srtp2/cipher.h>
#include <srtp2/srtp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum {
    /* browsers at 4K send 1000 packets within the delay of a bad network */
    REPLAY_WINDOW = 1024,
    RTP_HEADER = 12,            /* with the SSRC, in bytes */
    RTCP_HEADER = 8,
};

/* an SSRC that libsrtp2 has a state for; received ones only */
struct ssrc {
    uint64_t used;              /* by our count of packets */
    uint32_t ssrc;
    bool rtp;                   /* not only RTCP */
};

struct sfu_srtp {
    srtp_t srtp;                /* owned */
    struct ssrc *ssrcs;         /* owned */
    size_t count;
    size_t room;
    size_t max;
    uint64_t packets;
};

/* libsrtp2's own table of ciphers; its description names the back end */
extern const srtp_cipher_type_t srtp_aes_gcm_128;

int
sfu_srtp_library_init(void)
{
    return srtp_init() == srtp_err_status_ok ? 0 : SFU_ERR_LIBRARY;
}

void
sfu_srtp_library_fini(void)
{
    srtp_shutdown();
}

const char *
sfu_srtp_library_name(void)
{
    static char name[96];

    snprintf(name, sizeof(name), "%s, %s", srtp_get_version_string(),
             srtp_aes_gcm_128.description);

    return name;
}

static int
set_policy(srtp_policy_t *policy, enum srtp_profile_id id)
{
    switch (id) {

    case SRTP_PROFILE_AES128_CM_SHA1_80:
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtp);
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtcp);
        return 0;

    case SRTP_PROFILE_AEAD_AES_128_GCM:
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy->rtp);
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy->rtcp);
        return 0;

    case SRTP_PROFILE_AEAD_AES_256_GCM:
        srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy->rtp);
        srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy->rtcp);
        return 0;

    case SRTP_PROFILE_NONE:
        break;
    }

    return SFU_ERR_UNSUPPORTED;
}

int
sfu_srtp_create(struct sfu_srtp **srtp, enum srtp_direction direction,
                const struct srtp_key_material *keys, size_t ssrcs_max)
{
    uint8_t material[SRTP_KEY_MAX + SRTP_SALT_MAX];
    srtp_policy_t policy = { 0 };
    struct sfu_srtp *s;

    *srtp = NULL;

    if (set_policy(&policy, keys->profile->id)) {
        return SFU_ERR_UNSUPPORTED;
    }

    s = calloc(1, sizeof(*s));

    if (s == NULL) {
        return SFU_ERR_NOMEM;
    }

    memcpy(material, keys->key, keys->profile->key_len);
    memcpy(material + keys->profile->key_len, keys->salt,
           keys->profile->salt_len);

    policy.ssrc.type = direction == SRTP_SEND ? ssrc_any_outbound
                                              : ssrc_any_inbound;
    policy.key = material;
    policy.window_size = REPLAY_WINDOW;
    /* to a peer without RTX a repeated packet is the very same packet */
    policy.allow_repeat_tx = 1;

    s->max = ssrcs_max;

    if (srtp_create(&s->srtp, &policy) != srtp_err_status_ok) {
        free(s);
        return SFU_ERR_LIBRARY;
    }

    *srtp = s;

    return 0;
}

void
sfu_srtp_destroy(struct sfu_srtp *srtp)
{
    if (srtp != NULL) {
        srtp_dealloc(srtp->srtp);
        free(srtp->ssrcs);
        free(srtp);
    }
}

static int
finish(srtp_err_status_t status, int n, size_t *len)
{
    switch (status) {
    case srtp_err_status_ok:
        *len = (size_t)n;
        return 0;
    case srtp_err_status_auth_fail:
        return SFU_ERR_AUTH;
    case srtp_err_status_replay_fail:
    case srtp_err_status_replay_old:
        return SFU_ERR_EXISTS;
    default:
        return SFU_ERR_LIBRARY;
    }
}

/* the one unused for longest, of those that only send RTCP or of the others */
static struct ssrc *
oldest(struct sfu_srtp *srtp, bool rtp)
{
    struct ssrc *found = NULL;

    for (size_t i = 0; i < srtp->count; i++) {
        struct ssrc *s = &srtp->ssrcs[i];

        if (s->rtp == rtp && (found == NULL || s->used < found->used)) {
            found = s;
        }
    }

    return found;
}

/* what one SSRC costs is given back */
static void
forget(struct sfu_srtp *srtp, uint32_t ssrc)
{
    srtp_remove_stream(srtp->srtp, htonl(ssrc));
}

/* where a new SSRC is noted, or NULL: it cannot be */
static struct ssrc *
new_ssrc(struct sfu_srtp *srtp, bool rtp)
{
    struct ssrc *s;

    if (srtp->count == srtp->max) {
        s = oldest(srtp, false);

        if (s == NULL && rtp) {
            s = oldest(srtp, true);
        }

        if (s != NULL) {
            forget(srtp, s->ssrc);
        }

        return s;
    }

    if (srtp->count == srtp->room) {
        size_t room = srtp->room ? 2 * srtp->room : 4;

        s = realloc(srtp->ssrcs, room * sizeof(*s));

        if (s == NULL) {
            return NULL;
        }

        srtp->ssrcs = s;
        srtp->room = room;
    }

    return &srtp->ssrcs[srtp->count++];
}

/* a packet of this SSRC was genuine: libsrtp2 has a state for it now */
static void
note(struct sfu_srtp *srtp, uint32_t ssrc, bool rtp)
{
    struct ssrc *s = NULL;

    for (size_t i = 0; i < srtp->count; i++) {
        if (srtp->ssrcs[i].ssrc == ssrc) {
            s = &srtp->ssrcs[i];
            s->rtp = s->rtp || rtp;
            break;
        }
    }

    if (s == NULL) {
        s = new_ssrc(srtp, rtp);

        if (s == NULL) {
            forget(srtp, ssrc);
            return;
        }

        s->ssrc = ssrc;
        s->rtp = rtp;
    }

    s->used = ++srtp->packets;
}

static uint32_t
read_ssrc(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8
           | p[3];
}

int
sfu_srtp_open(struct sfu_srtp *srtp, void *packet, size_t *len)
{
    int n = (int)*len;
    srtp_err_status_t status;

    if (*len < RTP_HEADER) {
        return SFU_ERR_AUTH;
    }

    status = srtp_unprotect(srtp->srtp, packet, &n);

    if (status == srtp_err_status_ok) {
        note(srtp, read_ssrc((uint8_t *)packet + 8), true);
    }

    return finish(status, n, len);
}

int
sfu_srtp_open_rtcp(struct sfu_srtp *srtp, void *packet, size_t *len)
{
    int n = (int)*len;
    srtp_err_status_t status;

    if (*len < RTCP_HEADER) {
        return SFU_ERR_AUTH;
    }

    status = srtp_unprotect_rtcp(srtp->srtp, packet, &n);

    if (status == srtp_err_status_ok) {
        note(srtp, read_ssrc((uint8_t *)packet + 4), false);
    }

    return finish(status, n, len);
}

size_t
sfu_srtp_ssrcs(const struct sfu_srtp *srtp)
{
    return srtp->count;
}

int
sfu_srtp_seal(struct sfu_srtp *srtp, void *packet, size_t *len)
{
    int n = (int)*len;
    srtp_err_status_t status = srtp_protect(srtp->srtp, packet, &n);

    return finish(status, n, len);
}

int
sfu_srtp_seal_rtcp(struct sfu_srtp *srtp, void *packet, size_t *len)
{
    int n = (int)*len;
    srtp_err_status_t status = srtp_protect_rtcp(srtp->srtp, packet, &n);

    return finish(status, n, len);
}
