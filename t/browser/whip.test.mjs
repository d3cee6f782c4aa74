/*
 * A stream published by WHIP is watched by WHEP, and by who speaks another
 * dialect, and the other way round.
 * Copyright (C) the ngx_sfu_module authors
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ask, launch, openClient } from './lib/chromium.mjs';
import { instance } from './lib/instance.mjs';
import { assertAdvances, assertTone } from './lib/right.mjs';
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

test('WHIP to WHEP: picture and tone', async () => {
    const publisher = await ask(page, 'whip', 'studio');
    const viewer = await ask(page, 'whep', 'studio');

    assertAdvances(await ask(page, 'frames', viewer.n, 15));
    assertTone(await ask(page, 'tone', viewer.n));

    /* ICE restarts in the middle of it, by a fragment */
    assert.deepEqual(await ask(page, 'restartByFragment', publisher.n),
                     [200, 412, 204]);
    assertAdvances(await ask(page, 'frames', viewer.n, 30), 'restarted');

    assert.equal(await ask(page, 'end', viewer.n), 200);
    assert.equal(await ask(page, 'end', viewer.n), 404);
    assert.equal(await ask(page, 'end', publisher.n), 200);
    await ask(page, 'drop', viewer.n);
    await ask(page, 'drop', publisher.n);
});

test('a viewer who is there first gets the picture', async () => {
    const early = ask(page, 'whep', 'later').catch(e => e.message);

    assert.match(await early, /404/, 'nobody publishes yet');

    const publisher = await ask(page, 'whip', 'later');
    const viewer = await ask(page, 'whep', 'later');

    assertAdvances(await ask(page, 'frames', viewer.n, 15));
    await ask(page, 'drop', viewer.n);
    await ask(page, 'drop', publisher.n);
});

test('WHIP to sessions and tracks, by the name of the stream', async () => {
    const publisher = await ask(page, 'whip', 'shared');
    const viewer = await ask(page, 'subscribe', 'shared',
                             { names: ['audio', 'video'] });

    assertAdvances(await ask(page, 'frames', viewer.n, 15));
    assertTone(await ask(page, 'tone', viewer.n));
    await ask(page, 'drop', viewer.n);
    await ask(page, 'drop', publisher.n);
});

test('sessions and tracks to WHEP, by the id of the session', async () => {
    const publisher = await ask(page, 'publish', { scale: 4 });
    const viewer = await ask(page, 'whep', publisher.session);

    assertAdvances(await ask(page, 'frames', viewer.n, 15));
    assertTone(await ask(page, 'tone', viewer.n));
    await ask(page, 'drop', viewer.n);
    await ask(page, 'drop', publisher.n);
});

test('who publishes again under a name replaces the one before', async () => {
    const first = await ask(page, 'whip', 'camera');
    const second = await ask(page, 'whip', 'camera');

    await until(async () => (await server.call(
        'GET', `sessions/${first.session}`)).status === 410,
                { what: 'the first to be gone' });

    const viewer = await ask(page, 'whep', 'camera');

    assertAdvances(await ask(page, 'frames', viewer.n, 15));

    for (const { n } of [viewer, first, second]) {
        await ask(page, 'drop', n);
    }
});
