/*
 * tracks.js - a card for each track of the session in use.
 * Copyright (C) the ngx_sfu_module authors
 */

import { TrackCard } from './track.js';
import { $ } from './view.js';

const used = (transceiver, sending) => transceiver.mid !== null
    && /send|recv/.test(transceiver.currentDirection ?? '')
    && (sending ? transceiver.sender.track : transceiver.receiver.track);

export class Tracks {
    #it;
    #cards = new Map();

    constructor(it) {
        this.#it = it;
        $('no-tracks').hidden = true;
        this.#find();
    }

    /* those that came since, and those that went */
    #find() {
        const sending = this.#it.role === 'publish';
        const list = this.#it.pc.getTransceivers()
            .filter(t => used(t, sending))
            .sort((a, b) => (b.receiver.track.kind === 'video')
                            - (a.receiver.track.kind === 'video'));
        const pictures = list.filter(t => t.receiver.track.kind === 'video');

        for (const t of list) {
            if (!this.#cards.has(t)) {
                this.#cards.set(t, new TrackCard(this.#it, t,
                    pictures.length > 1 ? track => this.#show(track) : null));
            }
        }

        for (const [t, card] of this.#cards) {
            if (!list.includes(t)) {
                card.remove();
                this.#cards.delete(t);
            }
        }
    }

    /* another picture on the stage, with all the sound there is */
    #show(track) {
        $('video').srcObject = new MediaStream([
            track, ...this.#it.stream.getAudioTracks()]);
        this.#cards.forEach(card => card.shown(track));
    }

    skip() {
        this.#cards.forEach(card => card.skip());
    }

    show(stats, server) {
        this.#find();

        const [onStage] = $('video').srcObject?.getVideoTracks() ?? [];

        for (const card of this.#cards.values()) {
            card.show(stats, server);
            card.shown(onStage);
        }
    }

    remove() {
        this.#cards.forEach(card => card.remove());
        this.#cards.clear();
        $('no-tracks').hidden = false;
    }
}
