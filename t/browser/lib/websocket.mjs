/*
 * lib/websocket.mjs - a WebSocket client for text (RFC 6455).
 * Copyright (C) the ngx_sfu_module authors
 *
 * Node.js has one of its own only since version 22.
 */

import { randomBytes } from 'node:crypto';
import http from 'node:http';

const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/* one frame, masked as a client must (5.3) */
function encode(opcode, payload) {
    const n = payload.length;
    const head = n < 126 ? Buffer.from([0x80 | opcode, 0x80 | n])
                         : Buffer.alloc(n < 65536 ? 4 : 10);
    const mask = randomBytes(4);

    if (n >= 126) {
        head[0] = 0x80 | opcode;
        head[1] = 0x80 | (n < 65536 ? 126 : 127);

        if (n < 65536) {
            head.writeUInt16BE(n, 2);
        } else {
            head.writeBigUInt64BE(BigInt(n), 2);
        }
    }

    return Buffer.concat([head, mask, payload.map((b, i) => b ^ mask[i & 3])]);
}

/* the first frame of a buffer, or null when it is not complete */
function decode(buffer) {
    if (buffer.length < 2) {
        return null;
    }

    const short = buffer[1] & 0x7f;
    const start = short < 126 ? 2 : short === 126 ? 4 : 10;

    if (buffer.length < start) {
        return null;
    }

    const n = short < 126 ? short
              : short === 126 ? buffer.readUInt16BE(2)
              : Number(buffer.readBigUInt64BE(2));

    return buffer.length < start + n ? null : {
        last: (buffer[0] & 0x80) !== 0,
        opcode: buffer[0] & 0x0f,
        payload: buffer.subarray(start, start + n),
        rest: buffer.subarray(start + n),
    };
}

/* { send, close }; onText gets every message, onClose is called once */
export function connect(url, { onText, onClose }) {
    const { hostname, port, pathname } = new URL(url);
    const request = http.request({
        hostname, port, path: pathname,
        headers: {
            'connection': 'upgrade',
            'upgrade': 'websocket',
            'sec-websocket-version': 13,
            'sec-websocket-key': randomBytes(16).toString('base64'),
        },
    });

    return new Promise((resolve, reject) => {
        request.on('error', reject);
        request.on('response', r =>
            reject(new Error(`${url}: ${r.statusCode}`)));
        request.on('upgrade', (response, socket, first) => {
            const parts = [];
            let buffer = Buffer.alloc(0);

            const take = data => {
                buffer = Buffer.concat([buffer, data]);

                for (let f; (f = decode(buffer)) !== null; ) {
                    buffer = f.rest;

                    if (f.opcode === PING) {
                        socket.write(encode(PONG, f.payload));
                    } else if (f.opcode === CLOSE) {
                        socket.end();
                    } else if (f.opcode <= TEXT) {
                        parts.push(f.payload);

                        if (f.last) {
                            onText(Buffer.concat(parts.splice(0)).toString());
                        }
                    }
                }
            };

            socket.on('data', take);
            socket.on('error', () => {});
            socket.on('close', onClose);
            resolve({
                send: text => socket.write(encode(TEXT, Buffer.from(text))),
                close: () => socket.destroy(),
            });
            take(first);
        });
        request.end();
    });
}
