/*
 * Metered's calls by an application that is written as they are documented
 * (lib/metered.js), with real media.  Numbers are those of docs/metered.md,
 * section 11.
 * Copyright (C) the ngx_sfu_module authors
 */

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';

import { ask, launch, openClient } from './lib/chromium.mjs';
import { instance } from './lib/instance.mjs';
import { assertAdvances, assertTone } from './lib/right.mjs';
import { until } from './lib/until.mjs';

let server, browser, page, publisher;

const app = (name, ...args) =>
    page.evaluate(([f, a]) => metered[f](...a), [name, args]);

const listed = async path => (await app('call', 'GET', path)).body;

async function drop(...peers) {
    for (const { n } of peers) {
        await ask(page, 'drop', n);
    }
}

before(async () => {
    server = await instance();
    browser = await launch();
    page = await openClient(browser, server);
    await page.addScriptTag({
        path: fileURLToPath(new URL('lib/metered.js', import.meta.url)),
    });
    publisher = await app('publish');
});

after(async () => {
    await browser?.close();
    await server?.stop();
});

test('publish and subscribe: 6, 10, 15, 17, 18, 32', async () => {
    await ask(page, 'connected', publisher.n);

    const { session, tracks } = publisher;
    const of = async () => (await listed('sessions')).find(
        s => s.sessionId === session);

    await until(async () => (await of()).connectionState === 'connected',
                { what: 'the list to say so' });
    assert.deepEqual(await of(), {
        sessionId: session, sfuAppId: 'demo', metadata: 'publisher',
        connectionState: 'connected',
    });

    const list = await listed(`session/${session}/tracks`);

    assert.deepEqual(list.map(t => [t.trackId, t.trackKind,
                                    t.customTrackName]).sort(), [
        [tracks.audio, 'audio', 'user-audio'],
        [tracks.video, 'video', 'user-video'],
    ].sort());

    const viewer = await app('join');
    const events = await app('subscribe', viewer.n, list.map(
        t => [t.sessionId, t.trackId]));

    assert.deepEqual(events.map(e => [e.track, e.stream]).sort(),
                     list.map(t => [t.trackId, session]).sort());
    assertAdvances(await ask(page, 'frames', viewer.n, 15));
    assertTone(await ask(page, 'tone', viewer.n));
    await drop(viewer);
});

test('shapes of the first offer: 7', async () => {
    for (const shape of ['bare', 'receive', 'empty', 'data']) {
        const viewer = await app('join', shape);

        assert.equal(viewer.type, 'answer', shape);

        if (shape === 'data') {
            await ask(page, 'connected', viewer.n);
        }

        await app('subscribe', viewer.n,
                  [[publisher.session, publisher.tracks.video]]);
        assertAdvances(await ask(page, 'frames', viewer.n, 5), shape);
        await drop(viewer);
    }
});

test('an answer as text, and as JSON in a string: 19', async () => {
    for (const form of ['text', 'twice']) {
        const viewer = await app('join');

        await app('subscribe', viewer.n,
                  [[publisher.session, publisher.tracks.video]], form);
        assertAdvances(await ask(page, 'frames', viewer.n, 5), form);
        await drop(viewer);
    }
});

test('a track that comes by replaceTrack: 12; echo: 25', async () => {
    const replaced = await app('publishReplaced');

    await app('subscribe', replaced.n,
              [[replaced.session, replaced.tracks.video]]);
    assertAdvances(await ask(page, 'frames', replaced.n, 10));
    await drop(replaced);
});

test('one after the other, and two unanswered: 21, 22', async () => {
    const second = await app('publish', ['video']);
    const viewer = await app('join', 'receive');
    const { session, tracks } = publisher;

    await app('subscribe', viewer.n, [[session, tracks.audio],
                                      [session, tracks.video]]);

    const before = await app('events', viewer.n);

    /* the first of these offers is never applied */
    await app('request', viewer.n, [[second.session, second.tracks.video]]);
    await app('request', viewer.n, [[second.session, second.tracks.video]]);
    await app('answer', viewer.n);

    const events = await app('events', viewer.n);

    assert.equal(events.length, 3);
    assert.deepEqual(events.slice(0, 2), before, 'earlier ones stay');
    assert.equal(new Set(events.map(e => e.mid)).size, 3);

    for (const { mid } of events.filter(e => e.kind === 'video')) {
        await app('watch', viewer.n, mid);
        assertAdvances(await ask(page, 'frames', viewer.n, 5), mid);
    }

    assertTone(await ask(page, 'tone', viewer.n));
    await drop(viewer, second);
});

test('ten subscribers have a picture soon: 26', async () => {
    const viewers = [];

    for (let i = 0; i < 10; i++) {
        viewers.push(await app('join', 'receive'));
    }

    await Promise.all(viewers.map(v => app('subscribe', v.n,
        [[publisher.session, publisher.tracks.video]])));

    for (const { n } of viewers) {
        assertAdvances(await ask(page, 'frames', n, 3));
    }

    await drop(...viewers);
});

test('both ways on one section: 27, and its close: 30', async () => {
    const both = await app('join', 'empty');
    const [event] = await app('subscribe', both.n,
        [[publisher.session, publisher.tracks.video]]);
    const back = await app('publishBack', both.n, 'video');

    assert.ok(back.directions.includes(`${event.mid} sendrecv`),
              back.directions.join());

    const viewer = await app('join', 'receive');

    await app('subscribe', viewer.n, [[both.session, back.track]]);
    assertAdvances(await ask(page, 'frames', viewer.n, 10), 'there');
    assertAdvances(await ask(page, 'frames', both.n, 10), 'and back');

    assert.equal(await app('unpublish', both.n, 'video'), true);
    assert.deepEqual(await listed(`session/${both.session}/tracks`), []);
    assertAdvances(await ask(page, 'frames', both.n, 10), 'one goes on');
    await drop(viewer, both);
});

test('an offer to renegotiate, which restarts ICE: 28', async () => {
    const viewer = await app('join', 'receive');

    await app('subscribe', viewer.n,
              [[publisher.session, publisher.tracks.video]]);
    await ask(page, 'frames', viewer.n, 3);
    assert.equal(await app('renegotiate', viewer.n, { iceRestart: true }),
                 'answer');
    assertAdvances(await ask(page, 'frames', viewer.n, 30), 'restarted');
    await drop(viewer);
});

test('publish while an offer is pending: 29', async () => {
    const both = await app('join', 'receive');
    const wanted = [[publisher.session, publisher.tracks.video]];

    await app('request', both.n, wanted);
    await app('publishBack', both.n, 'audio');
    await app('subscribe', both.n, wanted);
    assertAdvances(await ask(page, 'frames', both.n, 5));

    const viewer = await app('join', 'receive');
    const [{ trackId }] = await listed(`session/${both.session}/tracks`);

    await app('subscribe', viewer.n, [[both.session, trackId]]);
    assertTone(await ask(page, 'tone', viewer.n));
    await drop(viewer, both);
});

test('a publisher who leaves is off the lists: 33', async () => {
    const leaving = await app('publish', ['video']);
    const viewer = await app('join', 'receive');

    await app('subscribe', viewer.n,
              [[leaving.session, leaving.tracks.video]]);
    await ask(page, 'frames', viewer.n, 3);
    await drop(leaving);
    await until(async () => (await listed('sessions')).every(
        s => s.sessionId !== leaving.session), { what: 'it to be gone' });
    assert.equal((await app('call', 'GET',
                            `session/${leaving.session}/tracks`)).status, 404);

    /* the subscriber's session goes on */
    await app('subscribe', viewer.n,
              [[publisher.session, publisher.tracks.video]]);
    await app('watch', viewer.n, (await app('events', viewer.n)).at(-1).mid);
    assertAdvances(await ask(page, 'frames', viewer.n, 5));
    await drop(viewer);
});

test('Metered to Cloudflare and WHEP, and the other way round', async () => {
    const { session, tracks } = publisher;
    const pulled = await ask(page, 'subscribe', session,
                             { names: [tracks.audio, tracks.video] });

    assertAdvances(await ask(page, 'frames', pulled.n, 10), 'Cloudflare');
    assertTone(await ask(page, 'tone', pulled.n));

    const watched = await ask(page, 'whep', session);

    assertAdvances(await ask(page, 'frames', watched.n, 10), 'WHEP');

    const pushed = await ask(page, 'publish', { scale: 4 });
    const streamed = await ask(page, 'whip', 'to metered');
    const viewer = await app('join', 'receive');

    const events = await app('subscribe', viewer.n,
                             [[pushed.session, 'video'],
                              ['to metered', 'video']]);

    for (const { mid } of events) {
        await app('watch', viewer.n, mid);
        assertAdvances(await ask(page, 'frames', viewer.n, 5), mid);
    }

    await drop(pulled, watched, pushed, streamed, viewer);
});
