/*
 * whip.js - streams by name: WHIP (RFC 9725) publishes, WHEP plays.
 * Copyright (C) the ngx_sfu_module authors
 */

import { ApiError, secret } from './api.js';
import { addTracks, make } from './peer.js';

const authorization = { authorization: `Bearer ${secret}` };

/* a slash would end the name, however it is written */
function addressOf(protocol, name) {
    if (name.includes('/')) {
        throw new ApiError(404, 'bad_stream_name', name);
    }

    return `/${protocol}/${encodeURIComponent(name)}`;
}

async function post(url, pc) {
    await pc.setLocalDescription(await pc.createOffer());

    const response = await fetch(url, {
        method: 'POST',
        headers: { ...authorization, 'content-type': 'application/sdp' },
        body: pc.localDescription.sdp,
        signal: AbortSignal.timeout(15000),
    }).catch(() => {
        throw new ApiError(0, 'unreachable', 'nginx does not answer.');
    });

    if (response.status !== 201) {
        const problem = await response.json().catch(() => ({}));

        throw new ApiError(response.status, problem.title ?? 'unknown',
                           problem.detail ?? `${response.status}`,
                           Number(response.headers.get('retry-after')) || 0);
    }

    await pc.setRemoteDescription({ type: 'answer',
                                    sdp: await response.text() });

    return response.headers.get('location');
}

/* resource: where the session is, and the last word of it is its id */
function session(pc, resource, members) {
    return {
        pc, resource, session: resource.split('/').at(-1), ...members,
        end() {
            fetch(resource, { method: 'DELETE', headers: authorization,
                              keepalive: true }).catch(() => {});
        },
    };
}

export async function publishStream(name, stream, shape) {
    const pc = make();

    try {
        addTracks(pc, stream, shape);

        const resource = await post(addressOf('whip', name), pc);

        return session(pc, resource, { role: 'publish', dialect: 'whip',
                                       name });
    } catch (e) {
        pc.close();
        throw e;
    }
}

export async function watchStream(name) {
    const pc = make();
    const stream = new MediaStream();

    pc.ontrack = e => stream.addTrack(e.track);

    try {
        for (const kind of ['audio', 'video']) {
            pc.addTransceiver(kind, { direction: 'recvonly' });
        }

        const resource = await post(addressOf('whep', name), pc);

        return session(pc, resource, { role: 'watch', dialect: 'whep', name,
                                       stream });
    } catch (e) {
        pc.close();
        throw e;
    }
}
