/*
 * lib/partytracks.js - an application of partytracks, in a page.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The library is what npm has, untouched (lib/npm.mjs).  What it receives is
 * put among the peers of lib/client.js, so that pictures can be looked at.
 */

globalThis.party = (async () => {
    const { PartyTracks } = await import('partytracks/client');
    const { BehaviorSubject, of } = await import('rxjs');
    const { peers } = sfuTest;
    const users = [];

    const withTimeout = (promise, what, seconds = 60) => Promise.race([
        promise,
        new Promise((_, reject) => setTimeout(() =>
            reject(new Error(`no ${what} in ${seconds} s`)), 1000 * seconds)),
    ]);

    /* options of PartyTracks; headers as an object */
    function start({ headers, ...options } = {}) {
        const user = {
            tracks: new PartyTracks({
                ...options, headers: headers && new Headers(headers),
            }),
            pushes: [], pulls: [], sessions: [], errors: [],
        };

        user.tracks.session$.subscribe(({ sessionId }) =>
            user.sessions.push(sessionId));
        user.tracks.sessionError$.subscribe(e => user.errors.push(e));

        return users.push(user) - 1;
    }

    async function trackOf(kind, source = 'generated') {
        const media = await sfuTest.mediaOf(source);

        return media.getTracks().find(t => t.kind === kind);
    }

    /* the metadata that others pull with; further ones come by watch() */
    async function push(u, kind, source, encodings) {
        const source$ = new BehaviorSubject(await trackOf(kind, source));
        const sendEncodings$ = of(encodings
            ?? (kind === 'video' ? [{ scaleResolutionDownBy: 4 }] : [{}]));
        const entry = { source$, metadata: new BehaviorSubject(null) };

        entry.subscription = users[u].tracks.push(source$, { sendEncodings$ })
            .subscribe(m => entry.metadata.next(m));

        const n = users[u].pushes.push(entry) - 1;

        await withTimeout(new Promise(done => {
            entry.metadata.subscribe(m => m && done());
        }), 'metadata');

        return { n, metadata: entry.metadata.value };
    }

    /* one that follows what is pushed, or what somebody else wrote down */
    async function pull(u, metadata, rid) {
        const metadata$ = Array.isArray(metadata)
            ? users[metadata[0]].pushes[metadata[1]].metadata : of(metadata);
        const peer = { stream: new MediaStream(), started: 0, tracks: 0 };
        const n = peers.push(peer) - 1;
        const options = {};

        if (rid !== undefined) {
            peer.rid$ = new BehaviorSubject(rid);
            options.simulcast = { preferredRid$: peer.rid$ };
        }

        peer.subscription = users[u].tracks.pull(metadata$, options)
            .subscribe(track => {
                peer.stream.getTracks().forEach(t =>
                    peer.stream.removeTrack(t));
                peer.stream.addTrack(track);
                peer.tracks++;

                /* an element that has lost its track looks for no other */
                if (peer.video) {
                    peer.video.srcObject = new MediaStream([track]);
                }
            });
        users[u].pulls.push(n);
        await withTimeout(new Promise(done => {
            const look = setInterval(() => {
                if (peer.tracks) {
                    clearInterval(look);
                    done();
                }
            }, 20);
        }), 'track');

        return n;
    }

    async function connection(u) {
        return withTimeout(new Promise(done =>
            users[u].tracks.peerConnection$.subscribe(done)), 'connection');
    }

    return {
        start, push, pull,
        prefer: (n, rid) => peers[n].rid$.next(rid),
        width: n => peers[n].video.videoWidth,
        unpush: (u, ...list) => list.forEach(n =>
            users[u].pushes[n].subscription.unsubscribe()),
        unpull: (u, ...list) => list.forEach(n =>
            peers[n].subscription.unsubscribe()),
        async replace(u, n, kind, source) {
            users[u].pushes[n].source$.next(await trackOf(kind, source));
        },
        mute(u, n, muted) {
            users[u].pushes[n].source$.value.enabled = !muted;
        },
        metadata: (u, n) => users[u].pushes[n].metadata.value,
        keepSize: async u => globalThis.keepSize(await connection(u)),
        sessions: u => users[u].sessions,
        errors: u => users[u].errors,
        received: n => peers[n].tracks,
        async directions(u) {
            return (await connection(u)).getTransceivers()
                .map(t => t.currentDirection);
        },
        /* what was asked and answered, in short */
        history: u => users[u].tracks.history.entries,
    };
})();
