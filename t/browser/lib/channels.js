/*
 * lib/channels.js - data channels with plain fetch, run inside a page.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Beside client.js, which has the calls.  Sessions and channels are named by
 * a number, because what a test gets out of a page is JSON.
 */

globalThis.sfuData = (() => {
    const { call } = globalThis.sfuTest;
    const sessions = [];
    const channels = [];

    const wait = (target, event, done, what) => new Promise((ok, fail) => {
        const timer = setTimeout(() => fail(new Error(`no ${what}`)), 60000);
        const look = () => {
            if (done()) {
                clearTimeout(timer);
                ok();
            }
        };

        target.addEventListener(event, look);
        look();
    });

    function watch(channel, id) {
        const entry = { channel, id: channel.id ?? id, messages: [],
                        closed: false };

        channel.binaryType = 'arraybuffer';
        channel.addEventListener('message', e => entry.messages.push(e.data));
        channel.addEventListener('close', () => entry.closed = true);

        return channels.push(entry) - 1;
    }

    const answer = async (pc, session, { sdp, type }) => {
        await pc.setRemoteDescription({ sdp, type });
        await pc.setLocalDescription(await pc.createAnswer());
        await call('PUT', `${session}/renegotiate`,
                   { sessionDescription: pc.localDescription });
    };

    const eventBody = { dataChannel: { location: 'remote',
                                       dataChannelName: 'server-events' } };

    const ways = {
        /* establish, and the server offers and opens server-events */
        async server(pc, s) {
            s.events = new Promise(done =>
                pc.addEventListener('datachannel', e => done(e.channel)));

            const reply = await call('POST',
                                     `${s.id}/datachannels/establish`,
                                     eventBody);

            s.reply = reply;
            await answer(pc, s.id, reply.sessionDescription);
        },
        /* establish with an offer, and the page opens it */
        async client(pc, s) {
            const events = pc.createDataChannel('server-events');

            s.events = Promise.resolve(events);
            await pc.setLocalDescription(await pc.createOffer());
            s.reply = await call('POST', `${s.id}/datachannels/establish`, {
                ...eventBody, sessionDescription: pc.localDescription });
            await pc.setRemoteDescription(s.reply.sessionDescription);
        },
        /* m=application as it was written before RFC 8841 */
        async old(pc, s) {
            s.events = Promise.resolve(pc.createDataChannel('server-events'));

            const { sdp } = await pc.createOffer();
            const sctp = { from: ['UDP/DTLS/SCTP webrtc-datachannel',
                                  'a=sctp-port:5000'],
                           to: ['DTLS/SCTP 5000',
                                'a=sctpmap:5000 webrtc-datachannel 1024'] };

            await pc.setLocalDescription({ type: 'offer', sdp });
            s.reply = await call('POST', `${s.id}/datachannels/establish`, {
                ...eventBody,
                sessionDescription: { type: 'offer', sdp: sdp
                    .replace(sctp.from[0], sctp.to[0])
                    .replace(sctp.from[1], sctp.to[1]) } });

            const text = s.reply.sessionDescription.sdp;

            s.old = sctp.to.every(line => text.includes(line));
            await pc.setRemoteDescription({ type: 'answer', sdp: text
                .replace(sctp.to[0], sctp.from[0])
                .replace(sctp.to[1], sctp.from[1]) });
        },
        /* m=application in the first offer of sessions/new, no establish */
        async first(pc, s) {
            pc.createDataChannel('any', { negotiated: true, id: 1000 });
            await pc.setLocalDescription(await pc.createOffer());
            s.reply = await call('POST', 'new', {
                sessionDescription: pc.localDescription });
            s.id = s.reply.sessionId;
            await pc.setRemoteDescription(s.reply.sessionDescription);
        },
        /* and in that of tracks/new, beside a camera */
        async tracks(pc, s) {
            const stream = await sfuTest.mediaOf('camera');

            pc.createDataChannel('any', { negotiated: true, id: 1000 });

            const [video] = stream.getVideoTracks();
            const sender = pc.addTransceiver(video, { direction: 'sendonly' });

            await pc.setLocalDescription(await pc.createOffer());
            s.reply = await call('POST', `${s.id}/tracks/new`, {
                sessionDescription: pc.localDescription,
                tracks: [{ location: 'local', trackName: 'camera',
                           mid: sender.mid }] });
            await pc.setRemoteDescription(s.reply.sessionDescription);
        },
    };

    /* a session with data channels; its number, its id, and the reply */
    async function open(way = 'server') {
        const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
        const s = { pc };

        if (way !== 'first') {
            s.id = (await call('POST', 'new')).sessionId;
        }

        await ways[way](pc, s);

        return { n: sessions.push(s) - 1, session: s.id, reply: s.reply,
                 old: s.old };
    }

    /* the same for a session of client.js, which has media already */
    async function establish(peer, id, way = 'server') {
        const s = { pc: sfuTest.pc(peer), id };

        await ways[way](s.pc, s);

        return sessions.push(s) - 1;
    }

    /* of server-events, once it is open: its id and label */
    async function events(n) {
        const channel = await sessions[n].events;

        await wait(channel, 'open', () => channel.readyState === 'open',
                   'open server-events');

        return { id: channel.id, label: channel.label,
                 ordered: channel.ordered };
    }

    /* datachannels/new for one channel; the entry of the reply */
    async function ask(n, dataChannel) {
        const s = sessions[n];
        const reply = await call('POST', `${s.id}/datachannels/new`, {
            dataChannels: [dataChannel] });

        return reply.dataChannels[0];
    }

    /* and the RTCDataChannel to it; its number, and the entry */
    async function create(n, dataChannel) {
        const entry = await ask(n, dataChannel);

        if (entry.errorCode) {
            return { entry };
        }

        const { ordered, maxRetransmits, maxPacketLifeTime } = dataChannel;
        const channel = sessions[n].pc.createDataChannel(
            dataChannel.dataChannelName, { negotiated: true, id: entry.id,
                ordered: ordered ?? true, maxRetransmits, maxPacketLifeTime });

        await wait(channel, 'open', () => channel.readyState === 'open',
                   'open channel');

        return { c: watch(channel), entry };
    }

    const publish = (n, dataChannelName, policy = {}) => create(n, {
        location: 'local', dataChannelName, ...policy });
    const subscribe = (n, sessionId, dataChannelName, options = {}) =>
        create(n, { location: 'remote', sessionId, dataChannelName,
                    ...options });

    /* bytes that depend on their place and a seed */
    function pattern(size, seed) {
        const bytes = new Uint8Array(size);

        for (let i = 0; i < size; i++) {
            bytes[i] = i * 31 + (i >> 8) + seed;
        }

        return bytes;
    }

    const send = (c, text) => channels[c].channel.send(text);
    const sendBytes = (c, size, seed = 0) =>
        channels[c].channel.send(pattern(size, seed));

    /* what came so far: texts as they are, bytes as size and what they are */
    const shown = data => typeof data === 'string' ? data : {
        size: data.byteLength,
        seed: [...Array(256).keys()].find(seed => {
            const is = new Uint8Array(data);

            return pattern(data.byteLength, seed).every((b, i) => b === is[i]);
        }),
    };

    async function received(c, count) {
        const { channel, messages } = channels[c];

        await wait(channel, 'message', () => messages.length >= count,
                   `${count} messages, but ${messages.length}`);

        return messages.slice(0, count).map(shown);
    }

    return {
        open, establish, events, ask, publish, subscribe, send, sendBytes, received,
        /* what is there now; a message that must not come has had its time
         * when one that was sent later has come by another way */
        count: c => channels[c].messages.length,
        seen: c => channels[c].messages.map(shown),
        state: c => channels[c].channel.readyState,
        closed: async c => {
            const { channel } = channels[c];

            await wait(channel, 'close', () => channel.readyState === 'closed',
                       'end of the channel');
        },
        closeChannel: c => channels[c].channel.close(),
        /* the page opens one in-band, under its label */
        openInBand: async (n, label) => {
            const channel = sessions[n].pc.createDataChannel(label);

            await wait(channel, 'open', () => channel.readyState === 'open',
                       'open channel');

            return { c: watch(channel), id: channel.id };
        },
        put: (n, path, body) => call('PUT',
                                     `${sessions[n].id}/datachannels/${path}`,
                                     { dataChannels: body }),
        get: n => call('GET', sessions[n].id),
        leave: n => sessions[n].pc.close(),
    };
})();
