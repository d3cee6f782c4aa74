/*
 * lib/instance.mjs - nginx and sfu-worker for a test, and what they report.
 * Copyright (C) the ngx_sfu_module authors
 *
 * run.sh starts one instance for all files and names it in the environment.
 * A file that needs other options, or that is run alone, starts its own.
 */

import { spawn, execFileSync } from 'node:child_process';
import {
    mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync,
} from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { until } from './until.mjs';

const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)),
                         '../../..');
const build = path.resolve(top, process.env.BUILD ?? 'build');
const nginx = process.env.SFU_NGINX ?? '/usr/sbin/nginx';
const loops = os.cpus().length;

function isFree(port) {
    return new Promise(resolve => {
        const server = net.createServer();

        server.once('error', () => resolve(false));
        server.listen(port, () => server.close(() => resolve(true)));
    });
}

/* count ports in a row, below the range that systems hand out themselves */
async function freePorts(count) {
    for (let tries = 0; tries < 200; tries++) {
        const first = 20000 + Math.floor(Math.random() * 12000);
        const ports = Array.from({ length: count }, (_, i) => first + i);

        if ((await Promise.all(ports.map(isFree))).every(Boolean)) {
            return first;
        }
    }

    throw new Error('no free ports');
}

class Instance {
    #process;
    #kills = 0;

    constructor({ http, https, media, run, process }) {
        Object.assign(this, { http, https, media, run });
        this.#process = process;
        this.origin = `http://localhost:${http}`;
        this.mediaPorts = Array.from({ length: loops }, (_, i) => media + i);
    }

    get workerPid() {
        return Number(readFileSync(`${this.run}/worker.pid`, 'utf8'));
    }

    /* one call of the API, from here; { status, body } */
    async call(method, path, body) {
        const send = () => fetch(`${this.origin}/v1/apps/demo/${path}`, {
            method,
            headers: { authorization: 'Bearer demo-secret' },
            body: body && JSON.stringify(body),
        });

        /*
         * A server may close an idle connection in the moment that we use it,
         * as nginx does when it reloads; browsers ask again (RFC 9110, 9.2.2),
         * Node's fetch leaves that to us.
         */
        const response = await send().catch(e => {
            if (method === 'GET' && /^(UND_ERR_SOCKET|ECONNRESET|EPIPE)$/
                    .test(e.cause?.code)) {
                return send();
            }

            throw e;
        });

        return { status: response.status, body: await response.json() };
    }

    /* the only worker's part of /status */
    async status(session) {
        const query = session ? `?app=demo&session=${session}` : '';

        return (await (await fetch(`${this.origin}/status${query}`)).json())
            .workers[0];
    }

    /* as a crash would; conf/dev/run.sh starts another one */
    killWorker() {
        this.#kills++;
        process.kill(this.workerPid, 'SIGKILL');
    }

    /* what the logs hold that no test may cause, once both have ended */
    #complaints() {
        const log = readFileSync(`${this.run}/worker.log`, 'utf8');
        const errors = readFileSync(`${this.run}/error.log`, 'utf8');
        const starts = log.match(/\bready\b/g)?.length ?? 0;
        const bad = /Sanitizer|runtime error:|\[(alert|emerg)\]/;
        const lines = `${log}${errors}`.split('\n').filter(l => bad.test(l));

        if (starts !== 1 + this.#kills) {
            lines.push(`the worker started ${starts} times`);
        }

        return lines;
    }

    reload() {
        execFileSync(nginx, ['-p', this.run, '-c', `${this.run}/nginx.conf`,
                             '-s', 'reload'], { stdio: 'ignore' });
    }

    /* open descriptors, and resident memory in KiB */
    workerUse() {
        const proc = `/proc/${this.workerPid}`;
        const memory = readFileSync(`${proc}/status`, 'utf8');

        return {
            descriptors: readdirSync(`${proc}/fd`).length,
            resident: Number(memory.match(/VmRSS:\s+(\d+)/)[1]),
        };
    }

    /* keep: leave the run directory with its logs to who looks for a fault */
    async stop({ keep = false } = {}) {
        if (this.#process === null) {
            return;
        }

        const ended = new Promise(done => this.#process.once('exit', done));

        this.#process.kill('SIGTERM');
        await ended;

        const complaints = this.#complaints();

        if (complaints.length) {
            throw new Error(`${complaints.join('\n')}\nlogs in ${this.run}`);
        }

        if (!keep) {
            rmSync(this.run, { recursive: true });
        }
    }
}

/* the shared instance; with options, or when asked to, one of the file's own */
export async function instance({ options = '', environment = {},
                                 own = options !== '' } = {}) {
    const env = { ...process.env, ...environment };

    if (!own && env.SFU_TEST_RUN_DIR) {
        return new Instance({
            http: Number(env.SFU_TEST_HTTP_PORT),
            https: Number(env.SFU_TEST_HTTPS_PORT),
            media: Number(env.SFU_TEST_MEDIA_PORT),
            run: env.SFU_TEST_RUN_DIR,
            process: null,
        });
    }

    const http = await freePorts(2 + loops);
    const https = http + 1;
    const media = http + 2;

    mkdirSync(build, { recursive: true });

    const run = mkdtempSync(`${build}/browser-`);
    const child = spawn(`${top}/conf/dev/run.sh`, {
        env: { ...env, SFU_HTTP_PORT: http, SFU_HTTPS_PORT: https,
               SFU_MEDIA_PORT: media, SFU_RUN_DIR: run,
               SFU_LOOPS: loops, SFU_WORKER_OPTIONS: options },
        stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';

    /* a test that breaks off leaves no server behind */
    process.once('exit', () => child.kill('SIGTERM'));
    child.stdout.on('data', data => output += data);
    await until(() => {
        if (child.exitCode !== null) {
            throw new Error(`conf/dev/run.sh has ended: ${output}`);
        }

        return output.includes('Ctrl-C stops');
    }, { what: 'nginx and sfu-worker to start' });

    return new Instance({ http, https, media, run, process: child });
}
