// How figures, times and text from outside are written.

// What cannot be seen or turns text around: control and format characters, line separators, halves of surrogate pairs.
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Text as it is safe to look at: what cannot be seen is written as an escape. */
export const visible = text => String(text).replace(unseen, c => `\\u{${c.codePointAt(0).toString(16).toUpperCase()}}`);

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const one = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const two = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });

export const count = n => (typeof n === 'number' ? whole.format(n) : '–');

/** A figure with as many digits as matter. */
export const figure = n => (n >= 100 ? whole : n >= 10 ? one : two).format(n);

const tenths = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** A rate in a column of rates. */
export const rate = n => (n === 0 ? '0' : n < 0.05 ? `<${tenths.format(0.1)}` : n < 1000 ? tenths.format(n) : whole.format(n));

export const percent = share => {
  if (!(share > 0)) {
    return '0 %';
  }

  const value = share * 100;
  return value < 0.1 ? '<0.1 %' : `${(value >= 10 || value === 100 ? whole : one).format(Math.min(value, share < 1 ? 99.9 : value))} %`;
};

export const milliseconds = ms =>
  typeof ms !== 'number' ? '–' : ms >= 1000 ? `${figure(ms / 1000)} s` : ms >= 1 ? `${figure(ms)} ms` : `${figure(ms * 1000)} µs`;

export const bytes = n => {
  if (typeof n !== 'number') {
    return '–';
  }

  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (n >= 1000 && unit < units.length - 1) {
    n /= 1000;
    unit++;
  }

  return `${figure(n)} ${units[unit]}`;
};

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const minute = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });
const dayAndMinute = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** A moment in local time; short if it is today. */
export const moment = date => (date.toDateString() === new Date().toDateString() ? clock : full).format(date);

/** A moment on an axis that is so many milliseconds long. */
export const axisMoment = (date, span) =>
  (span > 3 * 86_400_000 ? day : span > 86_400_000 ? dayAndMinute : span > 600_000 ? minute : clock).format(date);

export const utc = date => `${date.toISOString().replace('T', ' ').replace(/\.\d+Z$/, '')} UTC`;

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A span such as 10s or 1h30m in milliseconds. */
export const span = text => {
  let sum = 0;
  for (const [, value, unit] of String(text).matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    sum += value * units[unit];
  }

  return sum;
};

/** The limit of a rule in a few words. */
export const limit = rule => {
  if (rule.algorithm === 'concurrency') {
    return `${count(rule.limit)} at once`;
  }

  return `${count(rule.limit)} / ${rule.calendar ?? rule.window}`;
};
