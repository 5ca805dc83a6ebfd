/** A reporter of node:test for `test/run.ts`: each event that it counts, as a line of JSON. */
export default async function* events(source) {
  for await (const { type, data } of source) {
    if (type !== "test:pass" && type !== "test:fail" && type !== "test:diagnostic") continue;
    const { name, file, nesting, skip, todo, message, details } = data;
    const cause = details?.error?.cause;
    const error = cause?.message ?? details?.error?.message ?? (cause === undefined ? undefined : String(cause));
    yield `${JSON.stringify({ type, name, file, nesting, skip, todo, message, kind: details?.type, error })}\n`;
  }
}
