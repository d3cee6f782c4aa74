/*
 * The page's console: tracks and their layers, sessions, chat, streams, code.
 * Copyright (C) the ngx_sfu_module authors
 */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import {
    ask, keepSize, launch, openClient, openPage,
} from './lib/chromium.mjs';
import { instance } from './lib/instance.mjs';
import { bundled, openKvs } from './lib/kvs.mjs';
import { until } from './lib/until.mjs';

let server, browser;

before(async () => {
    server = await instance();
    browser = await launch();
});

after(async () => {
    await browser?.close();
    await server?.stop();
});

const live = page => page.waitForSelector('#state[data-state=live]');
const sessionOf = page => page.evaluate(() => window.sfu.session);
const linkOf = page => until(() => page.inputValue('#link'),
                             { what: 'the watch link' });
const says = (page, selector, text) => until(async () =>
    text.test(await page.textContent(selector)),
    { what: `${text} in ${selector}` });

async function open(path) {
    const page = await openPage(browser, `${server.origin}/${path}`);

    await live(page);

    return page;
}

async function close(...pages) {
    for (const page of pages) {
        assert.deepEqual(page.errors, []);
        await page.context().close();
    }
}

test('simulcast: a rid is chosen, and the picture follows', async () => {
    const publisher = await open('?generated&qualities=simulcast');

    await keepSize(publisher);

    const watcher = await openPage(browser, await linkOf(publisher));

    await live(watcher);

    /* the publisher sees all its encodings */
    for (const rid of ['b', 'c']) {
        await says(publisher, '.encodings',
                   new RegExp(`^${rid}: \\d+ × \\d+, [\\d.]+ [kM]bit/s`, 'm'));
    }

    const video = watcher.locator('.track', { hasText: 'Picture' });
    const choose = rid => video.locator(`.rids input[value="${rid}"]`).check();
    const sent = rid => video.locator(`label.sent[data-rid="${rid}"]`)
                             .waitFor();

    for (const [rid, width] of [['c', 320], ['b', 640]]) {
        await choose(rid);
        await sent(rid);
        await until(() => watcher.evaluate(w =>
            document.getElementById('video').videoWidth === w, width),
            { what: `a picture of ${width} pixels` });
    }

    /* each track has its plots, in figures of both sides */
    for (const track of await watcher.locator('.track').all()) {
        for (const name of ['bitrate', 'loss', 'asked', 'last']) {
            await until(async () => /^\d/.test(await track
                .locator(`.mini-${name} output`).textContent()),
                { what: `a figure of ${name}` });
        }

        await until(async () => /bit\/s/.test(await track
            .locator('.mini-bitrate .theirs').textContent()),
            { what: 'what the server sends' });
    }

    /* what is refused is said at the track, in words */
    await watcher.route('**/tracks/update', route => route.fulfill({
        json: { tracks: [{ errorCode: 'update_track_error',
                           errorDescription: 'no layers' }] } }));
    await choose('c');
    await says(watcher, '.track .wrong', /^This track has no such layers/);
    await close(publisher, watcher);
});

test('streams by name: WHIP, WHEP, SVC, and a second publisher', async () => {
    const publisher = await open('?generated&qualities=svc&whip=studio%201');

    await keepSize(publisher);

    const link = await linkOf(publisher);

    assert.equal(link, `${server.origin}/#whep/studio%201`);
    assert.match(await publisher.inputValue('#codec'), /VP9|AV1/);

    const watcher = await openPage(browser, link);

    await live(watcher);
    assert.equal(await watcher.textContent('#fact-publisher'), 'studio 1');
    await until(() => watcher.evaluate(() =>
        document.getElementById('video').videoWidth >= 640),
        { what: 'a large picture' });

    /* the lowest layer of size is a quarter of it */
    await watcher.selectOption('.spatial', '0');
    await until(() => watcher.evaluate(() => {
        const { videoWidth: w } = document.getElementById('video');

        return w > 0 && w <= 320;
    }), { what: 'a small picture' });
    await says(watcher, '.sent-layer', /up to size 0/);

    /* it ends, in words, and goes on under the same name */
    await publisher.click('#stop');
    await says(watcher, '#cover-title', /^Nobody publishes this stream$/);
    await publisher.click('#cover-action');
    await live(publisher);
    await watcher.click('#cover-action');
    await live(watcher);
    await close(publisher, watcher);
});

test('chat: lines, who may reply, a channel that is not there', async () => {
    const publisher = await open('?generated');
    const link = await linkOf(publisher);
    const [one, two] = [await openPage(browser, link),
                        await openPage(browser, link)];
    const say = async (page, text) => {
        await page.fill('#chat-text', text);
        await page.press('#chat-text', 'Enter');
    };
    const join = async page => {
        await page.click('#tab-chat');
        await page.click('#chat-open');
    };

    await live(one);
    await live(two);
    await join(one);
    await says(one, '#chat-wrong', /^The publisher has no channel "chat"/);

    await join(publisher);
    await says(publisher, '#chat-log', /is open/);

    for (const page of [one, two]) {
        await join(page);
        await says(page, '#chat-log', /Joined "chat"/);
        assert.equal(await page.isDisabled('#chat-text'), true);
    }

    await say(publisher, 'to <b>all</b>');
    await says(one, '#chat-log', /Publisher to <b>all<\/b>$/);
    await says(two, '#chat-log', /Publisher to <b>all<\/b>$/);

    await two.check('#chat-reply');
    await until(() => two.isEnabled('#chat-text'), { what: 'leave to reply' });
    await say(two, 'from two');
    await says(publisher, '#chat-log', /Watcher from two$/);

    /* the last who asked has it: what the other says goes nowhere */
    await one.check('#chat-reply');
    await until(() => one.isEnabled('#chat-text'), { what: 'leave to reply' });
    await say(two, 'lost');
    await say(one, 'from one');
    await says(publisher, '#chat-log', /Watcher from two\w*Watcher from one$/);

    /* a new session opens the channel again */
    await publisher.selectOption('#qualities', 'simulcast');
    await says(publisher, '#chat-log', /The session has ended.*is open\.$/);
    await close(publisher, one, two);
});

test('sessions: all of the app, their tracks, and a way to watch', async () => {
    const publisher = await open('?generated&whip=listed');
    const other = await open('?generated');
    const id = await sessionOf(publisher);
    const row = other.locator(`#sessions tr[data-session="${id}"]`);
    const detail = row.locator('+ tr .detail');

    /* by the keyboard: the second tab, the first session's button */
    await other.focus('#tab-tracks');
    await other.keyboard.press('ArrowRight');
    await row.waitFor();
    assert.equal(await other.getAttribute('#tab-sessions', 'aria-selected'),
                 'true');
    assert.match(await row.textContent(), /listed.*connected/);
    assert.match(await other.textContent(
        `#sessions tr[data-session="${await sessionOf(other)}"]`),
        /this page/);
    await row.locator('button').press('Enter');
    await until(async () => /publishes · audio · opus.*publishes · video · V/s
        .test(await detail.textContent()), { what: 'tracks of the session' });

    const popup = other.waitForEvent('popup');

    await row.locator('a').click();

    const watcher = await popup;

    await live(watcher);
    await until(async () => (await row.locator('td').nth(3).textContent())
                            === '1', { what: 'its watcher' });
    await watcher.close();

    /* or by the name of the stream, typed */
    const typed = other.waitForEvent('popup');

    await other.fill('#play-name', 'listed');
    await other.press('#play-name', 'Enter');

    const named = await typed;

    await live(named);
    assert.match(named.url(), /#whep\/listed$/);
    await named.close();

    /* who comes last has the name, and is left alone by who had it */
    await other.fill('#stream', 'listed');
    await other.press('#stream', 'Enter');
    await says(publisher, '#caption', /^Another publisher has this name now/);
    await live(other);
    assert.match(await linkOf(other), /whep\/listed$/);

    const taken = await sessionOf(other);

    await says(publisher, '#caption', /Next try in [2-5] s/);
    assert.equal(await sessionOf(other), taken);

    await publisher.fill('#stream', 'a/b');
    await publisher.press('#stream', 'Enter');
    await says(publisher, '#caption', /^This cannot be the name of a stream/);

    /* what goes wrong is said where it happens */
    await other.route('**/status?app=demo', route => route.abort());
    await says(other, '#sessions-wrong', /^nginx does not answer/);
    await close(publisher, other);
});

/* the code of the panel, for a dialect and a language */
async function codeOf(page, dialect, language) {
    await page.check(`input[name=dialect][value=${dialect}]`);
    await page.check(`input[name=language][value=${language}]`);

    return page.textContent('#code');
}

/* runs it as it is, in a page of its own, until it has a peer that connects */
async function runs(code) {
    const page = await openClient(browser, server);

    await page.evaluate(async text => {
        const run = Object.getPrototypeOf(async () => {}).constructor;
        const { pc, video } = await run(`${text}
            return { pc, video: typeof video === 'undefined' ? null : video };
        `)();

        await new Promise((done, fail) => {
            const look = () => {
                if (pc.connectionState === 'connected') {
                    done();
                }
            };

            pc.onconnectionstatechange = look;
            look();
            setTimeout(() => fail(new Error(pc.connectionState)), 60000);
        });

        if (video) {
            await new Promise(frame => video.requestVideoFrameCallback(frame));
        }
    }, code);

    return page;
}

/* with a camera beside it */
async function watchesCamera(code) {
    const viewer = await openKvs(browser, server);

    await viewer.evaluate(async () =>
        kvs.master(await kvs.channel('my-camera')));
    await viewer.addScriptTag({ type: 'module', content: bundled(code) });
    await viewer.waitForFunction(
        () => document.querySelector('video')?.currentTime > 0);
    await close(viewer);
}

test('code: what can be copied runs as it stands', async () => {
    const page = await open('?generated&whip=code');
    const client = await openClient(browser, server);
    const cwd = mkdtempSync(path.join(os.tmpdir(), 'sfu-code-'));
    const shell = async code =>
        (await promisify(execFile)('bash', ['-ec', code],
                                   { cwd, timeout: 60000 })).stdout;
    const offer = async direction => {
        writeFileSync(`${cwd}/offer.sdp`, await client.evaluate(async d => {
            const pc = new RTCPeerConnection();

            pc.addTransceiver('video', { direction: d });

            return (await pc.createOffer()).sdp;
        }, direction));
    };

    await page.click('#tab-code');

    try {
        const pulled = await shell(await codeOf(page, 'cloudflare', 'curl'));

        assert.match(pulled, /"trackName":"video".*"type":"offer"/s);
        assert.match(pulled, new RegExp(await sessionOf(page)));
        await offer('sendonly');
        assert.match(await shell(await codeOf(page, 'whip', 'curl')),
                     /201 Created.*m=video/s);
        await offer('recvonly');
        assert.match(await shell(await codeOf(page, 'whep', 'curl')),
                     /201 Created.*m=video/s);
        assert.match(await shell(await codeOf(page, 'metered', 'curl')),
                     new RegExp(`${await sessionOf(page)}.*video`, 's'));
        assert.match(await shell(await codeOf(page, 'arbiter', 'curl')),
                     /"Task started.*("roomId":"[-0-9a-f]{36}").*\1/s);
        assert.match(await shell(await codeOf(page, 'kvs', 'curl')),
                     /ChannelInfoList.*:channel\/my-camera\//s);
    } finally {
        rmSync(cwd, { recursive: true });
    }

    const players = [];

    for (const dialect of ['cloudflare', 'whip', 'whep', 'metered']) {
        players.push(await runs(await codeOf(page, dialect, 'javascript')));
    }

    /* two who open the same path see each other */
    const arbiter = await codeOf(page, 'arbiter', 'javascript');

    players.push(...await Promise.all([runs(arbiter), runs(arbiter)]));

    for (const player of players.slice(-2)) {
        await player.waitForFunction(() => {
            const video = document.querySelector('video');

            return video?.videoWidth > 0 && video.currentTime > 0;
        });
    }

    /* a viewer of a channel, bundled as an application would be */
    await watchesCamera(await codeOf(page, 'kvs', 'javascript'));

    /* and is copied */
    await page.context().grantPermissions(['clipboard-read']);
    await page.click('#code-copy');
    await says(page, '#code-copy', /^Copied$/);
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()),
                 await page.textContent('#code'));
    await close(page, client, ...players);
});

test('a page in a hidden tab asks nobody', async () => {
    const page = await open('?generated');
    const hide = hidden => page.evaluate(h => {
        Object.defineProperty(document, 'hidden',
                              { value: h, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);

    await page.click('#tab-sessions');
    await page.waitForSelector('#sessions tr');
    await hide(true);

    /* one question may have been under way, and lead to another */
    await until(async () => {
        const before = page.urls.length;

        await page.waitForTimeout(500);

        return page.urls.length === before;
    }, { what: 'silence' });
    page.urls.length = 0;

    /* longer than each of the intervals */
    await page.waitForTimeout(2500);
    assert.deepEqual(page.urls, []);
    await hide(false);
    await until(() => page.urls.length >= 2, { what: 'questions' });
    await close(page);
});
