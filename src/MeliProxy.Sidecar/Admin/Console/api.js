// Talks to the sidecar's REST, and asks for a token when it wants one.
import { setText } from './dom.js';

const storage = 'meliproxy.token';

let ahead = 0;

/** What time it is for the sidecar, as its answers say; a browser's clock may be wrong. */
export const now = () => Date.now() + ahead;

/** The sidecar cannot be reached at all. */
export class Unreachable extends Error {}

/** The sidecar has answered that something is wrong: problem details. */
export class Refused extends Error {
  constructor(status, problem) {
    // '$' is the whole of a command, which says nothing to a person.
    super((problem.detail ?? problem.title ?? `The sidecar answered ${status}.`).replace(/^\$: /, ''));
    this.status = status;
    this.code = problem.code ?? null;
    this.errors = Array.isArray(problem.errors) ? problem.errors : [{ path: problem.path ?? '$', message: this.message }];
  }
}

/** Reads something. */
export const get = path => call('GET', path);

/** Changes something, if the rules are at a revision still. The record says that it was done here, beside the name of a token if it has one. */
export const change = (method, path, body, revision) => call(method, path, { ...body, by: 'console' }, revision);

/** A path of segments that may be any text, but for those that a path cannot hold. */
export function pathOf(...segments) {
  for (const segment of segments) {
    if (segment === '.' || segment === '..') {
      throw new Refused(400, {
        detail: `A path cannot hold '${segment}' as a part of a key. Use meliproxy overrides with --nats, where a key is JSON.`,
      });
    }

    if (!segment.isWellFormed()) {
      throw new Refused(400, { detail: 'This key holds half of a character and cannot be sent.' });
    }
  }

  return `/api/v1/${segments.map(encodeURIComponent).join('/')}`;
}

async function call(method, path, body, revision) {
  for (;;) {
    const sent = read();
    const headers = new Headers();
    if (sent) {
      headers.set('Authorization', `Bearer ${sent}`);
    }

    if (method !== 'GET') {
      headers.set('Content-Type', 'application/json');
    }

    if (revision !== undefined) {
      headers.set('If-Match', `"${revision}"`);
    }

    let response;
    let text;
    try {
      response = await fetch(path, {
        method, headers, body: body && JSON.stringify(body), cache: 'no-store', redirect: 'error', signal: AbortSignal.timeout(10_000),
      });
      text = await response.text();
      noteClock(response);
    } catch (e) {
      throw new Unreachable(e.message);
    }

    if (response.status === 401) {
      await ask(sent);
      continue;
    }

    let content = {};
    try {
      content = JSON.parse(text);
    } catch {
      if (response.ok) {
        throw new Refused(response.status, { detail: 'The answer is no JSON. Is this a MeliProxy admin listener?' });
      }
    }

    if (!response.ok) {
      throw new Refused(response.status, content);
    }

    return content;
  }
}

function noteClock(response) {
  const told = Date.parse(response.headers.get('Date') ?? '');
  const difference = told - Date.now();

  // The header has whole seconds, so a smaller difference is none.
  ahead = Math.abs(difference) > 2000 ? difference : 0;
}

// A browser may be told to keep nothing; then the token lasts as long as the page.
let kept = null;

function read() {
  try {
    return sessionStorage.getItem(storage) ?? kept;
  } catch {
    return kept;
  }
}

function write(token) {
  kept = token;
  try {
    sessionStorage.setItem(storage, token);
  } catch {
    // It is kept above.
  }
}

let asking = null;

/** Asks for a token, once for all who need one. */
function ask(refused) {
  if (refused !== read()) {
    // Somebody has typed another one since.
    return Promise.resolve();
  }

  asking ??= new Promise(resolve => {
    const dialog = document.getElementById('token');
    const value = document.getElementById('token-value');
    setText(document.getElementById('token-error'), refused ? 'This token is not one that the sidecar knows.' : '');
    value.value = '';

    // Esc leads nowhere, and a browser may close the dialog at the second one all the same.
    dialog.oncancel = event => event.preventDefault();
    dialog.onclose = () => asking && dialog.showModal();
    document.getElementById('token-form').onsubmit = event => {
      event.preventDefault();

      // What a header cannot hold is no token.
      const token = value.value.trim();
      if (/^[\x21-\x7e]+$/.test(token)) {
        write(token);
        asking = null;
        dialog.close();
        resolve();
      } else {
        setText(document.getElementById('token-error'), 'A token is of letters, digits and signs, without spaces.');
      }
    };
    dialog.showModal();
    value.focus();
  });
  return asking;
}
