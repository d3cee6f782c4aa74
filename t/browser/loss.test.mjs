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

test('5 % loss between either client and the server', async t => {
    const ports = {};

    for (const port of server.mediaPorts) {
        const r = await relay(port, { loss: 0.05, seed: port });

        relays.push(r);
        ports[port] = r.port;
    }

    const options = { only: 'udp', ports };
    const sender = await openClient(browser, server);
    const receiver = await openClient(browser, server);
    const publisher = await ask(sender, 'publish', { scale: 2, ...options });
    const { n, session } = await ask(receiver, 'subscribe', publisher.session,
                                     options);

    assertAdvances(await ask(receiver, 'frames', n, 15));

    const times = await ask(receiver, 'arrivals', n, 10);
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

    t.diagnostic(`${rate.toFixed(1)} frames/s, longest gap `
        + `${Math.round(Math.max(...gaps))} ms; lost ${lost} of `
        + `${lost + passed} datagrams; sender: ${sent.nackCount} NACKs in, `
        + `${sent.retransmittedPacketsSent} sent again; receiver: `
        + `${video.nackCount} NACKs out, `
        + `${video.retransmittedPacketsReceived} had again, `
        + `${video.freezeCount} freezes, ${video.pliCount} PLIs`);

    assert.ok(lost / (lost + passed) > 0.03, 'the relay loses packets');
    assert.ok(rate >= 15, `${rate} frames/s`);
    assert.ok(Math.max(...gaps) <= 1000,
              `${Math.max(...gaps)} ms without a frame`);

    /* both hops were repaired, each by its own retransmissions */
    assert.ok(sent.nackCount > 0 && sent.retransmittedPacketsSent > 0);
    assert.ok(up.nacks > 0 && up.recovered > 0, JSON.stringify(up));
    assert.ok(video.nackCount > 0 && video.retransmittedPacketsReceived > 0);
    assert.ok(down.nacks > 0 && down.resent > 0, JSON.stringify(down));
    assertAdvances(await ask(receiver, 'frames', n, 15));
});
