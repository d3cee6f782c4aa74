/*
 * publisher.js - the page as a publisher.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The watch link names the session.  When a session is lost (the worker was
 * restarted) the page publishes again in a new one, and shows its new link:
 * to keep one address over many sessions is the application's part of this
 * dialect, and the page has none.  A stream that has a name keeps its link.
 */

import * as api from './api.js';
import { Call } from './call.js';
import { explain } from './explain.js';
import { changeCodec, hasLayers, publish, sendCodecs } from './peer.js';
import { open, securePage } from './source.js';
import { $, caption, cover, link, state, uncover } from './view.js';
import { publishStream } from './whip.js';

const parameters = new URLSearchParams(location.search);
const captions = {
    camera: 'Your camera, as it leaves this browser. The microphone is sent, '
            + 'too; you do not hear yourself.',
    generated: 'A generated picture and a tone of 440 Hz, as they leave this '
               + 'browser.',
};

let source = null;
let call = null;
let note = null;
let named = null;               /* { name, session } that was live last */

function showSource() {
    $('video').srcObject = source.stream;
    $('source').value = source.kind;

    if (note) {
        caption(note.text, 'warning', note.link);
    } else {
        caption(source.stream.getAudioTracks().length
                    ? captions[source.kind]
                    : `${captions[source.kind].split('.')[0]
                         .replace(' and a tone of 440 Hz', '')
                         .replace('they leave', 'it leaves')}. `
                      + (source.kind === 'camera' ? 'There is no microphone.'
                         : 'For the tone, this browser wants a click first: '
                           + 'choose the source again.'));
    }
}

/* opens what was asked for; without a camera, the generated picture */
async function openSource(kind) {
    let abandon;

    note = null;

    if (kind === 'generated') {
        return open(kind, { noisy: parameters.has('noisy') });
    }

    const instead = new Promise(resolve => abandon = resolve);
    const asked = open(kind);
    const timer = setTimeout(() => {
        cover('Camera and microphone?', 'Your browser asks for permission.',
              ['Use a generated picture instead', () => abandon(null)]);
    }, 400);

    try {
        const opened = await Promise.race([asked, instead]);

        if (opened) {
            return opened;
        }

        /* permission that comes late must not leave the camera on */
        asked.then(s => s.stop(), () => {});
    } catch (e) {
        const { title, text } = explain(e);

        note = { text: `${title}. ${text} A generated picture is sent.` };

        if (e.name === 'InsecureError') {
            note.link = await securePage();
        }
    } finally {
        clearTimeout(timer);
        uncover();
    }

    return open('generated', { noisy: parameters.has('noisy') });
}

function followCamera() {
    for (const track of source.stream.getTracks()) {
        track.onended = () => changeSource('generated', {
            text: 'The camera or the microphone was taken away. A generated '
                  + 'picture is sent.',
        });
    }
}

/* the same session goes on when it has a sender for each new track */
async function changeSource(kind, why = null) {
    const old = source;
    const next = await openSource(kind);

    note ??= why;
    source = next;
    old?.stream.getTracks().forEach(t => t.onended = null);

    const pc = call?.current?.pc;

    if (pc) {
        const senders = pc.getTransceivers().map(t => ({
            sender: t.sender, kind: t.receiver.track.kind,
        }));
        const kinds = senders.map(s => s.kind);

        if (next.stream.getTracks().every(t => kinds.includes(t.kind))) {
            await Promise.all(senders.map(({ sender, kind: k }) =>
                sender.replaceTrack(next.stream.getTracks()
                                        .find(t => t.kind === k) ?? null)));
        } else {
            call.again();
        }
    }

    old?.stop();
    followCamera();
    showSource();
}

function fillCodecs() {
    for (const type of sendCodecs()) {
        const name = type.split('/')[1].replace(/^H26/, 'H.26');

        $('codec').append(new Option(name, type));
    }

    const wanted = `video/${parameters.get('codec') ?? ''}`.toLowerCase();

    $('codec').value = sendCodecs().find(t => t.toLowerCase() === wanted)
                       ?? '';
}

const streamName = () => $('stream').value.trim();

/* layers in one stream need a codec that has them */
function chooseCodec() {
    if ($('qualities').value === 'svc' && !hasLayers($('codec').value)) {
        $('codec').value = 'video/VP9';
    }
}

/*
 * Who publishes under a name in use ends the one before.  The first time that
 * is what was asked for; after that two pages would do it to each other for
 * ever.
 */
async function leaveToOthers(name) {
    const { newest } = named?.name === name
                           ? await api.sessions().catch(() => ({ newest: [] }))
                           : { newest: [] };

    if (newest.some(s => s.stream === name && s.session !== named.session)) {
        throw new api.ApiError(409, 'stream_taken', name);
    }
}

async function make() {
    const name = streamName();
    const shape = { codec: $('codec').value,
                    qualities: $('qualities').value };

    state('wait', 'Connecting');

    await leaveToOthers(name);

    return name ? publishStream(name, source.stream, shape)
                : publish(source.stream, shape);
}

function live({ session, name }) {
    named = name ? { name, session } : null;
    state('live', 'Live');
    uncover();
    showSource();
    link(name ? `${location.origin}/#whep/${encodeURIComponent(name)}`
              : `${location.origin}/#${session}`);
}

function lost(error, ms) {
    state('wait', 'Reconnecting');
    link(null);
    caption(`${error.title}. ${error.text} Next try in `
            + `${Math.max(1, Math.round(ms / 1000))} s.`, 'warning');
}

function stop() {
    call.stop();
    source.stop();
    source = null;
    $('video').srcObject = null;
    $('stop').disabled = true;
    link(null);
    state('idle', 'Stopped');
    caption('');
    cover('Stopped', 'The session has ended, and its link with it.',
          ['Start again', () => start($('source').value)]);
    $('cover-action').focus();
}

async function start(kind) {
    uncover();
    state('wait', 'Connecting');
    named = null;
    source = await openSource(kind);
    followCamera();
    showSource();
    $('stop').disabled = false;

    call = new Call({ make, live, lost });
}

export function begin() {
    document.body.dataset.role = 'publish';
    fillCodecs();
    $('stream').value = parameters.get('whip') ?? '';
    $('qualities').value = parameters.get('qualities') ?? '';
    chooseCodec();
    $('stop').onclick = stop;
    $('source').onchange = () => {
        if (source) {
            changeSource($('source').value);
        }
    };
    $('codec').onchange = async () => {
        const current = call?.current;

        /* WHIP has no second offer */
        if (current?.dialect === 'whip' || $('qualities').value === 'svc') {
            chooseCodec();
            call?.again();
        } else if (current) {
            await changeCodec(current, $('codec').value)
                .catch(() => call.again());
        }
    };
    $('qualities').onchange = () => {
        chooseCodec();
        call?.again();
    };
    $('stream').onchange = () => call?.again();

    start(parameters.has('generated') ? 'generated' : 'camera')
        .catch(e => {
            const { title, text } = explain(e);

            state('bad', 'Failed');
            cover(title, text, ['Try again', () => location.reload()]);
        });
}
