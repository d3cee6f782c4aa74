/*
 * lib/metered.js - an application of Metered Global Cloud SFU, in a page.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Written the way its documentation tells: plain fetch, descriptions as the
 * browser has them, offers posted before there are candidates.  It shares the
 * peers of lib/client.js, so that its pictures and tones can be looked at.
 */

globalThis.metered = (() => {
    const { peers } = sfuTest;

    async function call(method, path, body) {
        const response = await fetch(`/api/sfu/demo/${path}`, {
            method,
            headers: { Authorization: 'Bearer demo-secret',
                       'Content-Type': 'application/json' },
            body: body && JSON.stringify(body),
        });

        return { status: response.status, body: await response.json() };
    }

    /* applications take 200 for success, and nothing else */
    async function must(method, path, body) {
        const reply = await call(method, path, body);

        if (reply.status !== 200) {
            throw new Error(`${method} ${path}: ${reply.status} `
                            + JSON.stringify(reply.body));
        }

        return reply.body;
    }

    function add() {
        const pc = new RTCPeerConnection({ iceServers: [] });
        const peer = { pc, options: {}, stream: new MediaStream(),
                       events: [] };

        pc.ontrack = e => {
            peer.stream.addTrack(e.track);
            peer.events.push({ track: e.track.id, stream: e.streams[0]?.id,
                               kind: e.track.kind, mid: e.transceiver.mid });
        };

        return peers.push(peer) - 1;
    }

    async function offer(n, options) {
        const { pc } = peers[n];

        await pc.setLocalDescription(await pc.createOffer(options));

        return pc.localDescription;
    }

    async function take(n, reply) {
        await peers[n].pc.setRemoteDescription(reply.sessionDescription);
    }

    async function create(n, metadata) {
        const reply = await must('POST', 'session/new',
                                 { sessionDescription: await offer(n),
                                   metadata });

        peers[n].session = reply.sessionId;
        await take(n, reply);

        return { n, session: reply.sessionId,
                 type: reply.sessionDescription.type };
    }

    /* "empty", "bare", "receive", "data": what an offer may look like */
    async function join(shape = 'bare', metadata) {
        const n = add();

        if (shape === 'bare') {
            peers[n].pc.addTransceiver('video');
        } else if (shape === 'receive') {
            peers[n].pc.addTransceiver('video', { direction: 'recvonly' });
        } else if (shape === 'data') {
            peers[n].pc.createDataChannel('data');
        }

        return create(n, metadata);
    }

    /* with tracks in the first offer, which are published one by one */
    async function publish(kinds = ['audio', 'video'], { once } = {}) {
        const n = add();
        const { pc } = peers[n];
        const media = await sfuTest.mediaOf('generated');
        const tracks = media.getTracks().filter(t => kinds.includes(t.kind));

        tracks.forEach(track => pc.addTrack(track, media));
        shrink(pc);

        const joined = await create(n, 'publisher');
        const list = tracks.map(track => ({
            trackId: track.id,
            mid: pc.getTransceivers().find(t => t.sender.track === track).mid,
            customTrackName: `user-${track.kind}`,
        }));

        for (const some of once ? [list] : list.map(entry => [entry])) {
            await take(n, await must('POST',
                                     `session/${joined.session}/track/publish`,
                                     { tracks: some,
                                       sessionDescription: await offer(n) }));
        }

        return { ...joined, tracks: Object.fromEntries(
            tracks.map(track => [track.kind, track.id])) };
    }

    /* two cores decode what is sent to all of them */
    function shrink(pc) {
        for (const sender of pc.getSenders()) {
            if (sender.track?.kind === 'video') {
                const parameters = sender.getParameters();

                parameters.encodings[0].scaleResolutionDownBy = 4;
                sender.setParameters(parameters);
            }
        }
    }

    /* a transceiver that gets its track later, so its msid is another */
    async function publishReplaced() {
        const n = add();
        const { pc } = peers[n];
        const transceiver = pc.addTransceiver('video');
        const joined = await create(n);
        const [track] = (await sfuTest.mediaOf('generated')).getVideoTracks();

        await transceiver.sender.replaceTrack(track);
        shrink(pc);
        await take(n, await must('POST',
                                 `session/${joined.session}/track/publish`, {
            tracks: [{ trackId: track.id, mid: transceiver.mid,
                       customTrackName: 'replaced' }],
            sessionDescription: await offer(n),
        }));

        return { ...joined, tracks: { video: track.id } };
    }

    /* adds a track to a connection that receives, and publishes it */
    async function publishBack(n, kind) {
        const { pc, session } = peers[n];
        const media = await sfuTest.mediaOf('generated');
        const track = media.getTracks().find(t => t.kind === kind);

        pc.addTrack(track, media);
        shrink(pc);

        const { mid } = pc.getTransceivers().find(
            t => t.sender.track === track) ?? {};

        await take(n, await must('POST', `session/${session}/track/publish`, {
            tracks: [{ trackId: track.id, mid: mid ?? '' }],
            sessionDescription: await offer(n),
        }));

        return { track: track.id, directions: pc.getTransceivers().map(
            t => `${t.mid} ${t.currentDirection}`) };
    }

    const forms = {
        object: description => description,
        text: ({ sdp }) => sdp,
        twice: description => JSON.stringify(description),
    };

    /* the offer is applied; its answer is for answer() */
    async function request(n, wanted) {
        const reply = await must('POST',
            `session/${peers[n].session}/track/subscribe`,
            { tracks: wanted.map(([remoteSessionId, remoteTrackId]) =>
                ({ remoteSessionId, remoteTrackId })) });

        peers[n].offered = reply;

        return reply.sessionDescription.type;
    }

    async function answer(n, form = 'object') {
        const { pc, session, offered } = peers[n];

        await pc.setRemoteDescription(offered.sessionDescription);
        await pc.setLocalDescription(await pc.createAnswer());

        return must('PUT', `session/${session}/renegotiate`,
                    { sessionDescription: forms[form](pc.localDescription) });
    }

    async function subscribe(n, wanted, form) {
        await request(n, wanted);
        await answer(n, form);

        return peers[n].events;
    }

    async function renegotiate(n, options) {
        const reply = await must('PUT',
            `session/${peers[n].session}/renegotiate`,
            { sessionDescription: await offer(n, options) });

        await take(n, reply);

        return reply.sessionDescription.type;
    }

    /* what the publisher does: removeTrack, an offer, and its answer */
    async function unpublish(n, kind) {
        const { pc, session } = peers[n];
        const sender = pc.getSenders().find(s => s.track?.kind === kind);
        const trackId = sender.track.id;

        pc.removeTrack(sender);

        const reply = await must('POST', `session/${session}/track/close`, {
            tracks: [{ trackId }], sessionDescription: await offer(n),
        });

        await take(n, reply);

        return reply.success;
    }

    /* only this one of the received tracks is looked at */
    function watch(n, mid) {
        const { pc, stream } = peers[n];
        const { receiver } = pc.getTransceivers().find(t => t.mid === mid);

        stream.getVideoTracks().forEach(t => stream.removeTrack(t));
        stream.addTrack(receiver.track);
    }

    return {
        call, join, publish, publishReplaced, publishBack, request, answer,
        subscribe, renegotiate, unpublish, watch,
        events: n => peers[n].events,
        state: n => peers[n].pc.connectionState,
    };
})();
