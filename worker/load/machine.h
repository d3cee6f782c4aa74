/*
 * load/machine.h - what this runs on: figures without it mean nothing.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_LOAD_MACHINE_H
#define SFU_LOAD_MACHINE_H

struct load_machine {
    char cpu[128];              /* the model */
    unsigned cores;
    unsigned usable;            /* of these, the ones this process may use */
    char kernel[128];
};

void load_machine_read(struct load_machine *machine);

#endif
