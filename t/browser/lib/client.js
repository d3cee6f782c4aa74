/*
 * lib/client.js - the API with plain fetch, run inside a browser's page.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Owes nothing to the page's own client, so that the two check each other;
 * only the generated picture and its reader are shared.  Peers are named by
 * a number, because what a test gets out of a page is JSON.
 */

globalThis.sfuTest = (() => {
    const peers = [];

    /* seconds, for what takes less than one where nothing else is running */
    const patience = 60;

    async function call(method, path, body) {
        const response = await fetch(`/v1/apps/demo/sessions/${path}`, {
            method,
            headers: { authorization: 'Bearer demo-secret' },
            body: body && JSON.stringify(body),
        });
        const json = await response.json();

        if (!response.ok) {
            throw new Error(`${method} ${path}: ${response.status} `
                            + JSON.stringify(json));
        }

        return json;
    }

    /* a description of the server's, as a hostile network would have it */
    function shape({ type, sdp }, { only, ports }) {
        const lines = sdp.split('\r\n').filter(line =>
            !only || !line.startsWith('a=candidate:')
            || line.split(' ')[2].toLowerCase() === only);

        return { type, sdp: lines.map(line => {
            const words = line.split(' ');

            if (line.startsWith('a=candidate:') && ports?.[words[5]]) {
                words[5] = ports[words[5]];
            }

            return words.join(' ');
        }).join('\r\n') };
    }

    function add(options, role, session) {
        const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
        const peer = { pc, role, session, options, stream: new MediaStream(),
                       started: performance.now() };

        pc.ontrack = e => peer.stream.addTrack(e.track);

        return peers.push(peer) - 1;
    }

    function prefer(transceiver, codec) {
        const kind = transceiver.sender.track.kind;
        const all = RTCRtpSender.getCapabilities(kind).codecs;
        const is = c => c.mimeType.toLowerCase() === codec.toLowerCase();

        if (!all.some(is)) {
            throw new Error(`this browser does not send ${codec}`);
        }

        transceiver.setCodecPreferences([...all.filter(is),
                                         ...all.filter(c => !is(c))]);
    }

    const generated = {};

    /*
     * "generated", "noisy", or "camera" for the browser's own fake.  A page
     * generates once; who asks gets clones, to stop at will.
     */
    async function mediaOf(source) {
        if (source === 'camera') {
            return navigator.mediaDevices.getUserMedia({
                audio: true, video: { width: 640, height: 360 } });
        }

        const { generate } = await import('/js/picture.js');

        generated[source] ??= generate({ noisy: source === 'noisy' });

        return (await generated[source]).stream.clone();
    }

    const offer = async (pc, options) => {
        await pc.setLocalDescription(await pc.createOffer(options));

        return pc.localDescription;
    };

    /* simulcast as it was before rids: a section's SSRCs become a group */
    async function offerGroup(pc) {
        const { sdp } = await pc.createOffer();
        const [, cname] = sdp.match(/a=ssrc:\d+ cname:(\S+)/);
        const layers = [11, 22, 33];
        const lines = sdp.split('\r\n').filter(l => !l.startsWith('a=ssrc'));

        lines.splice(-1, 0, `a=ssrc-group:SIM ${layers.join(' ')}`,
            ...layers.flatMap(s => [`a=ssrc-group:FID ${s} ${100 + s}`,
                                    `a=ssrc:${s} cname:${cname}`,
                                    `a=ssrc:${100 + s} cname:${cname}`]));
        await pc.setLocalDescription({ type: 'offer',
                                       sdp: lines.join('\r\n') });

        return pc.localDescription;
    }

    /* puts further tracks into a publishing session; their names and mids */
    async function publishMore(n, tracks, { scale = 2, codecs = [],
                                            encodings, group } = {}) {
        const { pc, session, options } = peers[n];
        const transceivers = tracks.map(({ track }) =>
            pc.addTransceiver(track, {
                direction: 'sendonly',
                sendEncodings: track.kind === 'video'
                    ? encodings ?? [{ scaleResolutionDownBy: scale }]
                    : undefined,
            }));

        for (const codec of codecs) {
            transceivers.filter(t => codec.startsWith(t.sender.track.kind))
                        .forEach(t => prefer(t, codec));
        }

        await globalThis.keepSize(pc);

        const sessionDescription = await (group ? offerGroup : offer)(pc);
        const answer = await call('POST', `${session}/tracks/new`, {
            sessionDescription,
            tracks: transceivers.map((t, i) => ({
                location: 'local', mid: t.mid, trackName: tracks[i].name,
            })),
        });

        await pc.setRemoteDescription(shape(answer.sessionDescription,
                                            options));

        return answer.tracks;
    }

    /*
     * options: source, kinds, codecs (of "video/VP9", "audio/red"), scale;
     * only ("udp", "tcp") and ports ({ 10000: 12345 }) shape the candidates
     */
    async function publish(options = {}) {
        const stream = await mediaOf(options.source ?? 'generated');
        const { sessionId } = await call('POST', 'new');
        const n = add(options, 'publisher', sessionId);
        const tracks = await publishMore(n, stream.getTracks()
            .filter(t => (options.kinds ?? ['audio', 'video']).includes(t.kind))
            .map(track => ({ track, name: track.kind })), options);

        return { n, session: sessionId, tracks };
    }

    /* pulls tracks into a session, new or used */
    async function subscribeMore(n, publisher, names, simulcast) {
        const { pc, session, options } = peers[n];
        const reply = await call('POST', `${session}/tracks/new`, {
            tracks: names.map(trackName => ({
                location: 'remote', sessionId: publisher, trackName,
                simulcast,
            })),
        });
        const failed = reply.tracks.find(t => t.errorCode);

        if (failed) {
            throw new Error(JSON.stringify(failed));
        }

        await pc.setRemoteDescription(shape(reply.sessionDescription,
                                            options));
        await pc.setLocalDescription(await pc.createAnswer());
        await call('PUT', `${session}/renegotiate`,
                   { sessionDescription: pc.localDescription });

        return reply.tracks;
    }

    async function subscribe(publisher, options = {}) {
        const started = performance.now();
        const { sessionId } = await call('POST', 'new');
        const n = add(options, 'subscriber', sessionId);
        const tracks = await subscribeMore(n, publisher,
                                           options.names
                                           ?? ['audio', 'video'],
                                           options.simulcast);

        peers[n].started = started;

        return { n, session: sessionId, tracks };
    }

    /* other layers, or another source, for tracks that are pulled */
    async function update(n, tracks) {
        const reply = await call('PUT', `${peers[n].session}/tracks/update`, {
            tracks: tracks.map(t => ({ location: 'remote', ...t })),
        });

        return reply;
    }

    /* of the first frame that has this width, the time since the call */
    async function width(n, wanted, seconds = patience) {
        const v = video(n);
        const started = performance.now();

        await withTimeout((async () => {
            while (v.videoWidth !== wanted) {
                await nextFrame(v);
            }
        })(), seconds, `picture of ${wanted} pixels, it has ${v.videoWidth},`);

        return performance.now() - started;
    }

    /* parameters of the encodings of a publisher's video: { rid: {...} } */
    async function setEncodings(n, changes) {
        const sender = peers[n].pc.getSenders()
            .find(s => s.track?.kind === 'video');
        const parameters = sender.getParameters();

        parameters.encodings.forEach(e => Object.assign(e, changes[e.rid]));
        await sender.setParameters(parameters);
    }

    /* stops the transceivers of these mids, with an offer of ours */
    async function close(n, mids) {
        const { pc, session, options } = peers[n];

        pc.getTransceivers().filter(t => mids.includes(t.mid))
          .forEach(t => t.stop());

        const reply = await call('PUT', `${session}/tracks/close`, {
            tracks: mids.map(mid => ({ mid })),
            sessionDescription: await offer(pc),
        });

        await pc.setRemoteDescription(shape(reply.sessionDescription,
                                            options));

        return reply.tracks;
    }

    async function restartIce(n) {
        const { pc, session, options } = peers[n];
        const ufrags = () => [pc.localDescription, pc.remoteDescription]
            .map(d => d.sdp.match(/a=ice-ufrag:(\S+)/)[1]);
        const before = ufrags();
        const reply = await call('PUT', `${session}/renegotiate`, {
            sessionDescription: await offer(pc, { iceRestart: true }),
        });

        await pc.setRemoteDescription(shape(reply.sessionDescription,
                                            options));

        return { before, after: ufrags() };
    }

    /* WHIP or WHEP: where the session is, and its entity tag */
    async function post(n, url) {
        const { pc } = peers[n];
        const { sdp: body } = await offer(pc);
        const response = await fetch(url, {
            method: 'POST', body,
            headers: { authorization: 'Bearer demo-secret',
                       'content-type': 'application/sdp' },
        });
        const sdp = await response.text();

        if (response.status !== 201) {
            throw new Error(`${url}: ${response.status} ${sdp}`);
        }

        await pc.setRemoteDescription({ type: 'answer', sdp });
        peers[n].url = response.headers.get('location');
        peers[n].etag = response.headers.get('etag');

        return { n, url: peers[n].url, session: peers[n].url.split('/').at(-1) };
    }

    async function whip(stream, options = {}) {
        const media = await mediaOf(options.source ?? 'generated');
        const n = add(options, 'publisher');

        media.getTracks().forEach(track => peers[n].pc.addTransceiver(track, {
            direction: 'sendonly',
            sendEncodings: track.kind === 'video'
                ? [{ scaleResolutionDownBy: options.scale ?? 4 }] : undefined,
        }));

        return post(n, `/whip/${stream}`);
    }

    async function whep(stream) {
        const n = add({}, 'subscriber');

        ['audio', 'video'].forEach(kind =>
            peers[n].pc.addTransceiver(kind, { direction: 'recvonly' }));

        return post(n, `/whep/${stream}`);
    }

    /* ICE anew, told by a fragment; the statuses of all that was asked */
    async function restartByFragment(n) {
        const { pc, url, etag } = peers[n];
        const { sdp: full } = await offer(pc, { iceRestart: true });
        const wanted = /^(m=|a=(mid|ice-ufrag|ice-pwd|candidate))/;
        const body = full.split('\r\n').filter(line => wanted.test(line))
            .map(line => `${line}\r\n`).join('');
        const patch = match => fetch(url, {
            method: 'PATCH', body,
            headers: { authorization: 'Bearer demo-secret',
                       'content-type': 'application/trickle-ice-sdpfrag',
                       'if-match': match },
        });
        const response = await patch('*');
        const fragment = await response.text();
        const value = name => fragment.match(new RegExp(`${name}:(.*)`))[1];
        const sdp = pc.remoteDescription.sdp
            .replaceAll(/a=ice-ufrag:.*/g, `a=ice-ufrag:${value('ice-ufrag')}`)
            .replaceAll(/a=ice-pwd:.*/g, `a=ice-pwd:${value('ice-pwd')}`);

        await pc.setRemoteDescription({ type: 'answer', sdp });

        return [response.status, (await patch(etag)).status,
                (await patch(response.headers.get('etag'))).status];
    }

    async function end(n) {
        const response = await fetch(peers[n].url, {
            method: 'DELETE',
            headers: { authorization: 'Bearer demo-secret' },
        });

        return response.status;
    }

    /* the element that plays a subscriber's tracks */
    function video(n) {
        const peer = peers[n];

        if (!peer.video) {
            peer.video = document.createElement('video');
            peer.video.muted = peer.video.autoplay = true;
            peer.video.playsInline = true;
            peer.video.srcObject = peer.stream;
            document.body.append(peer.video);
        }

        return peer.video;
    }

    const withTimeout = (promise, seconds, what) => Promise.race([
        promise,
        new Promise((_, reject) => setTimeout(() =>
            reject(new Error(`no ${what} in ${seconds} s`)), 1000 * seconds)),
    ]);

    const nextFrame = v => new Promise(done =>
        v.requestVideoFrameCallback((now, data) => done(data)));

    /* milliseconds from POST sessions/new to the first frame on the page */
    async function firstFrame(n) {
        await withTimeout(nextFrame(video(n)), patience, 'first frame');

        return performance.now() - peers[n].started;
    }

    /*
     * The numbers burnt into the next frames, with the times they came.  A
     * busy page may be told of two frames and show the later one both times:
     * where all are the same, there may be up to twice as many as asked for.
     */
    async function frames(n, count) {
        const { readCounter } = await import('/js/picture.js');
        const v = video(n);
        const list = [];
        const stands = () => new Set(list.map(f => f.counter)
            .filter(c => c !== null)).size < 2;

        await withTimeout((async () => {
            while (list.length < count
                   || (list.length < 2 * count && stands()))
            {
                await nextFrame(v);
                list.push({ counter: readCounter(v),
                            time: performance.now() });
            }
        })(), patience + count, `${count} frames`);

        return list;
    }

    /*
     * Arrival times of frames for a while, without a look at the pixels; and
     * for how long the page itself stood still, since no frame comes sooner.
     */
    async function arrivals(n, seconds) {
        const v = video(n);
        const started = performance.now();
        const times = [started];
        let ticked = started;
        let pause = 0;
        const tick = () => {
            const now = performance.now();

            pause = Math.max(pause, now - ticked);
            ticked = now;
        };
        const ticks = setInterval(tick, 10);

        while (times.at(-1) - started < 1000 * seconds) {
            await Promise.race([nextFrame(v), new Promise(done =>
                setTimeout(done, 3000))]);
            times.push(performance.now());
        }

        clearInterval(ticks);
        tick();

        return { times: times.map(t => t - started), pause };
    }

    /*
     * The strongest frequency of what arrives, and its level in decibels, once
     * it is the same twice: where the sound has gaps, it is beside itself.
     */
    async function tone(n) {
        video(n);

        const context = new AudioContext();
        const analyser = new AnalyserNode(context, {
            fftSize: 16384, smoothingTimeConstant: 0,
        });
        const bins = new Float32Array(analyser.frequencyBinCount);

        await context.resume();
        context.createMediaStreamSource(new MediaStream(
            peers[n].stream.getAudioTracks())).connect(analyser);

        try {
            return await withTimeout((async () => {
                for (let last = null; ; ) {
                    await new Promise(done => setTimeout(done, 400));
                    analyser.getFloatFrequencyData(bins);

                    const level = Math.max(...bins);
                    const bin = level > -60 ? bins.indexOf(level) : null;

                    if (bin !== null && bin === last) {
                        return { level, frequency: bin
                                     * context.sampleRate / 16384 };
                    }

                    last = bin;
                }
            })(), patience, 'tone');
        } finally {
            context.close();
        }
    }

    /* milliseconds from POST sessions/new until it was seen to be */
    async function connected(n) {
        const { pc, started } = peers[n];

        await withTimeout(new Promise(done => {
            const look = () => pc.connectionState === 'connected' && done();

            pc.addEventListener('connectionstatechange', look);
            look();
        }), patience, 'connection');

        return performance.now() - started;
    }

    async function stats(n) {
        const all = [...(await peers[n].pc.getStats()).values()];
        const byId = id => all.find(s => s.id === id);
        const streams = all.filter(s => /^(in|out)bound-rtp$/.test(s.type));
        const transport = all.find(s => s.type === 'transport');
        const pair = byId(transport?.selectedCandidatePairId)
                     ?? all.find(s => s.type === 'candidate-pair'
                                      && s.nominated);
        const of = kind => {
            const s = streams.find(x => x.kind === kind);

            return s && { ...s, codec: byId(s.codecId)?.mimeType };
        };

        return {
            video: of('video'),
            audio: of('audio'),
            pair,
            protocol: byId(pair?.localCandidateId)?.protocol,
            state: peers[n].pc.connectionState,
        };
    }

    return {
        peers, call, mediaOf, publish, publishMore, subscribe, subscribeMore,
        update, width, setEncodings, close, restartIce, firstFrame, frames, arrivals, tone, connected,
        stats, whip, whep, restartByFragment, end,
        pc: n => peers[n].pc,
        drop(n) {
            peers[n].pc.getSenders().forEach(s => s.track?.stop());
            peers[n].video?.remove();
            peers[n].pc.close();
        },
        sections: n => (peers[n].pc.localDescription.sdp.match(/^m=/mg)
                        ?? []).length,
    };
})();
