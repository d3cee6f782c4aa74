/*
 * lib/until.mjs - waits for a condition, never for a time.
 * Copyright (C) the ngx_sfu_module authors
 */

/* polls look() until it is truthy, and returns that; else says what failed */
export async function until(look, { what, seconds = 60, every = 50 }) {
    const end = performance.now() + 1000 * seconds;

    for ( ; ; ) {
        const found = await look();

        if (found) {
            return found;
        }

        if (performance.now() > end) {
            throw new Error(`waited ${seconds} s in vain for ${what}`);
        }

        await new Promise(resolve => setTimeout(resolve, every));
    }
}

export function median(list) {
    return [...list].sort((a, b) => a - b)[list.length >> 1];
}
