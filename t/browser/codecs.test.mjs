/*
 * Each codec that this browser sends goes through: both ends name it, and the
 * picture is right.
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

const sends = type => page.evaluate(([t]) =>
    RTCRtpSender.getCapabilities(t.split('/')[0]).codecs
        .some(c => c.mimeType === t), [type]);

async function goesThrough(kind, codec) {
    const publisher = await ask(page, 'publish',
                                { kinds: [kind], codecs: [codec], scale: 4 });
    const { n } = await ask(page, 'subscribe', publisher.session,
                            { names: [kind] });

    if (kind === 'video') {
        assertAdvances(await ask(page, 'frames', n, 15), codec);
    } else {
        assertTone(await ask(page, 'tone', n));
    }

    const both = await until(async () => {
        const all = [await ask(page, 'stats', publisher.n),
                     await ask(page, 'stats', n)];
        const codecs = all.map(s => s[kind]?.codec);

        return codecs.every(Boolean) && codecs;
    }, { what: 'both ends to name a codec' });

    assert.deepEqual(both, [codec, codec]);

    const { tracks } = await server.status(publisher.session);

    assert.equal(tracks[0].codec.toLowerCase(),
                 codec.split('/')[1].toLowerCase());
    await ask(page, 'drop', n);
    await ask(page, 'drop', publisher.n);
}

for (const codec of ['VP8', 'VP9', 'H264', 'AV1', 'H265']) {
    test(codec, async t => {
        if (!await sends(`video/${codec}`)) {
            t.skip('this browser does not send it');
            return;
        }

        await goesThrough('video', `video/${codec}`);
    });
}

test('Opus', () => goesThrough('audio', 'audio/opus'));

/* browsers name the codec within: what is on the wire, the server says */
test('Opus in RED', async () => {
    const publisher = await ask(page, 'publish', { kinds: ['audio'],
                                                   codecs: ['audio/red'] });
    const { n, session } = await ask(page, 'subscribe', publisher.session,
                                     { names: ['audio'] });

    assertTone(await ask(page, 'tone', n));

    for (const id of [publisher.session, session]) {
        assert.equal((await server.status(id)).tracks[0].codec, 'red');
    }

    /* the copies that were not needed */
    await until(async () =>
        (await ask(page, 'stats', n)).audio.packetsDiscarded > 0,
                { what: 'packets that are discarded' });
});

test('PCMU', () => goesThrough('audio', 'audio/PCMU'));
test('G.722', () => goesThrough('audio', 'audio/G722'));
