// The limits of single keys of a rule: those in force, and a form for one more.
import { change, pathOf, Refused, Unreachable } from './api.js';
import { h, keyElement, list, say, setHidden, setText, setTime, table, tableRow } from './dom.js';
import { clearErrors, field, numberOrText, showErrors, textInput } from './fields.js';
import { count } from './format.js';
import { ruleOf, state } from './state.js';

const columns = [{ name: 'Key' }, { name: 'Limit', class: 'number' }, { name: 'Until' }, { name: '', class: 'action' }];

export function overridesPart(name, changed) {
  const overrides = table(`Overrides of ${name}`, columns);
  overrides.heads.at(-1).append(h('span', { class: 'visually-hidden', text: 'Action' }));
  const nothing = h('p', { class: 'muted', text: 'All keys have the limit of the rule. Set another for one of them, or block it:' });
  const failure = h('p', { class: 'error', role: 'alert' });
  const fill = list(overrides.body, ({ key }) => {
    const row = tableRow(columns);
    row.cells[0].append(keyElement(key));
    row.until = h('time');
    row.cells[2].append(row.until);
    row.cells[3].append(h('button', {
      type: 'button', class: 'small-button', text: 'Lift', 'aria-label': `Lift the override for ${key.join(' ')}`, on: { click: () => lift(key) },
    }));
    return row;
  }, (row, item) => {
    setText(row.cells[1], item.limit === 0 ? 'blocked' : item.limit === 'unlimited' ? 'unlimited' : count(item.limit));
    if (item.expiresAt) {
      setTime(row.until, item.expiresAt);
    } else {
      setText(row.until, 'it is lifted');
    }
  });

  const parts = h('div', { class: 'form-row' });
  const kind = field('Then', h('select', { on: { change: showKind } },
    h('option', { value: 'block', text: 'block it' }),
    h('option', { value: 'limit', text: 'limit it to' }),
    h('option', { value: 'unlimited', text: 'let it pass without limit' })));
  const limit = field('Limit', textInput({ inputmode: 'numeric', class: 'short' }), 'in the window of the rule');
  const ttl = field('For', textInput({ class: 'short', value: '10m' }), 'such as 10m; empty: until lifted');
  const general = h('p', { class: 'error', role: 'alert' });
  const done = h('span', { class: 'done', role: 'status' });
  const form = h('form', { class: 'edit', novalidate: true, 'aria-label': 'Set an override', on: { submit } },
    parts,
    h('div', { class: 'form-row' }, kind.element, limit.element, ttl.element),
    general,
    h('div', { class: 'actions' }, h('button', { type: 'submit', class: 'primary', text: 'Set override' }), done));
  const element = h('div', {}, overrides.element, failure, nothing, form);
  let keyFields = [];
  let shownParts = null;
  showKind();

  function showKind() {
    setHidden(limit.element, kind.input.value !== 'limit');
  }

  function showParts(rule) {
    const names = JSON.stringify(rule.key ?? []);
    if (names !== shownParts) {
      shownParts = names;
      keyFields = (rule.key ?? []).map(part => field(part, textInput({})));
      parts.replaceChildren(...keyFields.map(entry => entry.element));
    }
  }

  function fields() {
    const all = { '$.limit': limit, '$.ttl': ttl };
    keyFields.forEach((entry, i) => {
      all[`$.key[${i}]`] = entry;
    });
    if (keyFields.length > 0) {
      all['$.key'] = keyFields[0];
    }

    return all;
  }

  async function submit(event) {
    event.preventDefault();
    clearErrors(fields(), general);
    setText(done, '');
    const key = keyFields.map(entry => entry.input.value);
    const body = { limit: { block: 0, unlimited: 'unlimited', limit: numberOrText(limit.input.value) }[kind.input.value] };
    if (ttl.input.value.trim() !== '') {
      body.ttl = ttl.input.value.trim();
    }

    await attempt(async () => {
      await change('PUT', pathOf('rules', name, 'overrides', ...key), body);
      await changed();
      keyFields.forEach(entry => {
        entry.input.value = '';
      });
      setText(done, 'Set.');
      say('The override is set.');
    }, refused => showErrors(refused, fields(), general), general);
  }

  function lift(key) {
    setText(failure, '');
    return attempt(async () => {
      await change('DELETE', pathOf('rules', name, 'overrides', ...key));
      await changed();
      say('The override is lifted.');

      // The button that was pressed is gone.
      element.querySelector('button')?.focus();
    }, refused => setText(failure, refused.message), failure);
  }

  return {
    element,
    render(rule) {
      showParts(rule);
      const own = state.document.overrides.filter(item => item.rule === name);
      fill(own.map(item => [JSON.stringify(item.key), item]));
      setHidden(overrides.element, own.length === 0);
      setHidden(nothing, own.length > 0);
    },

    /** Puts a key into the form, with the limit that it has, so that nothing is blocked in passing. */
    fillIn(key) {
      const rule = ruleOf(name);
      if (rule) {
        showParts(rule);
        keyFields.forEach((entry, i) => {
          entry.input.value = key[i] ?? '';
        });
        const own = state.document.overrides.find(item => item.rule === name && JSON.stringify(item.key) === JSON.stringify(key))?.limit;
        kind.input.value = 'limit';
        limit.input.value = String(typeof own === 'number' ? own : rule.limit);
        showKind();
        form.scrollIntoView({ block: 'center' });
        limit.input.focus();
        limit.input.select();
      }
    },
  };
}

async function attempt(action, refused, place) {
  try {
    await action();
  } catch (e) {
    if (e instanceof Refused) {
      refused(e);
    } else if (e instanceof Unreachable) {
      setText(place, 'The sidecar cannot be reached, and nobody knows whether it has taken the change.');
    } else {
      throw e;
    }
  }
}
