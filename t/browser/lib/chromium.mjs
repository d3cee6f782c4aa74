/*
 * lib/chromium.mjs - headless Chromium with fake devices.
 * Copyright (C) the ngx_sfu_module authors
 */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const here = name => fileURLToPath(new URL(name, import.meta.url));

export async function launch({ devices = true } = {}) {
    if (!existsSync(executablePath)) {
        throw new Error(`${executablePath} is missing: make deps-test`);
    }

    return chromium.launch({
        executablePath,
        args: [
            '--headless=new', '--no-sandbox', '--disable-gpu',
            '--disable-background-networking', '--disable-dev-shm-usage',
            '--autoplay-policy=no-user-gesture-required',
            '--enable-blink-features=RTCDegradationPreference',
            ...(devices ? ['--use-fake-device-for-media-stream',
                           '--use-fake-ui-for-media-stream'] : []),
        ],
    });
}

/* errors of a page's script are errors of the test that opened it */
function watch(page) {
    page.setDefaultTimeout(60000);
    page.errors = [];
    page.on('pageerror', e => page.errors.push(e));
}

/* a page of the demo itself */
export async function openPage(browser, url, options = {}) {
    const page = await browser.newPage({ ignoreHTTPSErrors: true, ...options });

    watch(page);
    page.urls = [];
    page.on('request', r => page.urls.push(r.url()));
    await page.goto(url);

    return page;
}

/* an empty page of the same origin, with sfuTest in it (lib/client.js) */
export async function openClient(browser, server) {
    const page = await browser.newPage();

    watch(page);
    await page.goto(`${server.origin}/no-such-page`);
    await addClient(page);

    return page;
}

/* sfuTest, in a page that is there */
export async function addClient(page) {
    await page.addScriptTag({ path: here('size.js') });
    await page.addScriptTag({ path: here('client.js') });
}

/* what a page of the demo publishes keeps its size */
export async function keepSize(page) {
    await page.addScriptTag({ path: here('size.js') });
    await page.evaluate(() => globalThis.keepSize(window.sfu.pc));
}

/* sfuTest[name](...args) in the page */
export function ask(page, name, ...args) {
    return page.evaluate(([f, a]) => sfuTest[f](...a), [name, args]);
}
