/*
 * lib/size.js - pictures keep their size, inside a page.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A browser that has too little time sends smaller pictures, and it is the
 * size that tells layers apart: so Chromium sends fewer.  Firefox has no word
 * for it, and needs none.
 */

globalThis.keepSize = async pc => {
    for (const sender of pc.getSenders()) {
        const parameters = sender.getParameters();

        if (sender.track?.kind === 'video' && parameters.encodings?.length) {
            parameters.degradationPreference = 'maintain-resolution';
            await sender.setParameters(parameters);
        }
    }
};
