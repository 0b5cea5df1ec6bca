// The last minute of a rule in a small picture.
import { s, setAttribute } from './dom.js';
import { seconds } from './state.js';

const width = 120;
const height = 26;

/** @returns a picture with `element` and `update(series)` */
export function sparkline() {
  const all = s('path', { class: 'spark-all' });
  const shadow = s('path', { class: 'spark-shadow' });
  const over = s('path', { class: 'spark-over' });
  const line = s('path', { class: 'spark-line' });
  const element = s('svg', {
    class: 'spark', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true', focusable: 'false',
  }, s('path', { class: 'spark-base', d: `M0 ${height - 1}H${width}` }), all, shadow, over, line);
  return {
    element,
    update(series) {
      const slots = series?.slots ?? [];
      const totals = slots.map(rates => rates[0] + rates[1] + rates[2]);
      const overs = slots.map(rates => rates[1]);
      const shadows = slots.map(rates => (rates[2] > 0 ? rates[1] + rates[2] : 0));
      const most = Math.max(...totals, 0);
      const isQuiet = most === 0;
      setAttribute(line, 'd', isQuiet ? '' : lineOf(totals, most));
      setAttribute(all, 'd', isQuiet ? '' : areaOf(totals, most));
      setAttribute(shadow, 'd', shadows.some(value => value > 0) ? areaOf(shadows, most) : '');
      setAttribute(over, 'd', overs.some(value => value > 0) ? areaOf(overs, most) : '');
    },
  };
}

const pointsOf = (values, most) => {
  const step = width / (seconds - 1);
  const first = width - (values.length - 1) * step;
  return values.map((value, i) => `${(first + i * step).toFixed(1)} ${(height - 1 - (value / most) * (height - 3)).toFixed(1)}`);
};

const lineOf = (values, most) => `M${pointsOf(values, most).join('L')}`;

const areaOf = (values, most) => {
  const first = (width - (values.length - 1) * (width / (seconds - 1))).toFixed(1);
  return `M${first} ${height}L${pointsOf(values, most).join('L')}L${width} ${height}Z`;
};
