/*
 * load/wait.h - how the generator waits for what comes next.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Who sends to a sleeping receiver on the same machine pays for waking it up,
 * which in a virtual machine costs more than the packet; a network card would
 * do that for nothing.  So a generator can stay awake (--awake): it looks for
 * events all the time, and what it used for that alone is told apart from what
 * it worked.
 */

#ifndef SFU_LOAD_WAIT_H
#define SFU_LOAD_WAIT_H

#include "load/load.h"

/*
 * Until something is ready, at most so long (microseconds); calls what is
 * ready, and notes the time.  SFU_ERR_SYSTEM
 */
int load_wait(struct load *load, usec_t wait);

/* CPU time of this process, without that for staying awake; microseconds */
usec_t load_wait_own_cpu(const struct load *load);

#endif
