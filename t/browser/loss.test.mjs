/*
 * A network that loses 5 % of the packets both ways: the picture moves on.
 * Copyright (C) the ngx_sfu_module authors
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ask, launch, openClient } from './lib/chromium.mjs';
import { instance } from './lib/instance.mjs';
import { relay } from './lib/relay.mjs';
import { assertAdvances } from './lib/right.mjs';

let server, browser;
const relays = [];

before(async () => {
    server = await instance();
    browser = await launch();
});

after(async () => {
    await browser?.close();
    relays.forEach(r => r.close());
    await server?.stop();
});

/* candidates behind relays that lose 5 % */
async function lossy() {
    const ports = {};

    for (const port of server.mediaPorts) {
        const r = await relay(port, { loss: 0.05, seed: port });

        relays.push(r);
        ports[port] = r.port;
    }

    return { only: 'udp', ports };
}

test('5 % loss between either client and the server', async t => {
    const options = await lossy();
    const sender = await openClient(browser, server);
    const receiver = await openClient(browser, server);
    const publisher = await ask(sender, 'publish', { scale: 2, ...options });
    const { n, session } = await ask(receiver, 'subscribe', publisher.session,
                                     options);

    assertAdvances(await ask(receiver, 'frames', n, 15));

    const encoded = async () => (await ask(sender, 'stats', publisher.n))
        .video.framesEncoded;
    const before = await encoded();
    const { times, pause } = await ask(receiver, 'arrivals', n, 10);
    const made = 1000 * (await encoded() - before) / times.at(-1);
    const gaps = times.slice(1).map((time, i) => time - times[i]);
    const rate = 1000 * (times.length - 1) / times.at(-1);
    const { video } = await ask(receiver, 'stats', n);
    const sent = (await ask(sender, 'stats', publisher.n)).video;
    const of = async id => (await server.status(id)).tracks
        .find(x => x.kind === 'video');
    const up = await of(publisher.session);
    const down = await of(session);
    const lost = relays.reduce((sum, r) => sum + r.counters.lost, 0);
    const passed = relays.reduce((sum, r) => sum + r.counters.passed, 0);

    t.diagnostic(`${rate.toFixed(1)} of ${made.toFixed(1)} frames/s, `
        + `longest gap ${Math.round(Math.max(...gaps))} ms, the page stood `
        + `still for ${Math.round(pause)}; lost ${lost} of `
        + `${lost + passed} datagrams; sender: ${sent.nackCount} NACKs in, `
        + `${sent.retransmittedPacketsSent} sent again; receiver: `
        + `${video.nackCount} NACKs out, `
        + `${video.retransmittedPacketsReceived} had again, `
        + `${video.freezeCount} freezes, ${video.pliCount} PLIs`);

    assert.ok(lost / (lost + passed) > 0.03, 'the relay loses packets');
    assert.ok(rate >= made / 2, `${rate} of ${made} frames/s`);
    assert.ok(Math.max(...gaps) <= 1000 + 3 * pause,
              `${Math.max(...gaps)} ms without a frame`);

    /* both hops were repaired, each by its own retransmissions */
    assert.ok(sent.nackCount > 0 && sent.retransmittedPacketsSent > 0);
    assert.ok(up.nacks > 0 && up.recovered > 0, JSON.stringify(up));
    assert.ok(video.nackCount > 0 && video.retransmittedPacketsReceived > 0);
    assert.ok(down.nacks > 0 && down.resent > 0, JSON.stringify(down));
    assertAdvances(await ask(receiver, 'frames', n, 15));
});

/* what is lost around a switch, or beside what is left out, is repaired too */
test('layers are changed while packets are lost', async t => {
    const options = await lossy();
    const page = await openClient(browser, server);
    const publisher = await ask(page, 'publish', {
        kinds: ['video'], ...options,
        encodings: [{ rid: 'a', scaleResolutionDownBy: 2,
                      scalabilityMode: 'L1T3' },
                    { rid: 'b', scaleResolutionDownBy: 4,
                      scalabilityMode: 'L1T3' }],
    });
    const { n, tracks } = await ask(page, 'subscribe', publisher.session, {
        names: ['video'], simulcast: { preferredRid: 'b' }, ...options,
    });

    for (const [preferredRid, maxTemporalLayer, width] of [
        ['b', 2, 320], ['a', 0, 640], ['b', 1, 320], ['a', 1, 640],
        ['b', 0, 320], ['a', 2, 640],
    ]) {
        await ask(page, 'update', n, [{
            ...tracks[0], simulcast: { preferredRid, maxTemporalLayer },
        }]);
        await ask(page, 'width', n, width);
        assertAdvances(await ask(page, 'frames', n, 8));
    }

    const { video } = await ask(page, 'stats', n);

    t.diagnostic(`${video.nackCount} NACKs, `
        + `${video.retransmittedPacketsReceived} had again, `
        + `${video.freezeCount} freezes, ${video.pliCount} PLIs`);
    assert.ok(video.retransmittedPacketsReceived > 0);
});
