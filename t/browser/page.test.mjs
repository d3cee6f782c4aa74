/*
 * The page: publishes, shows a link that plays, and says what is wrong.
 * Copyright (C) the ngx_sfu_module authors
 */

import assert from 'node:assert/strict';
import os from 'node:os';
import { after, before, test } from 'node:test';

import { launch, openPage } from './lib/chromium.mjs';
import { instance } from './lib/instance.mjs';
import { until } from './lib/until.mjs';

let server, browser, bare;

before(async () => {
    server = await instance();
    browser = await launch();
    bare = await launch({ devices: false });
});

after(async () => {
    await browser?.close();
    await bare?.close();
    await server?.stop();
});

const live = page => page.waitForSelector('#state[data-state=live]');
const textOf = (page, id) => page.textContent(`#${id}`);

async function linkOf(page) {
    return until(() => page.inputValue('#link'), { what: 'the watch link' });
}

const counterOf = page => page.evaluate(async () =>
    (await import('/js/picture.js')).readCounter(
        document.getElementById('video')));

/* the picture moves: two numbers, the second later */
async function assertMoves(page) {
    const first = await until(() => counterOf(page),
                              { what: 'a number in the picture' });

    await until(async () => await counterOf(page) > first + 5,
                { what: `a number after ${first}` });
}

async function close(...pages) {
    for (const page of pages) {
        assert.deepEqual(page.errors, []);
        await page.context().close();
    }
}

test('the link plays what the page publishes', async () => {
    const publisher = await openPage(browser, `${server.origin}/?generated`);
    const link = await linkOf(publisher);

    assert.match(link, /^http:\/\/localhost:\d+\/#[0-9a-f]{32}$/);
    assert.equal(await publisher.evaluate(() => window.sfu.session),
                 link.split('#')[1]);

    const watcher = await openPage(browser, link);

    await live(watcher);
    await assertMoves(watcher);

    /* sound after a click, and quiet after another */
    const muted = () => watcher.evaluate(() =>
        document.getElementById('video').muted);

    assert.equal(await muted(), true);
    await watcher.click('#sound');
    assert.equal(await muted(), false);
    await until(async () => /\bMute/.test(await textOf(watcher, 'sound')),
                { what: 'the button to offer silence' });
    await watcher.click('#sound');
    assert.equal(await muted(), true);

    /* figures of the browser and of the server, in numbers and in plots */
    for (const page of [publisher, watcher]) {
        for (const [id, unit] of [['bitrate', /^[\d.]+ [kM]bit\/s$/],
                                  ['loss', /^[\d.]+ %$/],
                                  ['rtt', /^[\d.]+ ms$/],
                                  ['resolution', /^\d+ × \d+$/],
                                  ['fps', /^\d+$/]]) {
            await until(async () => unit.test(
                await page.textContent(`#plot-${id} output`)),
                { what: `a figure of ${id}` });
            await until(() => page.getAttribute(`#plot-${id} path.browser`,
                                                'd'),
                        { what: `a plot of ${id}` });
        }

        await until(async () => /bit\/s/.test(
            await page.textContent('#plot-bitrate .theirs')),
            { what: 'the bitrate that the server sees' });
    }

    assert.equal(await textOf(publisher, 'fact-watchers'), '1');
    assert.match(await textOf(watcher, 'fact-codecs'), /^V.*, opus$/);

    /* another codec, without a new link */
    await publisher.selectOption('#codec', 'video/VP9');
    await until(async () => /^VP9/.test(await textOf(watcher, 'fact-codecs')),
                { what: 'VP9 at the watcher' });
    await assertMoves(watcher);
    assert.equal(await linkOf(publisher), link);

    /* the end, and a new beginning */
    await publisher.click('#stop');
    await watcher.waitForSelector('#state[data-state=bad]');
    assert.equal(await textOf(watcher, 'cover-title'),
                 'The session has ended');
    await publisher.click('#cover-action');
    assert.notEqual(await linkOf(publisher), link);

    /* and all that without asking anybody else */
    assert.deepEqual([...publisher.urls, ...watcher.urls]
                         .filter(url => !url.startsWith(server.origin)), []);
    await close(publisher, watcher);
});

test('camera and microphone are published', async () => {
    const publisher = await openPage(browser, `${server.origin}/`);
    const watcher = await openPage(browser, await linkOf(publisher));

    await live(watcher);
    assert.equal(await publisher.inputValue('#source'), 'camera');
    await watcher.waitForSelector('#cover', { state: 'hidden' });

    /* another source goes into the same session */
    await publisher.selectOption('#source', 'generated');
    await assertMoves(watcher);
    await close(publisher, watcher);
});

test('without a camera, the generated picture', async () => {
    const publisher = await openPage(bare, `${server.origin}/`);
    const watcher = await openPage(bare, await linkOf(publisher));

    assert.match(await textOf(publisher, 'caption'), /^No camera was found/);
    assert.equal(await publisher.inputValue('#source'), 'generated');
    await assertMoves(watcher);
    await close(publisher, watcher);
});

test('by http from another computer, a link to https', async t => {
    const address = Object.values(os.networkInterfaces()).flat()
        .find(a => a.family === 'IPv4' && !a.internal)?.address;

    if (!address) {
        t.skip('this computer has no address but its own');
        return;
    }

    const page = await openPage(bare, `http://${address}:${server.http}/`);

    /* a generated picture is published all the same */
    await linkOf(page);
    assert.match(await textOf(page, 'caption'), /needs a secure page/);

    const secure = await page.getAttribute('#caption a', 'href');

    assert.equal(secure, `https://${address}:${server.https}/`);

    const there = await openPage(browser, secure);

    await linkOf(there);
    assert.equal(await there.inputValue('#source'), 'camera');
    await close(page, there);
});

test('an unknown session, a wrong answer, no answer', async () => {
    const page = await openPage(browser, `${server.origin}/#${'0'.repeat(32)}`);
    const title = text => until(async () =>
        await textOf(page, 'cover-title') === text, { what: `"${text}"` });

    await title('The session has ended');

    for (const [reply, text] of [
        [{ status: 503, body: '{}' }, 'The media worker does not answer'],
        [{ status: 401, body: '{}' }, 'Wrong secret'],
        [{ status: 200, body: '<html>' }, 'An unexpected answer'],
        [null, 'nginx does not answer'],
    ]) {
        await page.route('**/v1/apps/**', route =>
            reply ? route.fulfill(reply) : route.abort());
        await page.click('#cover-action');
        await title(text);
        await page.unroute('**/v1/apps/**');
    }

    await close(page);
});

test('nothing on the page moves while it fills in', async () => {
    /* high enough to have all of it in view: what is not, does not count */
    const page = await browser.newPage({
        viewport: { width: 1280, height: 1500 } });

    await page.addInitScript(() => {
        globalThis.shift = 0;
        globalThis.moved = [];
        new PerformanceObserver(list => list.getEntries().forEach(e => {
            /* a panel that somebody chose may have another height */
            if (!e.hadRecentInput) {
                globalThis.shift += e.value;
                globalThis.moved.push(...e.sources.map(s =>
                    `${s.node?.nodeName} ${s.node?.id ?? ''}`));
            }
        }))
            .observe({ type: 'layout-shift', buffered: true });
    });
    await page.goto(`${server.origin}/?generated`);
    await live(page);
    await until(async () => /\d/.test(
        await page.textContent('#plot-fps output')), { what: 'figures' });
    await page.waitForSelector('.track');

    for (const name of ['sessions', 'chat', 'code']) {
        await page.click(`#tab-${name}`);
    }

    /* a pill's text that is centred anew is all that may */
    const shift = await page.evaluate(() => globalThis.shift);

    assert.ok(shift < 0.001, `layout shift ${shift}: `
                             + await page.evaluate(() => globalThis.moved));

    /* nor is it wider than a phone */
    await page.setViewportSize({ width: 360, height: 740 });

    for (const name of ['tracks', 'sessions', 'chat', 'code']) {
        await page.click(`#tab-${name}`);
        assert.equal(await page.evaluate(() =>
            document.documentElement.scrollWidth), 360, name);
    }
    await page.close();
});
