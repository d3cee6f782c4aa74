/*
 * lib/relay.mjs - a UDP relay that loses packets.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Stands where a NAT would: each client address gets a socket of its own
 * towards the server.  What is lost is decided by a generator with a fixed
 * seed, so that a run can be had again, as far as time allows.
 */

import dgram from 'node:dgram';

function generator(seed) {
    let a = seed;

    return () => {
        a = a + 0x6d2b79f5 | 0;

        let t = Math.imul(a ^ a >>> 15, 1 | a);

        t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;

        return ((t ^ t >>> 14) >>> 0) / 2 ** 32;
    };
}

/* { port, counters, close } for one port of the server */
export async function relay(target, { loss, seed = 1 }) {
    const random = generator(seed);
    const counters = { passed: 0, lost: 0 };
    const upstreams = new Map();
    const front = dgram.createSocket('udp6');

    const passes = () => {
        const lost = random() < loss;

        counters[lost ? 'lost' : 'passed']++;

        return !lost;
    };

    const upstreamFor = client => {
        const key = `${client.address} ${client.port}`;
        let socket = upstreams.get(key);

        if (!socket) {
            socket = dgram.createSocket('udp4');
            socket.on('message', data => passes()
                && front.send(data, client.port, client.address));
            socket.on('error', () => {});
            upstreams.set(key, socket);
        }

        return socket;
    };

    front.on('message', (data, client) => {
        if (passes()) {
            upstreamFor(client).send(data, target, '127.0.0.1');
        }
    });
    front.on('error', () => {});
    await new Promise(done => front.bind(0, done));

    return {
        port: front.address().port,
        counters,
        close() {
            [front, ...upstreams.values()].forEach(s => s.close());
        },
    };
}
