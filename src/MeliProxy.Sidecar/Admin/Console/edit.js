// Changes the limit of a rule.
import { change, pathOf, Refused, Unreachable } from './api.js';
import { h, say, setHidden, setText } from './dom.js';
import { clearErrors, field, numberOrText, showErrors, textInput } from './fields.js';
import { state } from './state.js';

export function editForm(name, changed) {
  const limit = field('Limit', textInput({ inputmode: 'numeric', class: 'short' }));
  const windowField = field('Window', textInput({ class: 'short' }), 'such as 500ms, 1s, 10m, 1d');
  const burst = field('Burst', textInput({ inputmode: 'numeric', class: 'short' }), 'empty: as the limit');
  const mode = field('Mode', h('select', {}, h('option', { value: 'enforce', text: 'enforce' }), h('option', { value: 'shadow', text: 'shadow: count only' })));
  const ttl = field('For', textInput({ class: 'short' }), 'such as 10m; empty: for good');
  const fields = { '$.limit': limit, '$.window': windowField, '$.burst': burst, '$.mode': mode, '$.ttl': ttl };
  const general = h('p', { class: 'error', role: 'alert' });
  const reload = h('button', { type: 'button', text: 'Load what is in force', hidden: true, on: { click: () => fill(latest) } });
  const save = h('button', { type: 'submit', class: 'primary', text: 'Save', disabled: true });
  const done = h('span', { class: 'done', role: 'status' });
  const element = h('form', { class: 'edit', novalidate: true, on: { submit, input: noteInput } },
    h('div', { class: 'form-row' }, ...Object.values(fields).map(entry => entry.element)),
    general,
    h('div', { class: 'actions' }, save, reload, done));
  let latest = null;
  let base = null;
  let revision = null;
  let isExact = true;

  /** Shows a rule as it is in force. */
  function fill(rule) {
    base = JSON.stringify(rule);
    revision = state.document.revision;
    limit.input.value = String(rule.limit);
    windowField.input.value = rule.window ?? '';
    burst.input.value = rule.burst === undefined ? '' : String(rule.burst);
    mode.input.value = rule.mode;
    ttl.input.value = '';
    setHidden(windowField.element, rule.window === undefined);
    setHidden(burst.element, rule.algorithm !== 'token-bucket');
    setHidden(reload, true);
    clearErrors(fields, general);
    save.disabled = true;

    // A browser's numbers end at 2^53, and what it cannot read exactly it must not write back.
    isExact = [rule.limit, rule.burst ?? 0, rule.cost ?? 1].every(Number.isSafeInteger);
    setText(general, isExact ? '' : 'This rule has numbers too large for a browser. Change it with meliproxy rules put.');
  }

  function noteInput() {
    save.disabled = !isExact || JSON.stringify(edited()) === base && ttl.input.value.trim() === '';
    setText(done, '');
  }

  function edited() {
    const rule = JSON.parse(base);
    rule.limit = numberOrText(limit.input.value);
    if (rule.window !== undefined) {
      rule.window = windowField.input.value.trim();
    }

    if (burst.input.value.trim() === '') {
      delete rule.burst;
    } else if (rule.algorithm === 'token-bucket') {
      rule.burst = numberOrText(burst.input.value);
    }

    rule.mode = mode.input.value;
    return rule;
  }

  async function submit(event) {
    event.preventDefault();
    clearErrors(fields, general);
    save.disabled = true;
    const body = edited();
    if (ttl.input.value.trim() !== '') {
      body.ttl = ttl.input.value.trim();
    }

    try {
      const answer = await change('PUT', pathOf('rules', name), body, revision);
      base = null;
      await changed();
      setText(done, `Saved, revision ${answer.revision}.`);
      say(`Saved, revision ${answer.revision}.`);
    } catch (e) {
      save.disabled = false;
      if (e instanceof Refused && e.status === 412) {
        await changed().catch(() => {});
        setText(general, 'The rules were changed by somebody else meanwhile, so nothing was saved. Load what is in force, then change it again.');
        setHidden(reload, false);
      } else if (e instanceof Refused) {
        showErrors(e, fields, general);
      } else if (e instanceof Unreachable) {
        setText(general, 'The sidecar cannot be reached, and nobody knows whether it has taken the change.');
      } else {
        throw e;
      }
    }
  }

  return {
    element,
    render(rule) {
      latest = rule;
      if (base === null || (save.disabled && JSON.stringify(rule) !== base)) {
        fill(rule);
      } else if (JSON.stringify(rule) === base) {
        // Another rule has changed, which is none of this form's business.
        revision = state.document.revision;
      } else if (reload.hidden) {
        setText(general, 'This rule was changed by somebody else meanwhile. Load what is in force, then change it again.');
        setHidden(reload, false);
      }
    },
  };
}
