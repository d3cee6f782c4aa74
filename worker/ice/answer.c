/*
 * ice/answer.c - the answer to a usual connectivity check.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ice/answer.h"

#include <openssl/crypto.h>
#include <stun/stunmessage.h>

#include "base/error.h"
#include "base/writer.h"

enum {
    BINDING_SUCCESS = 0x0101,
    FAMILY_V4 = 1,
    FAMILY_V6 = 2,

    PROOF_LEN = 4 + ICE_INTEGRITY_LEN + 4 + 4,  /* with FINGERPRINT */
};

/* RFC 8489, 14.2 */
static void
write_xor_mapped(struct writer *w, const struct address *from, struct span id)
{
    static const uint8_t cookie[] = { 0x21, 0x12, 0xa4, 0x42 };
    bool v4 = address_is_v4(from);
    size_t len = v4 ? 4 : 16;
    const uint8_t *ip = from->ip + 16 - len;

    writer_u16(w, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS);
    writer_u16(w, (uint16_t)(4 + len));
    writer_u16(w, v4 ? FAMILY_V4 : FAMILY_V6);
    writer_u8(w, from->port[0] ^ cookie[0]);
    writer_u8(w, from->port[1] ^ cookie[1]);

    for (size_t i = 0; i < len; i++) {
        writer_u8(w, ip[i] ^ (i < 4 ? cookie[i] : id.data[i - 4]));
    }
}

static size_t
write_success(const struct ice_fingerprint *fingerprint,
              const struct ice_request *request,
              const struct ice_integrity *integrity,
              const struct address *from, uint8_t reply[STUN_REPLY_MAX])
{
    struct writer w = writer_over(reply, STUN_REPLY_MAX);
    uint8_t tag[ICE_INTEGRITY_LEN];
    uint8_t *length;
    size_t len;
    uint32_t crc;

    writer_u16(&w, BINDING_SUCCESS);
    length = writer_room(&w, 2);
    writer_u32(&w, STUN_MAGIC_COOKIE);
    writer_bytes(&w, request->id);
    write_xor_mapped(&w, from, request->id);

    /* libnice repeats the name, and fills up with spaces */
    writer_u16(&w, STUN_ATTRIBUTE_USERNAME);
    writer_u16(&w, (uint16_t)request->username.len);
    writer_bytes(&w, request->username);
    writer_fill(&w, ' ', -request->username.len & 3);

    len = writer_len(&w) + PROOF_LEN - ICE_HEADER_LEN;
    length[0] = (uint8_t)(len >> 8);
    length[1] = (uint8_t)len;

    ice_integrity_tag(integrity, writer_span(&w), tag);
    writer_u16(&w, STUN_ATTRIBUTE_MESSAGE_INTEGRITY);
    writer_u16(&w, sizeof(tag));
    writer_bytes(&w, span_of(tag, sizeof(tag)));

    crc = ice_fingerprint_of(fingerprint, writer_span(&w));
    writer_u16(&w, STUN_ATTRIBUTE_FINGERPRINT);
    writer_u16(&w, sizeof(crc));
    writer_u32(&w, crc);

    return writer_len(&w);
}

int
ice_answer(const struct ice_fingerprint *fingerprint,
           const struct ice_request *request,
           const struct ice_integrity *integrity, const struct address *from,
           struct sfu_stun_check *check)
{
    uint8_t tag[ICE_INTEGRITY_LEN];

    check->valid = false;
    check->reply_len = 0;

    if (ice_fingerprint_of(fingerprint, request->marked)
        != request->fingerprint) {
        return SFU_ERR_MALFORMED;
    }

    ice_integrity_tag(integrity, request->proved, tag);

    if (CRYPTO_memcmp(tag, request->integrity.data, sizeof(tag)) != 0) {
        return SFU_ERR_AUTH;
    }

    check->reply_len = write_success(fingerprint, request, integrity, from,
                                     check->reply);
    check->valid = true;
    check->use_candidate = request->use_candidate;
    check->priority = request->priority;

    return 0;
}
