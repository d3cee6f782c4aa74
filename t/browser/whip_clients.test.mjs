/*
 * Clients of WHIP and WHEP as npm has them (whip-whep), and a way to the
 * stream that is only open to who was told a TURN server.
 * Copyright (C) the ngx_sfu_module authors
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { ask, launch, openClient } from './lib/chromium.mjs';
import { instance } from './lib/instance.mjs';
import { servePackages } from './lib/npm.mjs';
import { assertAdvances, assertTone } from './lib/right.mjs';
import { until } from './lib/until.mjs';

const turnserver = '/usr/bin/turnserver';

let server, browser, page, turn;

const freePort = () => new Promise(resolve => {
    const s = net.createServer().listen(0, '127.0.0.1', () => {
        const { port } = s.address();

        s.close(() => resolve(port));
    });
});

const answers = port => new Promise(resolve => {
    const s = net.connect(port, '127.0.0.1');

    s.once('connect', () => { s.destroy(); resolve(true); });
    s.once('error', () => resolve(false));
});

/* one whose secret is that of conf/dev/nginx.conf.in */
async function startTurn(port) {
    const dir = mkdtempSync(path.join(os.tmpdir(), 'sfu-turn-'));
    const child = spawn(turnserver, [
        '-n', '--use-auth-secret', '--static-auth-secret', 'demo-turn-secret',
        '--realm', 'sfu.example', '--listening-ip', '127.0.0.1',
        '--listening-ip', '::1', '--relay-ip', '127.0.0.1',
        '--listening-port', port, '--allow-loopback-peers', '--no-tls',
        '--no-dtls', '--no-cli', '--no-multicast-peers',
        '--log-file', `${dir}/turn.log`, '--simple-log',
        '--userdb', `${dir}/turn.db`, '--pidfile', `${dir}/turn.pid`,
    ], { stdio: 'ignore' });

    process.once('exit', () => child.kill('SIGTERM'));
    await until(() => answers(port), { what: 'turnserver' });

    return { stop: () => { child.kill('SIGTERM'); rmSync(dir, { recursive: true }); } };
}

before(async () => {
    const port = await freePort();

    if (existsSync(turnserver)) {
        turn = await startTurn(port);
    }

    /*
     * The client joins the candidates of a restart by commas, so that it works
     * with a server that has one.
     */
    server = await instance({ options: 'tcp=off', environment: {
        SFU_TURN_PORT: String(port), SFU_ANNOUNCE: '127.0.0.1',
    } });
    browser = await launch();
    page = await openClient(browser, server);
    await servePackages(page);
});

after(async () => {
    await browser?.close();
    await server?.stop();
    turn?.stop();
});

/* a stream of sound and picture; n is what lib/client.js calls it */
const publish = stream => page.evaluate(async name => {
    const { WHIPClient } = await import('whip-whep/whip.js');
    const media = await sfuTest.mediaOf('generated');
    const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    const client = new WHIPClient();

    media.getTracks().forEach(t => pc.addTransceiver(t, {
        direction: 'sendonly',
        sendEncodings: t.kind === 'video' ? [{ scaleResolutionDownBy: 4 }]
                                          : undefined,
    }));
    await client.publish(pc, `${location.origin}/whip/${name}`, 'demo-secret');

    return sfuTest.peers.push({ pc, client }) - 1;
}, stream);

const view = (stream, options = {}) => page.evaluate(async ([name, o]) => {
    const { WHEPClient } = await import('whip-whep/whep.js');
    const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle', ...o });
    const peer = { pc, client: new WHEPClient(), stream: new MediaStream() };

    pc.ontrack = ({ track }) => peer.stream.addTrack(track);
    pc.addTransceiver('audio', { direction: 'recvonly' });
    pc.addTransceiver('video', { direction: 'recvonly' });
    await peer.client.view(pc, `${location.origin}/whep/${name}`, 'demo-secret');

    return sfuTest.peers.push(peer) - 1;
}, [stream, options]);

const run = (n, method) => page.evaluate(
    ([i, m]) => sfuTest.peers[i].client[m](), [n, method]);

/* the type of our candidate in the pair that is used */
const route = n => page.evaluate(async i => {
    const all = [...(await sfuTest.peers[i].pc.getStats()).values()];
    const transport = all.find(s => s.type === 'transport');
    const pair = all.find(s => s.id === transport.selectedCandidatePairId);

    return all.find(s => s.id === pair.localCandidateId).candidateType;
}, n);

test('WHIPClient publishes, WHEPClient views, ICE restarts, both leave',
     async () => {
         const publisher = await publish('clients');
         const viewer = await view('clients');

         assertAdvances(await ask(page, 'frames', viewer, 15));
         assertTone(await ask(page, 'tone', viewer));
         await run(publisher, 'restart');
         await run(viewer, 'restart');
         assertAdvances(await ask(page, 'frames', viewer, 40), 'restarted');

         await run(viewer, 'stop');
         await run(publisher, 'stop');
         await until(async () => (await server.status()).sessions === 0,
                     { what: 'sessions to end' });
     });

test('a viewer who may only come by TURN is told how', async t => {
    if (!turn) {
        return t.skip('no turnserver');
    }

    const publisher = await publish('relayed');
    const viewer = await view('relayed', { iceTransportPolicy: 'relay' });

    assertAdvances(await ask(page, 'frames', viewer, 15));
    assert.equal(await route(viewer), 'relay');
    await run(viewer, 'stop');
    await run(publisher, 'stop');
});
