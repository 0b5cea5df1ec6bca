// One rule: what it does, its limit, its overrides, its top keys, its usage over time.
import { editForm } from './edit.js';
import { h, say, setHidden, setText, setTime } from './dom.js';
import { count, limit, percent, rate } from './format.js';
import { ruleHistory } from './history.js';
import { readTop, topKeys } from './keys.js';
import { overridesPart } from './overrides.js';
import { matchText } from './rules.js';
import { isShadow, ruleOf, state } from './state.js';

/**
 * @param changed called after a change, to read the rules anew
 * @returns a view with `element`, `render`, `refresh` and `limitKey`
 */
export function ruleSheet(name, changed, close) {
  const shadow = h('span', { class: 'badge shadow', text: 'shadow', hidden: true });
  const about = h('p', { class: 'muted' });
  const gone = h('p', { class: 'notice', hidden: true });
  const figures = ['Requests/s now', 'Limited now', 'Allowed', 'Limited', 'Limited in shadow', 'Delayed', 'Failed', 'No room'].map(title => {
    const value = h('dd', { text: '–' });
    return { value, element: h('div', {}, h('dt', { text: title }), value) };
  });
  const since = h('time');
  const history = ruleHistory(name);
  const form = editForm(name, changed);
  const overrides = overridesPart(name, changed);
  const top = topKeys(`Top keys of ${name}`, (_, key) => limitKey(key), true);
  const noKeys = h('p', { class: 'muted', text: 'No key of this rule has been seen in the last minutes.' });
  const rest = h('div', { hidden: true },
    h('dl', { class: 'figures small-figures' }, ...figures.map(entry => entry.element)),
    h('p', { class: 'muted small' }, 'Counts since ', since),
    h('section', { 'aria-label': 'Usage' }, h('h3', { text: 'Usage' }), history.element),
    h('section', { 'aria-label': 'Limit' }, h('h3', { text: 'Limit' }), form.element),
    h('section', { 'aria-label': 'Overrides' }, h('h3', { text: 'Overrides' }), overrides.element),
    h('section', { 'aria-label': 'Top keys' }, h('h3', { text: 'Top keys' }), noKeys, top.element));
  const body = h('div', { class: 'sheet-body' }, gone, rest);
  const element = h('div', { class: 'sheet-inside' },
    h('header', {},
      h('div', {}, h('h2', { id: 'sheet-title', tabindex: '-1', autofocus: true }, h('bdi', { text: name }), shadow), about),
      h('button', { type: 'button', class: 'quiet', text: '✕', 'aria-label': 'Close', title: 'Close (Esc)', on: { click: close } })),
    body);
  let keys = null;
  let readAt = -Infinity;

  function limitKey(key) {
    overrides.fillIn(key);
    say('The key is filled in at Overrides.');
  }

  function render() {
    const rule = ruleOf(name);
    setHidden(gone, rule !== undefined || !state.document);
    if (!rule) {
      // What is shown of a rule that was there stays to be read.
      setText(gone, rest.hidden ? `There is no rule ${name}.` : 'This rule is not there any more.');
      return;
    }

    setHidden(rest, false);
    setHidden(shadow, !isShadow(rule));
    const burst = rule.burst && rule.burst !== rule.limit ? ` with bursts of ${count(rule.burst)}` : '';
    setText(about, `${limit(rule)}${burst}, ${rule.algorithm}, counted by ${(rule.key ?? []).join(' + ')}, ${rule.scope}, for ${matchText(rule.match)}`);
    const series = state.series.get(name);
    const usage = state.usage.get(name);
    setText(figures[0].value, rate(series?.rate ?? 0));
    setText(figures[1].value, percent(series?.limitedShare ?? 0));
    ['allowed', 'limited', 'shadowLimited', 'delayed', 'failed', 'noRoom'].forEach((member, i) => setText(figures[i + 2].value, count(usage?.[member])));
    setTime(since, state.since);
    form.render(rule);
    overrides.render(rule);
    history.render();
    if (keys) {
      top.update(keys);
      setHidden(noKeys, keys.length > 0);
      setHidden(top.element, keys.length === 0);
    }
  }

  return {
    element,
    limitKey,
    render,
    async refresh() {
      if (!ruleOf(name)) {
        return;
      }

      const isDue = performance.now() - readAt > 2000;
      await Promise.all([
        history.refresh(),
        isDue ? readTop(10, name).then(answer => { keys = answer; readAt = performance.now(); }) : null,
      ]);
    },
  };
}

