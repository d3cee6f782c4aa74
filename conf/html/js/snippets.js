/*
 * snippets.js - the panel with code to copy, for what is running right now.
 * Copyright (C) the ngx_sfu_module authors
 */

import { app, secret } from './api.js';
import * as arbiter from './code/arbiter.js';
import * as cloudflare from './code/cloudflare.js';
import * as kvs from './code/kvs.js';
import * as metered from './code/metered.js';
import * as whep from './code/whep.js';
import * as whip from './code/whip.js';
import { copy } from './copy.js';
import { onCurrent } from './current.js';
import { securePage } from './source.js';
import { $ } from './view.js';

const dialects = { cloudflare, whip, whep, metered, arbiter, kvs };

/* until there is a session, a word that says what belongs there */
const none = 'SESSION_ID';

let it = null;

/* some clients insist on wss:// */
let secure = location.origin;

function publisher() {
    return it === null ? none
           : it.role === 'publish' ? it.session
           : it.publisher ?? it.name;
}

const chosen = name =>
    document.querySelector(`input[name=${name}]:checked`).value;

/* a name in an address, safe in a shell and in a string of JavaScript */
const quoted = name => encodeURIComponent(name)
    .replace(/[!'()*]/g, c => `%${c.charCodeAt(0).toString(16)}`);

function show() {
    const named = it?.name;

    $('code').textContent = dialects[chosen('dialect')][chosen('language')]({
        origin: location.origin,
        secure,
        app, secret,
        publisher: quoted(publisher()),
        /* the name of a stream is no session's id, and our own has one */
        inspected: quoted(it && named && !it.publisher ? it.session
                                                       : publisher()),
        watched: quoted(named ?? publisher()),
        /* who publishes under a name in use ends the one before */
        stream: quoted(named ? `${named}-2` : 'studio'),
        /* the development certificate is signed by nobody */
        k: location.protocol === 'https:' ? 'k' : '',
    });
    $('code-note').textContent = it ? '' : `No session at the moment: ${none} `
        + 'stands for the id of the one you want to watch.';
}

export async function begin() {
    $('code-choices').onchange = show;
    $('code-copy').onclick = () => copy($('code').textContent,
                                        $('code-copy'));
    onCurrent(session => {
        it = session;
        show();
    });

    if (location.protocol !== 'https:') {
        secure = new URL(await securePage() ?? location.href).origin;
        show();
    }
}
