/*
 * lib/run.mjs - runs test files one after the other, on one shared instance.
 * Copyright (C) the ngx_sfu_module authors
 */

import { spawn } from 'node:child_process';
import path from 'node:path';

import { instance } from './instance.mjs';

/* seconds for one file, on a slow computer and under a sanitizer */
const patience = 600;

let child = null;
let interrupted = false;

/* one file; { pass, fail } as its own report counts them */
function runFile(file, env) {
    child = spawn(process.execPath, ['--test-reporter=tap', file],
                  { env, stdio: ['ignore', 'pipe', 'inherit'] });

    let report = '';
    const { pid } = child;
    const timer = setTimeout(() => {
        console.log(`# ${path.basename(file)}: not done in ${patience} s`);
        process.kill(pid, 'SIGTERM');
    }, 1000 * patience);

    child.stdout.on('data', data => {
        report += data;
        process.stdout.write(data);
    });

    return new Promise(resolve => child.once('close', code => {
        const count = name =>
            Number(report.match(new RegExp(`^# ${name} (\\d+)`, 'm'))?.[1]
                   ?? 0);
        const fail = count('fail') + count('cancelled');

        child = null;
        clearTimeout(timer);

        /* a file that breaks before or after its tests has failed, too */
        resolve({ pass: count('pass'), fail: fail || (code === 0 ? 0 : 1) });
    }));
}

for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
        interrupted = true;
        child?.kill(signal);
    });
}

const server = await instance();
const env = { ...process.env, SFU_TEST_RUN_DIR: server.run,
              SFU_TEST_HTTP_PORT: server.http,
              SFU_TEST_HTTPS_PORT: server.https,
              SFU_TEST_MEDIA_PORT: server.media };
const started = performance.now();
const failed = [];
let pass = 0;
let fail = 0;

for (const file of process.argv.slice(2)) {
    if (interrupted) {
        break;
    }

    const began = performance.now();

    console.log(`# ${path.basename(file)}`);

    const result = await runFile(file, env);

    pass += result.pass;
    fail += result.fail;
    console.log(`# ${path.basename(file)}: `
                + `${((performance.now() - began) / 1000).toFixed(1)} s\n`);

    if (result.fail) {
        failed.push(path.basename(file));
    }
}

try {
    await server.stop({ keep: fail > 0 });
} catch (e) {
    console.log(`not ok - the logs of the shared instance\n${e.message}`);
    failed.push('(logs)');
    fail++;
}

if (failed.length) {
    console.log(`failed: ${failed.join(' ')}; logs in ${server.run}`);
}

console.log(`# ${((performance.now() - started) / 1000).toFixed(0)} s`);
console.log(`${pass} passed, ${fail} failed`);
process.exit(fail || interrupted ? 1 : 0);
