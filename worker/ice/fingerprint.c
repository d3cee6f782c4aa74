/*
 * ice/fingerprint.c - FINGERPRINT: a CRC-32, four bytes a step.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ice/fingerprint.h"

enum {
    /* tells a CRC of STUN from that of what it is in ("STUN") */
    MASK = 0x5354554e,
};

/* ITU V.42, bits reversed */
static const uint32_t polynomial = 0xedb88320;

static uint32_t
shifted_out(uint32_t byte)
{
    uint32_t crc = byte;

    for (int bit = 0; bit < 8; bit++) {
        crc = crc & 1 ? crc >> 1 ^ polynomial : crc >> 1;
    }

    return crc;
}

void
ice_fingerprint_init(struct ice_fingerprint *f)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = shifted_out(byte);

        f->table[0][byte] = crc;

        for (int zeros = 1; zeros < 4; zeros++) {
            crc = crc >> 8 ^ shifted_out(crc & 0xff);
            f->table[zeros][byte] = crc;
        }
    }
}

uint32_t
ice_fingerprint_of(const struct ice_fingerprint *f, struct span message)
{
    const uint8_t *p = message.data;
    size_t left = message.len & ~(size_t)3;
    uint32_t crc = 0xffffffff;

    for (; left; left -= 4, p += 4) {
        crc ^= (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16
               | (uint32_t)p[1] << 8 | p[0];
        crc = f->table[3][crc & 0xff] ^ f->table[2][crc >> 8 & 0xff]
              ^ f->table[1][crc >> 16 & 0xff] ^ f->table[0][crc >> 24];
    }

    return crc ^ 0xffffffff ^ MASK;
}
