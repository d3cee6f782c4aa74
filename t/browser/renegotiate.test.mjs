/*
 * Tracks come and go in one session, ten times; m-lines are used again.
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

/* the generated picture, under another name each time */
const publishVideo = (n, name) => page.evaluate(async ([peer, trackName]) => {
    const [track] = (await sfuTest.mediaOf('generated')).getVideoTracks();

    return sfuTest.publishMore(peer, [{ track, name: trackName }],
                               { scale: 4 });
}, [n, name]);

test('a video is published, watched and closed ten times', async () => {
    /* with max-bundle the last m-line must stay: here, the sound */
    const publisher = await ask(page, 'publish', { kinds: ['audio'] });
    const subscriber = await ask(page, 'subscribe', publisher.session,
                                 { names: ['audio'] });
    const mids = new Set();

    for (let i = 0; i < 10; i++) {
        const name = `video ${i}`;
        const [published] = await publishVideo(publisher.n, name);
        const [pulled] = await ask(page, 'subscribeMore', subscriber.n,
                                   publisher.session, [name]);

        assert.ok(!mids.has(pulled.mid), `mid ${pulled.mid} again`);
        mids.add(pulled.mid);

        await page.evaluate(([n, mid]) => {
            const peer = sfuTest.peers[n];
            const track = peer.pc.getTransceivers()
                .find(t => t.mid === mid).receiver.track;

            peer.stream.getVideoTracks().forEach(t =>
                peer.stream.removeTrack(t));
            peer.stream.addTrack(track);
        }, [subscriber.n, pulled.mid]);
        assertAdvances(await ask(page, 'frames', subscriber.n, 8),
                       `video ${i}`);

        /* by turns, who closes first */
        const closings = [[publisher.n, published.mid],
                          [subscriber.n, pulled.mid]];

        for (const [n, mid] of i % 2 ? closings : closings.reverse()) {
            const [closed] = await ask(page, 'close', n, [mid]);

            assert.deepEqual(closed, { mid });
        }

        assert.equal(await ask(page, 'sections', publisher.n), 2);
        assert.equal(await ask(page, 'sections', subscriber.n), 2);
    }

    assertTone(await ask(page, 'tone', subscriber.n));
    assert.deepEqual((await server.status(publisher.session))
                         .tracks.map(t => t.name), ['audio']);
    assert.deepEqual((await server.status(subscriber.session))
                         .tracks.map(t => t.name), ['audio']);
    assert.deepEqual(page.errors, []);
});

/*
 * 28: the section that the BUNDLE group is named after.  Chromium moves to
 * another transport then, with the same credentials and certificate.
 */
test('the first section is closed, by either client', async () => {
    const publisher = await ask(page, 'publish', { kinds: ['audio'] });

    await publishVideo(publisher.n, 'video');

    const subscriber = await ask(page, 'subscribe', publisher.session,
                                 { names: ['audio'] });

    await ask(page, 'subscribeMore', subscriber.n, publisher.session,
              ['video']);
    assertAdvances(await ask(page, 'frames', subscriber.n, 5));

    for (const n of [subscriber.n, publisher.n]) {
        const mid = await page.evaluate(
            i => sfuTest.pc(i).getTransceivers()[0].mid, n);

        await ask(page, 'close', n, [mid]);
        assertAdvances(await ask(page, 'frames', subscriber.n, 60), mid);
        await ask(page, 'connected', n);
    }

    /* the publisher's is used again at once, the subscriber's in the end */
    await publishVideo(publisher.n, 'again');
    assert.equal(await ask(page, 'sections', publisher.n), 2);

    for (let i = 0; i < 6; i++) {
        const [{ mid }] = await ask(page, 'subscribeMore', subscriber.n,
                                    publisher.session, ['again']);
        const first = await page.evaluate(n => sfuTest.pc(n).getTransceivers()
            .find(t => !t.stopped).mid, subscriber.n);

        assert.notEqual(first, mid);
        await ask(page, 'close', subscriber.n, [first]);
        await until(() => page.evaluate(n => sfuTest.pc(n).getTransceivers()
            .find(t => !t.stopped).receiver.transport.state === 'connected',
                                        subscriber.n),
                    { what: 'the other transport' });
    }

    const sections = await ask(page, 'sections', subscriber.n);

    assert.ok(sections <= 7, `${sections} sections`);
    await page.evaluate(n => {
        const { pc, stream } = sfuTest.peers[n];
        const { receiver } = pc.getTransceivers().find(t => !t.stopped);

        stream.getVideoTracks().forEach(t => stream.removeTrack(t));
        stream.addTrack(receiver.track);
    }, subscriber.n);
    assertAdvances(await ask(page, 'frames', subscriber.n, 30), 'again');

    for (const { n } of [subscriber, publisher]) {
        await ask(page, 'drop', n);
    }
});
