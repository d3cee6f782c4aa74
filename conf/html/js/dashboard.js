/*
 * dashboard.js - the plots and the facts, while a session is live.
 * Copyright (C) the ngx_sfu_module authors
 */

import { Figures } from './figures.js';
import { Plot } from './plot.js';
import { $, fact } from './view.js';

function bits(v) {
    if (v >= 1e6) {
        return `${(v / 1e6).toFixed(v < 1e7 ? 2 : 1)} Mbit/s`;
    }

    return `${Math.round(v / 1e3)} kbit/s`;
}

const percent = v => `${(100 * v).toFixed(v < 0.1 && v > 0 ? 1 : 0)} %`;

function milliseconds(v) {
    return `${(1000 * v).toFixed(v < 0.01 && v > 0 ? 1 : 0)} ms`;
}

const count = v => `${Math.round(v)}`;

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
                         b.height && `${b.width} × ${b.height}`);
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

/*
 * Follows a live session until stop() is called.  gone() is called when the
 * server says that it does not know the session any more: after a crash of
 * the worker that is long before ICE gives up.
 */
export function follow({ pc, session }, sending, gone) {
    const figures = new Figures();
    let busy = false;

    const look = async () => {
        if (busy) {
            return;
        }

        busy = true;

        const browser = await figures.browser(pc, sending);
        const server = await figures.server(session).catch(() => null);

        busy = false;

        if (timer === null) {
            return;
        }

        if (server?.gone) {
            gone();
        } else {
            show(browser, server);
        }
    };

    let timer = setInterval(look, 1000);

    fact('session', session);
    look();

    return function stop() {
        clearInterval(timer);
        timer = null;
        Object.values(plots).forEach(p => p.add(null));

        for (const name of ['session', 'codecs', 'path', 'profile', 'repairs',
                            'limit', 'buffer', 'drops', 'watchers']) {
            fact(name, '');
        }
    };
}
