/*
 * dashboard.js - the plots and the facts, while a session is live.
 * Copyright (C) the ngx_sfu_module authors
 */

import { serverFigures } from './api.js';
import { Figures } from './figures.js';
import { bits, count, milliseconds, percent, pixels } from './format.js';
import { Plot } from './plot.js';
import { poll } from './poll.js';
import { Tracks } from './tracks.js';
import { $, fact } from './view.js';

const plots = {
    bitrate: new Plot($('plot-bitrate'), { format: bits, least: 1e5 }),
    loss: new Plot($('plot-loss'), { format: percent, least: 0.05 }),
    rtt: new Plot($('plot-rtt'), { format: milliseconds, least: 0.01 }),
    resolution: new Plot($('plot-resolution'),
                         { format: count, tops: [720, 1080, 2160] }),
    fps: new Plot($('plot-fps'), { format: count, tops: [40, 80] }),
};

document.addEventListener('look', e => {
    Object.values(plots).forEach(p => p.look(e.detail));
});

function show(b, s) {
    plots.bitrate.add(b.bitrate, s?.bitrate);
    plots.loss.add(b.loss, s?.loss);
    plots.rtt.add(b.rtt, s?.rtt);
    plots.resolution.add(b.height, null,
                         b.height && pixels(b.width, b.height));
    plots.fps.add(b.fps);

    fact('codecs', [b.videoCodec, b.audioCodec].filter(Boolean).join(', '));
    fact('path', b.path);
    fact('profile', s?.profile?.replace('SRTP_', '').replaceAll('_', ' '));
    fact('repairs', `${b.asked}, ${b.repairs}`);
    fact('limit', { none: 'nothing', cpu: 'this computer',
                    bandwidth: 'bandwidth' }[b.limitedBy] ?? b.limitedBy);
    fact('buffer', b.buffer === null ? '' : milliseconds(b.buffer));
    fact('drops', b.dropped === null ? ''
                      : `${b.freezes ?? '–'}, ${b.dropped}`);
    fact('watchers', s ? `${s.watchers ?? '–'}` : '');
}

const factNames = ['session', 'codecs', 'path', 'profile', 'repairs', 'limit',
                   'buffer', 'drops', 'watchers'];

/*
 * Follows a live session until stop() is called.  gone() is called when the
 * server says that it does not know the session any more: after a crash of
 * the worker that is long before ICE gives up.
 */
export function follow(it, gone) {
    const { pc, session, role } = it;
    const figures = new Figures();
    const tracks = new Tracks(it);
    const sending = role === 'publish';
    let last = performance.now();
    let stopped = false;

    const look = async () => {
        const stats = [...(await pc.getStats()).values()];
        const answer = await serverFigures(session).catch(() => null);
        const server = answer?.error ? null : answer;
        const now = performance.now();

        if (stopped) {
            return;
        }

        if (answer?.error === 'session_gone') {
            gone();
            return;
        }

        /* the time axis goes on where nobody looked */
        const missed = Math.min(60, Math.round((now - last) / 1000) - 1);

        for (let i = 0; i < missed; i++) {
            Object.values(plots).forEach(p => p.add(null));
            tracks.skip();
        }

        last = now;
        show(figures.browser(stats, sending),
             server ? figures.server(server) : null);
        tracks.show(stats, server);
    };

    const unpoll = poll(1000, () => look().catch(e => console.debug(e)));

    fact('session', session);

    return function stop() {
        stopped = true;
        unpoll();
        tracks.remove();
        Object.values(plots).forEach(p => p.add(null));
        factNames.forEach(name => fact(name, ''));
    };
}
