// The keys with the most requests, over all rules or of one.
import { get, Refused } from './api.js';
import { empty, h, keyElement, list, setHidden, setText, table, tableRow } from './dom.js';
import { count, percent } from './format.js';
import { ruleOf, state } from './state.js';

const columns = [
  { name: 'Rule', class: 'rule-cell' },
  { name: 'Key' },
  { name: 'Requests', class: 'number', title: 'Of about the last ten minutes; older ones fade' },
  { name: 'Limited', class: 'number' },
  { name: '', class: 'action' },
];

/** A table of top keys. @param limit called with the rule and key that are to be limited */
export function topKeys(label, limit, isOfOneRule) {
  const shownColumns = isOfOneRule ? columns.slice(1) : columns;
  const keys = table(label, shownColumns);
  keys.heads.at(-1).append(h('span', { class: 'visually-hidden', text: 'Action' }));
  const fill = list(keys.body, ({ rule, key }) => {
    const row = tableRow(shownColumns);
    const [keyCell, hits, limited, action] = row.cells.slice(isOfOneRule ? 0 : 1);
    if (!isOfOneRule) {
      row.cells[0].append(h('a', { href: `#/rules/${encodeURIComponent(rule)}`, text: rule }));
    }

    keyCell.append(keyElement(key));
    row.hits = h('span');
    row.error = h('span', { class: 'muted small', title: 'How many of these may be of other keys' });
    hits.append(row.hits, row.error);
    row.limited = limited;
    action.append(h('button', {
      type: 'button', class: 'small-button', text: 'Override…', 'aria-label': `Override the limit of the key ${key.join(' ')} of the rule ${rule}`,
      on: { click: () => limit(rule, key) },
    }));
    return row;
  }, (row, key) => {
    setText(row.hits, count(key.hits));
    setText(row.error, key.error > 0 ? ` ± ${count(key.error)}` : '');
    setText(row.limited, key.hits > 0 ? `${count(key.limited)} (${percent(key.limited / key.hits)})` : '0');
  });
  return {
    element: keys.element,
    update: items => fill(items.map(item => [JSON.stringify([item.rule, item.key]), item])),
  };
}

export function keysView(limit) {
  const filter = h('input', {
    type: 'search', id: 'filter', placeholder: 'Filter keys', 'aria-label': 'Filter by rule or key', autocomplete: 'off', spellcheck: 'false',
    on: { input: () => render() },
  });
  const keys = topKeys('Top keys', limit, false);
  const card = h('div', { class: 'card' }, keys.element);
  const nothing = empty('No key has been seen yet.',
    h('p', {}, 'Send a request through the proxy, and the keys that it counts for are listed here.'));
  const noMatch = empty('No key matches the filter.');
  const element = h('section', { 'aria-label': 'Top keys' },
    h('div', { class: 'bar' }, h('div', { class: 'search' }, filter, h('kbd', { text: '/', 'aria-hidden': 'true' })),
      h('p', { class: 'muted', text: 'The keys with the most requests of about the last ten minutes.' })),
    card, nothing, noMatch);
  [nothing, noMatch].forEach(part => setHidden(part, true));
  let items = null;

  function render() {
    if (!items) {
      return;
    }

    const words = filter.value.toLowerCase().split(/\s+/).filter(word => word);
    const matching = items.filter(item => words.every(word => `${item.rule} ${item.key.join(' ')}`.toLowerCase().includes(word)));
    keys.update(matching);
    setHidden(card, matching.length === 0);
    setHidden(nothing, items.length > 0);
    setHidden(noMatch, items.length === 0 || matching.length > 0);
  }

  return {
    element,
    render,
    focusFilter: () => filter.focus(),
    async refresh() {
      items = await readTop(100);
    },
  };
}

/** Reads the top keys; of rules that are gone meanwhile there are none. */
export async function readTop(n, rule) {
  const query = new URLSearchParams({ n, scope: state.scope });
  if (rule) {
    query.set('rule', rule);
  }

  try {
    return (await get(`/api/v1/top?${query}`)).keys.filter(key => ruleOf(key.rule));
  } catch (e) {
    if (e instanceof Refused) {
      return [];
    }

    throw e;
  }
}
