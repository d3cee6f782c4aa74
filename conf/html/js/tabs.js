/*
 * tabs.js - one panel of several, as the ARIA pattern "tabs" has it.
 * Copyright (C) the ngx_sfu_module authors
 */

const tabs = [...document.querySelectorAll('[role=tab]')];
const panelOf = tab =>
    document.getElementById(tab.getAttribute('aria-controls'));

/* tells panels by "shown" and "unshown" events whether they are looked at */
export function choose(tab) {
    for (const other of tabs) {
        const chosen = other === tab;
        const panel = panelOf(other);

        other.setAttribute('aria-selected', chosen);
        other.tabIndex = chosen ? 0 : -1;

        if (panel.hidden === chosen) {
            panel.hidden = !chosen;
            panel.dispatchEvent(new Event(chosen ? 'shown' : 'unshown'));
        }
    }
}

const steps = { ArrowRight: i => i + 1, ArrowLeft: i => i - 1 + tabs.length,
                Home: () => 0, End: () => tabs.length - 1 };

tabs.forEach((tab, i) => {
    tab.onclick = () => choose(tab);
    tab.onkeydown = e => {
        const next = tabs[steps[e.key]?.(i) % tabs.length];

        if (next) {
            e.preventDefault();
            choose(next);
            next.focus();
        }
    };
});
