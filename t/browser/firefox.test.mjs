/*
 * Firefox publishes and watches; each browser watches the other.
 * Copyright (C) the ngx_sfu_module authors
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { ask, launch, openClient } from './lib/chromium.mjs';
import { Firefox } from './lib/firefox.mjs';
import { instance } from './lib/instance.mjs';
import { assertAdvances, assertTone } from './lib/right.mjs';
import { until } from './lib/until.mjs';

let server, browser, firefox, chrome, fox;

before(async () => {
    server = await instance();
    browser = await launch();
    firefox = await new Firefox().launch();
    chrome = await openClient(browser, server);
    fox = await firefox.openClient(server);
});

after(async () => {
    await browser?.close();
    await firefox?.close();
    await server?.stop();
});

async function goesThrough(from, to, options = {}) {
    const publisher = await ask(from, 'publish', options);
    const { n } = await ask(to, 'subscribe', publisher.session, options);

    assertAdvances(await ask(to, 'frames', n, 20));
    assertTone(await ask(to, 'tone', n));

    const { video } = await ask(to, 'stats', n);

    await ask(to, 'drop', n);
    await ask(from, 'drop', publisher.n);

    return video.codec;
}

test('Firefox to Firefox', () => goesThrough(fox, fox));
test('Firefox to Chromium', () => goesThrough(fox, chrome));
test('Chromium to Firefox', () => goesThrough(chrome, fox));

for (const codec of ['VP9', 'AV1', 'H264']) {
    for (const [from, to, what] of [[() => fox, () => chrome, 'to Chromium'],
                                    [() => chrome, () => fox, 'to Firefox']]) {
        test(`${codec} ${what}`, async t => {
            const type = `video/${codec}`;
            const can = ([way, mime]) => globalThis[way]
                .getCapabilities('video').codecs
                .some(c => c.mimeType === mime);

            if (!await from().evaluate(can, ['RTCRtpSender', type])
                || !await to().evaluate(can, ['RTCRtpReceiver', type])) {
                t.skip('one of the two does not know it');
                return;
            }

            assert.equal(await goesThrough(from(), to(), { codecs: [type],
                                                           scale: 4 }), type);
        });
    }
}

test('Firefox over TCP', () => goesThrough(fox, fox, { only: 'tcp',
                                                       scale: 4 }));

test('an ICE restart in Firefox keeps the media', async () => {
    const publisher = await ask(fox, 'publish', { scale: 4 });
    const { n } = await ask(fox, 'subscribe', publisher.session);
    const frames = await ask(fox, 'frames', n, 5);

    for (const peer of [publisher.n, n]) {
        await ask(fox, 'restartIce', peer);
        frames.push(...await ask(fox, 'frames', n, 40));
    }

    assertAdvances(frames);
    await ask(fox, 'drop', n);
    await ask(fox, 'drop', publisher.n);
});

/* each publishes for the other; every way to establish them */
test('data channels between Firefox and Chromium', async () => {
    const script = readFileSync(new URL('lib/channels.js', import.meta.url),
                                'utf8');

    await chrome.evaluate(`(() => { ${script} })()`);
    await fox.evaluate(`() => { ${script} }`);

    const data = (page, name, ...args) =>
        page.evaluate(([f, a]) => sfuData[f](...a), [name, args]);
    const messages = ['hello', '', { size: 262144, seed: 4 },
                      { size: 0, seed: 0 }, 'last'];

    for (const [from, to, way] of [[fox, chrome, 'server'],
                                   [chrome, fox, 'client'],
                                   [fox, fox, 'first']]) {
        const a = await data(from, 'open', way);
        const b = await data(to, 'open', way);
        const policy = way === 'client' ? { ordered: false } : {};
        const { c } = await data(from, 'publish', a.n, 'chat', policy);
        const { c: d, entry } = await data(to, 'subscribe', b.n, a.session,
                                           'chat', { ...policy,
                                                     canReply: true });

        for (const m of policy.ordered === false ? ['hello'] : messages) {
            await (typeof m === 'string' ? data(from, 'send', c, m)
                       : data(from, 'sendBytes', c, m.size, m.seed));
        }

        assert.deepEqual(await data(to, 'received', d,
                                    policy.ordered === false ? 1 : 5),
                         policy.ordered === false ? ['hello'] : messages);
        await data(to, 'send', d, 'reply');
        assert.deepEqual(await data(from, 'received', c, 1), ['reply']);

        if (way !== 'first') {
            assert.equal((await data(from, 'events', a.n)).id, 0);
        }

        await data(to, 'put', b.n, 'close', [{ id: entry.id }]);
        await data(to, 'closed', d);
        await data(from, 'leave', a.n);
        await data(to, 'leave', b.n);
    }
});

/* two encodings of one browser, watched by the other, in turn */
async function switches(from, to) {
    const publisher = await ask(from, 'publish', {
        kinds: ['video'],
        encodings: [{ rid: 'a', scaleResolutionDownBy: 2 },
                    { rid: 'b', scaleResolutionDownBy: 4 }],
    });

    await until(async () => {
        const { tracks } = await server.status(publisher.session);

        return tracks[0].layers?.filter(l => l.available).length === 2;
    }, { what: 'both encodings' });

    const { n, tracks } = await ask(to, 'subscribe', publisher.session, {
        names: ['video'], simulcast: { preferredRid: 'b' },
    });

    for (const [preferredRid, width] of [['b', 320], ['a', 640], ['b', 320]]) {
        await ask(to, 'update', n, [{ ...tracks[0],
                                      simulcast: { preferredRid } }]);
        await ask(to, 'width', n, width);
        assertAdvances(await ask(to, 'frames', n, 10));
    }

    await ask(to, 'drop', n);
    await ask(from, 'drop', publisher.n);
}

/* cloudflare 33, 35 */
test('encodings of Firefox in Chromium', () => switches(fox, chrome));
test('encodings of Chromium in Firefox', () => switches(chrome, fox));

test('the page in Firefox', async () => {
    const publisher = await firefox.openPage(`${server.origin}/?generated`);
    const link = await until(() => publisher.evaluate(() =>
        document.getElementById('link').value), { what: 'the watch link' });
    const watcher = await firefox.openPage(link);

    await until(() => watcher.evaluate(async () =>
        (await import('/js/picture.js')).readCounter(
            document.getElementById('video'))), { what: 'the picture' });
    await until(() => watcher.evaluate(() =>
        /bit/.test(document.querySelector('#plot-bitrate output')
                           .textContent)), { what: 'figures' });
});
