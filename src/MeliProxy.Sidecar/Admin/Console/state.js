// What is known of the sidecar, and what was counted in the last minute.

/** Seconds that sparklines show. */
export const seconds = 60;

/** Seconds that a rate is the mean of. */
const smoothing = 5;

const names = ['allowed', 'limited', 'shadowLimited'];

export const state = {
  /** The rule document. */
  document: null,
  /** What GET /api/v1/nodes tells. */
  nodes: null,
  /** Whose figures are shown: domain or node. */
  scope: 'domain',
  /** Counts since the start by the names of rules. */
  usage: new Map(),
  since: null,
  /** The last minute by the names of rules. */
  series: new Map(),
};

let sampledAt = null;
let isSeeded = false;

/** Whether the last minute is still to be read from the usage store. */
export const needsLastMinute = () => !isSeeded;

/** Forgets the last minute, as what comes now is of somebody else. */
export function forget() {
  sampledAt = null;
  isSeeded = false;
  state.series.clear();
  state.usage.clear();
}

/**
 * Takes the last minute from the usage store, so that a page which was just opened has one.
 * @param answer what is stored, or nothing if there is no store
 * @param time which time it tells of
 */
export function takeLastMinute(answer, time) {
  isSeeded = true;
  for (const { rule, points } of answer?.rules ?? []) {
    const series = state.series.get(rule) ?? newSeries();
    const known = new Map(points.map(point => [Date.parse(point.time), point]));
    const counts = [];
    for (let at = Math.floor(time.first / time.step) * time.step; at < time.end; at += time.step) {
      const point = known.get(at);
      for (let second = 0; second < time.step; second += 1000) {
        counts.push(names.map(name => (point?.[name] ?? 0) / (time.step / 1000)));
      }
    }

    series.slots = [...counts, ...series.slots].slice(-seconds);
    series.recent = [...counts.slice(-smoothing).map(each => ({ counts: each, elapsed: 1 })), ...series.recent];
    average(series);
    state.series.set(rule, series);
  }
}

/** Takes what GET /api/v1/usage tells. */
export function takeUsage(answer) {
  const now = performance.now();
  const elapsed = sampledAt === null ? 0 : (now - sampledAt) / 1000;
  sampledAt = now;
  state.since = answer.since ?? null;
  const usage = new Map();
  for (const rule of answer.rules) {
    const series = state.series.get(rule.rule) ?? newSeries();
    const before = state.usage.get(rule.rule);
    if (before && elapsed > 0) {
      // A sidecar that began anew counts from zero.
      push(series, names.map(name => Math.max(rule[name] - before[name], 0)), elapsed);
    }

    usage.set(rule.rule, rule);
    state.series.set(rule.rule, series);
  }

  for (const name of state.series.keys()) {
    if (!usage.has(name)) {
      state.series.delete(name);
    }
  }

  state.usage = usage;
}

const newSeries = () => ({ slots: [], recent: [], rate: 0, rates: [0, 0, 0], limitedShare: 0, shadowShare: 0 });

function push(series, counts, elapsed) {
  // A page that was hidden has one long look instead of many short ones.
  const slots = Math.min(Math.max(Math.round(elapsed), 1), seconds);
  const rates = counts.map(n => n / elapsed);
  for (let i = 0; i < slots; i++) {
    series.slots.push(rates);
  }

  series.slots.splice(0, Math.max(series.slots.length - seconds, 0));
  series.recent.push({ counts, elapsed });
  average(series);
}

/** The rates of the last few seconds. */
function average(series) {
  while (series.recent.length > 1 && series.recent.reduce((sum, look) => sum + look.elapsed, 0) > smoothing + 0.5) {
    series.recent.shift();
  }

  const time = series.recent.reduce((sum, look) => sum + look.elapsed, 0);
  if (time === 0) {
    return;
  }

  series.rates = names.map((_, i) => series.recent.reduce((sum, look) => sum + look.counts[i], 0) / time);
  series.rate = series.rates[0] + series.rates[1] + series.rates[2];
  series.limitedShare = series.rate > 0 ? series.rates[1] / series.rate : 0;
  series.shadowShare = series.rate > 0 ? series.rates[2] / series.rate : 0;
}

/** A rule of the document. */
export const ruleOf = name => state.document?.rules.find(rule => rule.name === name);

/** Whether a rule only counts, by itself or with all others. */
export const isShadow = rule => rule.mode === 'shadow' || state.document?.mode === 'shadow';

/** The description of the sidecar that answers. */
export const ownNode = () =>
  state.nodes?.nodes.find(node => node.node === state.nodes.answeredBy) ?? state.nodes?.nodes[0];
