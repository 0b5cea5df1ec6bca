// What is to be known of the sidecar at a glance.
import { h, list, setAttribute, setText } from './dom.js';
import { count } from './format.js';
import { state } from './state.js';

let fill = null;

/** Shows the state of a sidecar in an element. */
export function statusPills(element, node) {
  fill ??= list(element, () => ({ element: h('span') }), (row, pill) => {
    setText(row.element, pill.text);
    setAttribute(row.element, 'class', `pill ${pill.kind}`);
    setAttribute(row.element, 'title', pill.title ?? null);
  });
  fill(pillsOf(node));
}

function pillsOf(node) {
  const pills = [];
  if (node.shares) {
    pills.push(['nats', node.connected
      ? { text: 'NATS connected', kind: 'good' }
      : { text: 'NATS cut off', kind: 'bad', title: 'Shared rules follow their onPartition, and rules cannot be changed, until NATS is back' }]);
  }

  const source = state.document?.source;
  if (node.rulesProblem) {
    pills.push(['rules-problem', { text: 'Rules not in force', kind: 'bad', title: node.rulesProblem }]);
  } else if (source?.isCutOff) {
    pills.push(['rules-cut-off', { text: 'Rules may be old', kind: 'bad', title: 'The store of the rules cannot be reached' }]);
  }

  for (const sink of Array.isArray(node.sinks) ? node.sinks : []) {
    if (sink.problem || sink.dropped > 0) {
      pills.push([`sink ${sink.name}`, {
        text: sink.problem ? `${sink.name} fails` : `${sink.name}: ${count(sink.dropped)} dropped`, kind: 'bad', title: sink.problem ?? 'The sink could not keep up',
      }]);
    }
  }

  pills.push(['revision', { text: `revision ${count(state.document?.revision)}`, kind: 'plain', title: 'Revision of the rules' }]);
  pills.push(['version', { text: `v${node.version}`, kind: 'plain', title: 'Version of the sidecar' }]);
  return pills;
}
