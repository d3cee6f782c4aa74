/*
 * chat.js - a line a message over a data channel.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The publisher of the picture publishes the channel, too; its watchers
 * subscribe.  What a watcher says goes to the publisher alone, and only from
 * the one watcher that may reply.
 */

import { allowReply, publishChannel, subscribeChannel } from './channel.js';
import { onCurrent } from './current.js';
import { explain } from './explain.js';
import { $ } from './view.js';

/* lines that are kept, and characters of one that are sent and shown */
const lines = 200;
const longest = 16384;

let it = null;
let channel = null;
let wanted = null;              /* the name that is opened again */

const publishing = () => it?.role === 'publish';

function say(who, text) {
    const line = document.createElement('p');

    line.append(Object.assign(document.createElement('b'),
                              { textContent: who }), ` ${text}`);
    line.className = who ? 'said' : 'event';
    $('chat-log').append(line);

    while ($('chat-log').children.length > lines) {
        $('chat-log').firstChild.remove();
    }

    $('chat-log').scrollTop = $('chat-log').scrollHeight;
}

const wrong = text => $('chat-wrong').textContent = text;

/* what may be done now */
function refresh() {
    const up = channel?.readyState === 'open';
    const may = up && (publishing() || $('chat-reply').checked);

    $('chat-open').disabled = !it || channel !== null;
    $('chat-open').textContent = publishing() || !it ? 'Open' : 'Join';
    $('chat-name').disabled = channel !== null;
    $('chat-text').disabled = $('chat-send').disabled = !may;
    $('chat-reply').disabled = !up || publishing();
    $('chat-reply-row').hidden = it !== null && publishing();
    $('chat-text').placeholder = may ? 'A line, and Enter'
        : up ? 'This watcher may not reply' : '';
    $('chat-hint').textContent = !it ? 'There is no session at the moment.'
        : publishing()
            ? 'All watchers that join read what you write.'
            : 'You read what the publisher writes. One watcher at a time may '
              + 'reply, the last who asked, and only the publisher reads it.';
}

function end(text) {
    if (channel) {
        channel.onclose = null;
        channel.close();
        channel = null;
        $('chat-reply').checked = false;
        say('', text);
    }

    refresh();
}

function use(opened) {
    channel = opened;
    channel.onopen = () => {
        say('', publishing() ? `Channel "${channel.label}" is open.`
                             : `Joined "${channel.label}".`);
        refresh();
    };
    channel.onclose = () => end('The channel was closed.');
    channel.onmessage = e => say(publishing() ? 'Watcher' : 'Publisher',
                                 typeof e.data === 'string'
                                     ? e.data.slice(0, longest)
                                     : `(${e.data.byteLength ?? e.data.size}`
                                       + ' bytes)');
    refresh();
}

/* the publisher of the tracks that this session is sent */
const publisherOf = session => session.publisher ?? session.name;

async function open() {
    const session = it;

    wanted = $('chat-name').value.trim();
    wrong('');
    $('chat-open').disabled = true;

    try {
        const opened = publishing()
            ? await publishChannel(session, wanted)
            : await subscribeChannel(session, publisherOf(session), wanted);

        if (session === it) {
            use(opened);
        }
    } catch (e) {
        const { title, text } = e.code === 'not_found_track_error'
            ? { title: `The publisher has no channel "${wanted}"`,
                text: 'It opens one in its own Chat panel.' }
            : explain(e);

        wanted = null;
        wrong(`${title}. ${text}`);
        refresh();
    }
}

function send() {
    const text = $('chat-text').value;

    if (!text) {
        return;
    }

    if (text.length > longest) {
        wrong(`A line has ${longest} characters at most.`);
        return;
    }

    channel.send(text);
    say('You', text);
    wrong('');
    $('chat-text').value = '';
}

async function changeReply() {
    const box = $('chat-reply');

    wrong('');

    try {
        await allowReply(it, publisherOf(it), channel, box.checked);
    } catch (e) {
        const { title, text } = explain(e);

        box.checked = !box.checked;
        wrong(`${title}. ${text}`);
    }

    refresh();
}

export function begin() {
    $('chat-form').onsubmit = e => {
        e.preventDefault();
        open();
    };
    $('chat-line').onsubmit = e => {
        e.preventDefault();
        send();
    };
    $('chat-reply').onchange = changeReply;
    onCurrent(session => {
        end('The session has ended.');
        it = session;
        refresh();

        if (it && wanted) {
            open();
        }
    });
}
