// Usage over a longer time, from the sidecar's usage store.
import { get, now, Refused } from './api.js';
import { chart, dense } from './chart.js';
import { empty, h, setHidden } from './dom.js';
import { span } from './format.js';
import { seconds, state } from './state.js';

const ranges = [
  { name: '1 min', from: null },
  { name: '15 min', from: '-15m' },
  { name: '1 hour', from: '-1h' },
  { name: '1 day', from: '-1d' },
  { name: '7 days', from: '-7d' },
];

/** How long what was read is good enough. */
const goodFor = 10_000;

/** How long it takes until what happened is in the store of every sidecar. */
const settling = 2000;

/**
 * The time that an answer tells of, in milliseconds: from `from` to `to` in steps of `step`. Before `first` nobody has recorded anything, and from
 * `end` on steps are unfinished; drawn, either would look as if nobody had sent anything. `length` is how long was recorded in all.
 */
export function timeOf(answer) {
  const [from, to, step] = [Date.parse(answer.from), Date.parse(answer.to), span(answer.step)];
  const began = (answer.nodes ?? []).map(node => Date.parse(node.since)).filter(time => !Number.isNaN(time));
  const first = Math.max(from, Math.min(...began, to));
  const end = Math.min(to, Math.floor((now() - settling) / step) * step);
  return {
    from, to, step, first, end,
    length: Math.max(Math.min(to, now()) - first, 1000),

    /** How many seconds of a step were recorded. */
    secondsOf: time => Math.max(time + step - Math.max(time, first), 1000) / 1000,
  };
}

/** Shows points of an answer in a chart. */
export function drawHistory(figure, series, points, { from, step, first, end }) {
  figure.update({ from, to: Math.max(end - step, from + step), step, series, points: dense(points, first, end, step, series.length) });
}

/** A choice of how far to look back. */
export function rangePicker(label, choices, chosen, choose) {
  const buttons = choices.map((range, i) => h('button', {
    type: 'button', text: range.name, 'aria-pressed': String(i === chosen),
    on: {
      click: () => {
        buttons.forEach((button, n) => button.setAttribute('aria-pressed', String(n === i)));
        choose(range);
      },
    },
  }));
  return h('div', { class: 'ranges', role: 'group', 'aria-label': label }, ...buttons);
}

/** Reads history; a problem of the sidecar's is told instead. */
export async function readHistory(path, query) {
  try {
    return { answer: await get(`${path}?${new URLSearchParams(query)}`) };
  } catch (e) {
    if (e instanceof Refused) {
      return { problem: e.message };
    }

    throw e;
  }
}

/** The usage of one rule over time. */
export function ruleHistory(name) {
  const figure = chart(`Requests per second of ${name}`, 'req/s');
  const nothing = h('div');
  const picker = rangePicker('Time shown', ranges, 0, choose);
  const element = h('div', { class: 'history' }, picker, figure.element, nothing);
  const series = [
    { name: 'allowed', class: 'c-allowed' },
    { name: 'limited in shadow', class: 'c-shadow' },
    { name: 'limited', class: 'c-limited' },
  ];
  let range = ranges[0];
  let readAt = -Infinity;

  async function choose(chosen) {
    range = chosen;
    readAt = -Infinity;
    render();
    await refresh().catch(() => {});
  }

  async function refresh() {
    const asked = range;
    if (asked.from === null || performance.now() - readAt < goodFor) {
      return;
    }

    readAt = performance.now();
    const { answer, problem } = await readHistory('/api/v1/usage', { rule: name, from: asked.from, scope: state.scope });
    if (asked !== range) {
      return;
    }

    tellProblem(problem);
    if (answer) {
      const time = timeOf(answer);
      const points = (answer.rules[0]?.points ?? []).map(point => ({
        time: Date.parse(point.time),
        values: [point.allowed, point.shadowLimited, point.limited].map(value => value / time.secondsOf(Date.parse(point.time))),
      }));
      drawHistory(figure, series, points, time);
    }
  }

  function tellProblem(problem) {
    setHidden(figure.element, problem !== undefined);
    nothing.replaceChildren(...(problem === undefined ? [] : [empty('There is no history to show.', h('p', { text: problem }))]));
  }

  function render() {
    if (range.from !== null) {
      return;
    }

    tellProblem(undefined);
    const to = now();
    const slots = state.series.get(name)?.slots ?? [];
    const points = slots.map((rates, i) => ({ time: to - (slots.length - 1 - i) * 1000, values: [rates[0], rates[2], rates[1]] }));
    figure.update({ from: to - (seconds - 1) * 1000, to, step: 1000, series, points });
  }

  return { element, refresh, render };
}
