/*
 * A hundred sessions made and dropped leave nothing behind.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Against a worker of its own.  Sessions that never connect are over after
 * connect-time, and nobody has to wait a minute for it; the buffers that are
 * made once and filled as they are needed are small, so that they are full
 * before memory is looked at, and what grows then is a leak.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ask, launch, openClient } from './lib/chromium.mjs';
import { instance } from './lib/instance.mjs';
import { until } from './lib/until.mjs';

let server, browser, page;

before(async () => {
    server = await instance({ options: 'connect-time=6s ring=64k outbox=64' });
    browser = await launch();
    page = await openClient(browser, server);
});

after(async () => {
    await browser?.close();
    await server?.stop();
});

/* a publisher and a subscriber, closed by the client alone */
async function call(options) {
    const publisher = await ask(page, 'publish', { scale: 8, ...options });
    const { n } = await ask(page, 'subscribe', publisher.session, options);

    await ask(page, 'connected', n);
    await ask(page, 'drop', n);
    await ask(page, 'drop', publisher.n);
}

/* offered, answered, and gone before it connects */
const offerAlone = () => page.evaluate(async () => {
    const pc = new RTCPeerConnection();

    pc.addTransceiver('video', { direction: 'sendonly' });
    await pc.setLocalDescription(await pc.createOffer());
    await sfuTest.call('POST', 'new', {
        sessionDescription: pc.localDescription,
    });
    pc.close();
});

async function aHundred() {
    for (let i = 0; i < 60; i++) {
        assert.equal((await server.call('POST', 'sessions/new')).status, 201);
    }

    for (let i = 0; i < 20; i++) {
        await offerAlone();
    }

    for (let i = 0; i < 10; i++) {
        await call(i % 2 ? { only: 'tcp' } : {});
    }

    /* what is left, when nothing ought to be */
    return until(async () => {
        const s = await server.status();
        const sum = name => s.loops.reduce((n, l) => n + l[name], 0);
        const left = {
            sessions: s.sessions,
            tracks: s.tracks,
            subscriptions: s.subscriptions,
            inLoops: sum('sessions'),
            transports: sum('transports'),
            connections: sum('tcp_connections'),
            buffers: sum('buffers'),
        };

        return Object.values(left).every(n => n === 0) && s;
    }, { what: 'the last session to go' });
}

test('a hundred sessions, three times', async t => {
    const uses = [];

    for (let i = 0; i < 3; i++) {
        const { sessions_created: created } = await server.status();
        const after = await aHundred();

        assert.equal(after.sessions_created - created, 100);
        uses.push(server.workerUse());
    }

    t.diagnostic(uses.map(u => `${u.descriptors} descriptors, `
                               + `${u.resident} KiB`).join('; '));
    assert.equal(uses[2].descriptors, uses[1].descriptors);

    /* the sanitizer keeps what is freed, on purpose */
    if (!process.env.SFU_WORKER?.includes('asan')) {
        assert.ok(uses[2].resident - uses[1].resident < 128,
                  `${uses[2].resident - uses[1].resident} KiB more`);
    }

    assert.deepEqual(page.errors, []);
});
