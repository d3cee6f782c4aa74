/*
 * watcher.js - the page as a watcher of one published session.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The link names the publisher's session.  When our own session is lost the
 * page makes another one and goes on; when the publisher's is gone (410) it
 * says so, and asks again every few seconds until somebody gives up: the
 * publisher's next session has another link.
 */

import * as api from './api.js';
import { Call } from './call.js';
import { subscribe } from './peer.js';
import { $, caption, cover, fact, state, uncover } from './view.js';

const firstCover = ['Connecting', ''];

let call = null;
let publisher = null;
let look = null;

/* nobody tells a subscriber that the publisher left: ask */
function followPublisher() {
    clearInterval(look);
    look = setInterval(async () => {
        const error = await api.getSession(publisher).catch(e => e);

        if (error.gone && call.current) {
            call.again();
        }
    }, 3000);
}

function live({ stream }) {
    const video = $('video');
    const audio = stream.getAudioTracks().length > 0;

    state('live', 'Live');
    followPublisher();
    video.srcObject = stream;
    video.play().catch(() => {});
    $('sound').hidden = !audio;
    caption(audio ? 'Browsers start a video muted; the button in its corner '
                    + 'turns the sound on.'
                  : 'The publisher sends no sound.');

    if (stream.getVideoTracks().length === 0) {
        cover('Sound only', 'The publisher sends no picture.');
    } else if (video.requestVideoFrameCallback) {
        video.requestVideoFrameCallback(uncover);
    } else {
        uncover();
    }
}

function lost(error) {
    clearInterval(look);
    $('sound').hidden = true;
    state(error.gone ? 'bad' : 'wait', error.gone ? 'Ended' : 'Retrying');
    caption('The page keeps trying.');
    cover(error.title, error.text, ['Try again now', () => call.again()]);
}

function stop() {
    call.stop();
    clearInterval(look);
    $('stop').disabled = true;
    $('video').srcObject = null;
    $('sound').hidden = true;
    state('idle', 'Stopped');
    caption('');
    cover('Stopped', '', ['Watch again', start]);
    $('cover-action').focus();
}

function start() {
    state('wait', 'Connecting');
    cover(...firstCover);
    $('stop').disabled = false;
    $('video').muted = true;
    call = new Call({ sending: false, make: () => subscribe(publisher),
                      live, lost });
}

export function begin(session) {
    publisher = session;
    document.body.dataset.role = 'watch';
    document.title = 'Watch - ngx_sfu';
    $('title').textContent = 'Watch';
    $('fps-legend').textContent = 'decoded';
    $('stop').onclick = stop;
    fact('publisher', session);
    start();
}
