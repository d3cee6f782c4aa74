/*
 * The worker is killed in mid-call: the API says so, and the page recovers.
 * nginx reloads in mid-call: nobody notices.
 * Copyright (C) the ngx_sfu_module authors
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ask, launch, openClient, openPage } from './lib/chromium.mjs';
import { instance } from './lib/instance.mjs';
import { assertAdvances } from './lib/right.mjs';
import { until } from './lib/until.mjs';

let server, browser;

before(async () => {
    server = await instance({ own: true });
    browser = await launch();
});

after(async () => {
    await browser?.close();
    await server?.stop();
});

test('nginx -s reload drops nothing', async t => {
    const page = await openClient(browser, server);
    const publisher = await ask(page, 'publish', { scale: 4 });
    const { n } = await ask(page, 'subscribe', publisher.session);

    await ask(page, 'firstFrame', n);

    const oldest = (await server.status()).uptime;
    const answers = [];
    let over = false;

    const asking = (async () => {
        while (!over) {
            answers.push((await server.call('GET',
                `sessions/${publisher.session}`)).status);

            /* a session has fifty requests a second, and no more */
            await new Promise(done => setTimeout(done, 25));
        }
    })();

    await until(() => answers.length > 5, { what: 'answers' });

    const arriving = ask(page, 'arrivals', n, 4);

    server.reload();

    const { times, pause } = await arriving;
    const gaps = times.map((time, i) => i ? time - times[i - 1] : 0);

    over = true;
    await asking;

    t.diagnostic(`${answers.length} calls, longest gap between frames `
                 + `${Math.round(Math.max(...gaps))} ms, the page stood still `
                 + `for ${Math.round(pause)}`);
    assert.deepEqual([...new Set(answers)], [200]);
    assert.ok(Math.max(...gaps) < 500 + 3 * pause, 'no gap in the picture');
    assert.ok((await server.status()).uptime > oldest, 'the same worker');
    assertAdvances(await ask(page, 'frames', n, 15));
    await page.close();
});

test('kill -9 of the worker', async t => {
    const publisher = await openPage(browser, `${server.origin}/?generated`);
    const link = await until(() => publisher.inputValue('#link'),
                             { what: 'the watch link' });
    const watcher = await openPage(browser, link);
    const session = link.split('#')[1];
    const pid = server.workerPid;

    await watcher.waitForSelector('#state[data-state=live]');

    const killed = performance.now();
    const since = () => Math.round(performance.now() - killed);
    const answers = [];

    server.killWorker();

    /* 503 while there is none, 410 from the next one: it never hangs */
    await until(async () => {
        const { status, body } = await server.call('GET',
                                                   `sessions/${session}`);

        assert.ok(body.errorCode && body.errorDescription);
        answers.push(status);

        return status === 410;
    }, { what: '410' });
    t.diagnostic(`410 after ${since()} ms`);
    assert.deepEqual([...new Set(answers)].filter(s => s !== 503), [410]);
    assert.notEqual(server.workerPid, pid);

    /* the page publishes again, by itself, and its new link plays */
    const next = await until(async () => {
        const value = await publisher.inputValue('#link');

        return value !== link && value;
    }, { what: 'a new link' });

    t.diagnostic(`published again after ${since()} ms`);
    await watcher.waitForSelector('#state[data-state=bad]');
    assert.equal(await watcher.textContent('#cover-title'),
                 'The session has ended');

    const other = await openPage(browser, next);

    await other.waitForSelector('#cover', { state: 'hidden' });
    await until(() => other.evaluate(async () =>
        (await import('/js/picture.js')).readCounter(
            document.getElementById('video'))), { what: 'the picture' });

    for (const page of [publisher, watcher, other]) {
        assert.deepEqual(page.errors, []);
    }
});
