/*
 * watcher.js - the page as a watcher of one published session, or stream.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The link names the publisher's session.  When our own session is lost the
 * page makes another one and goes on; when the publisher's is gone (410) it
 * says so, and asks again every few seconds until somebody gives up: the
 * publisher's next session has another link.  A stream's name stays; its
 * next publisher is found with it.
 */

import * as api from './api.js';
import { Call } from './call.js';
import { subscribe } from './peer.js';
import { poll } from './poll.js';
import { $, caption, cover, fact, state, uncover } from './view.js';
import { watchStream } from './whip.js';

const firstCover = ['Connecting', ''];

let call = null;
let watched = null;             /* { session } or { stream } */
let unfollow = () => {};

/* of a stream only our own session knows whether it is published still */
async function publisherIsGone() {
    if (watched.session) {
        return (await api.getSession(watched.session).catch(e => e)).gone;
    }

    const { tracks } = await api.getSession(call.current.session);

    return tracks.every(t => t.status === 'inactive');
}

/* nobody tells a subscriber that the publisher left: ask */
function followPublisher() {
    unfollow();
    unfollow = poll(3000, async () => {
        if (call.current && await publisherIsGone().catch(() => false)) {
            call.again();
        }
    });
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
    unfollow();
    $('sound').hidden = true;
    state(error.gone ? 'bad' : 'wait', error.gone ? 'Ended' : 'Retrying');
    caption('The page keeps trying.');
    cover(error.title, error.text, ['Try again now', () => call.again()]);
}

function stop() {
    call.stop();
    unfollow();
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
    call = new Call({
        make: () => watched.stream ? watchStream(watched.stream)
                                   : subscribe(watched.session),
        live, lost,
    });
}

export function begin(what) {
    watched = what;
    document.body.dataset.role = 'watch';
    document.title = 'Watch - ngx_sfu';
    $('title').textContent = 'Watch';
    $('fps-legend').textContent = 'decoded';
    $('stop').onclick = stop;
    fact('publisher', what.stream ?? what.session);
    start();
}
