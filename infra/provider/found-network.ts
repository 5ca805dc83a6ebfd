import type { Claim, Managers } from "../linux/network-manager.js";
import type { FoundNetwork, NetworkPlan } from "../plan/types.js";

/** What is asked of a host's managers. */
export type NetworkWish = Pick<NetworkPlan, "backend" | "names" | "interfaces">;

/** The answer: a backend that will do, or what stands against it, a sentence each. */
export type Verdict = { found: FoundNetwork } | { problems: string[] };

/** Interfaces of which is asked: lo as well, which a manager may have, and most leave alone. */
export function askedOf({ interfaces }: NetworkWish): string[] {
  return [...new Set([...interfaces, "lo"])];
}

/** Whether the manager that is wished for has the interfaces; under `detect` which one has. */
export function verdict(wish: NetworkWish, claims: Managers["claims"]): Verdict {
  const { backend, interfaces } = wish;
  const missing = interfaces.filter((dev) => claims[dev] === undefined);
  if (missing.length > 0)
    return { problems: missing.map((dev) => `${dev}: an interface of the host, got none of this name. Correct it.`) };
  if (backend === "systemd-unit") return { found: { backend } };
  if (backend === "detect") return detected(interfaces, claims);
  const problems = askedOf(wish).flatMap((dev) => problemsOf(backend, dev, wish.names?.[dev], claims[dev]));
  return problems.length > 0 ? { problems } : { found: { backend, ...(wish.names && { names: wish.names }) } };
}

function detected(interfaces: string[], claims: Managers["claims"]): Verdict {
  const [manager, ...others] = new Set(interfaces.map((dev) => claims[dev]?.[0]?.manager));
  if (others.length > 0)
    return {
      problems: [
        `networkBackend detect: one manager that has set up ${interfaces.join(" and ")}, got ` +
          `${interfaces.map((dev) => `${dev}: ${told(claims[dev])}`).join(", ")}. ` +
          "Let one of them have all, or write networkBackend: systemd-unit.",
      ],
    };
  if (manager === undefined) return { found: { backend: "systemd-unit" } };
  const names = askedOf({ backend: manager, interfaces }).flatMap((dev) => {
    const name = nameIn(manager, dev, claims[dev]);
    return name === undefined || (name === dev && dev !== "lo") ? [] : [[dev, name] as const];
  });
  return { found: { backend: manager, ...(names.length > 0 && { names: Object.fromEntries(names) }) } };
}

/** The name that a manager of files by other names has for an interface; undefined where there is none. */
function nameIn(backend: FoundNetwork["backend"], dev: string, claims: Claim[] | undefined): string | undefined {
  if (backend !== "networkd" && backend !== "netplan") return undefined;
  return claims?.find(({ manager }) => manager === backend)?.name;
}

function problemsOf(
  backend: FoundNetwork["backend"],
  dev: string,
  said: string | undefined,
  claims: Claim[] | undefined,
): string[] {
  const is = nameIn(backend, dev, claims);
  if (dev !== "lo" && !claims?.some(({ manager }) => manager === backend))
    return [
      `networkBackend ${backend}: a manager that has set up ${dev}, got ${told(claims)}. ` +
        `Let ${backend} have ${dev}, or write networkBackend: ${claims?.[0]?.manager ?? "systemd-unit"}.`,
    ];
  // Where nothing is said an interface has its own name, and lo is left alone.
  const wanted = said ?? (is === undefined || dev === "lo" ? undefined : dev);
  if (is === wanted) return [];
  if (is === undefined)
    return [`networkNames.${dev}: none, because ${backend} leaves ${dev} alone, got ${said}. Take it out.`];
  const what = backend === "netplan" ? "its id in YAML" : "the name of its .network file";
  return [`networkNames.${dev}: ${what}, ${is}, got ${said ?? "nothing"}. Write networkNames: { ${dev}: ${is} }.`];
}

function told(claims: Claim[] | undefined): string {
  return claims?.[0]?.manager ?? "none that is known";
}
