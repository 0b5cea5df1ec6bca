// Sends a command to the sidecars of a domain, and prints the answer; or finds the sidecars by what every NATS service answers.
//   node command.mjs NATS_URL DOMAIN COMMAND [JSON]     such as: rules.list, or overrides.put '{"rule":"per-client","key":["203.0.113.7"],"limit":0}'
//   node command.mjs NATS_URL DOMAIN --ping
// Exit code 1: the command was refused; 2: nobody answered.
import { connect } from "@nats-io/transport-node";

const Patience = 5_000;
const [url, domain, command, body = ""] = process.argv.slice(2);
if (!command) {
  console.error("usage: node command.mjs NATS_URL DOMAIN COMMAND [JSON] | --ping");
  process.exit(1);
}

let connection;
try {
  connection = await connect({ servers: url, name: "command.mjs", timeout: Patience, reconnect: false });
  await (command === "--ping" ? ping() : send());
} catch (e) {
  console.error(`command.mjs: ${e.message}`);
  process.exitCode = 2;
} finally {
  await connection?.close();
}

async function send() {
  const answer = await connection.request(`meliproxy.${domain}.cmd.${command}`, body, { timeout: Patience });
  console.log(answer.string());
  process.exitCode = answer.json().ok ? 0 : 1;
}

/** All sidecars of the domain answer, so it listens for a moment rather than for one answer. */
async function ask(subject) {
  const answers = [];
  for await (const answer of await connection.requestMany(subject, "", { strategy: "stall", maxWait: Patience, stall: 500 })) {
    answers.push(answer.json());
  }
  return answers;
}

async function ping() {
  const services = (await ask("$SRV.PING.meliproxy")).filter((service) => service.metadata?.domain === domain);
  const stats = new Map((await ask("$SRV.STATS.meliproxy")).map((service) => [service.id, service]));
  for (const { id, name, version } of services.sort((a, b) => a.id.localeCompare(b.id))) {
    const endpoints = stats.get(id)?.endpoints ?? [];
    const sum = (member) => endpoints.reduce((total, endpoint) => total + endpoint[member], 0);
    console.log(`${name} ${version} ${id}: ${endpoints.length} commands, ${sum("num_requests")} requests, ${sum("num_errors")} refused`);
  }
  console.log(`${services.length} ${services.length === 1 ? "sidecar" : "sidecars"} of the domain ${domain}`);
  process.exitCode = services.length > 0 ? 0 : 2;
}
