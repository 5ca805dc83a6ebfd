import type { Connection } from "../../host/types.js";
import * as ipvs from "../../linux/ipvs.js";
import type { ChangePlan, Daemon, FileWant, Table } from "../../plan/types.js";
import type { Wants } from "../sections.js";
import { fillFiles } from "../secrets.js";
import type { Properties } from "../values.js";

export const UNITS = { keepalived: "keepalived.service", ipvsadm: "lvs-table.service" } as const;
/** What `lvs-table.service` reads at boot. */
export const RULES = "/etc/pulumi-lvs/ipvsadm.rules";

/** What a director is to serve, and with whom. */
export interface DirectorInputs {
  host: string;
  /** keepalived when left out, as in states that are older than the choice. */
  daemon?: Daemon;
  files: Record<string, FileWant>;
  secrets: Record<string, string>;
  table: Table;
  vips: string[];
  change: ChangePlan;
  peers: { name: string; connection: Connection }[];
}

export function inputsOf(properties: Properties): DirectorInputs {
  return properties as unknown as DirectorInputs;
}

export function daemonOf({ daemon }: Pick<DirectorInputs, "daemon">): Daemon {
  return daemon ?? "keepalived";
}

/** What must be on the host, secrets filled in. */
export function wants(inputs: DirectorInputs): Wants & { files: Record<string, FileWant> } {
  const { files, secrets, table } = inputs;
  const daemon = daemonOf(inputs);
  const rules = { content: `${ipvs.rules(table).join("\n")}\n`, mode: "0644", owner: "root", group: "root" };
  return {
    files: { ...fillFiles(files, secrets), ...(daemon === "ipvsadm" && { [RULES]: rules }) },
    units: { [UNITS[daemon]]: { enabled: true, active: true } },
  };
}

/** All that keepalived reads, as one text. */
export function configurationOf({ files }: Pick<DirectorInputs, "files">): string {
  return Object.values(files)
    .map(({ content }) => content)
    .join("\n");
}
