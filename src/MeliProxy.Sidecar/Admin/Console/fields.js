// Fields of forms, with what the sidecar says is wrong beside the one it is about.
import { h, setAttribute, setText } from './dom.js';

let ids = 0;

/** @returns a field with `element`, `input`, and `fail(message)` */
export function field(label, input, hint) {
  const id = `field-${++ids}`;
  input.id = id;
  const error = h('p', { class: 'error', id: `${id}-error`, role: 'alert' });
  input.setAttribute('aria-describedby', hint ? `${id}-error ${id}-hint` : `${id}-error`);
  const element = h('div', { class: 'form-field' },
    h('label', { for: id, text: label }), input, hint ? h('p', { class: 'hint', id: `${id}-hint`, text: hint }) : null, error);
  return {
    element,
    input,
    fail(message) {
      setText(error, message ?? '');
      setAttribute(input, 'aria-invalid', message ? 'true' : null);
    },
  };
}

export const textInput = properties => h('input', { type: 'text', autocomplete: 'off', spellcheck: 'false', ...properties });

/** What was typed as JSON: a whole number as one, other text as it is, so that the sidecar says what is wrong with it. */
export const numberOrText = text => (/^-?\d{1,15}$/.test(text.trim()) ? Number(text) : text.trim());

/**
 * Shows what a command was refused for.
 * @param fields fields by the JSON paths that they are for
 * @param general takes what no field is for
 */
export function showErrors(refused, fields, general) {
  const rest = [];
  for (const { path, message } of refused.errors) {
    const target = fields[path] ?? fields[Object.keys(fields).find(known => path.startsWith(`${known}[`) || path.startsWith(`${known}.`))];
    if (target) {
      target.fail(message);
    } else {
      rest.push(path === '$' ? message : `${path}: ${message}`);
    }
  }

  setText(general, rest.join('. '));
  Object.values(fields).find(target => target.input.getAttribute('aria-invalid') === 'true')?.input.focus();
}

export function clearErrors(fields, general) {
  Object.values(fields).forEach(target => target.fail(null));
  setText(general, '');
}
