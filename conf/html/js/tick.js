/*
 * tick.js - a clock for a page that may be hidden; a worker of picture.js.
 * Copyright (C) the ngx_sfu_module authors
 */

onmessage = ({ data: milliseconds }) =>
    setInterval(() => postMessage(null), milliseconds);
