/*
 * track.js - one track of the session in use: its figures and its layers.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The height of a card is fixed by the style sheet; an error stands where
 * the description does otherwise.
 */

import { bits, count, milliseconds, percent, pixels } from './format.js';
import { LayerChoice, encodingsOf } from './layers.js';
import { Plot } from './plot.js';
import { Rate, Share, framesOf, largest, sum } from './rates.js';

const kinds = { audio: 'Sound', video: 'Picture' };

export class TrackCard {
    #card;
    #transceiver;
    #sending;
    #layers = null;
    #plots;
    #bits = new Rate();
    #asked = new Rate();
    #frames = new Rate();
    #loss = new Share();
    #serverBits = new Rate();
    #serverLoss = new Share();
    #serverAsked = new Rate();

    constructor(it, transceiver, show) {
        const card = document.getElementById('track-template')
            .content.firstElementChild.cloneNode(true);
        const part = name => card.querySelector(`.mini-${name}`);
        const video = transceiver.receiver.track.kind === 'video';

        this.#card = card;
        this.#transceiver = transceiver;
        this.#sending = it.role === 'publish';
        this.#plots = {
            bitrate: new Plot(part('bitrate'), { format: bits,
                                                 least: video ? 1e5 : 5e4 }),
            loss: new Plot(part('loss'), { format: percent, least: 0.05 }),
            asked: new Plot(part('asked'), { format: count, least: 5 }),
            last: new Plot(part('last'), video
                ? { format: count, tops: [40, 80] }
                : { format: milliseconds, least: 0.02 }),
        };
        part('last').querySelector('h4').textContent =
            video ? 'Frames per second' : 'Jitter';
        card.dataset.mid = transceiver.mid;
        card.querySelector('.kind').textContent =
            kinds[transceiver.receiver.track.kind];
        card.addEventListener('look', e => Object.values(this.#plots)
            .forEach(p => p.look(e.detail)));

        if (video && !this.#sending) {
            this.#layers = new LayerChoice(card, it, transceiver.mid);
            card.querySelector('.show').hidden = show === null;
            card.querySelector('.show').onclick = () =>
                show(transceiver.receiver.track);
        }

        document.getElementById('track-cards').append(card);
    }

    /* whether it is the picture on the stage */
    shown(track) {
        this.#card.querySelector('.show').setAttribute('aria-pressed',
            track === this.#transceiver.receiver.track);
    }

    remove() {
        this.#card.remove();
    }

    skip() {
        Object.values(this.#plots).forEach(p => p.add(null));
    }

    /* one second: getStats() of the browser, and /status, or null */
    show(stats, server) {
        const streams = this.#streams(stats);
        const main = largest(streams) ?? {};
        const time = (main.timestamp ?? 0) / 1000;
        const theirs = server?.tracks.find(t =>
            t.mid === this.#transceiver.mid
            && t.direction === (this.#sending ? 'local' : 'remote'));
        const codec = stats.find(s => s.id === main.codecId)?.mimeType
                           .split('/')[1] ?? theirs?.codec;

        this.#head(theirs, main, codec);
        this.#layers?.show(theirs, codec);
        this.#plot(stats, streams, main, time, theirs, server?.age);
        this.#card.querySelector('.encodings').textContent =
            encodingsOf(theirs, streams);
    }

    #streams(stats) {
        const type = this.#sending ? 'outbound-rtp' : 'inbound-rtp';
        const { mid, receiver, sender } = this.#transceiver;
        const { id, kind } = this.#sending ? sender.track ?? {}
                                           : receiver.track;

        return stats.filter(s => s.type === type && (
            s.mid !== undefined ? s.mid === mid
            : s.trackIdentifier !== undefined ? s.trackIdentifier === id
            : s.kind === kind));
    }

    #head(theirs, main, codec) {
        const { mid } = this.#transceiver;

        this.#card.querySelector('.name').textContent = theirs?.name ?? '–';
        this.#card.querySelector('.about').textContent = [
            codec,
            main.frameWidth && pixels(main.frameWidth, main.frameHeight),
            `mid ${mid}`,
            this.#sending && theirs && `${theirs.subscribers} watching`,
        ].filter(Boolean).join(' · ');
    }

    #plot(stats, streams, main, time, theirs, age) {
        const sending = this.#sending;
        const reports = stats.filter(s => s.type === 'remote-inbound-rtp'
            && streams.some(o => o.id === s.localId));
        const fractions = reports.map(s => s.fractionLost)
                                 .filter(v => v !== undefined);
        const bytes = sending ? 'bytesSent' : 'bytesReceived';
        const lost = theirs?.lost ?? 0;

        this.#plots.bitrate.add(
            this.#bits.next(8 * sum(streams, bytes), time),
            theirs ? this.#serverBits.next(8 * theirs.bytes, age) : null);
        this.#plots.loss.add(
            sending ? (fractions.length ? Math.max(...fractions) : null)
                    : this.#loss.next(sum(streams, 'packetsLost'),
                                      sum(streams, 'packetsReceived')),
            theirs ? this.#serverLoss.next(lost, theirs.packets - lost)
                   : null);
        this.#plots.asked.add(
            this.#asked.next(sum(streams, 'nackCount'), time),
            theirs ? this.#serverAsked.next(theirs.nacks, age) : null);
        this.#plots.last.add(main.kind === 'video'
            ? framesOf(main, sending, this.#frames, time)
            : (sending ? reports[0] : main)?.jitter ?? null);
    }
}
