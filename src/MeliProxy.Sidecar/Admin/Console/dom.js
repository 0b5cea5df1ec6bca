// Making and changing elements. Text only ever goes in as text, and only what differs is touched.
import { moment, utc, visible } from './format.js';

const texts = new WeakMap();

/** Puts text into an element, if it is not there already. */
export function setText(element, text) {
  if (texts.get(element) !== text) {
    texts.set(element, text);
    element.textContent = visible(text);
  }
}

/** Attributes that people read. */
const read = ['title', 'aria-label'];

/** Sets an attribute, or removes it for null, if that changes anything. */
export function setAttribute(element, name, value) {
  if (value === null || value === false) {
    if (element.hasAttribute(name)) {
      element.removeAttribute(name);
    }
  } else {
    const text = read.includes(name) ? visible(value) : String(value);
    if (element.getAttribute(name) !== text) {
      element.setAttribute(name, text);
    }
  }
}

export const setHidden = (element, isHidden) => setAttribute(element, 'hidden', isHidden ? '' : null);

/** Makes an element: `text` is its text, `on` its listeners, what else is named its attributes. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'text') {
      setText(element, value);
    } else if (name === 'on') {
      Object.entries(value).forEach(([event, listener]) => element.addEventListener(event, listener));
    } else if (value !== null && value !== false && value !== undefined) {
      setAttribute(element, name, value === true ? '' : value);
    }
  }

  element.append(...children.filter(child => child !== null));
  return element;
}

/** The same for SVG. */
export function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
  element.append(...children);
  return element;
}

/**
 * Keeps the children of an element in line with a list.
 * @param create makes a row, an object with `element`, of an item
 * @param update brings a row in line with its item
 * @returns takes pairs of key and item
 */
export function list(parent, create, update) {
  const rows = new Map();
  return pairs => {
    const wanted = new Map(pairs);
    for (const [key, row] of rows) {
      if (!wanted.has(key)) {
        row.element.remove();
        rows.delete(key);
      }
    }

    let next = parent.firstElementChild;
    for (const [key, item] of wanted) {
      let row = rows.get(key);
      if (!row) {
        row = create(item);
        rows.set(key, row);
      }

      if (row.element === next) {
        next = next.nextElementSibling;
      } else {
        parent.insertBefore(row.element, next);
      }

      update(row, item);
    }
  };
}

/** A row of a table; on a narrow screen each cell is shown behind the name of its column. */
export function tableRow(columns, className) {
  const cells = columns.map(column => h('td', { role: 'cell', 'data-label': column.name, class: column.class }));
  return { element: h('tr', { role: 'row', class: className }, ...cells), cells };
}

/** A table with a head and an empty body. Roles are said, as styles for narrow screens would take them away. */
export function table(label, columns) {
  const body = h('tbody', { role: 'rowgroup' });
  const heads = columns.map(column =>
    h('th', { role: 'columnheader', scope: 'col', class: column.class, title: column.title, text: column.name }));
  const head = h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, ...heads));
  return { element: h('table', { role: 'table', 'aria-label': label }, head, body), body, heads };
}

/** What is shown where there is nothing: what is so, and what to do. */
export const empty = (title, ...hints) => h('div', { class: 'empty' }, h('p', { class: 'empty-title', text: title }), ...hints);

/** Shows a moment in local time, and in UTC to who points at it. */
export function setTime(element, iso) {
  const date = new Date(iso);
  const isValid = !Number.isNaN(date.getTime());
  setText(element, isValid ? moment(date) : '–');
  setAttribute(element, 'title', isValid ? utc(date) : null);
}

/** The parts of a key, each set apart. */
export function keyElement(parts) {
  return h('span', { class: 'key' }, ...parts.map(part =>
    h('bdi', { class: part === '' ? 'part nothing' : 'part', text: part === '' ? '(empty)' : part })));
}

/** Says something to those who listen to the page instead of looking at it. */
export function say(text) {
  setText(document.getElementById('said'), text);
}
