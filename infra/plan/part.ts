import type { Firewall } from "../spec/index.js";
import type { AddressWant, FileTemplate, FileWant, LinkWant, RouteWant, UnitWant } from "./types.js";

/** A file as the plan knows it: finished text, or a template with what fills it. */
export type FileDraft = FileWant | FileTemplate;

/** A sysctl with the reason that stands above it in the file on the host. */
export interface Setting {
  value: string;
  why: string;
}

/** What one topic (role, forwarding method, the user) wants of a host; parts are merged into the host's plan. */
export interface HostPart {
  packages?: readonly string[];
  modules?: readonly string[];
  links?: Readonly<Record<string, LinkWant>>;
  sysctls?: Readonly<Record<string, Setting>>;
  files?: Readonly<Record<string, FileDraft>>;
  rules?: readonly string[];
  /** How rules are kept, where the user says anything of the host's firewall. */
  firewall?: Firewall["backend"];
  addresses?: Readonly<Record<string, AddressWant>>;
  routes?: Readonly<Record<string, RouteWant>>;
  units?: Readonly<Record<string, UnitWant>>;
  /** Interfaces on which keepalived puts addresses and takes them away: the host's manager must leave those alone. */
  floating?: readonly string[];
}

/** A template for root alone to write; its path below `templates/` is the file's own. */
export function template(mode: string, context: FileTemplate["context"]): FileTemplate {
  return { context, mode, owner: "root", group: "root" };
}
