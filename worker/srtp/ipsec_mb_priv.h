/*
 * srtp/ipsec_mb_priv.h - what sealing and opening with ipsec-mb share.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_SRTP_IPSEC_MB_PRIV_H
#define SFU_SRTP_IPSEC_MB_PRIV_H

#include <intel-ipsec-mb.h>

struct srtp_engine;

/* of an engine of that back end, whose it stays */
IMB_MGR *srtp_ipsec_mb_manager(struct srtp_engine *engine);

#endif
