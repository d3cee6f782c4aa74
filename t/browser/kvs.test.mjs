/*
 * Kinesis Video Streams by its own clients: AWS's SDK for JavaScript in Node
 * and in a page, and the signaling client with real media.  Numbers are those
 * of docs/kvs.md.
 * Copyright (C) the ngx_sfu_module authors
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import * as video from '@aws-sdk/client-kinesis-video';
import * as signaling from '@aws-sdk/client-kinesis-video-signaling';

import { ask, launch } from './lib/chromium.mjs';
import { instance } from './lib/instance.mjs';
import { clients, openKvs } from './lib/kvs.mjs';
import { assertAdvances, assertTone } from './lib/right.mjs';
import { until } from './lib/until.mjs';

let server, browser, page, node;

const kvs = (where, name, ...args) =>
    where.evaluate(([f, a]) => globalThis.kvs[f](...a), [name, args]);
const use = (name, ...args) => kvs(page, name, ...args);
const call = (name, input = {}) =>
    node.video.send(new video[`${name}Command`](input));

/* names of this run: what is stored outlives a test */
const unique = name => `${name}-${process.pid}`;

before(async () => {
    server = await instance();
    browser = await launch();
    page = await openKvs(browser, server);
    node = clients(server);
});

after(async () => {
    await browser?.close();
    await server?.stop();
});

async function assertFails(promise, name, status) {
    await assert.rejects(promise, e => {
        assert.equal(e.name, name);
        assert.equal(e.$metadata.httpStatusCode, status);
        assert.match(e.$metadata.requestId, /^[0-9a-f-]{36}$/);
        assert.ok(e.message);

        return true;
    });
}

async function assertPlays(n, where = page) {
    assertAdvances(await ask(where, 'frames', n, 15));
    assertTone(await ask(where, 'tone', n));
}

test('every operation by the SDK in Node: 49', async () => {
    const name = unique('sdk');
    const { ChannelARN } = await call('CreateSignalingChannel', {
        ChannelName: name, ChannelType: 'SINGLE_MASTER',
        SingleMasterConfiguration: { MessageTtlSeconds: 30 },
        Tags: [{ Key: 'a', Value: 'b' }],
    });

    assert.match(ChannelARN, /^arn:aws:kinesisvideo:us-east-1:123456789012:/);

    const { ChannelInfo } = await call('DescribeSignalingChannel',
                                       { ChannelName: name });

    assert.ok(ChannelInfo.CreationTime instanceof Date);
    assert.ok(Math.abs(ChannelInfo.CreationTime - Date.now()) < 60_000);
    assert.equal(ChannelARN.split('/').at(-1),
                 String(ChannelInfo.CreationTime.getTime()));
    assert.deepEqual({ ...ChannelInfo, CreationTime: 0, Version: '' }, {
        ChannelName: name, ChannelARN, ChannelType: 'SINGLE_MASTER',
        ChannelStatus: 'ACTIVE', CreationTime: 0, Version: '',
        SingleMasterConfiguration: { MessageTtlSeconds: 30 },
    });

    await call('UpdateSignalingChannel', {
        ChannelARN, CurrentVersion: ChannelInfo.Version,
        SingleMasterConfiguration: { MessageTtlSeconds: 60 },
    });
    await call('TagResource', { ResourceARN: ChannelARN,
                                Tags: [{ Key: 'c', Value: 'd' }] });
    assert.deepEqual((await call('ListTagsForResource',
                                 { ResourceARN: ChannelARN })).Tags,
                     { a: 'b', c: 'd' });
    await call('UntagResource', { ResourceARN: ChannelARN,
                                  TagKeyList: ['a'] });
    assert.deepEqual((await call('ListTagsForResource',
                                 { ResourceARN: ChannelARN })).Tags,
                     { c: 'd' });

    /* pages of one */
    await call('CreateSignalingChannel', { ChannelName: `${name}-2` });

    const found = [];
    const pages = video.paginateListSignalingChannels(
        { client: node.video, pageSize: 1 },
        { ChannelNameCondition: { ComparisonOperator: 'BEGINS_WITH',
                                  ComparisonValue: name } });

    for await (const { ChannelInfoList } of pages) {
        assert.ok(ChannelInfoList.length <= 1);
        found.push(...ChannelInfoList.map(c => c.ChannelName));
    }

    assert.deepEqual(found, [name, `${name}-2`]);

    const { ResourceEndpointList } = await call(
        'GetSignalingChannelEndpoint', {
            ChannelARN, SingleMasterChannelEndpointConfiguration: {
                Protocols: ['WSS', 'HTTPS'], Role: 'VIEWER' },
        });

    assert.deepEqual(ResourceEndpointList, [
        { Protocol: 'WSS',
          ResourceEndpoint: `wss://localhost:${server.https}/kvs/v` },
        { Protocol: 'HTTPS',
          ResourceEndpoint: `https://localhost:${server.https}/kvs/r` },
    ]);

    const storage = { Status: 'ENABLED',
                      StreamARN: ChannelARN.replace('channel', 'stream') };

    await call('UpdateMediaStorageConfiguration', {
        ChannelARN, MediaStorageConfiguration: storage });
    assert.deepEqual((await call('DescribeMediaStorageConfiguration',
                                 { ChannelARN })).MediaStorageConfiguration,
                     storage);
    assert.deepEqual((await node.signaling.send(
        new signaling.GetIceServerConfigCommand({ ChannelARN })))
        .IceServerList, []);

    await call('DeleteSignalingChannel', { ChannelARN });
    await call('DeleteSignalingChannel',
               { ChannelARN: (await call('DescribeSignalingChannel',
                     { ChannelName: `${name}-2` })).ChannelInfo.ChannelARN });
});

test('errors by the SDK in Node, and in the page: 50, 57', async () => {
    const name = unique('errors');
    const ChannelName = name;
    const { ChannelARN } = await call('CreateSignalingChannel',
                                      { ChannelName });

    await assertFails(call('CreateSignalingChannel', { ChannelName }),
                      'ResourceInUseException', 400);
    await assertFails(call('DescribeSignalingChannel',
                           { ChannelName: 'nobody' }),
                      'ResourceNotFoundException', 404);
    await assertFails(call('DescribeSignalingChannel', {}),
                      'InvalidArgumentException', 400);
    await assertFails(call('CreateSignalingChannel', { ChannelName: 'a b' }),
                      'InvalidArgumentException', 400);
    await assertFails(call('UpdateSignalingChannel', {
        ChannelARN, CurrentVersion: 'old',
        SingleMasterConfiguration: { MessageTtlSeconds: 6 } }),
                      'VersionMismatchException', 400);
    await assertFails(call('TagResource', {
        ResourceARN: ChannelARN,
        Tags: Array.from({ length: 51 }, (_, i) => ({ Key: `k${i}`,
                                                      Value: '' })) }),
                      'TagsPerResourceExceededLimitException', 400);
    await assertFails(call('DescribeSignalingChannel', {
        ChannelARN: ChannelARN.replace('123456789012', '210987654321') }),
                      'AccessDeniedException', 401);

    const other = clients(server, { credentials: {
        accessKeyId: 'AKIADEMO', secretAccessKey: 'wrong' } });

    await assertFails(other.video.send(
        new video.ListSignalingChannelsCommand({})),
                      'InvalidSignatureException', 403);

    assert.deepEqual(await use('failure', 'nobody'),
                     ['ResourceNotFoundException', 404, 'string']);
    await call('DeleteSignalingChannel', { ChannelARN });
});

test('master and viewer in relay mode: 6, 46, 59', async () => {
    const other = await openKvs(browser, server);
    const arn = await use('channel', unique('relay'));
    const master = await use('master', arn);
    const viewer = await kvs(other, 'viewer', arn, 'viewer-1');

    await ask(other, 'connected', viewer);
    await assertPlays(viewer, other);

    const { offers, statuses } = await use('seen', master);

    assert.deepEqual(offers, ['viewer-1']);
    assert.deepEqual(statuses, []);

    /* 46: without signaling the media goes on */
    await use('quietMaster', master);
    await kvs(other, 'quiet', viewer);
    await new Promise(done => setTimeout(done, 500));
    await assertPlays(viewer, other);

    await use('dropMaster', master);
    await other.close();
});

test('fan-out: one offer for three viewers: 46, 60', async () => {
    const camera = await openKvs(browser, server);
    const name = unique('fanout');
    const arn = await use('channel', name, { 'sfu:mode': 'fanout' });
    const master = await kvs(camera, 'master', arn);
    const viewers = [];

    for (const id of ['v1', 'v2', 'v3']) {
        viewers.push(await use('viewer', arn, id));
    }

    for (const n of viewers) {
        await ask(page, 'connected', n);
        await assertPlays(n);
    }

    const { offers } = await kvs(camera, 'seen', master);

    assert.equal(offers.length, 1, 'the camera has one viewer');
    assert.match(offers[0], /^AWS_/);

    /* its tracks are ordinary ones, under the channel's name */
    const { n: player } = await ask(page, 'whep', name);

    await assertPlays(player);

    /* one leaves, the others go on, also without signaling */
    await use('leave', viewers[0]);
    await use('quiet', viewers[1]);
    await kvs(camera, 'quietMaster', master);
    await assertPlays(viewers[1]);
    await assertPlays(viewers[2]);

    /* the camera's page is loaded again; who offers anew plays again */
    await camera.close();

    const again = await openKvs(browser, server);
    const next = await kvs(again, 'master', arn);
    const later = await use('viewer', arn, 'v2');

    await ask(page, 'connected', later);
    await assertPlays(later);
    assert.equal((await kvs(again, 'seen', next)).offers.length, 1);

    /* ours: who was there has the new picture without having asked */
    await assertPlays(viewers[2]);

    for (const n of [...viewers.slice(1), later]) {
        await use('leave', n);
    }

    await ask(page, 'drop', player);

    await again.close();
});

test('fan-out to twenty viewers: 61', async () => {
    const camera = await openKvs(browser, server);
    const arn = await use('channel', unique('many'),
                          { 'sfu:mode': 'fanout' });
    const master = await kvs(camera, 'master', arn);
    const viewers = await Promise.all(Array.from({ length: 20 },
        (_, i) => use('viewer', arn, `v${i}`)));

    for (const n of viewers) {
        await ask(page, 'connected', n);
    }

    /* all decode; two cores have no time to look at every picture */
    for (const n of viewers) {
        await until(async () => (await ask(page, 'stats', n))
            .video?.framesDecoded > 5, { what: `frames of viewer ${n}` });
    }

    for (const n of viewers.slice(0, 3)) {
        await assertPlays(n);
    }

    assert.equal((await kvs(camera, 'seen', master)).offers.length, 1);

    for (const n of viewers) {
        await use('leave', n);
    }

    await camera.close();
});

test('a storage session: 62', async () => {
    const camera = await openKvs(browser, server);
    const name = unique('storage');
    const arn = await use('channel', name);

    await use('store', arn);

    const master = await kvs(camera, 'master', arn, { codec: 'video/H264' });

    await kvs(camera, 'join', arn);
    await until(async () => (await kvs(camera, 'seen', master)).peers.length,
                { what: 'the offer of the storage peer' });

    const seen = await kvs(camera, 'seen', master);

    assert.deepEqual(seen.offers, [null], 'from nobody');
    await ask(camera, 'connected', seen.peers[0]);

    /* it has arrived if somebody else can watch it */
    const { n: player } = await ask(page, 'whep', name);

    await assertPlays(player);
    await ask(page, 'drop', player);
    assert.deepEqual((await kvs(camera, 'seen', master)).statuses, []);
    await kvs(camera, 'dropMaster', master);

    /* one that cannot be served is told */
    const vp8 = await kvs(camera, 'master', arn, { codec: 'video/VP8' });

    await kvs(camera, 'join', arn);

    const [status] = await until(async () => {
        const { statuses } = await kvs(camera, 'seen', vp8);

        return statuses.length && statuses;
    }, { what: 'the refusal' });

    assert.equal(status.errorType, 'InvalidArgumentException');
    assert.equal(status.statusCode, '400');
    assert.equal(status.correlationId, 'answer-1');
    await camera.close();
});
