import { setTimeout as sleep } from "node:timers/promises";
import type { Host, Step } from "../../host/types.js";
import { file, type FileHave } from "../../linux/file.js";
import * as keepalived from "../../linux/keepalived.js";
import { listed, waiting } from "../../linux/keepalived-text.js";
import type { Reading } from "../../linux/noun.js";
import type { FileWant, Table } from "../../plan/types.js";
import { batch } from "../batch.js";
import type { Context } from "../kind.js";
import { nameOf } from "./drain.js";
import type { DirectorInputs } from "./inputs.js";

/** Real servers by service that the new configuration lists, and the present one does not, where the service serves already. */
export function arriving(present: string, wanted: string, kernel: Table): Record<string, string[]> {
  const old = listed(present);
  return Object.fromEntries(
    Object.entries(listed(wanted)).flatMap(([service, realServers]) => {
      const serves = Object.keys(kernel[service]?.realServers ?? {}).length > 0;
      const known = new Set(old[service]);
      const news = realServers.filter((realServer) => !known.has(realServer));
      return serves && old[service] !== undefined && news.length > 0 ? [[service, news]] : [];
    }),
  );
}

/**
 * Lets keepalived check real servers that come, at weight 0, before they get a connection: it takes a new one for healthy
 * until its first check. Throws when a check fails; the caller puts the former file back.
 */
export async function admit(
  context: Context,
  host: Host,
  news: { path: string; file: FileWant; have: Reading<FileHave>; /** Makes keepalived read it. */ take: Step },
  comers: Record<string, string[]>,
  { change }: DirectorInputs,
): Promise<void> {
  const held = { ...news.file, content: waiting(news.file.content, comers) };
  await host.run([...file.change(news.path, news.have, held), news.take], { signal: context.signal });
  const pairs = Object.entries(comers).flatMap(([service, list]) =>
    list.map((realServer) => ({ service, realServer })),
  );
  const names = [...new Set(pairs.map(({ realServer }) => nameOf(realServer, change)))].join(", ");
  const deadline = Date.now() + change.checkSeconds * 1000;
  for (;;) {
    const [daemon] = await batch(host, [keepalived.state()], context);
    const failing = pairs.filter(({ service, realServer }) => daemon.fails(service, realServer));
    const undecided = new Set(daemon.undecided.map(keepalived.realServerOf));
    const open = pairs.filter(({ realServer }) => undecided.has(realServer));
    if (daemon.alive && failing.length === 0 && open.length === 0) return;
    if (failing.length > 0 || Date.now() > deadline) {
      const [first] = failing.length > 0 ? failing : open;
      const which = first ? `${nameOf(first.realServer, change)} (${first.realServer} of ${first.service})` : names;
      throw new Error(
        `${host.name}: a real server must answer before it is listed, got a failing check of ${which}. ` +
          `See that its service runs, then run up again; the former configuration goes on.`,
      );
    }
    context.status(`waiting for the first check of ${names}`);
    await sleep(500, undefined, { signal: context.signal });
  }
}
