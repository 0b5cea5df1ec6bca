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

/** Forgets the last minute, as what comes now is of somebody else. */
export function forget() {
  sampledAt = null;
  state.series.clear();
  state.usage.clear();
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
  while (series.recent.length > 1 && series.recent.reduce((sum, look) => sum + look.elapsed, 0) > smoothing + 0.5) {
    series.recent.shift();
  }

  const time = series.recent.reduce((sum, look) => sum + look.elapsed, 0);
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
