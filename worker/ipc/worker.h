/*
 * ipc/worker.h - hello and status.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_IPC_WORKER_H
#define SFU_IPC_WORKER_H

#include "ipc/family.h"

const struct ipc_family *ipc_worker_hello(void);
const struct ipc_family *ipc_worker_status(void);

#endif
