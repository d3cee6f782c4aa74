/*
 * api.js - the calls of the Cloudflare dialect, as any client would make them.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The secret is the one of the development configuration.  A real site keeps
 * it on its server and adds it there: who has it may do all an app may do.
 */

export const app = 'demo';
export const secret = 'demo-secret';

const base = `/v1/apps/${app}/sessions/`;

/* status 0: the request did not reach a server at all */
export class ApiError extends Error {
    constructor(status, code, message, retryAfter) {
        super(message);
        this.status = status;
        this.code = code;
        this.retryAfter = retryAfter;
    }

    get gone() {
        return this.status === 410;
    }
}

async function request(url, options) {
    /* the longest hold of the server is 5 s, its own deadline 10 s */
    const signal = AbortSignal.timeout(15000);
    let response, body;

    try {
        response = await fetch(url, { ...options, signal });
        body = await response.json();
    } catch (e) {
        if (response === undefined) {
            throw new ApiError(0, 'unreachable', 'nginx does not answer.');
        }

        throw new ApiError(response.status, 'not_json',
                           `nginx answered ${response.status}, and no JSON.`);
    }

    if (!response.ok) {
        throw new ApiError(response.status, body.errorCode ?? 'unknown',
                           body.errorDescription ?? `${response.status}`,
                           Number(response.headers.get('retry-after')) || 0);
    }

    return body;
}

function call(method, path, body) {
    return request(base + path, {
        method,
        headers: {
            'authorization': `Bearer ${secret}`,
            'content-type': 'application/json',
        },
        body: body && JSON.stringify(body),
    });
}

/* the only entry of a list; what failed in it fails */
export function entryOf([entry]) {
    if (entry.errorCode) {
        throw new ApiError(200, entry.errorCode, entry.errorDescription);
    }

    return entry;
}

export async function newSession() {
    return (await call('POST', 'new')).sessionId;
}

export const getSession = id => call('GET', id);

export const newTracks = (id, body) => call('POST', `${id}/tracks/new`, body);

export const renegotiate = (id, sessionDescription) =>
    call('PUT', `${id}/renegotiate`, { sessionDescription });

export const updateTracks = (id, tracks) =>
    call('PUT', `${id}/tracks/update`, { tracks });

export const establish = id => call('POST', `${id}/datachannels/establish`, {
    dataChannel: { location: 'remote', dataChannelName: 'server-events' },
});

/* one channel; its id */
export async function newChannel(id, channel) {
    const { dataChannels } = await call('POST', `${id}/datachannels/new`,
                                        { dataChannels: [channel] });

    return entryOf(dataChannels).id;
}

export async function updateChannel(id, channel) {
    const { dataChannels } = await call('PUT', `${id}/datachannels/update`,
                                        { dataChannels: [channel] });

    return entryOf(dataChannels);
}

/* the newest sessions of the app, of all workers, the last one first */
export async function sessions() {
    const { workers } = await request(`/status?app=${app}`);

    return {
        count: workers.reduce((n, w) => n + (w.sessions ?? 0), 0),
        newest: workers.flatMap(w => w.newest ?? [])
                       .sort((x, y) => x.age - y.age),
    };
}

/*
 * What the worker counts for this session; error "session_gone" when no
 * worker knows it, undefined when one that may know it does not answer.
 */
export async function serverFigures(id) {
    const { workers } = await request(`/status?app=${app}&session=${id}`);

    return workers.find(w => w.session === id)
           ?? (workers.every(w => w.error === 'session_gone') ? workers[0]
                                                              : undefined);
}
