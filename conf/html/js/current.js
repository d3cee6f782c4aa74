/*
 * current.js - the session in use, for all parts of the page that show it.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A session is { pc, session, role, dialect, ... }: role is "publish" or
 * "watch", dialect "cloudflare", "whip" or "whep".
 */

const listeners = [];
let current = null;

/* heard at once, and each time another session is in use; null: none is */
export function onCurrent(listener) {
    listeners.push(listener);
    listener(current);
}

export function setCurrent(session) {
    if (session !== current) {
        current = session;
        listeners.forEach(listener => listener(session));
    }
}
