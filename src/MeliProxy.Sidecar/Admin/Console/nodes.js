// The sidecars of the domain, as each describes itself.
import { h, list, setAttribute, setHidden, setText, setTime, table, tableRow } from './dom.js';
import { bytes, count, milliseconds } from './format.js';
import { state } from './state.js';

const columns = [
  { name: 'Sidecar' },
  { name: 'Version' },
  { name: 'Rules', class: 'number', title: 'The revision that it has in force' },
  { name: 'NATS' },
  { name: 'Members', class: 'number', title: 'Sidecars that it knows of' },
  { name: 'Leases', class: 'number', title: 'Keys that it holds permits for' },
  { name: 'Held permits', class: 'number' },
  { name: 'Lag', class: 'number', title: 'From a request for permits to the grant' },
  { name: 'Shards', title: 'Those that it keeps the accounts of' },
  { name: 'In flight', class: 'number' },
  { name: 'Memory', class: 'number' },
  { name: 'Sinks', title: 'Where usage statistics go' },
  { name: 'Since' },
];

/** Columns that say something only where quotas are shared: from Members to Shards. */
const ofSharing = [4, 5, 6, 7, 8];

/** More rows than anyone reads would only make the page slow. */
const most = 200;

export function nodesView() {
  const filter = h('input', {
    type: 'search', id: 'filter', placeholder: 'Filter sidecars', 'aria-label': 'Filter sidecars by name', autocomplete: 'off', spellcheck: 'false',
    on: { input: () => render() },
  });
  const shown = h('p', { class: 'muted', role: 'status' });
  const nodes = table('Sidecars', columns);
  nodes.element.classList.add('wide');
  const hint = h('p', { class: 'muted hint-line' }, 'This sidecar works alone. With ', h('code', { text: 'sharing.nats' }),
    ' several of them have rules in common, and quotas where a rule says ', h('code', { text: '"scope": "shared"' }), '.');
  const element = h('section', { 'aria-label': 'Nodes' },
    h('div', { class: 'bar' }, h('div', { class: 'search' }, filter, h('kbd', { text: '/', 'aria-hidden': 'true' })), shown),
    h('div', { class: 'card scroll', tabindex: '0', role: 'region', 'aria-label': 'Sidecars' }, nodes.element), hint);
  setHidden(hint, true);
  const fill = list(nodes.body, createRow, updateRow);

  function render() {
    if (!state.nodes) {
      return;
    }

    const word = filter.value.trim().toLowerCase();
    const all = state.nodes.nodes;
    const matching = all.filter(node => String(node.node).toLowerCase().includes(word));
    const latest = Math.max(...all.map(node => node.rulesRevision ?? 0));
    const isAnyShared = all.some(node => node.shares);
    fill(matching.slice(0, most).map(node => [`${node.id ?? ''} ${node.node}`, { node, latest, isAnyShared }]));
    setText(shown, matching.length > most ? `the first ${most} of ${count(matching.length)}` : `${count(matching.length)} of ${count(all.length)}`);
    ofSharing.forEach(i => setHidden(nodes.heads[i], !isAnyShared));
    setHidden(hint, isAnyShared);
  }

  return { element, render, focusFilter: () => filter.focus() };
}

function createRow() {
  const row = tableRow(columns);
  row.name = h('bdi');
  row.own = h('span', { class: 'badge', text: 'this one' });
  row.cells[0].append(row.name, row.own);
  row.nats = row.cells[3].appendChild(h('span'));
  row.sinks = list(row.cells[11], () => {
    const name = h('span');
    const problem = h('span', { class: 'small sink-problem' });
    return { name, problem, element: h('div', {}, name, problem) };
  }, (sink, { name, dropped, problem }) => {
    setText(sink.name, dropped > 0 ? `${name} (${count(dropped)} dropped)` : name);
    setAttribute(sink.name, 'class', name === '–' ? null : `health ${problem ? 'unhealthy' : 'healthy'}`);
    setText(sink.problem, problem ?? '');
  });
  row.since = row.cells[12].appendChild(h('time'));
  return row;
}

function updateRow(row, { node, latest, isAnyShared }) {
  ofSharing.forEach(i => setHidden(row.cells[i], !isAnyShared));
  setText(row.name, String(node.node));
  setHidden(row.own, node.node !== state.nodes.answeredBy || state.nodes.nodes.length < 2);
  setText(row.cells[1], node.version ?? '–');
  setText(row.cells[2], count(node.rulesRevision));
  setAttribute(row.cells[2], 'title', node.rulesProblem ?? (node.rulesRevision < latest ? `others have ${latest}` : null));
  row.cells[2].classList.toggle('bad', node.rulesProblem !== undefined || node.rulesRevision < latest);
  setText(row.nats, !node.shares ? 'not used' : node.connected ? 'connected' : 'cut off');
  setAttribute(row.nats, 'class', `health ${!node.shares ? 'unknown' : node.connected ? 'healthy' : 'unhealthy'}`);
  setText(row.cells[4], count(node.members));
  setText(row.cells[5], count(node.leasedKeys));
  setText(row.cells[6], count(node.heldPermits));
  setText(row.cells[7], milliseconds(node.lagMs));
  setText(row.cells[8], shardsText(node.shards));
  setText(row.cells[9], count(node.inFlight));
  setText(row.cells[10], bytes(node.residentBytes));
  const sinks = Array.isArray(node.sinks) ? node.sinks : [];
  row.sinks(sinks.length === 0 ? [['', { name: '–' }]] : sinks.map(sink => [sink.name, sink]));
  setTime(row.since, node.since);
}

function shardsText(shards) {
  if (!Array.isArray(shards) || shards.length === 0) {
    return '–';
  }

  const owned = shards.filter(shard => shard.owned);
  const cutOff = shards.filter(shard => shard.cutOff).length;
  const keys = owned.reduce((sum, shard) => sum + (shard.keys ?? 0), 0);
  return [`${owned.length} of ${shards.length}`, owned.length > 0 ? `${count(keys)} keys` : null, cutOff > 0 ? `${cutOff} cut off` : null]
    .filter(part => part).join(', ');
}
