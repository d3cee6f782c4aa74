/*
 * sessions.js - what there is in the app: its sessions, and their tracks.
 * Copyright (C) the ngx_sfu_module authors
 *
 * From /status, two seconds apart, and only while the panel is shown.
 */

import * as api from './api.js';
import { onCurrent } from './current.js';
import { explain } from './explain.js';
import { age, bits, shortId } from './format.js';
import { poll } from './poll.js';
import { $ } from './view.js';

let own = null;
let open = null;            /* the session whose tracks are shown */
let unpoll = null;

const cell = (text, name = '') =>
    Object.assign(document.createElement('td'), { textContent: text,
                                                  className: name });

function link(text, href, label) {
    const a = Object.assign(document.createElement('a'), {
        textContent: text, href, target: '_blank', rel: 'noopener',
    });

    a.setAttribute('aria-label', label);

    return a;
}

function toggle(s) {
    const button = document.createElement('button');

    button.type = 'button';
    button.textContent = s.stream ?? shortId(s.session);
    button.title = s.session;
    button.setAttribute('aria-expanded', open === s.session);
    button.onclick = () => {
        open = open === s.session ? null : s.session;
        look();
    };

    return button;
}

function rowOf(s) {
    const row = document.createElement('tr');
    const name = cell('', 'name');
    const watch = cell('', 'go');

    name.append(toggle(s));

    if (s.session === own) {
        name.append(Object.assign(document.createElement('span'),
            { className: 'own', textContent: 'this page' }));
    }

    if (s.published && s.session !== own) {
        watch.append(link('Watch', `/#${s.session}`,
                          `Watch ${s.stream ?? s.session} in a new tab`));
    }

    row.dataset.session = s.session;
    row.append(name, cell(s.state, `more is-${s.state}`),
               cell(s.published || '–', 'more'), cell(s.watchers || '–'),
               cell(s.subscribed || '–', 'more'), cell(age(s.age), 'more'),
               watch);

    return row;
}

function trackText(t) {
    const layers = t.layers?.filter(l => l.available)
                    .map(l => `${l.rid} ${bits(l.bitrate)}`).join(', ');

    return [
        t.direction === 'local' ? 'publishes' : 'receives',
        t.name,
        t.codec ?? t.kind,
        t.direction === 'local' ? bits(t.bitrate ?? 0)
                                : `from ${shortId(t.publisher)}`,
        layers && `simulcast ${layers}`,
        t.layer && `layer ${t.layer}`,
        t.subscribers !== undefined && `${t.subscribers} watching`,
    ].filter(Boolean).join(' · ');
}

function detailOf(figures) {
    const row = document.createElement('tr');
    const td = cell('', 'detail');
    const list = document.createElement('ul');

    list.append(...(figures?.tracks ?? []).map(t =>
        Object.assign(document.createElement('li'),
                      { textContent: trackText(t) })));
    td.colSpan = 7;
    td.append(list.children.length ? list : 'No tracks.');
    row.append(td);

    return row;
}

/* a button or a link that is in focus keeps it */
function replaceRows(rows) {
    const { activeElement } = document;
    const session = activeElement?.closest('#sessions tr')?.dataset.session;

    $('sessions').replaceChildren(...rows);

    if (session) {
        $('sessions').querySelector(`[data-session="${session}"] `
                                    + activeElement.localName)
                     ?.focus({ preventScroll: true });
    }
}

async function look() {
    try {
        const { count, newest } = await api.sessions();
        const figures = newest.some(s => s.session === open)
                            ? await api.serverFigures(open) : null;

        replaceRows(newest.flatMap(s => s.session === open
                                            ? [rowOf(s), detailOf(figures)]
                                            : [rowOf(s)]));
        $('sessions-count').textContent = count > newest.length
            ? `${count} sessions, the newest ${newest.length}:`
            : count === 1 ? '1 session' : `${count} sessions`;
        $('sessions-wrong').textContent = '';
    } catch (e) {
        const { title, text } = explain(e);

        $('sessions-wrong').textContent = `${title}. ${text}`;
    }
}

export function begin() {
    onCurrent(it => own = it?.session ?? null);
    $('panel-sessions').addEventListener('shown',
        () => unpoll = poll(2000, look));
    $('panel-sessions').addEventListener('unshown', () => unpoll());
    $('play').onsubmit = e => {
        const name = $('play-name').value.trim();

        e.preventDefault();

        if (name) {
            window.open(/^[0-9a-f]{32}$/.test(name)
                            ? `/#${name}`
                            : `/#whep/${encodeURIComponent(name)}`,
                        '_blank', 'noopener');
        }
    };
}
