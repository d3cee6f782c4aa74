/*
 * tick.js - a clock for a page that may be hidden; a worker of picture.js.
 * Copyright (C) the ngx_sfu_module authors
 */

let taken = true;

/*
 * The interval at first, then a word for each tick that was taken: those that
 * a busy page had not taken yet would leave it no time for anything else.
 */
onmessage = ({ data: milliseconds }) => {
    if (milliseconds === null) {
        taken = true;
        return;
    }

    setInterval(() => {
        if (taken) {
            taken = false;
            postMessage(null);
        }
    }, milliseconds);
};
