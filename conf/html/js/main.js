/*
 * main.js - publish, or with a session in the address, watch.
 * Copyright (C) the ngx_sfu_module authors
 *
 * /               camera and microphone, else the generated picture
 * /?generated     the generated picture; &noisy makes it hard to encode,
 *                 &codec=VP9 chooses a codec
 * /#<session>     watches; /?watch=<session> does, too
 *
 * For tests and the curious, window.sfu is { pc, session } of the session in
 * use.
 */

import * as publisher from './publisher.js';
import * as watcher from './watcher.js';
import { caption, cover, state } from './view.js';

const watched = location.hash.slice(1)
                || new URLSearchParams(location.search).get('watch');

addEventListener('hashchange', () => location.reload());

if (!globalThis.RTCPeerConnection) {
    state('bad', 'Failed');
    cover('No WebRTC', 'This browser has it not, or has it switched off.');
    caption('');
} else if (watched) {
    watcher.begin(watched);
} else {
    publisher.begin();
}
