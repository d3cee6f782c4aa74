/*
 * plot.js - a minute of one figure, as a small inline SVG.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The page declares where a plot stands; the size is fixed by the style
 * sheet, so that nothing moves when figures arrive.
 */

const seconds = 60;
const w = 240;
const h = 56;

const svg = (name, attributes) => {
    const e = document.createElementNS('http://www.w3.org/2000/svg', name);

    for (const [k, v] of Object.entries(attributes)) {
        e.setAttribute(k, v);
    }

    return e;
};

/* the scale ends at 1, 2 or 5 of a power of ten: it must not tremble */
function niceTop(value) {
    const power = 10 ** Math.floor(Math.log10(value));

    return [1, 2, 5, 10].map(n => n * power).find(n => n >= value * 0.999);
}

const xOf = i => w * i / (seconds - 1);

function lineOf(values, top) {
    let path = '';
    let pen = 'M';

    values.forEach((v, i) => {
        if (v === null) {
            pen = 'M';
            return;
        }

        path += `${pen}${xOf(i).toFixed(1)} `
                + `${(h - 1 - Math.min(1, v / top) * (h - 4)).toFixed(1)}`;
        pen = 'L';
    });

    return path;
}

function areaOf(values, top) {
    const first = values.findIndex(v => v !== null);

    if (first < 0) {
        return '';
    }

    const held = values.map((v, i) => i < first ? null : v ?? 0);

    return `${lineOf(held, top)}L${w} ${h}L${xOf(first).toFixed(1)} ${h}Z`;
}

export class Plot {
    #card;
    #format;
    #least;
    #tops;
    #lines = [Array(seconds).fill(null), Array(seconds).fill(null)];
    #texts = Array(seconds).fill(null);
    #at = null;

    /*
     * The scale ends at one of the tops, or at a round number not below
     * least; format(value) has the unit.
     */
    constructor(card, { format, least, tops = [] }) {
        this.#card = card;
        this.#format = format;
        this.#least = least ?? tops[0];
        this.#tops = tops;

        const root = svg('svg', { viewBox: `0 0 ${w} ${h}`,
                                  preserveAspectRatio: 'none',
                                  'aria-hidden': 'true' });

        for (const name of ['area', 'server', 'browser', 'cursor']) {
            root.append(svg('path', { class: name }));
        }

        card.querySelector('.plot').append(root);
        root.addEventListener('pointermove', e => {
            const box = root.getBoundingClientRect();

            card.dispatchEvent(new CustomEvent('look', { bubbles: true,
                detail: Math.round((e.clientX - box.left) / box.width
                                   * (seconds - 1)) }));
        });
        root.addEventListener('pointerleave', () =>
            card.dispatchEvent(new CustomEvent('look', { bubbles: true,
                                                         detail: null })));
    }

    /* text, when given, is shown in place of the number */
    add(browser, server = null, text = null) {
        this.#lines[0].push(browser);
        this.#lines[1].push(server);
        this.#texts.push(text);
        [...this.#lines, this.#texts].forEach(l => l.shift());
        this.#draw();
    }

    /* shows the values of some seconds ago; null: now */
    look(index) {
        this.#at = index;
        this.#draw();
    }

    clear() {
        [...this.#lines, this.#texts].forEach(l => l.fill(null));
        this.#draw();
    }

    #draw() {
        const at = this.#at ?? seconds - 1;
        const [browser, server] = this.#lines;
        const most = Math.max(this.#least, ...browser, ...server);
        const top = this.#tops.find(t => t >= most) ?? niceTop(most);
        const show = v => v === null ? '–' : this.#format(v);
        const set = (name, d) =>
            this.#card.querySelector(`.${name}`).setAttribute('d', d);

        set('area', areaOf(browser, top));
        set('browser', lineOf(browser, top));
        set('server', lineOf(server, top));
        set('cursor', this.#at === null ? '' : `M${xOf(at)} 0V${h}`);
        this.#card.querySelector('output').textContent =
            this.#texts[at] ?? show(browser[at]);
        this.#card.querySelector('.top').textContent = this.#format(top)
            .replace(/\.0+ /, ' ');

        const second = this.#card.querySelector('.theirs');

        if (second) {
            second.textContent = show(server[at]);
        }
    }
}
