// The table of all rules.
import { empty, h, list, setAttribute, setHidden, setText, table, tableRow } from './dom.js';
import { count, limit, percent, rate, visible } from './format.js';
import { sparkline } from './sparkline.js';
import { isShadow, state } from './state.js';

const columns = [
  { name: 'Rule', sort: ({ rule }) => rule.name },
  { name: 'Counted by' },
  { name: 'Limit', class: 'number' },
  { name: 'Scope' },
  { name: 'Requests/s', class: 'number', title: 'Mean of the last 5 seconds', sort: ({ series }) => -(series?.rate ?? 0) },
  { name: 'Limited', title: 'Share of the last 5 seconds; purple: in shadow mode, so that it passed all the same', sort: ({ series }) => -((series?.limitedShare ?? 0) + (series?.shadowShare ?? 0)) },
  { name: 'Last 60 s', class: 'spark-cell' },
];

// Rows that move while one reads them are a nuisance, so an order by live figures is renewed from time to time only.
const orderLasts = 5000;

export function rulesView() {
  const filter = h('input', {
    type: 'search', id: 'filter', placeholder: 'Filter rules', 'aria-label': 'Filter rules by name, key, path, scope or mode', autocomplete: 'off',
    spellcheck: 'false', on: { input: () => render() },
  });
  const shown = h('p', { class: 'muted', role: 'status' });
  const figures = ['Rules', 'Limited now', 'In shadow mode', 'Overrides'].map(name => {
    const value = h('dd', { text: '–' });
    return { value, element: h('div', {}, h('dt', { text: name }), value) };
  });
  const rules = table('Rules', columns);
  rules.element.classList.add('rules');
  const nothing = empty('There are no rules: everything passes.',
    h('p', {}, 'Add one to ', h('code', { text: 'meliproxy.json' }), ', or try ',
      h('code', { text: 'meliproxy rules put per-ip --key client-ip --limit 100 --window 1s' }), '.'));
  const noMatch = empty('No rule matches the filter.', h('p', {}, h('button', {
    type: 'button', text: 'Show all', on: { click: () => { filter.value = ''; render(); filter.focus(); } },
  })));
  const card = h('div', { class: 'card' }, rules.element);
  const element = h('section', { 'aria-label': 'Rules' },
    h('dl', { class: 'figures' }, ...figures.map(entry => entry.element)),
    h('div', { class: 'bar' }, h('div', { class: 'search' }, filter, h('kbd', { text: '/', 'aria-hidden': 'true' })), shown),
    card, nothing, noMatch);

  [nothing, noMatch].forEach(part => setHidden(part, true));
  let order = null;
  let ordered = [];
  let orderedAt = -Infinity;
  columns.forEach((column, i) => {
    if (column.sort) {
      const text = rules.heads[i].textContent;
      rules.heads[i].replaceChildren(h('button', { type: 'button', class: 'sort', text, on: { click: () => sortBy(i) } }));
    }
  });

  const fill = list(rules.body, createRow, updateRow);

  function sortBy(i) {
    order = order === i ? null : i;
    orderedAt = -Infinity;
    rules.heads.forEach((head, n) => setAttribute(head, 'aria-sort', n === order ? (columns[n].name === 'Rule' ? 'ascending' : 'descending') : null));
    render();
  }

  function render() {
    if (!state.document) {
      return;
    }

    const words = filter.value.toLowerCase().split(/\s+/).filter(word => word);
    const items = state.document.rules.map(rule => ({ rule, series: state.series.get(rule.name) }));
    const matching = items.filter(item => words.every(word => textOf(item.rule).includes(word)));
    fill(inOrder(matching).map(item => [item.rule.name, item]));
    setHidden(card, matching.length === 0);
    setHidden(nothing, items.length > 0);
    setHidden(noMatch, items.length === 0 || matching.length > 0);
    setText(shown, matching.length === items.length ? '' : `${count(matching.length)} of ${count(items.length)} rules`);
    setText(figures[0].value, count(items.length));
    setText(figures[1].value, count(items.filter(item => item.series?.limitedShare > 0).length));
    setText(figures[2].value, count(items.filter(item => isShadow(item.rule)).length));
    setText(figures[3].value, count(state.document.overrides.length));
  }

  function inOrder(items) {
    if (order === null) {
      return items;
    }

    const now = performance.now();
    if (now - orderedAt > orderLasts) {
      orderedAt = now;
      const by = columns[order].sort;
      ordered = [...items].sort((x, y) => (by(x) < by(y) ? -1 : by(x) > by(y) ? 1 : 0)).map(item => item.rule.name);
    }

    const places = new Map(ordered.map((name, place) => [name, place]));
    return [...items].sort((x, y) => (places.get(x.rule.name) ?? Infinity) - (places.get(y.rule.name) ?? Infinity) || 0);
  }

  return {
    element,
    render,
    focusFilter: () => filter.focus(),
  };
}

const textOf = rule => [
  rule.name, ...(rule.key ?? []), rule.match?.path ?? '', ...(rule.match?.methods ?? []), rule.scope, isShadow(rule) ? 'shadow' : 'enforce',
].join(' ').toLowerCase();

function createRow({ rule }) {
  const row = tableRow(columns);
  const href = `#/rules/${encodeURIComponent(rule.name)}`;
  row.name = h('a', { href, text: rule.name });
  row.shadow = h('span', { class: 'badge shadow', text: 'shadow' });
  row.match = h('span', { class: 'muted small match' });
  row.limit = h('span');
  row.burst = h('span', { class: 'muted small' });
  row.bar = h('span', { class: 'bar-over' });
  row.barShadow = h('span', { class: 'bar-shadow' });
  row.share = h('span');
  row.spark = sparkline();
  const [name, , limits, , , over, spark] = row.cells;
  name.append(h('div', { class: 'name' }, row.name, row.shadow), row.match);
  limits.append(row.limit, row.burst);
  over.append(h('div', { class: 'share' }, h('span', { class: 'bar-track', 'aria-hidden': 'true' }, row.bar, row.barShadow), row.share));
  spark.append(row.spark.element);
  row.element.addEventListener('click', event => {
    // The link is for the keyboard; whoever clicks may miss it. Who marks text does not want to go anywhere.
    if (!event.target.closest('a, button') && getSelection().isCollapsed) {
      location.hash = href;
    }
  });
  return row;
}

function updateRow(row, { rule, series }) {
  const [, key, , scope, requests] = row.cells;
  setHidden(row.shadow, !isShadow(rule));
  setText(row.match, matchText(rule.match));
  setText(key, (rule.key ?? []).join(' + '));
  setText(row.limit, limit(rule));
  setText(row.burst, rule.burst && rule.burst !== rule.limit ? `burst ${count(rule.burst)}` : '');
  setText(scope, rule.scope);
  setText(requests, rate(series?.rate ?? 0));
  const limited = series?.limitedShare ?? 0;
  const shadow = series?.shadowShare ?? 0;
  setWidth(row.bar, limited);
  setWidth(row.barShadow, shadow);
  setText(row.share, percent(limited + shadow));
  setAttribute(row.element, 'class', limited > 0 ? 'is-limiting' : series?.rate > 0 ? null : 'is-quiet');
  row.spark.update(series);
}

const widths = new WeakMap();

function setWidth(element, share) {
  const width = `${(share * 100).toFixed(1)}%`;
  if (widths.get(element) !== width) {
    widths.set(element, width);
    element.style.setProperty('width', width);
  }
}

/** What a rule applies to. */
export function matchText(match) {
  if (!match) {
    return 'all requests';
  }

  const parts = [match.methods?.join(', '), match.path, match.hosts?.length ? `on ${match.hosts.join(', ')}` : null,
    match.headers ? `with ${Object.entries(match.headers).map(([name, value]) => `${name}: ${value}`).join(', ')}` : null];
  return visible(parts.filter(part => part).join(' ') || 'all requests');
}
