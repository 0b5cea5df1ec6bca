// What this sidecar forwards to, and how it fares.
import { get } from './api.js';
import { empty, h, list, setAttribute, setHidden, setText, table, tableRow } from './dom.js';
import { count } from './format.js';

const columns = [
  { name: 'Cluster' },
  { name: 'Destination' },
  { name: 'Address' },
  { name: 'Active checks', title: 'What the forwarder finds when it asks the destination itself' },
  { name: 'Passive checks', title: 'What the forwarder makes of the answers to requests' },
  { name: 'In flight', class: 'number', title: 'Requests that wait for their response to end' },
];

const words = { healthy: 'healthy', unhealthy: 'unhealthy', unknown: 'not checked' };

export function upstreamsView() {
  const destinations = table('Upstreams', columns);
  const card = h('div', { class: 'card' }, destinations.element);
  const nothing = empty('There is no upstream.',
    h('p', {}, 'Set ', h('code', { text: 'upstream' }), ' or ', h('code', { text: 'ReverseProxy' }), ' in the configuration.'));
  const element = h('section', { 'aria-label': 'Upstreams' },
    h('div', { class: 'bar' }, h('p', { class: 'muted', text: 'As the sidecar that you are connected to sees them.' })), card, nothing);
  const fill = list(destinations.body, () => {
    const row = tableRow(columns);
    row.health = [3, 4].map(i => row.cells[i].appendChild(h('span')));
    return row;
  }, (row, { cluster, destination }) => {
    [cluster, destination.destination, destination.address].forEach((text, i) => setText(row.cells[i], text));
    [destination.active, destination.passive].forEach((health, i) => {
      setText(row.health[i], words[health] ?? health);
      setAttribute(row.health[i], 'class', `health ${words[health] ? health : 'unknown'}`);
    });
    setText(row.cells[5], count(destination.inFlight));
  });
  setHidden(nothing, true);
  let clusters = null;
  return {
    element,
    render() {
      if (clusters) {
        const rows = clusters.flatMap(cluster => cluster.destinations.map(destination => ({ cluster: cluster.cluster, destination })));
        fill(rows.map(row => [JSON.stringify([row.cluster, row.destination.destination]), row]));
        setHidden(card, rows.length === 0);
        setHidden(nothing, rows.length > 0);
      }
    },
    async refresh() {
      ({ clusters } = await get('/api/v1/upstreams'));
    },
  };
}
