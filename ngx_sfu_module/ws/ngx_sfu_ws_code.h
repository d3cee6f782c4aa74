
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Why a WebSocket was closed (RFC 6455, 7.4).
 */


#ifndef _NGX_SFU_WS_CODE_H_INCLUDED_
#define _NGX_SFU_WS_CODE_H_INCLUDED_


#define NGX_SFU_WS_NORMAL     1000
#define NGX_SFU_WS_GOING      1001
#define NGX_SFU_WS_PROTOCOL   1002
#define NGX_SFU_WS_NO_CODE    1005      /* closed without one */
#define NGX_SFU_WS_LOST       1006      /* not closed at all */
#define NGX_SFU_WS_NOT_UTF8   1007
#define NGX_SFU_WS_TOO_LARGE  1009
#define NGX_SFU_WS_INTERNAL   1011


#endif /* _NGX_SFU_WS_CODE_H_INCLUDED_ */
