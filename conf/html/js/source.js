/*
 * source.js - what is published: camera and microphone, or a generated picture.
 * Copyright (C) the ngx_sfu_module authors
 */

import { generate } from './picture.js';

async function camera() {
    if (!navigator.mediaDevices?.getUserMedia) {
        throw Object.assign(new Error(), { name: 'InsecureError' });
    }

    const video = { width: { ideal: 1280 }, height: { ideal: 720 },
                    frameRate: { ideal: 30 } };

    try {
        return await navigator.mediaDevices.getUserMedia({ video,
                                                           audio: true });
    } catch (e) {
        if (e.name !== 'NotFoundError') {
            throw e;
        }

        /* a camera without a microphone is a camera */
        return await navigator.mediaDevices.getUserMedia({ video });
    }
}

/* { kind, stream, stop } */
export async function open(kind, options) {
    if (kind === 'generated') {
        return { kind, ...await generate(options) };
    }

    const stream = await camera();

    return {
        kind,
        stream,
        stop() {
            stream.getTracks().forEach(t => t.stop());
        },
    };
}

/*
 * This page by https, or null.  Only nginx knows its port; the development
 * configuration says it in a Link header (RFC 8288).
 */
export async function securePage() {
    try {
        const response = await fetch(location.pathname, { method: 'HEAD' });
        const link = response.headers.get('link') ?? '';

        return link.match(/<(https:[^>]+)>;\s*rel="?alternate/)?.[1] ?? null;
    } catch {
        return null;
    }
}
