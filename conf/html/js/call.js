/*
 * call.js - keeps one session alive: makes it, follows it, makes it again.
 * Copyright (C) the ngx_sfu_module authors
 */

import { setCurrent } from './current.js';
import { follow } from './dashboard.js';
import { explain } from './explain.js';
import { connected } from './peer.js';

/* after the n-th failure in a row, in milliseconds */
const pause = n => Math.min(5000, 500 * 2 ** n);

export class Call {
    #options;
    #stopped = false;
    #wake = () => {};

    /*
     * options.make()           makes { pc, session, role, ... }, or throws;
     *                          end(), if it has one, tells the server
     * options.live(it)         it is connected
     * options.lost(error, ms)  it was lost, or could not be made: next try
     *                          in ms; error has title and text
     */
    constructor(options) {
        this.#options = options;
        this.done = this.#run();
    }

    get stopped() {
        return this.#stopped;
    }

    /* the session in use, or null */
    current = null;

    stop() {
        this.#stopped = true;
        this.#wake();
    }

    /* tries again at once, or makes a new session in place of this one */
    again() {
        this.#wake();
    }

    async #run() {
        for (let failures = 0; !this.#stopped; failures++) {
            let error;

            try {
                this.current = window.sfu = await this.#options.make();
                await connected(this.current.pc);

                if (!this.#stopped) {
                    this.#options.live(this.current);
                    setCurrent(this.current);
                    failures = 0;
                    await this.#over();
                }

                error = { title: 'The connection is lost',
                          text: 'A new session is being made.' };
            } catch (e) {
                error = { ...explain(e), gone: e.gone, code: e.code,
                          retryAfter: e.retryAfter };
                console.debug('sfu:', e);
            }

            setCurrent(null);
            this.current?.end?.();
            this.current?.pc.close();
            this.current = null;

            if (!this.#stopped) {
                const ms = Math.max(pause(failures),
                                    1000 * (error.retryAfter ?? 0));

                this.#options.lost(error, ms);
                await this.#sleep(ms);
            }
        }
    }

    #sleep(ms) {
        return new Promise(resolve => {
            this.#wake = resolve;
            setTimeout(resolve, ms);
        });
    }

    /*
     * Until the connection fails, the server forgets the session, or we want
     * no more.  "disconnected" alone is no end: ICE often finds back.
     */
    async #over() {
        const { pc } = this.current;
        let unfollow;

        await new Promise(resolve => {
            this.#wake = resolve;
            unfollow = follow(this.current, resolve);
            pc.addEventListener('connectionstatechange', () => {
                if (pc.connectionState === 'failed') {
                    resolve();
                }
            });
        });
        unfollow();
    }
}
