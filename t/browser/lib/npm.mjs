/*
 * lib/npm.mjs - packages of npm as modules of a page, as they were published.
 * Copyright (C) the ngx_sfu_module authors
 *
 * No bundler: an import map names the entries, and requests below /npm/ are
 * answered from node_modules, with the ".js" that their imports leave out.
 */

import { existsSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const modules = fileURLToPath(new URL('../node_modules', import.meta.url));

const imports = {
    'partytracks/client': '/npm/partytracks/dist/client/index.js',
    rxjs: '/npm/rxjs/dist/esm/index.js',
    'rxjs/operators': '/npm/rxjs/dist/esm/operators/index.js',
    'rxjs/internal/': '/npm/rxjs/dist/esm/internal/',
    'whip-whep/': '/npm/whip-whep/',
    tslib: '/npm/tslib/tslib.es6.mjs',
};

const isFile = path => existsSync(path) && statSync(path).isFile();

export async function servePackages(page) {
    await page.route('**/npm/**', route => {
        const path = modules + new URL(route.request().url()).pathname
            .slice('/npm'.length);
        const file = [path, `${path}.js`, `${path}/index.js`].find(isFile);

        return file ? route.fulfill({ contentType: 'text/javascript',
                                      body: readFileSync(file) })
                    : route.fulfill({ status: 404, body: path });
    });
    await page.evaluate(map => {
        const script = document.createElement('script');

        script.type = 'importmap';
        script.textContent = JSON.stringify({ imports: map });
        document.head.append(script);

        /* bundlers put this in the place of Node's */
        globalThis.process = { env: { NODE_ENV: 'development' } };
    }, imports);
}
