import assert from "node:assert/strict";

/** Nothing that is looked at from outside can be looked at in the same moment: it lies between what was before and after. */
export function between(what: string, is: number, before: number, after: number): void {
  const [low, high] = [Math.min(before, after), Math.max(before, after)];
  assert.ok(is >= low && is <= high, `${what}: status says ${is}, and it was ${before} before and ${after} after`);
}

interface Link {
  ifname: string;
  addr_info: { local: string; prefixlen: number }[];
}

/** `<dev> <address>/<prefix>` of what `ip -j address` printed. */
export function addressesOf(links: string): string[] {
  return (JSON.parse(links) as Link[]).flatMap(({ ifname, addr_info: all }) =>
    all.map(({ local, prefixlen }) => `${ifname} ${local}/${prefixlen}`),
  );
}
