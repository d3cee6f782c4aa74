/*
 * measure.mjs - figures of a call in Chromium, as JSON; not a test.
 * Copyright (C) the ngx_sfu_module authors
 *
 *     node t/browser/measure.mjs
 *
 * first_frame: from POST sessions/new to the first decoded frame, twenty
 * joiners in turn.  ramp: the bitrate of a 1280x720 publisher of a picture
 * that is hard to encode, each second; the camera's default limit of 2.5
 * Mbit/s is lifted.
 */

import { ask, launch, openClient } from './lib/chromium.mjs';
import { instance } from './lib/instance.mjs';
import { median, until } from './lib/until.mjs';

const joiners = 20;
const seconds = 30;

async function firstFrames(browser, server) {
    const sender = await openClient(browser, server);
    const receiver = await openClient(browser, server);
    const publisher = await ask(sender, 'publish');
    const times = [];

    for (let i = 0; i < joiners; i++) {
        const encoded = async () => (await ask(sender, 'stats', publisher.n))
            .video?.framesEncoded ?? 0;
        const before = await encoded();

        await until(async () => await encoded() > before + 25,
                    { what: 'frames between two joiners' });

        const { n } = await ask(receiver, 'subscribe', publisher.session);

        times.push(Math.round(await ask(receiver, 'firstFrame', n)));
        await ask(receiver, 'drop', n);
    }

    await sender.close();
    await receiver.close();

    return { median_ms: median(times), worst_ms: Math.max(...times), times };
}

/* one line a second, in kbit/s */
const watchRamp = (page, n, count) => page.evaluate(async ([peer, total]) => {
    const { pc } = sfuTest.peers[peer];
    const sender = pc.getSenders().find(s => s.track?.kind === 'video');
    const parameters = sender.getParameters();

    parameters.encodings[0].maxBitrate = 10e6;
    await sender.setParameters(parameters);

    const list = [];
    let last = null;

    while (list.length < total) {
        const { video, pair } = await sfuTest.stats(peer);

        if (last && video) {
            list.push({
                sent: Math.round(8 * (video.bytesSent - last.bytesSent)
                                 / (video.timestamp - last.timestamp)),
                available: Math.round((pair?.availableOutgoingBitrate ?? 0)
                                      / 1000),
                target: Math.round((video.targetBitrate ?? 0) / 1000),
                height: video.frameHeight,
                fps: video.framesPerSecond,
                limit: video.qualityLimitationReason,
            });
        }

        last = video;
        await new Promise(done => setTimeout(done, 1000));
    }

    return list;
}, [n, count]);

async function ramp(browser, server) {
    const page = await openClient(browser, server);
    const publisher = await ask(page, 'publish',
                                { source: 'noisy', scale: 1,
                                  kinds: ['video'] });

    await ask(page, 'connected', publisher.n);

    const list = await watchRamp(page, publisher.n, seconds);
    const sent = list.map(s => s.sent);
    const best = Math.max(...sent);

    await page.close();

    return {
        best_kbit_s: best,
        best_available_kbit_s: Math.max(...list.map(s => s.available)),
        seconds_to_2500: 1 + sent.findIndex(s => s >= 2500) || null,
        seconds_to_90_percent_of_best:
            1 + sent.findIndex(s => s >= 0.9 * best),
        each_second: list,
    };
}

const server = await instance();
const browser = await launch();

try {
    console.log(JSON.stringify({
        chromium: browser.version(),
        first_frame: await firstFrames(browser, server),
        ramp: await ramp(browser, server),
    }, null, 2));
} finally {
    await browser.close();
    await server.stop();
}
