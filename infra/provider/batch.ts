import type { Host } from "../host/types.js";
import type { Query } from "../linux/noun.js";

type Answers<Queries extends readonly Query<unknown>[]> = {
  -readonly [Index in keyof Queries]: Queries[Index] extends Query<infer Answer> ? Answer : never;
};

/** Several queries as one. */
export function joined<const Queries extends readonly Query<unknown>[]>(queries: Queries): Query<Answers<Queries>> {
  return {
    steps: queries.flatMap((query) => query.steps),
    parse: (results) => {
      let at = 0;
      return queries.map((query) => {
        const part = results.slice(at, at + query.steps.length);
        at += query.steps.length;
        return query.parse(part);
      }) as Answers<Queries>;
    },
  };
}

/** What asks nothing, where a query may be left out. */
export const nothing: Query<undefined> = { steps: [], parse: () => undefined };

/** Asks several queries in one round trip; `status` is told what takes long. */
export async function batch<const Queries extends readonly Query<unknown>[]>(
  host: Host,
  queries: Queries,
  options: { signal?: AbortSignal; status?: (message: string) => void } = {},
): Promise<Answers<Queries>> {
  const { steps, parse } = joined(queries);
  const { signal, status } = options;
  return parse(await host.run(steps, { ...(signal && { signal }), ...(status && { onStep: status }) }));
}
