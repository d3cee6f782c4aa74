/*
 * copy.js - puts text into the clipboard.
 * Copyright (C) the ngx_sfu_module authors
 */

/* no clipboard on a page without https: the old way, by a selection */
function copySelected(text) {
    const area = document.createElement('textarea');

    area.value = text;
    area.className = 'offscreen';
    document.body.append(area);
    area.select();

    const done = document.execCommand('copy');

    area.remove();

    return done;
}

/* the button says what came of it, and then what it said before */
export async function copy(text, button) {
    const label = button.dataset.label ??= button.textContent;
    const done = await navigator.clipboard?.writeText(text)
                     .then(() => true, () => copySelected(text))
                 ?? copySelected(text);

    button.textContent = done ? 'Copied' : 'Not copied';
    button.focus();
    setTimeout(() => button.textContent = label, 1500);
}
