/*
 * lib/kvs.mjs - the clients of Kinesis Video Streams, for Node and for a page.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The signaling client comes as a bundle of its makers'; AWS's SDK is bundled
 * here as applications do it, and neither is changed.
 */

import { readFileSync } from 'node:fs';
import https from 'node:https';
import { fileURLToPath } from 'node:url';

import { KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import { KinesisVideoSignalingClient }
    from '@aws-sdk/client-kinesis-video-signaling';
import { KinesisVideoWebRTCStorageClient }
    from '@aws-sdk/client-kinesis-video-webrtc-storage';
import { buildSync } from 'esbuild';

import { addClient, openPage } from './chromium.mjs';

const here = name => fileURLToPath(new URL(name, import.meta.url));

export const account = {
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIADEMO', secretAccessKey: 'demo-secret' },
};

/* clients as applications make them, but for the endpoint */
export function clients(server, more = {}) {
    const origin = `https://localhost:${server.https}`;
    const ca = readFileSync(`${server.run}/cert.pem`);
    const options = { ...account, maxAttempts: 1,
                      requestHandler: { httpsAgent: new https.Agent({ ca }) },
                      ...more };

    return {
        video: new KinesisVideoClient({ endpoint: `${origin}/kvs`,
                                        ...options }),
        signaling: new KinesisVideoSignalingClient({
            endpoint: `${origin}/kvs/r`, ...options }),
        storage: new KinesisVideoWebRTCStorageClient({
            endpoint: `${origin}/kvs/r`, ...options }),
    };
}

/* a module that imports packages, as one that a page can load */
export const bundled = contents => buildSync({
    stdin: { contents, resolveDir: here('..') },
    bundle: true, write: false, format: 'esm', platform: 'browser',
    logLevel: 'error',
    alias: { 'amazon-kinesis-video-streams-webrtc': here('kvs_webrtc.js') },
}).outputFiles[0].text;

let sdk;

function bundle() {
    sdk ??= buildSync({
        stdin: {
            contents: ['video', 'video-signaling', 'video-webrtc-storage']
                .map((name, i) => `export * as `
                     + `${['video', 'signaling', 'storage'][i]}`
                     + ` from '@aws-sdk/client-kinesis-${name}';`).join('\n'),
            resolveDir: here('..'),
        },
        bundle: true, minify: true, write: false, format: 'iife',
        globalName: 'kvsSdk', logLevel: 'error',
    }).outputFiles[0].text;

    return sdk;
}

/* an empty page of the https origin, with both in it, and lib/kvs.js */
export async function openKvs(browser, server) {
    const origin = `https://localhost:${server.https}`;
    const page = await openPage(browser, `${origin}/no-such-page`);

    await addClient(page);
    await page.addScriptTag({ content: bundle() });
    await page.addScriptTag({ path: here('../node_modules/'
        + 'amazon-kinesis-video-streams-webrtc/dist/kvs-webrtc.min.js') });
    await page.addScriptTag({ path: here('kvs.js') });

    return page;
}
