/*
 * ice/answer.h - the answer to a usual connectivity check (RFC 8445, 7.3).
 * Copyright (C) the ngx_sfu_module authors
 *
 * Ten thousand sessions that do nothing send two thousand checks a second, all
 * made alike, and libnice takes four times as long for each.  What it says is
 * said here, byte by byte: the tests and the fuzz target compare both.
 */

#ifndef SFU_ICE_ANSWER_H
#define SFU_ICE_ANSWER_H

#include "ice/fingerprint.h"
#include "ice/integrity.h"
#include "ice/request.h"
#include "ice/stun.h"

/*
 * As sfu_stun_answer() does, for who is not of our role: that is a conflict,
 * and libnice's.  SFU_ERR_AUTH, SFU_ERR_MALFORMED: drop it.
 */
int ice_answer(const struct ice_fingerprint *fingerprint,
               const struct ice_request *request,
               const struct ice_integrity *integrity,
               const struct address *from, struct sfu_stun_check *check);

#endif
