/*
 * main.js - publish, or with a session or a stream in the address, watch.
 * Copyright (C) the ngx_sfu_module authors
 *
 * /               camera and microphone, else the generated picture
 * /?generated     the generated picture; &noisy makes it hard to encode,
 *                 &codec=VP9 chooses a codec
 * /?whip=<name>   publishes a stream of this name by WHIP
 * /#<session>     watches; /?watch=<session> does, too
 * /#whep/<name>   watches a stream, or a session, by WHEP
 *
 * For tests and the curious, window.sfu is { pc, session } of the session in
 * use.
 */

import * as chat from './chat.js';
import * as publisher from './publisher.js';
import * as sessions from './sessions.js';
import * as snippets from './snippets.js';
import './tabs.js';
import * as watcher from './watcher.js';
import { caption, cover, state } from './view.js';

const watched = location.hash.slice(1)
                || (new URLSearchParams(location.search).get('watch') ?? '');

/* who typed the address may have left a % in it */
function decoded(name) {
    try {
        return decodeURIComponent(name);
    } catch {
        return name;
    }
}

[chat, sessions, snippets].forEach(part => part.begin());

addEventListener('hashchange', () => location.reload());

if (!globalThis.RTCPeerConnection) {
    state('bad', 'Failed');
    cover('No WebRTC', 'This browser has it not, or has it switched off.');
    caption('');
} else if (watched.startsWith('whep/')) {
    watcher.begin({ stream: decoded(watched.slice(5)) });
} else if (watched) {
    watcher.begin({ session: watched });
} else {
    publisher.begin();
}
