// A chart over time: areas on top of each other, axes with units, values by pointer and by keyboard, and the same as a table.
import { h, s, setText } from './dom.js';
import { axisMoment, figure, moment, utc } from './format.js';

const nothingYet = 'No whole step of this time is over yet.';
const height = 190;
const margin = { top: 10, right: 10, bottom: 24, left: 52 };

/**
 * @param label what it shows, for those who cannot see it
 * @param unit the unit of its values
 * @returns a chart with `element` and `update({ from, to, step, series, points })`: times and the step in milliseconds, `series` of
 * `{ name, class }`, and points of `{ time, values }` in ascending order
 */
export function chart(label, unit) {
  const picture = s('svg', { class: 'plot', height, 'aria-hidden': 'true', focusable: 'false' });
  const tip = h('div', { class: 'tip', hidden: true });
  const frame = h('div', {
    class: 'chart-frame', tabindex: '0', role: 'slider', 'aria-label': `${label}, moment`, 'aria-valuemin': '0', 'aria-orientation': 'horizontal',
  }, picture, tip);
  const legend = h('ul', { class: 'legend', 'aria-hidden': 'true' });
  const rows = h('tbody');
  const heads = h('tr');
  const asTable = h('details', { class: 'as-table' },
    h('summary', { text: 'As a table' }),
    h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `${label}, as a table` }, h('table', {}, h('thead', {}, heads), rows)));
  const element = h('figure', { class: 'chart', 'aria-label': label }, frame, legend, asTable);
  let data = null;
  let selected = null;
  let width = 0;

  new ResizeObserver(() => {
    if (frame.clientWidth !== width) {
      width = frame.clientWidth;
      draw();
    }
  }).observe(frame);
  asTable.addEventListener('toggle', fillTable);
  frame.addEventListener('pointermove', event => {
    if (data?.points.length > 0) {
      const x = event.clientX - frame.getBoundingClientRect().left;
      const time = data.from + ((x - margin.left) / plotWidth()) * (data.to - data.from);
      select(nearest(time));
    }
  });
  frame.addEventListener('pointerleave', () => select(null));
  frame.addEventListener('blur', () => select(null));
  frame.addEventListener('focus', () => frame.matches(':focus-visible') && data?.points.length > 0 && select(data.points.length - 1));
  frame.addEventListener('keydown', event => {
    const last = (data?.points.length ?? 0) - 1;
    const moves = {
      ArrowLeft: i => i - 1, ArrowDown: i => i - 1, ArrowRight: i => i + 1, ArrowUp: i => i + 1,
      PageDown: i => i - 10, PageUp: i => i + 10, Home: () => 0, End: () => last,
    };
    const move = moves[event.key];
    if (move && last >= 0) {
      event.preventDefault();
      select(Math.min(Math.max(move(selected ?? last), 0), last));
    }
  });

  return {
    element,
    update(next) {
      data = next;
      selected = selected === null ? null : Math.min(selected, data.points.length - 1);
      legend.replaceChildren(...data.series.map(series =>
        h('li', {}, h('span', { class: `swatch ${series.class}` }), h('span', { text: series.name }))));
      draw();
      fillTable();
    },
  };

  function plotWidth() {
    return Math.max(width - margin.left - margin.right, 1);
  }

  function nearest(time) {
    let best = 0;
    data.points.forEach((point, i) => {
      if (Math.abs(point.time - time) < Math.abs(data.points[best].time - time)) {
        best = i;
      }
    });
    return best;
  }

  function draw() {
    if (!data || width === 0) {
      return;
    }

    const most = niceMost(Math.max(...data.points.map(point => point.values.reduce((x, y) => x + y, 0)), 0));
    const x = time => margin.left + ((time - data.from) / (data.to - data.from)) * plotWidth();
    const y = value => margin.top + (1 - value / most) * (height - margin.top - margin.bottom);
    const parts = [];
    for (let i = 0; i <= 4; i++) {
      const value = (most * i) / 4;
      parts.push(s('line', { class: i === 0 ? 'axis' : 'grid', x1: margin.left, x2: width - margin.right, y1: y(value), y2: y(value) }));
      parts.push(tick(margin.left - 8, y(value) + 4, 'end', figure(value)));
    }

    const ticks = Math.max(Math.min(Math.floor(plotWidth() / 90), 7), 2);
    for (const time of roundTimes(data.from, data.to, ticks)) {
      // One at the very edge would be cut.
      if (x(time) < width - 24) {
        parts.push(tick(x(time), height - 6, 'middle', axisMoment(new Date(time), data.to - data.from)));
      }
    }

    parts.push(tick(margin.left + 6, margin.top + 10, 'start', unit, 'unit'));
    if (data.points.length === 0) {
      parts.push(tick(margin.left + plotWidth() / 2, height / 2, 'middle', nothingYet));
    }

    // One step is a line as long as it takes.
    const drawn = data.points.length === 1 ? [data.points[0], { ...data.points[0], time: data.points[0].time + data.step }] : data.points;
    const lower = drawn.map(() => 0);
    data.series.forEach((series, n) => {
      const upper = drawn.map((point, i) => lower[i] + point.values[n]);
      if (upper.some((value, i) => value > lower[i])) {
        const top = drawn.map((point, i) => `${x(point.time).toFixed(1)} ${y(upper[i]).toFixed(1)}`);
        const bottom = drawn.map((point, i) => `${x(point.time).toFixed(1)} ${y(lower[i]).toFixed(1)}`).reverse();
        parts.push(s('path', { class: `area ${series.class}`, d: `M${top.join('L')}L${bottom.join('L')}Z` }));
        parts.push(s('path', { class: `edge ${series.class}`, d: `M${top.join('L')}` }));
      }

      upper.forEach((value, i) => {
        lower[i] = value;
      });
    });
    if (selected !== null && data.points[selected]) {
      const at = x(data.points[selected].time);
      parts.push(s('line', { class: 'cursor', x1: at, x2: at, y1: margin.top, y2: height - margin.bottom }));
    }

    picture.setAttribute('width', width);
    picture.replaceChildren(...parts);
    frame.setAttribute('aria-valuemax', Math.max(data.points.length - 1, 0));
    tell();
  }

  function tick(x, y, anchor, text, className = 'tick') {
    const element = s('text', { x, y, 'text-anchor': anchor, class: className });
    element.textContent = text;
    return element;
  }

  function select(index) {
    if (index !== selected) {
      selected = index;
      draw();
    }
  }

  function tell() {
    const point = data.points[selected ?? data.points.length - 1];
    frame.setAttribute('aria-valuenow', selected ?? Math.max(data.points.length - 1, 0));
    frame.setAttribute('aria-valuetext', point ? textOf(point) : nothingYet);
    tip.hidden = selected === null || !point;
    if (!tip.hidden) {
      tip.replaceChildren(
        h('p', { class: 'tip-time', text: moment(new Date(point.time)), title: utc(new Date(point.time)) }),
        ...data.series.map((series, i) => h('p', {},
          h('span', { class: `swatch ${series.class}` }), h('span', { text: series.name }), h('b', { text: `${figure(point.values[i])} ${unit}` }))));
      const share = (point.time - data.from) / (data.to - data.from);
      const at = margin.left + share * plotWidth();
      tip.style.setProperty('left', `${share > 0.5 ? at - tip.offsetWidth - 12 : at + 12}px`);
    }
  }

  function textOf(point) {
    const values = data.series.map((series, i) => `${series.name} ${figure(point.values[i])} ${unit}`);
    return `${moment(new Date(point.time))}: ${values.join(', ')}`;
  }

  function fillTable() {
    if (!data || !asTable.open) {
      return;
    }

    setText(asTable.firstElementChild, 'As a table');
    heads.replaceChildren(...['Time', ...data.series.map(series => `${series.name} (${unit})`)].map(text => h('th', { scope: 'col', text })));
    const filled = data.points.filter(point => point.values.some(value => value > 0));
    rows.replaceChildren(...filled.map(point => h('tr', {},
      h('td', { text: moment(new Date(point.time)), title: utc(new Date(point.time)) }),
      ...point.values.map(value => h('td', { class: 'number', text: figure(value) })))));
  }
}

/** Puts the steps in which nothing happened between those in which something did, of values as many as `width`. */
export function dense(points, from, to, step, width) {
  if (!(step > 0) || (to - from) / step > 5000) {
    return points.filter(point => point.time >= from && point.time < to);
  }

  const known = new Map(points.map(point => [Math.floor(point.time / step), point]));
  const all = [];
  for (let slot = Math.floor(from / step); slot * step < to; slot++) {
    all.push(known.get(slot) ?? { time: slot * step, values: new Array(width).fill(0) });
  }

  return all;
}

const roundSteps = [1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800];

/** Round moments of a time by the local clock, so many at most. */
function roundTimes(from, to, most) {
  const step = 1000 * (roundSteps.find(seconds => (to - from) / (seconds * 1000) <= most) ?? roundSteps.at(-1));
  const offset = new Date(from).getTimezoneOffset() * 60_000;
  const times = [];
  for (let time = Math.ceil((from - offset) / step) * step + offset; time <= to; time += step) {
    times.push(time);
  }

  return times;
}

function niceMost(value) {
  if (!(value > 0)) {
    return 4;
  }

  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 5, 8, 10].find(n => n * power >= value) * power;
}
