/*
 * Data channels between real RTCDataChannels: each way to establish them,
 * texts and bytes of any length, replies, acknowledgements, closing.
 * Copyright (C) the ngx_sfu_module authors
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { ask, launch, openClient } from './lib/chromium.mjs';
import { instance } from './lib/instance.mjs';
import { assertAdvances } from './lib/right.mjs';
import { until } from './lib/until.mjs';

const script = fileURLToPath(new URL('lib/channels.js', import.meta.url));

let server, browser, page;

const data = (name, ...args) =>
    page.evaluate(([f, a]) => sfuData[f](...a), [name, args]);

before(async () => {
    server = await instance();
    browser = await launch();
    page = await openClient(browser, server);
    await page.addScriptTag({ path: script });
});

after(async () => {
    await browser?.close();
    await server?.stop();
});

/* a publisher and so many subscribers of one channel */
async function room(subscribers, policy = {}, options = []) {
    const publisher = await data('open');
    const { c } = await data('publish', publisher.n, 'chat', policy);
    const others = [];

    for (let i = 0; i < subscribers; i++) {
        const s = await data('open');

        others.push({ ...s, ...await data('subscribe', s.n, publisher.session,
                                          'chat', { ...policy,
                                                    ...options[i] }) });
    }

    return { publisher, c, others };
}

test('cloudflare 39: the server offers, and opens server-events', async () => {
    const { n, reply } = await data('open', 'server');

    assert.equal(reply.requiresImmediateRenegotiation, true);
    assert.deepEqual(reply.dataChannel, {
        location: 'remote', dataChannelName: 'server-events', id: 0 });
    assert.equal(reply.sessionDescription.type, 'offer');
    assert.deepEqual(await data('events', n), {
        id: 0, label: 'server-events', ordered: true });
    await data('leave', n);
});

test('cloudflare 39: the page offers, and opens it', async () => {
    const { n, reply } = await data('open', 'client');

    assert.equal(reply.requiresImmediateRenegotiation, false);
    assert.equal(reply.dataChannel.id, 0);
    assert.equal(reply.sessionDescription.type, 'answer');
    assert.equal((await data('events', n)).id, 0);
    await data('leave', n);
});

test('cloudflare 39: an m-line as before RFC 8841', async () => {
    const { n, old } = await data('open', 'old');

    assert.equal(old, true);
    assert.equal((await data('events', n)).id, 0);
    await data('leave', n);
});

for (const way of ['first', 'tracks']) {
    test(`cloudflare 44: m=application in the first offer (${way})`,
         async () => {
        const publisher = await data('open', way);
        const { c, entry } = await data('publish', publisher.n, 'chat');
        const other = await data('open', way);
        const { c: d } = await data('subscribe', other.n, publisher.session,
                                    'chat');

        assert.equal(entry.id, 1);
        await data('send', c, 'hello');
        assert.deepEqual(await data('received', d, 1), ['hello']);
        await data('leave', publisher.n);
        await data('leave', other.n);
    });
}

test('cloudflare 40: texts and bytes at two subscribers', async () => {
    const { publisher, c, others } = await room(2);
    const messages = ['hello', '', 'gr\u00fc\u00df \u{1f44b}',
                      { size: 0, seed: 0 }, { size: 1, seed: 7 }, { size: 262144, seed: 9 },
                      { size: 100000, seed: 5 }, 'last'];

    for (const m of messages) {
        await (typeof m === 'string' ? data('send', c, m)
                                     : data('sendBytes', c, m.size, m.seed));
    }

    for (const other of others) {
        assert.deepEqual(await data('received', other.c, messages.length),
                         messages);
    }

    assert.equal(await data('count', c), 0);
    await Promise.all([publisher, ...others].map(s => data('leave', s.n)));
});

for (const policy of [{ ordered: false, maxRetransmits: 0 },
                      { ordered: false, maxPacketLifeTime: 500 },
                      { ordered: true, maxRetransmits: 3 },
                      { ordered: false }]) {
    test(`cloudflare 40: ${JSON.stringify(policy)}`, async () => {
        const { publisher, c, others: [other] } = await room(1, policy);

        assert.deepEqual(
            Object.entries(policy).map(([k]) => other.entry[k]),
            Object.values(policy));
        await data('sendBytes', c, 50000, 3);

        /* what may be lost is, now and then, on a machine that is busy */
        if ('maxRetransmits' in policy || 'maxPacketLifeTime' in policy) {
            await until(async () => await data('count', other.c) > 0
                            || (await data('sendBytes', c, 50000, 3), false),
                        { what: 'one of the messages', every: 1000 });
        }

        assert.deepEqual(await data('received', other.c, 1),
                         [{ size: 50000, seed: 3 }]);
        await data('leave', publisher.n);
        await data('leave', other.n);
    });
}

test('cloudflare 40: ids are the lowest free ones of each session',
     async () => {
    const a = await data('open');
    const b = await data('open');
    const first = await data('publish', a.n, 'one');
    const second = await data('publish', a.n, 'two');
    const pulled = await data('subscribe', b.n, a.session, 'two');
    const own = await data('subscribe', a.n, a.session, 'two');

    assert.deepEqual([first, second, pulled, own].map(x => x.entry.id),
                     [1, 2, 1, 3]);
    await data('send', second.c, 'to both');
    assert.deepEqual(await data('received', pulled.c, 1), ['to both']);
    assert.deepEqual(await data('received', own.c, 1), ['to both']);
    await data('leave', a.n);
    await data('leave', b.n);
});

test('cloudflare 41: only who may reply does, and the grant moves',
     async () => {
    const { publisher, c, others: [a, b] } =
        await room(2, {}, [{}, { canReply: true }]);
    const allow = (who, canReply) => data('put', who.n, 'update', [{
        location: 'remote', sessionId: publisher.session,
        dataChannelName: 'chat', id: who.entry.id, canReply }]);

    await data('send', a.c, 'nobody hears this');
    await data('send', b.c, 'a reply');
    assert.deepEqual(await data('received', c, 1), ['a reply']);

    const { dataChannels: [granted] } = await allow(a, true);

    assert.equal(granted.canReply, true);
    assert.equal(granted.id, a.entry.id);
    await data('send', b.c, 'too late');
    await data('send', a.c, 'my turn');
    assert.deepEqual(await data('received', c, 2), ['a reply', 'my turn']);

    await allow(a, false);
    await data('send', a.c, 'not any more');
    await allow(b, true);
    await data('send', b.c, 'again');
    assert.deepEqual(await data('received', c, 3),
                     ['a reply', 'my turn', 'again']);
    /* replies are the publisher's alone */
    assert.deepEqual([await data('count', a.c), await data('count', b.c)],
                     [0, 0]);
    await Promise.all([publisher, a, b].map(s => data('leave', s.n)));
});

test('cloudflare 42: waitForAck', async () => {
    const { publisher, c, others: [a, b] } =
        await room(2, {}, [{ waitForAck: true, canReply: true }, {}]);

    await data('send', c, 'early');
    assert.deepEqual(await data('received', b.c, 1), ['early']);
    assert.equal(await data('count', a.c), 0);

    await data('send', a.c, 'ack');
    assert.deepEqual(await data('received', a.c, 1), ['early']);
    await data('send', a.c, 'reply');
    assert.deepEqual(await data('received', c, 1), ['reply']);
    await Promise.all([publisher, a, b].map(s => data('leave', s.n)));
});

test('cloudflare 43: closed by id, and what cannot be had', async () => {
    const { publisher, c, others: [a, b] } = await room(2);
    const codes = async (who, ids) =>
        (await data('put', who.n, 'close', ids.map(id => ({ id }))))
            .dataChannels.map(d => d.errorCode ?? d.id);

    assert.equal((await data('ask', publisher.n, {
        location: 'local', dataChannelName: 'chat' })).errorCode,
        'repeated_local_track_error');
    assert.equal((await data('ask', a.n, {
        location: 'remote', sessionId: publisher.session,
        dataChannelName: 'nothing' })).errorCode, 'not_found_track_error');
    assert.deepEqual(await codes(a, [a.entry.id, 77, 0]),
                     [a.entry.id, 'close_track_error', 'close_track_error']);
    await data('closed', a.c);
    await data('send', c, 'still there');
    assert.deepEqual(await data('received', b.c, 1), ['still there']);
    assert.equal(await data('count', a.c), 0);
    assert.deepEqual(await codes(a, [a.entry.id]), ['close_track_error']);

    /* the publisher's end: its own channel closes, those of others stay */
    assert.deepEqual(await codes(publisher, [1]), [1]);
    await data('closed', c);
    assert.equal(await data('state', b.c), 'open');
    assert.equal((await data('ask', a.n, {
        location: 'remote', sessionId: publisher.session,
        dataChannelName: 'chat' })).errorCode, 'not_found_track_error');

    /* both directions were reset, so the id comes again */
    await until(async () => {
        const { c: d, entry } = await data('publish', publisher.n,
                                           `again ${performance.now()}`);

        return entry.id === 1 && await data('state', d) === 'open';
    }, { what: 'id 1 to be free', every: 100 });
    await Promise.all([publisher, a, b].map(s => data('leave', s.n)));
});

test('cloudflare 50: channels of a session, and their status', async () => {
    const { publisher, others: [a] } = await room(1);
    const { dataChannels: mine } = await data('get', publisher.n);

    assert.deepEqual(mine, [{ location: 'local', dataChannelName: 'chat',
                              id: 1, status: 'active' }]);
    assert.deepEqual((await data('get', a.n)).dataChannels, [{
        location: 'remote', sessionId: publisher.session,
        dataChannelName: 'chat', id: 1, status: 'active' }]);
    assert.deepEqual((await server.status(publisher.session)).channels, [
        { direction: 'local', name: 'chat', id: 1, subscribers: 1 }]);
    await data('leave', publisher.n);
    await until(async () => (await data('get', a.n)).dataChannels[0].status
                            === 'inactive', { what: 'the end to be seen' });
    await data('leave', a.n);
});

test('close() of the page ends a subscription', async () => {
    const { publisher, others: [a] } = await room(1);

    await data('closeChannel', a.c);
    await until(async () => (await data('get', a.n)).dataChannels.length === 0,
                { what: 'the channel to be gone' });
    await Promise.all([publisher, a].map(s => data('leave', s.n)));
});

test('channels and media share a session, whoever offers', async () => {
    const publisher = await ask(page, 'publish', { scale: 4 });
    const viewer = await ask(page, 'subscribe', publisher.session);

    await ask(page, 'firstFrame', viewer.n);

    const a = await data('establish', publisher.n, publisher.session);
    const b = await data('establish', viewer.n, viewer.session, 'client');
    const { c } = await data('publish', a, 'chat');
    const { c: d } = await data('subscribe', b, publisher.session, 'chat');

    await data('send', c, 'one');
    assertAdvances(await ask(page, 'frames', viewer.n, 10));

    /* the client offers, then we do, and m=application is in both */
    const [track] = await page.evaluate(async n => sfuTest.publishMore(n, [{
        track: (await sfuTest.mediaOf('camera')).getAudioTracks()[0],
        name: 'more' }]), publisher.n);

    assert.equal(track.trackName, 'more');
    await data('send', c, 'two');
    await ask(page, 'subscribeMore', viewer.n, publisher.session, ['more']);
    await data('send', c, 'three');
    assert.deepEqual(await data('received', d, 3), ['one', 'two', 'three']);
    assertAdvances(await ask(page, 'frames', viewer.n, 10));
    await ask(page, 'drop', viewer.n);
    await ask(page, 'drop', publisher.n);
});

test('a channel that the page opens in-band is published', async () => {
    const a = await data('open', 'client');
    const b = await data('open');
    const { c } = await data('openInBand', a.n, 'by label');
    const { c: d } = await data('subscribe', b.n, a.session, 'by label');

    await data('send', c, 'in-band');
    assert.deepEqual(await data('received', d, 1), ['in-band']);
    await Promise.all([a, b].map(s => data('leave', s.n)));
});

test('nothing is left, and nothing was wrong', async () => {
    await until(async () => (await server.status()).data_associations === 0,
                { what: 'associations to end' });

    const { data_channels: channels, data_queued_bytes: queued, data_drops } =
        await server.status();

    assert.deepEqual([channels, queued], [0, 0]);
    assert.equal(data_drops.malformed, 0);
    assert.equal(data_drops.send_failed, 0);
    assert.deepEqual([], page.errors);
});

/*
 * Chromium moves to another transport, and its SCTP association goes along:
 * what was not acknowledged before is sent again over the new one.
 */
test('channels outlive the section that the BUNDLE group is named after',
     async () => {
    const publisher = await ask(page, 'publish', { kinds: ['audio'] });
    const viewer = await ask(page, 'subscribe', publisher.session,
                             { names: ['audio'] });
    const a = await data('establish', publisher.n, publisher.session);
    const b = await data('establish', viewer.n, viewer.session);
    const { c } = await data('publish', a, 'chat');
    const { c: d } = await data('subscribe', b, publisher.session, 'chat');

    await data('send', c, 'before');
    assert.deepEqual(await data('received', d, 1), ['before']);

    for (const [i, { n }] of [viewer, publisher].entries()) {
        const mid = await page.evaluate(
            k => sfuTest.pc(k).getTransceivers()[0].mid, n);

        await ask(page, 'close', n, [mid]);
        await data('send', c, `after ${i}`);
        await data('sendBytes', c, 200000, i);
        assert.deepEqual((await data('received', d, 3 + 2 * i)).slice(-2),
                         [`after ${i}`, { size: 200000, seed: i }]);
    }

    await ask(page, 'drop', publisher.n);
    await ask(page, 'drop', viewer.n);
});
