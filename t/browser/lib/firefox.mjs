/*
 * lib/firefox.mjs - headless Firefox with fake devices, over WebDriver BiDi.
 * Copyright (C) the ngx_sfu_module authors
 *
 * As much of https://w3c.github.io/webdriver-bidi/ as the tests need.  Its
 * pages answer to ask() of lib/chromium.mjs: they have evaluate() as well.
 */

import { spawn } from 'node:child_process';
import {
    existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync,
} from 'node:fs';
import os from 'node:os';
import { fileURLToPath } from 'node:url';

import { until } from './until.mjs';
import { connect } from './websocket.mjs';

const executable = process.env.FIREFOX ?? '/usr/bin/firefox-esr';
const client = ['size.js', 'client.js'].map(name => readFileSync(
    fileURLToPath(new URL(name, import.meta.url)), 'utf8')).join('');

const preferences = {
    'app.normandy.enabled': false,
    'app.update.disabledForTesting': true,
    'browser.shell.checkDefaultBrowser': false,
    'browser.startup.homepage_override.mstone': 'ignore',
    'datareporting.policy.dataSubmissionEnabled': false,
    'dom.min_background_timeout_value': 4,
    'media.autoplay.blocking_policy': 0,
    'media.autoplay.default': 0,

    /* without a sound card an AudioContext would never start */
    'media.cubeb.force_mock_context': true,
    'media.cubeb.sandbox': false,
    'media.navigator.permission.disabled': true,
    'media.navigator.streams.fake': true,
    'media.peerconnection.ice.loopback': true,
    'media.peerconnection.ice.obfuscate_host_addresses': false,
    'network.captive-portal-service.enabled': false,
    'network.connectivity-service.enabled': false,
    'toolkit.telemetry.reportingpolicy.firstRun': false,
};

class Page {
    #firefox;
    #context;

    constructor(firefox, context) {
        this.#firefox = firefox;
        this.#context = context;
    }

    async goto(url) {
        await this.#firefox.command('browsingContext.navigate', {
            context: this.#context, url, wait: 'complete',
        });
    }

    /* fn(argument) in the page; both ways as JSON */
    async evaluate(fn, argument = null) {
        const reply = await this.#firefox.command('script.callFunction', {
            target: { context: this.#context },
            functionDeclaration: 'async json => JSON.stringify(await ('
                                 + `${fn})(JSON.parse(json)) ?? null)`,
            arguments: [{ type: 'string', value: JSON.stringify(argument) }],
            awaitPromise: true,
            userActivation: true,
        });

        if (reply.type === 'exception') {
            throw new Error(`in Firefox: ${reply.exceptionDetails.text}`);
        }

        return JSON.parse(reply.result.value);
    }

    close() {
        return this.#firefox.command('browsingContext.close',
                                     { context: this.#context });
    }
}

export class Firefox {
    #process;
    #profile;
    #socket;
    #waiting = new Map();
    #next = 1;

    async launch() {
        if (!existsSync(executable)) {
            throw new Error(`${executable} is missing: make deps-test`);
        }

        this.#profile = mkdtempSync(`${os.tmpdir()}/sfu-firefox-`);
        writeFileSync(`${this.#profile}/user.js`,
            Object.entries(preferences).map(([name, value]) =>
                `user_pref("${name}", ${JSON.stringify(value)});\n`).join(''));

        /* its own HOME: it writes there whatever the profile says */
        this.#process = spawn(executable, [
            '--headless', '--no-remote', '--profile', this.#profile,
            '--remote-debugging-port', '0', 'about:blank',
        ], { env: { ...process.env, HOME: this.#profile,
                    MOZ_DISABLE_CONTENT_SANDBOX: '1' },
             stdio: ['ignore', 'ignore', 'pipe'] });

        let said = '';

        process.once('exit', () => this.#process.kill('SIGKILL'));
        this.#process.stderr.on('data', data => said += data);

        const [, url] = await until(() => {
            if (this.#process.exitCode !== null) {
                throw new Error(`Firefox has ended: ${said}`);
            }

            return said.match(/BiDi listening on (ws:\S+)/);
        }, { what: 'Firefox to start', seconds: 60 });

        this.#socket = await connect(`${url}/session`, {
            onText: text => this.#take(JSON.parse(text)),
            onClose: () => this.#fail('Firefox is gone'),
        });
        await this.command('session.new', { capabilities: { alwaysMatch: {
            acceptInsecureCerts: true,
        } } });

        return this;
    }

    #take(message) {
        const waiting = this.#waiting.get(message.id);

        this.#waiting.delete(message.id);

        if (message.type === 'error') {
            waiting?.reject(new Error(`${message.error}: ${message.message}`));
        } else {
            waiting?.resolve(message.result);
        }
    }

    #fail(why) {
        this.#waiting.forEach(w => w.reject(new Error(why)));
        this.#waiting.clear();
    }

    command(method, params) {
        const id = this.#next++;

        return new Promise((resolve, reject) => {
            this.#waiting.set(id, { resolve, reject });
            this.#socket.send(JSON.stringify({ id, method, params }));
        });
    }

    async openPage(url) {
        const { context } = await this.command('browsingContext.create',
                                               { type: 'tab' });
        const page = new Page(this, context);

        await page.goto(url);

        return page;
    }

    /* an empty page of the same origin, with sfuTest in it */
    async openClient(server) {
        const page = await this.openPage(`${server.origin}/no-such-page`);

        await page.evaluate(`() => { ${client} }`);

        return page;
    }

    async close() {
        const ended = new Promise(done => this.#process.once('exit', done));

        if (this.#socket) {
            this.command('browser.close', {}).catch(() => {});
        } else {
            this.#process.kill('SIGTERM');
        }

        const timer = setTimeout(() => this.#process.kill('SIGKILL'), 5000);

        await ended;
        clearTimeout(timer);
        this.#socket?.close();
        rmSync(this.#profile, { recursive: true, force: true,
                                maxRetries: 5, retryDelay: 200 });
    }
}
