import { unitOf, type Engine } from "../../linux/proxy.js";
import type { FileWant, ProxyServing } from "../../plan/types.js";
import type { Wants } from "../sections.js";
import { fillFiles } from "../secrets.js";
import type { Properties } from "../values.js";

/** What a director's proxy is to serve. */
export interface ProxyInputs {
  host: string;
  engine: Engine;
  packages: Record<string, "installed">;
  files: Record<string, FileWant>;
  secrets: Record<string, string>;
  listen: string[];
  services: ProxyServing["services"];
}

export function inputsOf(properties: Properties): ProxyInputs {
  return properties as unknown as ProxyInputs;
}

/** What must be on the host, secrets filled in. */
export function wants({ engine, packages, files, secrets }: ProxyInputs): Wants & { files: Record<string, FileWant> } {
  return {
    packages,
    files: fillFiles(files, secrets),
    units: { [unitOf(engine)]: { enabled: true, active: true } },
  };
}

/** Whether it was us who wrote a configuration: one of somebody else may listen in other ways, which no reload can change. */
export function isOurs(text: string | undefined): boolean {
  return text?.split("\n", 1)[0]?.includes("Written by pulumi-lvs") === true;
}
