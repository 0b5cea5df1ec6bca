// HTTP traffic by route and class of status.
import { chart } from './chart.js';
import { empty, h, list, setHidden, setText, table, tableRow } from './dom.js';
import { bytes, count, milliseconds, rate } from './format.js';
import { drawHistory, rangePicker, readHistory, timeOf } from './history.js';
import { state } from './state.js';

const ranges = [
  { name: '1 min', from: '-1m', goodFor: 2000 },
  { name: '15 min', from: '-15m', goodFor: 5000 },
  { name: '1 hour', from: '-1h', goodFor: 10_000 },
  { name: '1 day', from: '-1d', goodFor: 10_000 },
  { name: '7 days', from: '-7d', goodFor: 10_000 },
];

const columns = [
  { name: 'Route' },
  { name: 'Status' },
  { name: 'Requests', class: 'number' },
  { name: 'Requests/s', class: 'number', title: 'Mean of the time shown, as far as it was recorded' },
  { name: 'p50', class: 'number', title: 'Half of the requests took no longer' },
  { name: 'p95', class: 'number' },
  { name: 'p99', class: 'number' },
  { name: 'Upstream p99', class: 'number', title: 'Until the upstream answered; – where it did not' },
  { name: 'In', class: 'number', title: 'Bytes of requests' },
  { name: 'Out', class: 'number', title: 'Bytes of responses' },
];

const classes = ['2xx', '1xx', '3xx', '4xx', '5xx', 'none'];

export function trafficView() {
  const plot = chart('Requests per second by class of status', 'req/s');
  const routes = table('Traffic by route', columns);
  const card = h('div', { class: 'card' }, routes.element);
  const plotCard = h('div', { class: 'card padded' }, plot.element);
  const nothing = empty('No request in this time.', h('p', {}, 'Look back further, or send one through the proxy.'));
  const problem = h('div');
  const element = h('section', { 'aria-label': 'Traffic' },
    h('div', { class: 'bar' }, rangePicker('Time shown', ranges, 1, choose)), problem, plotCard, card, nothing);
  const fill = list(routes.body, () => tableRow(columns), (row, { route, length }) => {
    const { total } = route;
    const texts = [route.route === 'none' ? 'no route (e.g. over quota)' : route.route, route.class, count(total.count), rate(total.count / length), milliseconds(total.durationMsP50),
      milliseconds(total.durationMsP95), milliseconds(total.durationMsP99), total.upstreamMsP99 > 0 ? milliseconds(total.upstreamMsP99) : '–', bytes(total.bytesIn), bytes(total.bytesOut)];
    texts.forEach((text, i) => setText(row.cells[i], text));
    row.cells[1].className = `class-${route.class}`;
  });
  let range = ranges[1];
  let readAt = -Infinity;

  function choose(chosen) {
    range = chosen;
    readAt = -Infinity;
    refresh().catch(() => {});
  }

  async function refresh() {
    const asked = range;
    if (performance.now() - readAt < asked.goodFor) {
      return;
    }

    readAt = performance.now();
    const { answer, problem: told } = await readHistory('/api/v1/traffic', { from: asked.from, scope: state.scope });
    if (asked !== range) {
      return;
    }

    problem.replaceChildren(...(told === undefined ? [] : [empty('There is no traffic to show.', h('p', { text: told }))]));
    const isThere = answer?.routes.length > 0;
    [card, plotCard].forEach(part => setHidden(part, !isThere));
    setHidden(nothing, isThere || told !== undefined);
    if (isThere) {
      show(answer);
    }
  }

  function show(answer) {
    const shown = timeOf(answer);
    const rows = [...answer.routes].sort((x, y) => y.total.count - x.total.count);
    fill(rows.map(route => [JSON.stringify([route.route, route.class]), { route, length: shown.length / 1000 }]));
    const there = classes.filter(name => rows.some(route => route.class === name));
    const sums = new Map();
    for (const route of rows) {
      for (const point of route.points) {
        const time = Date.parse(point.time);
        const values = sums.get(time) ?? there.map(() => 0);
        values[there.indexOf(route.class)] += point.count / shown.secondsOf(time);
        sums.set(time, values);
      }
    }

    const points = [...sums].sort(([x], [y]) => x - y).map(([time, values]) => ({ time, values }));
    drawHistory(plot, there.map(name => ({ name, class: `c-${name}` })), points, shown);
  }

  [card, plotCard, nothing].forEach(part => setHidden(part, true));
  return { element, render() {}, refresh };
}
