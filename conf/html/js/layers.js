/*
 * layers.js - which layer of a track is sent, and which one may wish for.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The server does what tracks/update says, at the next key frame; what is
 * marked as sent is what the server tells, a moment later.
 */

import * as api from './api.js';
import { explain } from './explain.js';
import { bits, pixels } from './format.js';
import { hasLayers } from './peer.js';

/* simulcast of a publisher, in words; "" without */
export function encodingsOf(theirs, streams) {
    if (!theirs?.layers?.length) {
        const mode = streams[0]?.scalabilityMode;

        return mode && mode !== 'L1T1' ? `layers ${mode}` : '';
    }

    return theirs.layers.map(({ rid, available, bitrate, subscribers }) => {
        const { frameWidth: w, frameHeight: h } =
            streams.find(s => s.rid === rid) ?? {};

        return `${rid}: ${available ? `${w ? `${pixels(w, h)}, ` : ''}`
                                      + bits(bitrate) : 'not sent'}`
               + (subscribers ? `, ${subscribers} watching` : '');
    }).join('\n');
}

function sentOf(theirs) {
    const { layer, spatial_layer: size, temporal_layer: rate } = theirs ?? {};
    const limits = [size !== undefined && `size ${size}`,
                    rate !== undefined && `rate ${rate}`].filter(Boolean);

    return [layer ? `Sent: ${layer}` : 'One stream',
            limits.length && `up to ${limits.join(', ')}`]
        .filter(Boolean).join(', ');
}

/* the fieldset of a card: encodings of simulcast, and limits of layers */
export class LayerChoice {
    #card;
    #it;
    #mid;
    #theirs = null;
    #rids = '';
    #wanted = '';

    constructor(card, it, mid) {
        this.#card = card;
        this.#it = it;
        this.#mid = mid;
        this.#set('.layers', { hidden: false });

        for (const name of ['.spatial', '.temporal']) {
            card.querySelector(name).onchange = () => this.#ask();
        }
    }

    #set(selector, members) {
        return Object.assign(this.#card.querySelector(selector), members);
    }

    show(theirs, codec) {
        const rids = theirs?.layers_available ?? [];

        this.#theirs = theirs;
        this.#set('.spatial', { disabled: !hasLayers(codec ?? '') });
        this.#set('.temporal', { disabled: !theirs });

        if (rids.join() !== this.#rids) {
            this.#rids = rids.join();
            this.#offer(rids);
        }

        for (const label of this.#card.querySelectorAll('.rids label')) {
            const sent = label.dataset.rid === theirs?.layer;

            label.classList.toggle('sent', sent);
            label.title = sent ? 'is being sent' : '';
        }

        this.#set('.sent-layer', { textContent: sentOf(theirs) });
    }

    /* a wish may be for one that is not there at the moment */
    #offer(rids) {
        const names = rids.length === 0 ? [] : ['',
            ...new Set([...rids, ...this.#wanted ? [this.#wanted] : []])];

        this.#card.querySelector('.rids').replaceChildren(
            ...names.map(rid => {
                const label = document.createElement('label');
                const input = document.createElement('input');

                input.type = 'radio';
                input.name = `rid-${this.#mid}`;
                input.value = rid;
                input.checked = rid === this.#wanted;
                input.onchange = () => {
                    this.#wanted = rid;
                    this.#ask();
                };
                label.dataset.rid = rid;
                label.append(input, rid || 'Automatic');

                return label;
            }));
    }

    async #ask() {
        const limit = name => {
            const { value } = this.#card.querySelector(name);

            return value === '' ? undefined : Number(value);
        };

        this.#set('.wrong', { textContent: '' });

        try {
            const { tracks } = await api.updateTracks(this.#it.session, [{
                location: 'remote', mid: this.#mid,
                sessionId: this.#theirs.publisher,
                trackName: this.#theirs.name,
                simulcast: { preferredRid: this.#wanted,
                             maxSpatialLayer: limit('.spatial'),
                             maxTemporalLayer: limit('.temporal') },
            }]);

            api.entryOf(tracks);
        } catch (e) {
            const { title, text } = explain(e);

            this.#set('.wrong', { textContent: `${title}. ${text}` });
        }
    }
}
