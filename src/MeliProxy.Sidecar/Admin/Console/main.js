// The page as a whole: which view is shown, and when the sidecar is asked.
import { get, Refused, Unreachable } from './api.js';
import { h, say, setAttribute, setHidden, setText } from './dom.js';
import { moment, visible } from './format.js';
import { readHistory, timeOf } from './history.js';
import { keysView } from './keys.js';
import { nodesView } from './nodes.js';
import { ruleSheet } from './rule.js';
import { rulesView } from './rules.js';
import { forget, needsLastMinute, ownNode, state, takeLastMinute, takeUsage } from './state.js';
import { statusPills } from './status.js';
import { trafficView } from './traffic.js';
import { upstreamsView } from './upstreams.js';

const interval = 1000;
const longestBackoff = 5000;
const rulesGoodFor = 10_000;

const byId = id => document.getElementById(id);
const content = byId('content');
const sheet = byId('sheet');
const views = {
  rules: rulesView(),
  keys: keysView(limitKey),
  traffic: trafficView(),
  upstreams: upstreamsView(),
  nodes: nodesView(),
};

let viewName = 'rules';
let open = null;

// Where one is: #/view or #/rules/name.

function route() {
  const [, view = 'rules', name] = location.hash.split('/');
  if (name !== undefined) {
    openSheet(decode(name));
  } else {
    closeSheet();
    showView(Object.hasOwn(views, view) ? view : 'rules');
  }

  if (content.childElementCount === 0) {
    showView('rules');
  }

  wake();
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function showView(name) {
  viewName = name;
  if (content.firstElementChild !== views[name].element) {
    content.replaceChildren(views[name].element);
  }

  document.querySelectorAll('nav a').forEach(link => setAttribute(link, 'aria-current', link.hash === `#/${name}` ? 'page' : null));
  render();
}

function openSheet(name) {
  if (open?.name !== name) {
    const part = ruleSheet(name, readRules, leaveSheet);
    open = { name, part };
    sheet.replaceChildren(part.element);
    document.title = `${visible(name)} – MeliProxy`;
  }

  if (!sheet.open) {
    sheet.showModal();
  }

  render();
}

function closeSheet() {
  open = null;
  sheet.close();
  sheet.replaceChildren();
  document.title = 'MeliProxy';
}

function leaveSheet() {
  location.hash = `#/${viewName}`;
}

function limitKey(rule, key) {
  location.hash = `#/rules/${encodeURIComponent(rule)}`;
  openSheet(rule);
  open.part.limitKey(key);
}

sheet.addEventListener('cancel', event => {
  event.preventDefault();
  leaveSheet();
});
sheet.addEventListener('click', event => event.target === sheet && leaveSheet());
addEventListener('hashchange', route);
addEventListener('keydown', event => {
  const isTyping = event.target.closest?.('input, select, textarea');
  if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey && !sheet.open && !byId('token').open) {
    event.preventDefault();
    views[viewName].focusFilter?.();
  } else if (event.key === 'Escape' && event.target.id === 'filter' && event.target.value !== '') {
    event.target.value = '';
    render();
  }
});
byId('skip').addEventListener('click', event => {
  event.preventDefault();
  content.focus();
});

// Light or dark, and whose figures.

const themeButton = byId('theme');
const systemTheme = matchMedia('(prefers-color-scheme: dark)');
const theme = () => document.documentElement.dataset.theme ?? (systemTheme.matches ? 'dark' : 'light');

function nameTheme() {
  const other = theme() === 'dark' ? 'light' : 'dark';
  setText(themeButton, other === 'dark' ? '☾' : '☀');
  setAttribute(themeButton, 'aria-label', `Switch to ${other} colours`);
  setAttribute(themeButton, 'title', `Switch to ${other} colours`);
}

themeButton.addEventListener('click', () => {
  const other = theme() === 'dark' ? 'light' : 'dark';
  document.documentElement.dataset.theme = other;
  try {
    localStorage.setItem('meliproxy.theme', other);
  } catch {
    // Then it lasts as long as the page.
  }

  nameTheme();
});
systemTheme.addEventListener('change', nameTheme);
nameTheme();

const scope = byId('scope');
scope.append(h('option', { value: 'domain', text: 'All sidecars' }), h('option', { value: 'node', text: 'This sidecar' }));
scope.addEventListener('change', () => {
  state.scope = scope.value;
  forget();
  wake();
});

// Asking: one round a second while somebody looks, never two at once, and less often where nobody answers.

let timer = 0;
let isAsking = false;
let failures = 0;
let failedSince = null;
let rulesAt = -Infinity;
let round = 0;

async function readRules() {
  state.document = await get('/api/v1/rules');
  rulesAt = performance.now();
  render();
}

async function readLastMinute(whose) {
  const { answer } = await readHistory('/api/v1/usage', { from: '-1m', step: '1s', scope: whose });
  if (whose === state.scope) {
    takeLastMinute(answer, answer && timeOf(answer));
  }
}

async function ask() {
  isAsking = true;
  clearTimeout(timer);
  const began = performance.now();
  try {
    const isNodesTurn = round++ % 2 === 0;
    const whose = state.scope;
    if (!state.document) {
      await readRules();
    }

    // All are waited for, also if one fails, so that no two rounds are under way at once.
    const answers = await Promise.allSettled([
      get(`/api/v1/usage?scope=${whose}`).then(answer => whose === state.scope && takeUsage(answer)),
      needsLastMinute() ? readLastMinute(whose) : null,
      isNodesTurn ? get('/api/v1/nodes').then(answer => { state.nodes = answer; }) : null,
      views[viewName].refresh?.(),
      open?.part.refresh(),
    ]);
    const failure = answers.find(answer => answer.status === 'rejected');
    if (failure) {
      throw failure.reason;
    }

    // Rules are read again when a sidecar tells of another revision, and now and then, as overrides end by themselves.
    const revision = ownNode()?.rulesRevision;
    if (performance.now() - rulesAt > rulesGoodFor || (revision !== undefined && revision !== state.document?.revision)) {
      await readRules();
    }

    answered();
  } catch (e) {
    failed(e);
  }

  render();
  isAsking = false;
  if (!document.hidden) {
    const pause = failures === 0 ? interval : Math.min(interval * 2 ** (failures - 1), longestBackoff);
    timer = setTimeout(ask, Math.max(pause - (performance.now() - began), failures === 0 ? 100 : pause));
  }
}

/** Asks at once, unless that is under way or nobody looks. */
function wake() {
  if (!isAsking && !document.hidden) {
    ask();
  }
}

function answered() {
  if (failures > 0) {
    say('The sidecar answers again.');
  }

  failures = 0;
  failedSince = null;
  setHidden(byId('banner'), true);
}

function failed(e) {
  if (!(e instanceof Unreachable || e instanceof Refused)) {
    // A mistake of this page is told to the browser, and must not end the asking.
    reportError(e);
    return;
  }

  failures++;
  failedSince ??= new Date();
  setText(byId('banner-text'), e instanceof Unreachable
    ? `The sidecar cannot be reached since ${moment(failedSince)}. What is shown is from before; this page keeps trying.`
    : `The sidecar answers, but not as it should: ${e.message}`);
  setHidden(byId('banner'), false);
}

function render() {
  setAttribute(document.body, 'class', failures > 0 ? 'is-stale' : null);
  const node = ownNode();
  if (node) {
    setText(byId('where'), state.nodes.domain ? `${node.node} in ${state.nodes.domain}` : String(node.node));
    statusPills(byId('status'), node);
  }

  setHidden(byId('scope-label'), !(state.nodes?.nodes.length > 1));
  setText(byId('notice'), state.document?.mode === 'shadow' ? 'All rules are in shadow mode: they count, and nothing is rejected.' : '');
  setHidden(byId('notice'), state.document?.mode !== 'shadow');
  views[viewName].render();
  open?.part.render();
}

byId('banner-retry').addEventListener('click', wake);
addEventListener('online', wake);
document.addEventListener('visibilitychange', () => (document.hidden ? clearTimeout(timer) : wake()));
route();
