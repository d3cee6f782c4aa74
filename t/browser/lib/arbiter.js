/*
 * lib/arbiter.js - a client of Arbiter, in a page.
 * Copyright (C) the ngx_sfu_module authors
 *
 * It does what docs/arbiter.md says of the published ones, and what they
 * cannot bear breaks it, too: it parses each frame without care, drops a
 * description that comes while it takes one, and shows a picture only of whom
 * it was told that there is one.  With "tells" it sends features of its own,
 * as one published revision does.
 */

globalThis.arbiter = (() => {
    const { peers } = sfuTest;
    const clients = [];

    async function call(method, path, body) {
        const response = await fetch(`/arbiter${path}`, {
            method,
            headers: body && { 'Content-Type': 'application/json' },
            body: body && JSON.stringify(body),
        });

        return { status: response.status, body: await response.json() };
    }

    /* as the page does when it is opened: look, claim, look again */
    async function roomOf(urlPath) {
        const look = () => call('GET', `/getRoomId?urlPath=${urlPath}`);
        let found = await look();

        if (!found.body.id) {
            const claimed = await call('PATCH', '/claimRoom', { urlPath });

            if (claimed.status !== 200) {
                throw new Error(`claimRoom: ${claimed.status}`);
            }

            found = await look();
        }

        return found.body.id;
    }

    const add = pc => peers.push({ pc, options: {},
                                   stream: new MediaStream() }) - 1;

    function send(client, data) {
        client.socket.send(JSON.stringify({
            action: 'handshake',
            data: { ...data, sender: client.id, roomId: client.room },
        }));
    }

    /* candidates of either side may come before the description */
    function hold(connection) {
        connection.waiting = [];
        connection.candidate = async candidate => {
            if (connection.pc.remoteDescription) {
                await connection.pc.addIceCandidate(candidate);
            } else {
                connection.waiting.push(candidate);
            }
        };
        connection.release = async () => {
            for (const candidate of connection.waiting.splice(0)) {
                await connection.pc.addIceCandidate(candidate);
            }
        };
    }

    function channel(client, label, id, onmessage) {
        const dc = client.producer.pc.createDataChannel(label, {
            negotiated: true, id,
        });

        dc.onmessage = e => onmessage(JSON.parse(e.data));
        client[label] = dc;

        return dc;
    }

    /* a tile is a picture that stands still, or a video */
    function show(client, remote) {
        const { features, n, tile } = remote;

        tile.replaceChildren();

        if (!features.video) {
            tile.append(document.createElement('img'));
            peers[n].video = undefined;
            return;
        }

        const video = document.createElement('video');

        video.autoplay = video.playsInline = video.muted = true;
        video.srcObject = peers[n].stream;
        peers[n].video = video;
        tile.append(video);
    }

    /* whoever is named first is new: there is no other announcement */
    function consumerOf(client, id) {
        if (client.consumers.has(id)) {
            return client.consumers.get(id);
        }

        const pc = new RTCPeerConnection();
        const remote = { pc, n: add(pc), features: { audio: false,
                                                     video: false },
                         offers: 0, tile: document.createElement('div') };

        hold(remote);
        pc.ontrack = e => peers[remote.n].stream.addTrack(e.track);
        pc.onicecandidate = ({ candidate }) => candidate
            && client.trickles
            && send(client, { type: 'consumer', remotePeerId: id, candidate });
        client.consumers.set(id, remote);
        document.body.append(remote.tile);
        show(client, remote);

        return remote;
    }

    async function consume(client, { remotePeerId, description, candidate }) {
        const remote = consumerOf(client, remotePeerId);

        if (candidate) {
            await remote.candidate(candidate);
        }

        if (!description) {
            return;
        }

        remote.offers++;

        if (remote.busy) {
            return;
        }

        remote.busy = true;
        await remote.pc.setRemoteDescription(description);
        await remote.release();
        await remote.pc.setLocalDescription(await remote.pc.createAnswer());
        send(client, { type: 'consumer', remotePeerId,
                       description: remote.pc.localDescription });
        remote.busy = false;
    }

    async function produce(client, { description, candidate }) {
        if (candidate) {
            await client.producer.candidate(candidate);
        }

        if (description) {
            client.answers++;
            await client.producer.pc.setRemoteDescription(description);
            await client.producer.release();
        }
    }

    async function receive(client, text) {
        const message = JSON.parse(text);

        client.frames.push(message);

        if (message.type === 'producer') {
            await produce(client, message);
        } else if (message.type === 'consumer') {
            await consume(client, message);
        } else if (message.type === 'clientDisconnect') {
            const remote = client.consumers.get(message.clientId);

            remote?.tile.remove();
            client.consumers.delete(message.clientId);
        }
    }

    function features(client, initialConnect) {
        const { features: dc, own } = client;

        if (dc.readyState === 'open') {
            dc.send(JSON.stringify({ id: client.id, features: own,
                                     initialConnect }));
        }
    }

    async function addMedia(client, source) {
        if (source === 'none') {
            return;
        }

        const media = await sfuTest.mediaOf(source);

        client.own = { audio: true, video: true };
        client.media = media;
        media.getTracks().forEach(track =>
            client.producer.pc.addTransceiver(track, {
                direction: 'sendrecv',
                sendEncodings: track.kind === 'video'
                    ? [{ scaleResolutionDownBy: 4 }] : undefined,
            }));
    }

    async function offer(client, options) {
        const { pc } = client.producer;

        await pc.setLocalDescription(await pc.createOffer(options));
        send(client, { type: 'producer', description: pc.localDescription });
    }

    /*
     * source: as of sfuTest.mediaOf(), or "none"; candidates: "usual",
     * "never", or "early", before the offer; room: else by the path
     */
    async function join(urlPath, { source = 'generated', tells = false,
                                   candidates = 'usual', room } = {}) {
        const pc = new RTCPeerConnection();
        const client = {
            id: crypto.randomUUID(), frames: [], consumers: new Map(),
            producer: { pc, n: add(pc) }, own: { audio: false, video: false },
            answers: 0, chats: [], trickles: candidates !== 'never',
        };
        const held = [];

        client.room = room ?? await roomOf(urlPath);
        hold(client.producer);

        channel(client, 'chat', 100, m => client.chats.push(m));

        const dc = channel(client, 'features', 110, m => {
            const remote = consumerOf(client, m.id);

            if (remote.features.video !== m.features.video) {
                remote.features = m.features;
                show(client, remote);
            }

            remote.features = m.features;
        });

        dc.onopen = () => tells && features(client, true);

        await addMedia(client, source);

        client.socket = new WebSocket(
            `${location.origin.replace('http', 'ws')}/arbiter/ws`);
        await new Promise((opened, failed) => {
            client.socket.onopen = opened;
            client.socket.onerror = () => failed(new Error('no WebSocket'));
        });

        /* one after the other, as they come */
        let last = Promise.resolve();

        client.socket.onmessage = e => {
            last = last.then(() => receive(client, e.data));
        };

        client.socket.send(JSON.stringify({ action: 'identify', data: {
            id: client.id, type: 'client', roomId: client.room } }));

        pc.onicecandidate = ({ candidate }) => {
            if (!candidate || candidates === 'never') {
                return;
            }

            if (candidates === 'early') {
                held.push(candidate);
            } else {
                send(client, { type: 'producer', candidate });
            }
        };

        if (candidates === 'early') {
            await pc.setLocalDescription(await pc.createOffer());
            await new Promise(done => {
                pc.onicegatheringstatechange = () =>
                    pc.iceGatheringState === 'complete' && done();
            });
            held.forEach(candidate =>
                send(client, { type: 'producer', candidate }));
            send(client, { type: 'producer', description: {
                type: 'offer',
                sdp: pc.localDescription.sdp.replaceAll(/a=candidate.*\r\n/g,
                                                        ''),
            } });
        } else {
            await offer(client);
        }

        return { c: clients.push(client) - 1, id: client.id,
                 room: client.room, producer: client.producer.n };
    }

    /* what somebody sees: { id: { n, offers, features, shows } } */
    function sees(c) {
        return Object.fromEntries([...clients[c].consumers].map(([id, r]) =>
            [id, { n: r.n, offers: r.offers, features: r.features,
                   state: r.pc.connectionState,
                   shows: r.tile.isConnected
                          && r.tile.firstChild.localName }]));
    }

    return {
        call, join, sees,
        state: c => ({
            connection: clients[c].producer.pc.connectionState,
            chat: clients[c].chat.readyState,
            features: clients[c].features.readyState,
            answers: clients[c].answers,
        }),
        frames: c => clients[c].frames,
        chats: c => clients[c].chats,
        say: (c, content) => clients[c].chat.send(JSON.stringify({
            id: clients[c].id, sender: 'self', content })),
        camera(c, on) {
            clients[c].own = { ...clients[c].own, video: on };
            features(clients[c]);
        },
        restart: c => offer(clients[c], { iceRestart: true }),
        ufrag: c => clients[c].producer.pc.remoteDescription.sdp
            .match(/a=ice-ufrag:(\S+)/)[1],
        leave(c) {
            clients[c].media?.getTracks().forEach(t => t.stop());
            clients[c].socket.close();
            clients[c].producer.pc.close();
            clients[c].consumers.forEach(r => {
                r.pc.close();
                r.tile.remove();
            });
        },
    };
})();
