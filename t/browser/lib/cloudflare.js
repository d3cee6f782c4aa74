/*
 * lib/cloudflare.js - what lib/client.js does not do with Cloudflare's calls.
 * Copyright (C) the ngx_sfu_module authors
 */

globalThis.cloudflare = (() => {
    const { peers, call } = sfuTest;

    function add() {
        const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
        const peer = { pc, options: {}, stream: new MediaStream(),
                       streams: [] };

        pc.ontrack = e => {
            peer.stream.addTrack(e.track);
            peer.streams.push(e.streams[0]?.id);
        };

        return peers.push(peer) - 1;
    }

    async function generated(kind) {
        const media = await sfuTest.mediaOf('generated');

        return media.getTracks().find(t => t.kind === kind);
    }

    async function offer(n) {
        const { pc } = peers[n];

        await pc.setLocalDescription(await pc.createOffer());

        return pc.localDescription;
    }

    async function session(n, body) {
        const reply = await call('POST', 'new', body);

        peers[n].session = reply.sessionId;

        return reply;
    }

    const send = async (n, kind) => peers[n].pc.addTransceiver(
        await generated(kind), {
            direction: 'sendonly',
            sendEncodings: kind === 'video' ? [{ scaleResolutionDownBy: 4 }]
                                            : undefined,
        });

    /* the server names what is sent: 12 */
    async function discover() {
        const n = add();

        await send(n, 'audio');
        await send(n, 'video');
        await session(n);

        const reply = await call('POST', `${peers[n].session}/tracks/new`, {
            autoDiscover: true, sessionDescription: await offer(n),
        });

        await peers[n].pc.setRemoteDescription(reply.sessionDescription);

        return { n, session: peers[n].session, tracks: reply.tracks };
    }

    async function answer(n, reply) {
        const { pc } = peers[n];

        await pc.setRemoteDescription(reply.sessionDescription);
        await pc.setLocalDescription(await pc.createAnswer());
        await call('PUT', `${peers[n].session}/renegotiate`,
                   { sessionDescription: pc.localDescription });
    }

    /* the server offers to receive: 13 */
    async function offered() {
        const n = add();
        const { pc } = peers[n];

        await session(n);

        const reply = await call('POST', `${peers[n].session}/tracks/new`, {
            tracks: [{ location: 'local', trackName: 'asked', kind: 'video' }],
        });

        await pc.setRemoteDescription(reply.sessionDescription);

        const [transceiver] = pc.getTransceivers();

        await transceiver.sender.replaceTrack(await generated('video'));
        transceiver.direction = 'sendonly';
        await pc.setLocalDescription(await pc.createAnswer());
        await call('PUT', `${peers[n].session}/renegotiate`,
                   { sessionDescription: pc.localDescription });

        return { n, session: peers[n].session,
                 flag: reply.requiresImmediateRenegotiation,
                 tracks: reply.tracks };
    }

    /* any tracks, [session, name] each, in one request: 16, 24 */
    async function pull(n, wanted) {
        if (n === null) {
            n = add();
            await session(n);
        }

        const reply = await call('POST', `${peers[n].session}/tracks/new`, {
            tracks: wanted.map(([sessionId, trackName]) => ({
                location: 'remote', sessionId, trackName })),
        });

        if (reply.sessionDescription) {
            await answer(n, reply);
        }

        return { n, session: peers[n].session, tracks: reply.tracks,
                 flag: reply.requiresImmediateRenegotiation,
                 streams: peers[n].streams };
    }

    /* the client offers to receive: 20 */
    async function pullWithOffer(wanted) {
        const n = add();
        const { pc } = peers[n];

        pc.addTransceiver('video', { direction: 'recvonly' });
        await session(n);

        const reply = await call('POST', `${peers[n].session}/tracks/new`, {
            sessionDescription: await offer(n),
            tracks: wanted.map(([sessionId, trackName]) => ({
                location: 'remote', sessionId, trackName, kind: 'video' })),
        });

        await pc.setRemoteDescription(reply.sessionDescription);

        return { n, tracks: reply.tracks, state: pc.signalingState,
                 flag: reply.requiresImmediateRenegotiation };
    }

    /* the outline: an offer at creation, and the same one with names (16) */
    async function outline() {
        const n = add();
        const { pc } = peers[n];

        await send(n, 'audio');
        await send(n, 'video');

        const first = await session(n, { sessionDescription: await offer(n) });

        await pc.setRemoteDescription(first.sessionDescription);

        const reply = await call('POST', `${peers[n].session}/tracks/new`, {
            sessionDescription: await offer(n),
            tracks: [{ location: 'local', trackName: 'mine', kind: 'video' },
                     { location: 'local', trackName: 'voice' }],
        });

        await pc.setRemoteDescription(reply.sessionDescription);

        return { n, session: peers[n].session, tracks: reply.tracks };
    }

    const close = (n, body) => call('PUT', `${peers[n].session}/tracks/close`,
                                    body);

    /* how many bytes of pictures have come by now */
    async function received(n) {
        const all = [...(await peers[n].pc.getStats()).values()];

        return all.filter(s => s.type === 'inbound-rtp' && s.kind === 'video')
            .reduce((sum, s) => sum + s.bytesReceived, 0);
    }

    return { discover, offered, pull, pullWithOffer, outline, close, received,
             answer };
})();
