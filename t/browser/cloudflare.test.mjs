/*
 * Cloudflare's calls that neither the page nor partytracks makes, with real
 * media.  Numbers are those of docs/cloudflare.md, section 18.
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

const use = (name, ...args) =>
    page.evaluate(([f, a]) => cloudflare[f](...a), [name, args]);

async function drop(...peers) {
    for (const { n } of peers) {
        await ask(page, 'drop', n);
    }
}

/* no more pictures come; they would, several in this time */
async function assertSilent(n) {
    await until(async () => {
        const before = await use('received', n);

        await new Promise(done => setTimeout(done, 300));

        return await use('received', n) === before;
    }, { what: 'silence' });
}

before(async () => {
    server = await instance();
    browser = await launch();
    page = await openClient(browser, server);
    await page.addScriptTag({
        path: fileURLToPath(new URL('lib/cloudflare.js', import.meta.url)),
    });
    publisher = await ask(page, 'publish', { scale: 4 });
});

after(async () => {
    await browser?.close();
    await server?.stop();
});

test('autoDiscover: 12', async () => {
    const found = await use('discover');

    assert.deepEqual(found.tracks.map(t => t.kind), ['audio', 'video']);
    assert.notEqual(found.tracks[0].trackName, found.tracks[1].trackName);

    const viewer = await use('pull', null, found.tracks.map(
        t => [found.session, t.trackName]));

    assertAdvances(await ask(page, 'frames', viewer.n, 10));
    assertTone(await ask(page, 'tone', viewer.n));
    await drop(viewer, found);
});

test('a publish by our offer: 13', async () => {
    const asked = await use('offered');

    assert.equal(asked.flag, true);
    assert.equal(asked.tracks[0].trackName, 'asked');

    const viewer = await use('pull', null, [[asked.session, 'asked']]);

    assertAdvances(await ask(page, 'frames', viewer.n, 10));
    await drop(viewer, asked);
});

test('two publishers in one pull, and oneself: 16, 24', async () => {
    const other = await ask(page, 'publish', { scale: 4 });
    const viewer = await use('pull', null, [[publisher.session, 'audio'],
                                            [other.session, 'video']]);

    assert.equal(viewer.flag, true);
    assert.deepEqual(viewer.tracks.map(t => [t.sessionId, t.trackName]),
                     [[publisher.session, 'audio'], [other.session, 'video']]);
    assert.deepEqual(viewer.streams, [publisher.session, other.session]);
    assertAdvances(await ask(page, 'frames', viewer.n, 10));
    assertTone(await ask(page, 'tone', viewer.n));

    /* its own peer was made by lib/client.js, and has what it received */
    const self = await use('pull', other.n, [[other.session, 'video']]);

    assertAdvances(await ask(page, 'frames', self.n, 10), 'its own');
    await drop(viewer, other);
});

test('a pull with an offer of the client: 20', async () => {
    const viewer = await use('pullWithOffer', [[publisher.session, 'video']]);

    assert.equal(viewer.flag, false);
    assertAdvances(await ask(page, 'frames', viewer.n, 10));

    const failed = await use('pullWithOffer', [[publisher.session, 'gone']]);

    assert.equal(failed.tracks[0].errorCode, 'not_found_track_error');
    assert.equal(failed.state, 'stable', 'answered all the same');
    await drop(viewer, failed);
});

test('forced close: 27, 60', async () => {
    const viewer = await use('pull', null, [[publisher.session, 'audio'],
                                            [publisher.session, 'video']]);

    assertAdvances(await ask(page, 'frames', viewer.n, 5));

    const { mid } = viewer.tracks[1];
    const reply = await use('close', viewer.n, { tracks: [{ mid }],
                                                 force: true });

    assert.deepEqual(reply, { requiresImmediateRenegotiation: false,
                              tracks: [{ mid }] });
    await assertSilent(viewer.n);
    assertTone(await ask(page, 'tone', viewer.n));
    await drop(viewer);
});

test('the publisher closes, others go on: 29', async () => {
    const other = await ask(page, 'publish', { scale: 4 });
    const viewers = [await use('pull', null, [[other.session, 'video']]),
                     await use('pull', null, [[publisher.session, 'video']])];

    for (const { n } of viewers) {
        assertAdvances(await ask(page, 'frames', n, 5));
    }

    await ask(page, 'close', other.n, [other.tracks.find(
        t => t.trackName === 'video').mid]);
    await assertSilent(viewers[0].n);
    assertAdvances(await ask(page, 'frames', viewers[1].n, 10), 'the other');

    const late = await use('pull', null, [[other.session, 'video']]);

    assert.equal(late.tracks[0].errorCode, 'not_found_track_error');
    await drop(...viewers, late, other);
});

test('close by name, answered and not: 30', async () => {
    const viewer = await use('pull', null, [[publisher.session, 'audio'],
                                            [publisher.session, 'video']]);

    for (const answered of [true, false]) {
        assertAdvances(await ask(page, 'frames', viewer.n, 5));

        const reply = await use('close', viewer.n, { tracks: [
            { trackName: 'video', sessionId: publisher.session }] });

        assert.equal(reply.requiresImmediateRenegotiation, true);
        assert.equal(reply.sessionDescription.type, 'offer');

        if (answered) {
            await use('answer', viewer.n, reply);
        }

        await assertSilent(viewer.n);
        await page.evaluate(n => {
            const { stream } = sfuTest.peers[n];

            stream.getVideoTracks().forEach(t => stream.removeTrack(t));
        }, viewer.n);

        const again = await use('pull', viewer.n,
                                [[publisher.session, 'video']]);

        assert.equal(again.flag, true);
    }

    assertAdvances(await ask(page, 'frames', viewer.n, 10), 'again');
    await drop(viewer);
});

test('an offer at creation, tracks without mids: section 16', async () => {
    const made = await use('outline');

    assert.deepEqual(made.tracks.map(t => [t.trackName, t.mid]),
                     [['mine', '1'], ['voice', '0']]);

    const viewer = await use('pull', null, [[made.session, 'mine'],
                                            [made.session, 'voice']]);

    assertAdvances(await ask(page, 'frames', viewer.n, 10));
    assertTone(await ask(page, 'tone', viewer.n));
    await drop(viewer);

    /* 45: a session goes with its connection */
    await drop(made);
    await until(async () => (await server.call(
        'GET', `sessions/${made.session}`)).status === 410,
                { what: 'the session to be gone', seconds: 10 });

    const late = await use('pull', null, [[made.session, 'mine']]);

    assert.equal(late.tracks[0].errorCode, 'not_found_track_error');
    await drop(late);
});
