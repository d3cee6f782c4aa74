/*
 * partytracks, as npm has it: directly, and through its server-side router.
 * Numbers are those of docs/cloudflare.md, section 18.
 * Copyright (C) the ngx_sfu_module authors
 */

import assert from 'node:assert/strict';
import http from 'node:http';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';

import { routePartyTracksRequest } from 'partytracks/server';

import { ask, launch, openClient } from './lib/chromium.mjs';
import { instance } from './lib/instance.mjs';
import { servePackages } from './lib/npm.mjs';
import { assertAdvances, assertTone } from './lib/right.mjs';
import { until } from './lib/until.mjs';

let server, browser, page;

const call = async (where, name, ...args) => where.evaluate(
    async ([f, a]) => (await party)[f](...a), [name, args]);
const use = (name, ...args) => call(page, name, ...args);

const direct = (more = {}) => ({
    prefix: `${server.origin}/v1/apps/demo`, iceServers: [],
    headers: { Authorization: 'Bearer demo-secret' }, ...more,
});

/* a page of this origin, with the library in it */
async function openParty(where) {
    const opened = await openClient(browser, where);

    opened.complaints = [];
    opened.on('console', m => m.type() === 'error'
        && !/favicon|no-such-page/.test(m.location().url)
        && opened.complaints.push(m.text()));
    await servePackages(opened);
    await opened.addScriptTag({
        path: fileURLToPath(new URL('lib/partytracks.js', import.meta.url)),
    });
    await opened.evaluate(() => party);

    return opened;
}

const session = async id => (await server.call('GET', `sessions/${id}`)).body;

before(async () => {
    server = await instance();
    browser = await launch();
    page = await openParty(server);
});

after(async () => {
    await browser?.close();
    await server?.stop();
});

/* the library is quiet about its failures: nothing may have been answered so */
async function assertNoErrors(u) {
    const failed = (await use('history', u)).filter(e =>
        /"errorCode"/.test(JSON.stringify(e.body ?? null)));

    assert.deepEqual(failed, []);
    assert.deepEqual(await use('errors', u), []);
    assert.deepEqual(page.errors, []);
    assert.deepEqual(page.complaints, []);
}

test('push and pull, with parameters and headers: 51, 53', async () => {
    const sender = await use('start', direct({
        apiExtraParams: 'correlationId=room1&roomId=1',
    }));
    const audio = await use('push', sender, 'audio');
    const video = await use('push', sender, 'video');
    const receiver = await use('start', direct());

    assert.equal(audio.metadata.sessionId, video.metadata.sessionId);
    assert.equal(audio.metadata.location, 'remote');

    const [sound, picture] = [
        await use('pull', receiver, audio.metadata),
        await use('pull', receiver, video.metadata),
    ];

    assertAdvances(await ask(page, 'frames', picture, 15));
    assertTone(await ask(page, 'tone', sound));
    await assertNoErrors(sender);
    await assertNoErrors(receiver);
});

test('another source, and mute', async () => {
    const sender = await use('start', direct());
    const receiver = await use('start', direct());
    const video = await use('push', sender, 'video', 'camera');
    const n = await use('pull', receiver, video.metadata);

    /* the camera has no number in its picture, the generated one has */
    await ask(page, 'firstFrame', n);
    await use('replace', sender, video.n, 'video', 'generated');
    await until(async () => (await ask(page, 'frames', n, 5)).every(
        f => f.counter !== null), { what: 'the other picture' });
    assert.equal(await use('received', n), 1, 'nothing was negotiated');

    await use('mute', sender, video.n, true);
    await until(async () => (await ask(page, 'frames', n, 3)).every(
        f => f.counter === null), { what: 'black' });
    await use('mute', sender, video.n, false);
    await until(async () => (await ask(page, 'frames', n, 3)).every(
        f => f.counter !== null), { what: 'the picture again' });
    assertAdvances(await ask(page, 'frames', n, 15));
    await assertNoErrors(sender);
    await assertNoErrors(receiver);
});

test('simulcast, and another preferred layer: 54', async () => {
    const sender = await use('start', direct());
    const receiver = await use('start', direct());
    const video = await use('push', sender, 'video', 'generated', [
        { rid: 'a', scaleResolutionDownBy: 2 },
        { rid: 'b', scaleResolutionDownBy: 4 },
    ]);
    const n = await use('pull', receiver, video.metadata, 'b');
    const frames = await ask(page, 'frames', n, 3);

    await use('keepSize', sender);

    for (const [rid, width] of [['b', 320], ['a', 640], ['b', 320]]) {
        await use('prefer', n, rid);
        await until(async () => {
            frames.push(...await ask(page, 'frames', n, 10));

            return await use('width', n) === width;
        }, { what: `layer ${rid}` });
    }

    assertAdvances(frames);
    await assertNoErrors(sender);
    await assertNoErrors(receiver);
});

test('twelve tracks, and the end of many at once', async () => {
    const sender = await use('start', direct());
    const receiver = await use('start', direct());
    const pushed = [];
    const pulled = [];

    /* as a page does it: all in one turn of the event loop */
    pushed.push(...await Promise.all(Array.from({ length: 12 }, (_, i) =>
        use('push', sender, i % 3 ? 'audio' : 'video'))));
    pulled.push(...await Promise.all(pushed.map(p =>
        use('pull', receiver, p.metadata))));

    const [{ sessionId }] = pushed.map(p => p.metadata);
    const [other] = await use('sessions', receiver);

    assert.equal((await session(sessionId)).tracks.length, 12);
    assert.equal((await session(other)).tracks.length, 12);

    for (const [i, n] of pulled.entries()) {
        if (i % 3 === 0) {
            assertAdvances(await ask(page, 'frames', n, 10), `picture ${i}`);
        }
    }

    assertTone(await ask(page, 'tone', pulled[1]));

    /* eleven go at once; the library stops one transceiver of them */
    await use('unpull', receiver, ...pulled.slice(1));
    await until(async () => (await session(other)).tracks.filter(
        t => t.status === 'active').length === 1, { what: 'one pull left' });
    assertAdvances(await ask(page, 'frames', pulled[0], 10), 'it goes on');

    await use('unpush', sender, ...pushed.slice(1).map(p => p.n));
    await until(async () => (await session(sessionId)).tracks.length === 1,
                { what: 'one push left' });
    assertAdvances(await ask(page, 'frames', pulled[0], 10), 'still');

    /* and come back */
    const again = await use('push', sender, 'video');
    const n = await use('pull', receiver, again.metadata);

    assertAdvances(await ask(page, 'frames', n, 10), 'used again');
    await assertNoErrors(sender);
    await assertNoErrors(receiver);
});

test('twenty pulls of one track while another stays: 55', async () => {
    const sender = await use('start', direct());
    const receiver = await use('start', direct());
    const audio = await use('push', sender, 'audio');
    const video = await use('push', sender, 'video');
    const stays = await use('pull', receiver, audio.metadata);

    for (let i = 0; i < 20; i++) {
        const n = await use('pull', receiver, video.metadata);

        if (i % 5 === 0) {
            assertAdvances(await ask(page, 'frames', n, 10), `pull ${i}`);
        }

        await use('unpull', receiver, n);
    }

    assertTone(await ask(page, 'tone', stays));

    const [id] = await use('sessions', receiver);

    await until(async () => (await session(id)).tracks.filter(
        t => t.status === 'active').length === 1, { what: 'the rest to end' });

    /* m-lines are used again */
    const sections = (await use('directions', receiver)).length;

    assert.ok(sections <= 4, `${sections} sections`);
    await assertNoErrors(receiver);
});

/*
 * What a framework does around the router: a request as an object, and its
 * response.  Everything else is the page's own.
 */
function router(options) {
    const hop = /^(connection|host|keep-alive|transfer-encoding)$/;

    return http.createServer(async (request, response) => {
        const chunks = [];

        for await (const chunk of request) {
            chunks.push(chunk);
        }

        const headers = new Headers(Object.entries(request.headers)
            .filter(([name]) => !hop.test(name)));
        const url = `http://localhost${request.url}`;
        const routed = request.url.startsWith('/partytracks/')
            ? await routePartyTracksRequest({
                appId: 'demo', token: 'demo-secret', ...options,
                realtimeApiBaseUrl: `${server.origin}/v1`,
                request: { headers, url, method: request.method,
                           body: Buffer.concat(chunks) },
            })
            : await fetch(server.origin + request.url);

        response.writeHead(routed.status, [...routed.headers]
            .filter(([name]) => !hop.test(name)).flat());
        response.end(Buffer.from(await routed.arrayBuffer()));
    });
}

for (const lockSessionToInitiator of [false, true]) {
    test(`through the router, ${lockSessionToInitiator ? '' : 'not '}locked: `
         + '52, 57', async () => {
        const answers = [];
        const proxy = router({
            lockSessionToInitiator, turnServerAppId: 'demo',
            turnServerAppToken: 'demo-secret',
        });

        await new Promise(done => proxy.listen(0, done));

        const where = { origin: `http://localhost:${proxy.address().port}` };
        const routed = await openParty(where);

        routed.on('response', async r => {
            if (r.url().endsWith('/generate-ice-servers')) {
                answers.push(r.json());
            }
        });

        try {
            const sender = await call(routed, 'start');
            const video = await call(routed, 'push', sender, 'video');
            const audio = await call(routed, 'push', sender, 'audio');
            const receiver = await call(routed, 'start');
            const n = await call(routed, 'pull', receiver, video.metadata);

            assertAdvances(await ask(routed, 'frames', n, 15));

            /* Chromium cannot close the last section of max-bundle */
            await call(routed, 'pull', receiver, audio.metadata);
            await call(routed, 'unpull', receiver, n);

            const [id] = await call(routed, 'sessions', receiver);

            await until(async () => (await session(id)).tracks.filter(
                track => track.status === 'active').length === 1,
                        { what: 'the close' });

            const { iceServers } = await answers[0];

            assert.equal(iceServers.length, 2);
            assert.match(iceServers[1].username, /^\d+$/);
            assert.ok(iceServers[1].urls.every(url => url.startsWith('turn:')));

            /* the lock is the router's: without its cookie nobody gets in */
            const outside = await fetch(`${where.origin}/partytracks/sessions/`
                                        + video.metadata.sessionId);

            assert.equal(outside.status, lockSessionToInitiator ? 401 : 200);
            assert.deepEqual(routed.errors, []);
            assert.deepEqual(routed.complaints, []);
        } finally {
            await routed.close();
            proxy.closeAllConnections();
            await new Promise(done => proxy.close(done));
        }
    });
}

test('the worker is killed: 49, 56', async t => {
    const own = await instance({ own: true });

    try {
        const lost = await openParty(own);
        const options = direct({ prefix: `${own.origin}/apps/demo` });
        const sender = await call(lost, 'start', options);
        const { n: pushed, metadata } = await call(lost, 'push', sender,
                                                   'video');
        const receiver = await call(lost, 'start', options);

        /* follows what is pushed, as an application's own signalling would */
        const n = await call(lost, 'pull', receiver, [sender, pushed]);

        assertAdvances(await ask(lost, 'frames', n, 5));

        const killed = performance.now();

        own.killWorker();
        await until(async () => (await call(lost, 'sessions', sender)).length
                                > 1, { what: 'a new session', seconds: 40 });

        const next = await until(async () => {
            const now = await call(lost, 'metadata', sender, pushed);

            return now.sessionId !== metadata.sessionId && now;
        }, { what: 'the track to be pushed again', seconds: 40 });

        assert.equal(next.trackName, metadata.trackName);
        await until(async () => await call(lost, 'received', n) > 1
                                && (await ask(lost, 'frames', n, 3)
                                    .catch(() => [])).length >= 3,
                    { what: 'the picture to be back', seconds: 40 });
        assertAdvances(await ask(lost, 'frames', n, 10));
        t.diagnostic(`back after ${Math.round(performance.now() - killed)} ms`);
        await lost.close();
    } finally {
        await own.stop();
    }
});
