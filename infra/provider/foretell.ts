import { agreement } from "../linux/keepalived-text.js";
import type { Facts } from "../linux/facts.js";
import { configurationOf, type DirectorInputs } from "./director/inputs.js";
import { arriving } from "./director/arrive.js";
import { leaving, nameOf } from "./director/drain.js";
import type { ProxyInputs } from "./proxy/inputs.js";
import type { Properties } from "./values.js";

/**
 * What an update of a director will do, step by step, and what of it clients can notice; for a preview. Worked out from the
 * state and the program alone.
 */
export function directorSteps(old: DirectorInputs, news: DirectorInputs, running: boolean): string[] {
  const { change } = news;
  const names = { ...change, names: { ...old.change?.names, ...change.names } };
  const texts = { present: configurationOf(old), wanted: configurationOf(news) };
  const list = (realServers: string[]) => [...new Set(realServers.map((each) => nameOf(each, names)))].join(", ");
  const leavers = leaving(old.table, news.table).map(({ realServer }) => realServer);
  const comers = Object.values(arriving(texts.present, texts.wanted, old.table)).flat();
  const secret = JSON.stringify(old.secrets) !== JSON.stringify(news.secrets);
  const steps: string[] = [];
  if (texts.present !== texts.wanted || secret)
    steps.push("keepalived -t judges the new configuration there; nothing is replaced when it refuses");
  if (leavers.length > 0)
    steps.push(
      `${list(leavers)} at weight 0 until the connections there have ended, at most ${change.drainSeconds} s; what is left then is cut`,
    );
  const agrees = agreement(texts.present) === agreement(texts.wanted) && !secret;
  if (!agrees && news.peers.length > 0)
    steps.push(
      "the directors must agree on what changes: the backup stops before the master has it, and starts again when it has. " +
        "One master all the time; if it fails meanwhile, nobody takes over",
    );
  if (comers.length > 0) steps.push(`${list(comers)} at weight 0 until keepalived's first check there succeeds`);
  if (!running) steps.push("keepalived is started: where no other director serves, clients wait until then");
  if (/^ *reload_check_config /m.test(texts.present))
    steps.push(
      "keepalived restarts, since it cannot give up reload_check_config otherwise (2.2.7): another director takes its VIPs " +
        "meanwhile, new requests wait up to a second, and connections that it has are cut",
    );
  else if (texts.present !== texts.wanted || secret) steps.push("keepalived reloads: no connection is interrupted");
  else if (running) steps.push("the kernel's table is brought to what it must be: no connection is interrupted");
  return [
    `${news.host}: files, table and daemon are taken from the state, as the last up or refresh left them; the host was not asked.`,
    ...steps.map((step, index) => `${news.host}, step ${index + 1} of ${steps.length}: ${step}.`),
  ];
}

/** Sections of a host whose change can interrupt traffic that is on its way. */
const RISKY = ["links", "rules", "addresses", "routes"];

/** What an update of a host can do to traffic, and on which facts the preview stands. */
export function hostSteps(changed: string[], inputs: Properties, facts: Facts | undefined): string[] {
  const sections = [...new Set(changed.map((path) => path.split(/[.[]/)[0]!))];
  const risky = sections.filter((section) => RISKY.includes(section));
  const units = Object.entries((inputs["units"] ?? {}) as Record<string, { restartOn?: string[] }>)
    .filter(([, { restartOn = [] }]) => restartOn.some((path) => changed.some((each) => each.includes(`"${path}"`))))
    .map(([name]) => name);
  const name = String(inputs["host"]);
  const known = facts ? `${facts.distribution} ${facts.version}, kernel ${facts.kernel}` : "nothing yet";
  return [
    `${name}: taken from the state, not asked now: ${known}.`,
    ...(units.length > 0
      ? [`${name}: restarts ${units.join(", ")}, which reads a changed file at its start only.`]
      : []),
    ...(risky.length > 0
      ? [
          `${name}: ${risky.join(", ")} change while the host serves; connections over what is taken away are interrupted.`,
        ]
      : []),
  ];
}

/** What an update of a director's proxy will do, step by step, and what of it clients can notice; for a preview. */
export function proxySteps(old: ProxyInputs, news: ProxyInputs, running: boolean): string[] {
  const secret = JSON.stringify(old.secrets) !== JSON.stringify(news.secrets);
  const changed = secret || JSON.stringify(old.files) !== JSON.stringify(news.files);
  const { engine } = news;
  const steps = [
    ...(changed ? [`${engine} judges the new configuration there; nothing is replaced when it refuses`] : []),
    ...(changed && running
      ? [
          `${engine} reloads: new connections go by the new configuration, and those that there are go on in the old processes ` +
            "for as long as drainTimeout says; none is interrupted",
        ]
      : []),
    ...(running ? [] : [`${engine} is started: keepalived gives its director the VIPs once it answers`]),
  ];
  return [
    `${news.host}: packages, files and daemon are taken from the state, as the last up or refresh left them; the host was not asked.`,
    ...steps.map((step, index) => `${news.host}, step ${index + 1} of ${steps.length}: ${step}.`),
  ];
}
