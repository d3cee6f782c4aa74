/*
 * include/sfu_version.h - the version of the product.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_VERSION_H
#define SFU_VERSION_H

#define SFU_VERSION "0.1.0"

#endif
