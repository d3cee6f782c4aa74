/*
 * base/error.c - words for error codes.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "base/error.h"

const char *
sfu_strerror(int error)
{
    switch (error) {
    case 0:
        return "ok";
    case SFU_ERR_NOMEM:
        return "out of memory";
    case SFU_ERR_TRUNCATED:
        return "truncated";
    case SFU_ERR_MALFORMED:
        return "malformed";
    case SFU_ERR_UNSUPPORTED:
        return "unsupported";
    case SFU_ERR_LIMIT:
        return "limit reached";
    case SFU_ERR_AUTH:
        return "authentication failed";
    case SFU_ERR_NOT_FOUND:
        return "not found";
    case SFU_ERR_EXISTS:
        return "exists already";
    case SFU_ERR_STATE:
        return "wrong state";
    case SFU_ERR_AGAIN:
        return "try again";
    case SFU_ERR_SYSTEM:
        return "system error";
    case SFU_ERR_LIBRARY:
        return "library error";
    default:
        return "unknown error";
    }
}
