/*
 * rates.js - what counters tell: how fast they grow, and beside each other.
 * Copyright (C) the ngx_sfu_module authors
 */

/* a counter that only grows, as a rate per second */
export class Rate {
    #value;
    #time;

    next(value, time) {
        const rate = this.#time < time && value >= this.#value
                         ? (value - this.#value) / (time - this.#time)
                         : null;

        this.#value = value;
        this.#time = time;

        return rate;
    }
}

export const sum = (list, name) => list.reduce((n, s) => n + (s[name] ?? 0), 0);

/* the share of one counter in two, since the last time */
export class Share {
    #part = 0;
    #rest = 0;

    next(part, rest) {
        const p = Math.max(0, part - this.#part);
        const r = Math.max(0, rest - this.#rest);

        this.#part = part;
        this.#rest = rest;

        return p + r > 0 ? p / (p + r) : null;
    }
}

/* of several encodings, the one with most pixels that is being sent */
export const largest = streams => streams
    .filter(s => s.active !== false)
    .reduce((best, s) => (s.frameWidth ?? 0) > (best?.frameWidth ?? -1)
                             ? s : best, undefined)
    ?? streams[0];

/*
 * Frames per second of a stream, or null.  Of a sender it is what the browser
 * says, where it does: with layers of size in one stream Chromium counts each
 * frame as often as there are layers.
 */
export function framesOf(stream, sending, rate, time) {
    const counted = rate.next(stream[sending ? 'framesEncoded'
                                             : 'framesDecoded'] ?? 0, time);

    return sending ? stream.framesPerSecond ?? counted : counted;
}
