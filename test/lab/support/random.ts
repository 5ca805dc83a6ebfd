import { createHash } from "node:crypto";

/** Numbers that look random and are the same for the same seed. */
export interface Random {
  /** From 0 to below 1. */
  number(): number;
  /** One of the items. */
  pick<T>(items: readonly T[]): T;
}

/** Random numbers from a seed, which is printed, so that a run can be repeated. */
export function seeded(name: string, seed = String(Date.now() % 1_000_000)): Random {
  console.log(`# figure: ${name}: seed ${seed} (SEED=${seed} repeats it)`);
  let count = 0;
  const number = () => {
    count += 1;
    return createHash("sha256").update(`${seed} ${count}`).digest().readUInt32BE(0) / 2 ** 32;
  };
  return { number, pick: (items) => items[Math.floor(number() * items.length)]! };
}
