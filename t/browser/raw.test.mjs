/*
 * Publish and watch through raw calls: pictures and sound arrive, and are the
 * ones that were sent; at two subscribers at once.
 * Copyright (C) the ngx_sfu_module authors
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ask, launch, openClient } from './lib/chromium.mjs';
import { instance } from './lib/instance.mjs';
import { assertAdvances, assertTone } from './lib/right.mjs';
import { until } from './lib/until.mjs';

let server, browser, page, publisher;

before(async () => {
    server = await instance();
    browser = await launch();
    page = await openClient(browser, server);
    publisher = await ask(page, 'publish');
});

after(async () => {
    await browser?.close();
    await server?.stop();
});

test('a subscriber sees the picture and hears the tone', async () => {
    const { n } = await ask(page, 'subscribe', publisher.session);

    assertAdvances(await ask(page, 'frames', n, 30));
    assertTone(await ask(page, 'tone', n));
});

test('two subscribers in other pages see the same', async () => {
    const pages = await Promise.all([openClient(browser, server),
                                     openClient(browser, server)]);

    const seen = await Promise.all(pages.map(async p => {
        const { n } = await ask(p, 'subscribe', publisher.session);
        const frames = await ask(p, 'frames', n, 30);

        assertTone(await ask(p, 'tone', n));

        return { frames, session: n };
    }));

    seen.forEach(({ frames }) => assertAdvances(frames));

    const figures = await server.status(publisher.session);

    /* the one of the first test is still there */
    assert.deepEqual(figures.tracks.map(t => t.subscribers), [3, 3]);
    await Promise.all(pages.map(p => p.close()));
});

test('audio alone and video alone can be had', async () => {
    for (const name of ['audio', 'video']) {
        const { n, tracks } = await ask(page, 'subscribe', publisher.session,
                                        { names: [name] });

        assert.deepEqual(tracks.map(t => t.trackName), [name]);
        await (name === 'audio'
                   ? ask(page, 'tone', n).then(assertTone)
                   : ask(page, 'frames', n, 10).then(assertAdvances));
        await ask(page, 'drop', n);
    }
});

test('the camera of the browser arrives, too', async () => {
    const camera = await ask(page, 'publish', { source: 'camera', scale: 1 });
    const { n } = await ask(page, 'subscribe', camera.session);

    await ask(page, 'firstFrame', n);

    await until(async () => {
        const { video, audio } = await ask(page, 'stats', n);

        return video?.framesDecoded > 0 && audio?.packetsReceived > 0;
    }, { what: 'picture and sound' });
    assert.deepEqual([], page.errors);
});
