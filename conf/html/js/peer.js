/*
 * peer.js - one PeerConnection and the session that is its other half.
 * Copyright (C) the ngx_sfu_module authors
 */

import * as api from './api.js';

export function make() {
    return new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
}

/* mimeType, or "" for the browser's own order */
export function preferCodec(transceiver, mimeType) {
    if (!mimeType || !transceiver.setCodecPreferences) {
        return;
    }

    const codecs = RTCRtpSender.getCapabilities('video').codecs;
    const same = c => c.mimeType.toLowerCase() === mimeType.toLowerCase();

    transceiver.setCodecPreferences([
        ...codecs.filter(same), ...codecs.filter(c => !same(c)),
    ]);
}

/* the video codecs that this browser can send, most common first */
export function sendCodecs() {
    const known = RTCRtpSender.getCapabilities('video')?.codecs ?? [];
    const types = new Set(known.map(c => c.mimeType));

    return ['VP8', 'VP9', 'H264', 'H265', 'AV1']
        .map(name => `video/${name}`).filter(type => types.has(type));
}

/*
 * What is sent of a video track: "" for one quality, "simulcast" for three
 * encodings, the best first by name, as "asciibetical" orders of the API
 * have it; "svc" for three layers of size in one stream.
 */
const encodings = {
    '': undefined,
    /* without a mode Chromium sends one stream of VP9 with three layers */
    simulcast: [
        { rid: 'a', maxBitrate: 2000000 },
        { rid: 'b', maxBitrate: 600000, scaleResolutionDownBy: 2 },
        { rid: 'c', maxBitrate: 200000, scaleResolutionDownBy: 4 },
    ].map(e => ({ ...e, scalabilityMode: 'L1T3' })),
    svc: [{ scalabilityMode: 'L3T3_KEY' }],
};

export const hasLayers = codec => /VP9|AV1/i.test(codec);

/* a transceiver for each track; shape is { codec, qualities } */
export function addTracks(pc, stream, { codec, qualities }) {
    return stream.getTracks().map(track => {
        const video = track.kind === 'video';
        const t = pc.addTransceiver(track, {
            direction: 'sendonly', streams: [stream],
            sendEncodings: video ? encodings[qualities] : undefined,
        });

        if (video) {
            preferCodec(t, codec);
        }

        return t;
    });
}

/* publishes the tracks of a stream, as it is said for addTracks() */
export async function publish(stream, shape) {
    const session = await api.newSession();
    const pc = make();

    try {
        const senders = addTracks(pc, stream, shape);

        await pc.setLocalDescription(await pc.createOffer());

        const answer = await api.newTracks(session, {
            sessionDescription: pc.localDescription,
            tracks: senders.map(t => ({
                location: 'local',
                mid: t.mid,
                trackName: t.sender.track.kind,
            })),
        });
        const bad = answer.tracks.find(t => t.errorCode);

        if (bad) {
            throw new api.ApiError(200, bad.errorCode, bad.errorDescription);
        }

        await pc.setRemoteDescription(answer.sessionDescription);

        return { pc, session, role: 'publish', dialect: 'cloudflare' };

    } catch (e) {
        pc.close();
        throw e;
    }
}

/* changes the codec of a running publisher; its watchers go on */
export async function changeCodec({ pc, session }, codec) {
    pc.getTransceivers()
      .filter(t => t.sender.track?.kind === 'video')
      .forEach(t => preferCodec(t, codec));

    await pc.setLocalDescription(await pc.createOffer());

    const { sessionDescription } =
        await api.renegotiate(session, pc.localDescription);

    await pc.setRemoteDescription(sessionDescription);
}

/* plays all that a publisher sends */
export async function subscribe(publisher) {
    const wanted = (await api.getSession(publisher)).tracks
        .filter(t => t.location === 'local');

    if (wanted.length === 0) {
        throw new api.ApiError(200, 'not_found_track_error',
                               'The publisher has no tracks yet.');
    }

    const session = await api.newSession();
    const pc = make();
    const stream = new MediaStream();

    pc.ontrack = e => stream.addTrack(e.track);

    try {
        const offer = await api.newTracks(session, {
            tracks: wanted.map(t => ({
                location: 'remote',
                sessionId: publisher,
                trackName: t.trackName,
            })),
        });

        /* one silent track is no reason to withhold the other */
        if (!offer.sessionDescription) {
            const { errorCode, errorDescription } = offer.tracks[0];

            throw new api.ApiError(200, errorCode, errorDescription);
        }

        await pc.setRemoteDescription(offer.sessionDescription);
        await pc.setLocalDescription(await pc.createAnswer());
        await api.renegotiate(session, pc.localDescription);

        return { pc, session, stream, publisher, role: 'watch',
                 dialect: 'cloudflare' };

    } catch (e) {
        pc.close();
        throw e;
    }
}

/* resolves when connected, rejects when it fails or the time is over */
export function connected(pc, milliseconds = 15000) {
    return new Promise((resolve, reject) => {
        const fail = () => reject(new api.ApiError(0, 'no_media_path',
            'The media ports of the server (UDP and TCP) are not reachable '
            + 'from here.'));
        const timer = setTimeout(fail, milliseconds);
        const look = () => {
            if (pc.connectionState === 'connected') {
                clearTimeout(timer);
                resolve();
            } else if (pc.connectionState === 'failed') {
                clearTimeout(timer);
                fail();
            }
        };

        pc.addEventListener('connectionstatechange', look);
        look();
    });
}
