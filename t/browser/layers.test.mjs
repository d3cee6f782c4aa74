/*
 * Simulcast and SVC: the layer that a subscriber asked for arrives, as one
 * picture that goes on through every change.
 * Copyright (C) the ngx_sfu_module authors
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ask, launch, openClient } from './lib/chromium.mjs';
import { instance } from './lib/instance.mjs';
import { assertAdvances } from './lib/right.mjs';
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

/* of the generated picture, which has 1280x720 */
const encodings = [
    { rid: 'a', scaleResolutionDownBy: 2, maxBitrate: 500000 },
    { rid: 'b', scaleResolutionDownBy: 4, maxBitrate: 200000 },
];
const widths = { a: 640, b: 320 };

const publish = (options = { encodings }) =>
    ask(page, 'publish', { kinds: ['video'], ...options });
const pull = (publisher, simulcast) =>
    ask(page, 'subscribe', publisher.session, { names: ['video'], simulcast });
const update = async (viewer, simulcast, other = {}) => {
    const { tracks, requiresImmediateRenegotiation } =
        await ask(page, 'update', viewer.n,
                  [{ ...viewer.tracks[0], simulcast, ...other }]);

    assert.equal(requiresImmediateRenegotiation, false);

    return tracks[0];
};
const drop = (...peers) =>
    Promise.all(peers.map(p => ask(page, 'drop', p.n)));

/* both encodings are sent, and the server says so */
const bothLive = publisher => until(async () => {
    const { tracks } = await server.status(publisher.session);

    return tracks[0].layers?.filter(l => l.available).length === 2;
}, { what: 'both encodings' });

/* the picture has this width within ten seconds (mostly one), and goes on */
async function shows(viewer, width, seconds = 10) {
    const took = await ask(page, 'width', viewer.n, width, seconds);

    assertAdvances(await ask(page, 'frames', viewer.n, 10));

    return took;
}

/* the share of what the publisher sends that the viewer has */
async function share(viewer, publisher) {
    const [had, sent] = await Promise.all([viewer, publisher].map(
        async p => (await ask(page, 'stats', p.n)).video?.framesPerSecond));

    return had / sent;
}

async function assertSmooth(viewer) {
    const { video } = await ask(page, 'stats', viewer.n);

    assert.equal(video.packetsLost, 0);
    assert.equal(video.pliCount, 0, 'the picture never was undecodable');
}

test('preferredRid, and its changes', async () => { /* cloudflare 32, 35, 54 */
    const publisher = await publish();

    await bothLive(publisher);

    const viewer = await pull(publisher, { preferredRid: 'b' });

    await shows(viewer, widths.b, 60);

    for (const rid of ['a', 'b', 'a', 'b']) {
        const entry = await update(viewer, { preferredRid: rid });

        assert.equal(entry.errorCode, undefined);
        await shows(viewer, widths[rid]);
    }

    const { tracks } = await server.status(viewer.session);

    assert.equal(tracks[0].layer, 'b');
    assert.deepEqual(tracks[0].layers_available, ['a', 'b']);

    /* no preference: as much as gets through, step by step */
    await update(viewer, { preferredRid: '' });
    await shows(viewer, widths.a, 60);
    await assertSmooth(viewer);
    await drop(viewer, publisher);
});

test('an update before the transport is up', async () => {  /* cloudflare 35 */
    const publisher = await publish();

    await bothLive(publisher);

    const viewer = await pull(publisher);
    const entry = await update(viewer, { preferredRid: 'a' });

    assert.equal(entry.errorCode, undefined);
    await shows(viewer, widths.a, 60);
    await drop(viewer, publisher);
});

test('without simulcast there is nothing to choose', async () => {
    const publisher = await publish({});                    /* cloudflare 36 */
    const viewer = await pull(publisher);
    const entry = await update(viewer, { preferredRid: 'a' });

    assert.equal(entry.errorCode, 'update_track_error');
    assert.equal(entry.mid, viewer.tracks[0].mid);
    await drop(viewer, publisher);
});

test('another source on the same mid', async () => {        /* cloudflare 37 */
    const first = await publish();
    const second = await publish({ scale: 4 });

    await bothLive(first);

    const viewer = await pull(first, { preferredRid: 'a' });

    await shows(viewer, widths.a, 60);

    const before = (await ask(page, 'stats', viewer.n)).video;

    for (const [session, width] of [[second.session, 320],
                                    [first.session, widths.a]]) {
        const entry = await update(viewer, { preferredRid: 'a' },
                                   { sessionId: session });

        assert.equal(entry.errorCode, undefined);
        assert.equal(entry.mid, viewer.tracks[0].mid);
        await shows(viewer, width);
    }

    const after = (await ask(page, 'stats', viewer.n)).video;

    assert.equal(after.ssrc, before.ssrc);
    assert.equal(after.id, before.id, 'it is the same stream to the browser');
    assert.equal(after.packetsLost, 0);
    await drop(viewer, first, second);
});

/* Chromium gives them one size, so only the server can tell which it is */
test('a group of SSRCs', async () => {
    const publisher = await publish({ group: true, scale: 4 });

    await until(async () => {
        const { tracks } = await server.status(publisher.session);

        return tracks[0].layers?.filter(l => l.available).length > 1;
    }, { what: 'two layers of a group' });

    const viewer = await pull(publisher);

    for (const preferredRid of ['c', 'b', 'c']) {
        await update(viewer, { preferredRid });
        await until(async () => (await server.status(viewer.session))
            .tracks[0].layer === preferredRid, { what: preferredRid });
        assertAdvances(await ask(page, 'frames', viewer.n, 8));
    }

    await assertSmooth(viewer);
    await drop(viewer, publisher);
});

test('an encoding that the publisher stops', async () => {  /* cloudflare 38 */
    const publisher = await publish();

    await bothLive(publisher);

    const viewer = await pull(publisher, { preferredRid: 'a',
                                           ridNotAvailable: 'asciibetical' });

    await shows(viewer, widths.a, 60);
    await ask(page, 'setEncodings', publisher.n, { a: { active: false } });
    await shows(viewer, widths.b, 60);
    await ask(page, 'setEncodings', publisher.n, { a: { active: true } });
    await shows(viewer, widths.a, 60);
    await drop(viewer, publisher);
});

test('other codecs switch as well', async () => {
    for (const codec of ['video/H264', 'video/VP9', 'video/AV1']) {
        const publisher = await publish({ encodings: encodings.map(e =>
            ({ ...e, scalabilityMode: codec === 'video/H264' ? undefined
                                                             : 'L1T1' })),
                                          codecs: [codec] });

        await bothLive(publisher);

        const viewer = await pull(publisher, { preferredRid: 'b' });

        await shows(viewer, widths.b, 60);
        await update(viewer, { preferredRid: 'a' });
        await shows(viewer, widths.a);
        await update(viewer, { preferredRid: 'b' });
        await shows(viewer, widths.b);

        const { video } = await ask(page, 'stats', viewer.n);

        assert.equal(video.codec, codec);
        assert.equal(video.packetsLost, 0, codec);
        await drop(viewer, publisher);
    }
});

/* below 960 pixels Chromium has two spatial layers only */
for (const [codec, mode] of [['video/VP9', 'L3T3_KEY'],
                             ['video/AV1', 'L3T3']]) {
    test(`${codec} with ${mode}, less of it and all of it`, async () => {
        const publisher = await publish({
            codecs: [codec],
            encodings: [{ scalabilityMode: mode, maxBitrate: 1500000,
                          scaleResolutionDownBy: 4 / 3 }],
        });
        const viewer = await pull(publisher);

        await shows(viewer, 960, 60);

        for (const [maxSpatialLayer, width] of [[0, 240], [1, 480], [7, 960]]) {
            const entry = await update(viewer, { maxSpatialLayer });

            assert.equal(entry.errorCode, undefined);
            await shows(viewer, width);
        }

        await update(viewer, { maxTemporalLayer: 0 });
        await until(async () => await share(viewer, publisher) < 0.4,
                    { what: 'a quarter of the frames' });
        assertAdvances(await ask(page, 'frames', viewer.n, 10));
        await update(viewer, {});
        await until(async () => await share(viewer, publisher) > 0.67,
                    { what: 'all frames' });
        await assertSmooth(viewer);
        await drop(viewer, publisher);
    });
}

test('temporal layers of VP8', async () => {
    const publisher = await publish({
        encodings: [{ scalabilityMode: 'L1T3', scaleResolutionDownBy: 2 }],
    });
    const viewer = await pull(publisher, { maxTemporalLayer: 0 });
    await shows(viewer, 640, 60);
    await until(async () => await share(viewer, publisher) < 0.4,
                { what: 'fewer frames' });
    await update(viewer, { maxTemporalLayer: 1 });
    await until(async () => await share(viewer, publisher) > 0.4,
                { what: 'half of them' });
    await update(viewer, { maxTemporalLayer: 2 });
    await until(async () => await share(viewer, publisher) > 0.67,
                { what: 'all frames' });
    await assertSmooth(viewer);
    await drop(viewer, publisher);
});
