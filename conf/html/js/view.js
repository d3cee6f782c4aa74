/*
 * view.js - what stands on the page besides the plots.
 * Copyright (C) the ngx_sfu_module authors
 */

import { copy } from './copy.js';

export const $ = id => document.getElementById(id);

/* kind: idle, wait, live or bad */
export function state(kind, text) {
    $('state').dataset.state = kind;
    $('state-text').textContent = text;
}

/* level: "warning", or nothing */
export function caption(text, level = '', link = null) {
    const e = $('caption');

    e.dataset.level = level;
    e.textContent = text;

    if (link) {
        const a = document.createElement('a');

        a.href = a.textContent = link;
        e.append(' ', a);
    }
}

/* what lies over the picture; action: [label, function] */
export function cover(title, text = '', action = null) {
    $('cover').hidden = false;
    $('cover-title').textContent = title;
    $('cover-text').textContent = text;
    $('cover-action').hidden = action === null;

    if (action) {
        [$('cover-action').textContent, $('cover-action').onclick] = action;
    }
}

export function uncover() {
    $('cover').hidden = true;
}

export function fact(name, text) {
    const e = $(`fact-${name}`);

    e.textContent = text || '–';
    e.title = text || '';
}

/* the watch link; null: there is none at the moment */
export function link(url) {
    $('link').value = url ?? '';
    $('copy').disabled = url === null;

    if (url) {
        $('open').href = url;
    } else {
        $('open').removeAttribute('href');
    }
}

$('link').onfocus = () => $('link').select();

$('copy').onclick = () => copy($('link').value, $('copy'));

function soundButton() {
    const on = !$('video').muted;

    $('sound').setAttribute('aria-pressed', on);
    $('sound').querySelector('span').textContent = on ? 'Mute' : 'Unmute';
}

$('sound').onclick = () => {
    $('video').muted = !$('video').muted;
    $('video').play().catch(() => {});
};

$('video').onvolumechange = soundButton;
soundButton();
