/*
 * Who comes late sees the first frame within a second, mostly at once.
 * Copyright (C) the ngx_sfu_module authors
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ask, launch, openClient } from './lib/chromium.mjs';
import { instance } from './lib/instance.mjs';
import { median, until } from './lib/until.mjs';

let server, browser;

before(async () => {
    server = await instance();
    browser = await launch();
});

after(async () => {
    await browser?.close();
    await server?.stop();
});

test('ten late joiners, in turn', async t => {
    const publisher = await openClient(browser, server);
    const page = await openClient(browser, server);
    const { session, n } = await ask(publisher, 'publish');

    const encoded = async () =>
        (await ask(publisher, 'stats', n)).video?.framesEncoded ?? 0;
    const times = [];
    const connected = [];

    for (let i = 0; i < 10; i++) {
        /* late: the last key frame, and keyframe-interval, are long over */
        const before = await encoded();

        await until(async () => await encoded() > before + 25,
                    { what: 'twenty-five frames' });

        const subscriber = await ask(page, 'subscribe', session);

        const [frame, connection] = await Promise.all(
            ['firstFrame', 'connected'].map(f => ask(page, f, subscriber.n)));

        times.push(Math.round(frame));
        connected.push(Math.round(connection));
        await ask(page, 'drop', subscriber.n);
    }

    /*
     * A connection is made in a tenth of a second; where it takes longer, the
     * machine has other things to do, and a frame takes longer, too.
     */
    const slow = Math.max(1, median(connected) / 100);

    t.diagnostic(`first frame after ${times.join(', ')} ms; median `
                 + `${median(times)}, worst ${Math.max(...times)}; connected `
                 + `after ${connected.join(', ')}`);
    assert.ok(Math.max(...times) < 1000 * slow, `after ${times.join(', ')} ms`);

    /* more would mean that the first request for a key frame was in vain */
    assert.ok(median(times) < 400 * slow, `after ${times.join(', ')} ms`);
});
