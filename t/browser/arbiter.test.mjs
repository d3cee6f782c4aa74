/*
 * Rooms of Arbiter with a client that is written as its published ones are
 * (lib/arbiter.js), with real media.  Numbers are those of docs/arbiter.md;
 * t/arbiter.t has the first twenty-five.
 * Copyright (C) the ngx_sfu_module authors
 */

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';

import { ask, launch, openClient } from './lib/chromium.mjs';
import { instance } from './lib/instance.mjs';
import { assertAdvances, assertTone } from './lib/right.mjs';
import { until } from './lib/until.mjs';

let server, browser;
const pages = [];

const arbiter = (page, name, ...args) =>
    page.evaluate(([f, a]) => globalThis.arbiter[f](...a), [name, args]);

async function open() {
    const page = await openClient(browser, server);

    await page.addScriptTag({
        path: fileURLToPath(new URL('lib/arbiter.js', import.meta.url)),
    });

    return page;
}

class Person {
    constructor(page, joined) {
        Object.assign(this, joined, { page });
    }

    ask(name, ...args) {
        return arbiter(this.page, name, this.c, ...args);
    }

    /* sees exactly these, each with a picture that was shown by itself */
    async sees(...others) {
        const ids = others.map(o => o.id).sort();
        const seen = await until(async () => {
            const all = await this.ask('sees');

            return Object.keys(all).sort().join() === ids.join()
                   && Object.values(all).every(r => r.shows === 'video'
                                               && r.state === 'connected')
                   && all;
        }, { what: `${ids.length} tiles with videos` });

        for (const id of ids) {
            assert.equal(seen[id].offers, 1, 'one offer for each');
        }

        return seen;
    }

    async watches(other, { tone = true } = {}) {
        const { n } = (await this.ask('sees'))[other.id];

        assertAdvances(await ask(this.page, 'frames', n, 10));

        if (tone) {
            assertTone(await ask(this.page, 'tone', n));
        }
    }

    leave() {
        return this.ask('leave');
    }
}

let paths = 0;

/* a room, and who comes to it, each in a page; with options for each */
async function meet(options, path) {
    path ??= `/room-${++paths}`;
    assert.equal((await arbiter(pages[0], 'call', 'PUT', '/createRoom')).status,
                 200);

    const people = [];

    for (const [i, o] of options.entries()) {
        people.push(await come(pages[i], path, o));
    }

    return people;
}

async function come(page, path, options) {
    return new Person(page, await arbiter(page, 'join', path, options));
}

const connected = person => until(async () => {
    const s = await person.ask('state');

    return s.connection === 'connected' && s.chat === 'open'
           && s.features === 'open' && s;
}, { what: 'connection and channels' });

before(async () => {
    server = await instance();
    browser = await launch();

    for (let i = 0; i < 3; i++) {
        pages.push(await open());
    }
});

after(async () => {
    const errors = pages.flatMap(p => p.errors);

    await browser?.close();
    await server?.stop();
    assert.deepEqual(errors, []);
});

test('one alone: 26', async () => {
    const [a] = await meet([{}]);

    assert.equal((await connected(a)).answers, 1);
    assert.deepEqual(await a.ask('sees'), {});
    await a.leave();
});

test('three see and hear each other, and chat: 27, 28, 29, 31', async () => {
    const people = await meet([{}, {}, {}]);

    for (const person of people) {
        const others = people.filter(p => p !== person);

        await person.sees(...others);

        for (const other of others) {
            await person.watches(other);
        }
    }

    const [a, b, c] = people;

    await a.ask('say', 'hello');

    const expected = [{ id: a.id, sender: 'self', content: 'hello' }];

    for (const person of [b, c]) {
        await until(async () => (await person.ask('chats')).length,
                    { what: 'the chat' });
        assert.deepEqual(await person.ask('chats'), expected);
    }

    await b.ask('say', 'to A');
    await until(async () => (await a.ask('chats')).length,
                { what: 'the other chat' });
    assert.deepEqual((await a.ask('chats')).map(m => m.content), ['to A'],
                     'and not what it said itself');

    /* whom the SFU is, and who each is, in every frame */
    for (const frame of await a.ask('frames')) {
        if (frame.type) {
            assert.equal(frame.sender, a.room);
            assert.equal(frame.receiver, a.id);
        }
    }

    for (const person of people) {
        await person.sees(...people.filter(p => p !== person));
    }

    for (const person of people) {
        await person.leave();
    }
});

test('one leaves and comes back: 32; all do: 33', async () => {
    const path = '/again';
    const [a, b] = await meet([{}, {}], path);

    await a.sees(b);
    await b.leave();
    await until(async () => !Object.keys(await a.ask('sees')).length,
                { what: 'the tile to go' });

    const back = await come(pages[1], path, {});

    assert.notEqual(back.id, b.id);
    await a.sees(back);
    await a.watches(back, { tone: false });

    const frames = await a.ask('frames');
    const left = frames.findIndex(f => f.type === 'clientDisconnect');

    assert.equal(frames[left].clientId, b.id);
    assert.ok(!JSON.stringify(frames.slice(left + 1)).includes(b.id),
              'nothing names it any more');

    await a.leave();
    await back.leave();

    const returned = await come(pages[0], path, {});

    assert.equal(returned.room, a.room, 'the same room');
    await connected(returned);
    await returned.leave();
});

test('one is killed', async () => {
    const doomed = await open();
    const path = '/killed';
    const [a] = await meet([{}], path);
    const b = await come(doomed, path, {});

    await a.sees(b);
    await doomed.goto('chrome://crash').catch(() => {});
    await until(async () => !Object.keys(await a.ask('sees')).length,
                { what: 'the tile to go' });
    await doomed.close();
    await a.leave();
});

test('who tells features: 30', async () => {
    const path = '/features';
    const [a, b] = await meet([{ tells: true }, { tells: true }], path);

    await b.sees(a);
    await a.ask('camera', false);
    await until(async () => (await b.ask('sees'))[a.id].shows === 'img',
                { what: 'the still picture' });

    const c = await come(pages[2], path, { tells: true });

    await until(async () => {
        const seen = await c.ask('sees');

        return seen[a.id]?.shows === 'img' && seen[b.id]?.shows === 'video';
    }, { what: 'what is shown to who comes late' });
    await c.watches(b, { tone: false });

    await a.ask('camera', true);

    for (const person of [b, c]) {
        await until(async () => (await person.ask('sees'))[a.id].shows
                                === 'video', { what: 'the video' });
        await person.watches(a, { tone: false });
    }

    for (const person of [a, b, c]) {
        await person.leave();
    }
});

test('candidates early, and none: 34', async () => {
    const [a, b] = await meet([{ candidates: 'early' },
                               { candidates: 'never' }]);

    await connected(a);
    await connected(b);
    await a.sees(b);
    await b.sees(a);
    await a.watches(b, { tone: false });
    await b.watches(a, { tone: false });
    await a.leave();
    await b.leave();
});

test('one without media: 35', async () => {
    const [a, b, c] = await meet([{ source: 'none' }, {},
                                  { source: 'camera' }]);

    await connected(a);
    await a.sees(b, c);
    await a.watches(b);
    await b.sees(c);
    await c.sees(b);

    /* the browser's own camera and microphone */
    const { n } = (await b.ask('sees'))[c.id];

    await until(async () => {
        const { video, audio } = await ask(b.page, 'stats', n);

        return video?.framesDecoded > 10 && audio?.packetsReceived > 10;
    }, { what: 'camera and microphone' });

    await a.ask('say', 'I am here');
    await until(async () => (await b.ask('chats')).length,
                { what: 'the chat' });

    for (const person of [a, b, c]) {
        await person.leave();
    }
});

test('ICE restarts: 36', async () => {
    const [a, b] = await meet([{}, {}]);

    await b.sees(a);
    await b.watches(a, { tone: false });

    const before = await a.ask('ufrag');

    await a.ask('restart');
    await until(async () => (await a.ask('state')).answers === 2,
                { what: 'the second answer' });
    assert.notEqual(await a.ask('ufrag'), before);
    await b.watches(a);
    assert.equal((await b.ask('sees'))[a.id].offers, 1);
    await a.leave();
    await b.leave();
});

test('two rooms: 37', async () => {
    const [a, b] = await meet([{}, {}]);
    const [c] = await meet([{}]);

    await a.sees(b);
    await connected(c);
    await a.ask('say', 'not for others');
    await until(async () => (await b.ask('chats')).length,
                { what: 'the chat' });
    assert.notEqual(c.room, a.room);
    assert.deepEqual(await c.ask('sees'), {});
    assert.deepEqual(await c.ask('chats'), []);
    assert.ok((await c.ask('frames')).every(f => f.type !== 'consumer'));

    for (const person of [a, b, c]) {
        await person.leave();
    }
});
