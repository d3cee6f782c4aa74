/*
 * lib/kvs.js - a camera, and those who watch it, in a page.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Written the way the clients' own examples are: describe, endpoints, ICE
 * servers, signaling, trickled candidates.  Shares the peers of lib/client.js.
 */

globalThis.kvs = (() => {
    const { peers, mediaOf } = sfuTest;
    const { SignalingClient, Role } = KVSWebRTC;
    const { video, signaling, storage } = kvsSdk;
    const account = {
        region: 'us-east-1',
        credentials: { accessKeyId: 'AKIADEMO',
                       secretAccessKey: 'demo-secret' },
        maxAttempts: 1,
    };
    const control = new video.KinesisVideoClient({
        ...account, endpoint: `${location.origin}/kvs`,
    });

    /* makes it, if need be */
    async function channel(ChannelName, tags = {}) {
        try {
            const { ChannelInfo } = await control.send(
                new video.DescribeSignalingChannelCommand({ ChannelName }));

            return ChannelInfo.ChannelARN;
        } catch (e) {
            if (e.name !== 'ResourceNotFoundException'
                || e.$metadata.httpStatusCode !== 404)
            {
                throw e;
            }
        }

        const { ChannelARN } = await control.send(
            new video.CreateSignalingChannelCommand({
                ChannelName, Tags: Object.entries(tags).map(
                    ([Key, Value]) => ({ Key, Value })),
            }));

        return ChannelARN;
    }

    async function store(ChannelARN) {
        await control.send(new video.UpdateMediaStorageConfigurationCommand({
            ChannelARN, MediaStorageConfiguration: {
                Status: 'ENABLED',
                StreamARN: ChannelARN.replace(':channel/', ':stream/'),
            },
        }));
    }

    async function endpoints(ChannelARN, Role, Protocols) {
        const { ResourceEndpointList } = await control.send(
            new video.GetSignalingChannelEndpointCommand({
                ChannelARN, SingleMasterChannelEndpointConfiguration: {
                    Protocols: Protocols ?? ['WSS', 'HTTPS'], Role,
                },
            }));

        return Object.fromEntries(ResourceEndpointList.map(
            e => [e.Protocol, e.ResourceEndpoint]));
    }

    async function iceServers(ChannelARN, endpoint, ClientId) {
        const client = new signaling.KinesisVideoSignalingClient({
            ...account, endpoint,
        });
        const { IceServerList } = await client.send(
            new signaling.GetIceServerConfigCommand({ ChannelARN,
                                                      ClientId }));

        return IceServerList.map(s => ({ urls: s.Uris, username: s.Username,
                                         credential: s.Password }));
    }

    async function connect(channelARN, role, clientId) {
        const at = await endpoints(channelARN, role);

        /* without it names hide the addresses, and nobody resolves them */
        await navigator.mediaDevices.getUserMedia({ audio: true });

        const client = new SignalingClient({
            ...account, channelARN, clientId, role: Role[role],
            channelEndpoint: at.WSS,
        });

        return { client, iceServers: await iceServers(channelARN, at.HTTPS,
                                                      clientId) };
    }

    const opened = client => new Promise((done, failed) => {
        client.on('open', done);
        client.on('error', e => failed(new Error(`signaling: ${e}`)));
        client.open();
    });

    /* to: of a master's messages; undefined for whoever has no name */
    function makePeer(signal, iceServers, to) {
        const pc = new RTCPeerConnection({ iceServers });
        const peer = { pc, client: signal, to, options: {}, events: [],
                       stream: new MediaStream(), started: performance.now() };

        pc.ontrack = e => peer.stream.addTrack(e.track);
        pc.onicecandidate = ({ candidate }) =>
            candidate && signal.sendIceCandidate(candidate, to);

        return peer;
    }

    const masters = [];

    function onlyCodec(transceiver, name) {
        const kind = transceiver.sender.track.kind;
        const all = RTCRtpSender.getCapabilities(kind).codecs;

        transceiver.setCodecPreferences(all.filter(
            c => c.mimeType === name || c.mimeType.endsWith('/rtx')));
    }

    /* answers every offer with a connection of its own */
    async function master(arn, { codec, scale = 4 } = {}) {
        const { client, iceServers } = await connect(arn, 'MASTER');
        const media = await mediaOf('generated');
        const me = { client, offers: [], peers: [], statuses: [] };

        client.on('sdpOffer', async (offer, from) => {
            const peer = makePeer(client, iceServers, from);

            me.offers.push(from ?? null);
            me.peers.push(peers.push(peer) - 1);

            for (const track of media.getTracks()) {
                const sender = peer.pc.addTrack(track, media);

                if (track.kind === 'video') {
                    const parameters = sender.getParameters();

                    parameters.encodings[0] ??= {};
                    parameters.encodings[0].scaleResolutionDownBy = scale;
                    await sender.setParameters(parameters).catch(() => {});
                }
            }

            await peer.pc.setRemoteDescription(offer);

            if (codec) {
                peer.pc.getTransceivers().filter(
                    t => t.sender.track?.kind === 'video')
                    .forEach(t => onlyCodec(t, codec));
            }

            await peer.pc.setLocalDescription();
            client.sendSdpAnswer(peer.pc.localDescription, from, 'answer-1');
        });

        client.on('iceCandidate', (candidate, from) => {
            const n = me.peers.findLast(i => peers[i].to === from);

            peers[n]?.pc.addIceCandidate(candidate).catch(() => {});
        });

        client.on('statusResponse', s => me.statuses.push(s));
        await opened(client);

        return masters.push(me) - 1;
    }

    /* offers to receive, and applies what it is told */
    async function viewer(arn, id, { send = false } = {}) {
        const { client, iceServers } = await connect(arn, 'VIEWER', id);
        const peer = makePeer(client, iceServers);
        const n = peers.push(peer) - 1;

        client.on('sdpAnswer', async answer => {
            peer.answers = (peer.answers ?? 0) + 1;
            await peer.pc.setRemoteDescription(answer);
        });
        client.on('iceCandidate', candidate =>
            peer.pc.addIceCandidate(candidate).catch(() => {}));
        client.on('statusResponse', s => peer.events.push(s));
        await opened(client);

        for (const kind of ['audio', 'video']) {
            peer.pc.addTransceiver(kind, {
                direction: send && kind === 'audio' ? 'sendrecv'
                                                    : 'recvonly' });
        }

        await peer.pc.setLocalDescription();
        client.sendSdpOffer(peer.pc.localDescription, undefined, 'offer-1');

        return n;
    }

    async function join(channelArn, clientId) {
        const at = await endpoints(channelArn, 'MASTER', ['WEBRTC']);
        const client = new storage.KinesisVideoWebRTCStorageClient({
            ...account, endpoint: at.WEBRTC,
        });

        await client.send(clientId
            ? new storage.JoinStorageSessionAsViewerCommand({ channelArn,
                                                              clientId })
            : new storage.JoinStorageSessionCommand({ channelArn }));
    }

    /* how an error of the control plane arrives */
    async function failure(ChannelName) {
        try {
            await control.send(
                new video.DescribeSignalingChannelCommand({ ChannelName }));
        } catch (e) {
            return [e.name, e.$metadata.httpStatusCode,
                    typeof e.$metadata.requestId];
        }
    }

    return {
        channel, store, endpoints, master, viewer, join, failure,
        iceServers,
        seen: m => ({ offers: masters[m].offers, peers: masters[m].peers,
                      statuses: masters[m].statuses }),
        quiet: n => peers[n].client.close(),
        quietMaster: m => masters[m].client.close(),
        dropMaster(m) {
            masters[m].client.close();
            masters[m].peers.forEach(n => peers[n].pc.close());
        },
        leave(n) {
            peers[n].client.close();
            sfuTest.drop(n);
        },
        events: n => peers[n].events,
    };
})();
