/*
 * Media over UDP; over TCP where UDP is blocked; and through an ICE restart.
 * Copyright (C) the ngx_sfu_module authors
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ask, launch, openClient } from './lib/chromium.mjs';
import { instance } from './lib/instance.mjs';
import { assertAdvances } from './lib/right.mjs';
import { until } from './lib/until.mjs';

let server, browser, page;

before(async () => {
    server = await instance();
    browser = await launch();
    page = await openClient(browser, server);
});

after(async () => {
    await browser?.close();
    await server?.stop();
});

async function call(options) {
    const publisher = await ask(page, 'publish', { scale: 4, ...options });
    const subscriber = await ask(page, 'subscribe', publisher.session,
                                 options);

    assertAdvances(await ask(page, 'frames', subscriber.n, 15));

    return [publisher, subscriber];
}

async function assertProtocol(peers, protocol) {
    for (const { n, session } of peers) {
        assert.equal((await ask(page, 'stats', n)).protocol, protocol);
        assert.equal((await server.status(session)).transport, protocol);
    }
}

const drop = peers => Promise.all(peers.map(p => ask(page, 'drop', p.n)));

test('UDP is preferred', async () => {
    const peers = await call();

    await assertProtocol(peers, 'udp');
    await drop(peers);
});

test('TCP carries all where UDP is blocked', async () => {
    const peers = await call({ only: 'tcp' });

    await assertProtocol(peers, 'tcp');

    /* two seconds of it: the queue of a TCP connection fills, or it does not */
    assertAdvances(await ask(page, 'frames', peers[1].n, 60));

    const { video } = await ask(page, 'stats', peers[1].n);

    assert.equal(video.packetsLost, 0, 'packets lost on TCP');
    await drop(peers);
});

test('a publisher on UDP reaches a subscriber on TCP', async () => {
    const publisher = await ask(page, 'publish', { scale: 4 });
    const subscriber = await ask(page, 'subscribe', publisher.session,
                                 { only: 'tcp' });

    assertAdvances(await ask(page, 'frames', subscriber.n, 15));
    await assertProtocol([publisher], 'udp');
    await assertProtocol([subscriber], 'tcp');
    await drop([publisher, subscriber]);
});

test('ICE restarts by either client keep the media', async () => {
    const peers = await call();

    for (const peer of [...peers, ...peers]) {
        const frames = await ask(page, 'frames', peers[1].n, 3);
        const before = (await ask(page, 'stats', peer.n)).pair.id;
        const ufrags = await ask(page, 'restartIce', peer.n);

        ufrags.after.forEach((ufrag, i) =>
            assert.notEqual(ufrag, ufrags.before[i], 'a new ufrag'));

        await until(async () => {
            const { pair, state } = await ask(page, 'stats', peer.n);

            return state === 'connected' && pair.id !== before;
        }, { what: 'a new candidate pair' });

        frames.push(...await ask(page, 'frames', peers[1].n, 20));
        assertAdvances(frames, 'picture across the restart');
    }

    for (const { session } of peers) {
        assert.equal((await server.status(session)).state, 'connected');
    }

    await drop(peers);
});
