/*
 * lib/right.mjs - that a received picture and tone are the ones sent.
 * Copyright (C) the ngx_sfu_module authors
 */

import assert from 'node:assert/strict';

/*
 * Frames as of sfuTest.frames().  One frame in ten, and one of a few, may be
 * unreadable: after a change of resolution an element may paint a frame by
 * halves.  A number that goes back would be a packet in the wrong place.
 */
export function assertAdvances(frames, what = 'picture') {
    const read = frames.map(f => f.counter).filter(c => c !== null);

    assert.ok(frames.length - read.length <= Math.max(1, frames.length / 10),
              `${what}: ${frames.length - read.length} of ${frames.length} `
              + 'frames carry no number');

    read.slice(1).forEach((c, i) => {
        assert.ok(c >= read[i], `${what}: frame ${c} after ${read[i]}`);
    });

    assert.ok(read.at(-1) > read[0], `${what} stands still at ${read[0]}`);
}

/* the generated tone has 440 Hz; a bin of the analyser is 3 Hz wide */
export function assertTone({ frequency, level }) {
    assert.ok(Math.abs(frequency - 440) < 6, `a tone of ${frequency} Hz`);
    assert.ok(level < 0, `at ${level} dB`);
}
