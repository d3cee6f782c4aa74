/*
 * base/error.h - what a function of the worker can answer besides 0.
 * Copyright (C) the ngx_sfu_module authors
 *
 * These never leave the worker; what the two halves tell each other is in
 * include/sfu_ipc.h.
 */

#ifndef SFU_BASE_ERROR_H
#define SFU_BASE_ERROR_H

enum {
    SFU_ERR_NOMEM = -1,         /* allocation failed */
    SFU_ERR_TRUNCATED = -2,     /* input ends before it should */
    SFU_ERR_MALFORMED = -3,     /* input breaks its specification */
    SFU_ERR_UNSUPPORTED = -4,   /* well formed, and not for us */
    SFU_ERR_LIMIT = -5,         /* a configured limit is reached */
    SFU_ERR_AUTH = -6,          /* integrity or identity check failed */
    SFU_ERR_NOT_FOUND = -7,
    SFU_ERR_EXISTS = -8,
    SFU_ERR_STATE = -9,         /* not now: wrong state for this */
    SFU_ERR_AGAIN = -10,        /* would block, or needs more input */
    SFU_ERR_SYSTEM = -11,       /* errno tells more */
    SFU_ERR_LIBRARY = -12,      /* a library refused; it was logged there */
};

const char *sfu_strerror(int error);

#endif
