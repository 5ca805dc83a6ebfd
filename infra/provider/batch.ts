import type { Host } from "../host/types.js";
import type { Query } from "../linux/noun.js";

type Answers<Queries extends readonly Query<unknown>[]> = {
  -readonly [Index in keyof Queries]: Queries[Index] extends Query<infer Answer> ? Answer : never;
};

/** Asks several queries in one round trip. */
export async function batch<const Queries extends readonly Query<unknown>[]>(
  host: Host,
  queries: Queries,
  options: { signal?: AbortSignal } = {},
): Promise<Answers<Queries>> {
  const steps = queries.flatMap((query) => query.steps);
  const results = await host.run(steps, options.signal ? { signal: options.signal } : {});
  let at = 0;
  return queries.map((query) => {
    const part = results.slice(at, at + query.steps.length);
    at += query.steps.length;
    return query.parse(part);
  }) as Answers<Queries>;
}
