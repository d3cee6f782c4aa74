/*
 * figures.js - once a second, what the browser and the server have measured.
 * Copyright (C) the ngx_sfu_module authors
 */

import { Rate, Share, framesOf, largest, sum } from './rates.js';

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
    browser(stats, sending) {
        const type = sending ? 'outbound-rtp' : 'inbound-rtp';
        const streams = stats.filter(s => s.type === type);
        const reports = stats.filter(s => s.type === 'remote-inbound-rtp');
        const video = largest(streams.filter(s => s.kind === 'video')) ?? {};
        const audio = streams.find(s => s.kind === 'audio') ?? {};
        const pair = selectedPair(stats);
        const time = (streams[0]?.timestamp ?? 0) / 1000;
        const bytes = sending ? 'bytesSent' : 'bytesReceived';
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
                     : framesOf(video, sending, this.#frames, time),
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

    /* the same from the server's side, of what api.serverFigures() gave */
    server(f) {
        const lost = sum(f.tracks, 'lost');
        const bits = this.#serverBits.next(8 * sum(f.tracks, 'bytes'), f.age);
        const loss = this.#serverLoss.next(lost,
                                           sum(f.tracks, 'packets') - lost);

        return {
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
