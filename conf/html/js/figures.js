/*
 * figures.js - once a second, what the browser and the server have measured.
 * Copyright (C) the ngx_sfu_module authors
 */

import { serverFigures } from './api.js';

/* a counter that only grows, as a rate per second */
class Rate {
    #value;
    #time;

    next(value, time) {
        const rate = this.#time < time && value >= this.#value
                         ? (value - this.#value) / (time - this.#time)
                         : null;

        this.#value = value;
        this.#time = time;

        return rate;
    }
}

const sum = (list, name) => list.reduce((n, s) => n + (s[name] ?? 0), 0);

/* the share of one counter in two, since the last time */
class Share {
    #part = 0;
    #rest = 0;

    next(part, rest) {
        const p = Math.max(0, part - this.#part);
        const r = Math.max(0, rest - this.#rest);

        this.#part = part;
        this.#rest = rest;

        return p + r > 0 ? p / (p + r) : null;
    }
}

function selectedPair(stats) {
    const transport = stats.find(s => s.type === 'transport'
                                      && s.selectedCandidatePairId);

    return stats.find(s => s.id === transport?.selectedCandidatePairId)
           ?? stats.find(s => s.type === 'candidate-pair' && s.nominated
                              && s.state === 'succeeded');
}

const seen = value => typeof value === 'number' && isFinite(value)
                          ? value : null;

export class Figures {
    #bits = new Rate();
    #frames = new Rate();
    #loss = new Share();
    #serverBits = new Rate();
    #serverLoss = new Share();

    /* numbers or null, in bit/s, shares of one, seconds, pixels */
    async browser(pc, sending) {
        const stats = [...(await pc.getStats()).values()];
        const type = sending ? 'outbound-rtp' : 'inbound-rtp';
        const streams = stats.filter(s => s.type === type);
        const reports = stats.filter(s => s.type === 'remote-inbound-rtp');
        const video = streams.find(s => s.kind === 'video') ?? {};
        const audio = streams.find(s => s.kind === 'audio') ?? {};
        const pair = selectedPair(stats);
        const time = (streams[0]?.timestamp ?? 0) / 1000;
        const bytes = sending ? 'bytesSent' : 'bytesReceived';
        const frames = sending ? 'framesEncoded' : 'framesDecoded';
        const fraction = reports.map(s => s.fractionLost)
                                .filter(v => seen(v) !== null);
        const bits = this.#bits.next(8 * sum(streams, bytes), time);
        const codec = s => stats.find(c => c.id === s.codecId)?.mimeType
                                ?.split('/')[1];

        return {
            bitrate: streams.length ? bits : null,
            loss: sending ? (fraction.length ? Math.max(...fraction) : null)
                          : this.#loss.next(sum(streams, 'packetsLost'),
                                            sum(streams, 'packetsReceived')),
            rtt: seen(pair?.currentRoundTripTime)
                 ?? seen(reports[0]?.roundTripTime),
            fps: video.id === undefined ? null
                     : this.#frames.next(video[frames] ?? 0, time),
            width: seen(video.frameWidth),
            height: seen(video.frameHeight),
            videoCodec: codec(video),
            audioCodec: codec(audio),
            limitedBy: video.qualityLimitationReason,
            repairs: sum(streams, sending ? 'retransmittedPacketsSent'
                                          : 'retransmittedPacketsReceived'),
            asked: sum(streams, 'nackCount'),
            buffer: video.jitterBufferEmittedCount
                        ? video.jitterBufferDelay
                          / video.jitterBufferEmittedCount : null,
            dropped: seen(video.framesDropped),
            freezes: seen(video.freezeCount),
            path: this.#path(stats, pair),
        };
    }

    /* the same from the server's side; gone: it does not know the session */
    async server(session) {
        const f = await serverFigures(session);

        if (f === undefined) {
            return null;
        }

        if (f.error) {
            return { gone: f.error === 'session_gone' };
        }

        const lost = sum(f.tracks, 'lost');
        const bits = this.#serverBits.next(8 * sum(f.tracks, 'bytes'), f.age);
        const loss = this.#serverLoss.next(lost,
                                           sum(f.tracks, 'packets') - lost);

        return {
            gone: false,
            state: f.state,
            bitrate: bits,
            loss,
            rtt: seen(f.rtt),
            watchers: Math.max(0, ...f.tracks.map(t => t.subscribers ?? 0)),
            profile: f.srtp_profile,
            transport: f.transport,
            loop: f.loop,
        };
    }

    #path(stats, pair) {
        const remote = stats.find(s => s.id === pair?.remoteCandidateId);

        return remote && `${(remote.protocol ?? '').toUpperCase()} to `
                         + (remote.address?.includes(':')
                                ? `[${remote.address}]` : remote.address)
                         + `:${remote.port}`;
    }
}
