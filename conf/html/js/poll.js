/*
 * poll.js - asks again and again, while somebody looks.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A page in a hidden tab asks nobody anything; when it is seen again it asks
 * at once.
 */

/* never two at a time, however long one takes; returns a function to stop */
export function poll(milliseconds, ask) {
    let stopped = false;
    let busy = false;

    const look = async () => {
        if (stopped || busy || document.hidden) {
            return;
        }

        busy = true;

        try {
            await ask();
        } finally {
            busy = false;
        }
    };

    const timer = setInterval(look, milliseconds);

    document.addEventListener('visibilitychange', look);
    look();

    return () => {
        stopped = true;
        clearInterval(timer);
        document.removeEventListener('visibilitychange', look);
    };
}
