/*
 * format.js - figures in words.
 * Copyright (C) the ngx_sfu_module authors
 */

export function bits(v) {
    if (v >= 1e6) {
        return `${(v / 1e6).toFixed(v < 1e7 ? 2 : 1)} Mbit/s`;
    }

    return `${Math.round(v / 1e3)} kbit/s`;
}

export const percent = v =>
    `${(100 * v).toFixed(v < 0.1 && v > 0 ? 1 : 0)} %`;

export function milliseconds(v) {
    return `${(1000 * v).toFixed(v < 0.01 && v > 0 ? 1 : 0)} ms`;
}

export const count = v => `${Math.round(v)}`;

export const pixels = (width, height) => `${width} × ${height}`;

export function age(seconds) {
    const s = Math.floor(seconds);

    return s < 60 ? `${s} s`
           : s < 3600 ? `${Math.floor(s / 60)} min`
           : s < 172800 ? `${Math.floor(s / 3600)} h`
           : `${Math.floor(s / 86400)} days`;
}

/* ids are long, and their beginning is that of the worker */
export const shortId = id =>
    /^[0-9a-f]{32}$/.test(id) ? `…${id.slice(-8)}` : id;
