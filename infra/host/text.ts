/** `value` as one word of a POSIX shell: nothing in it is interpreted. */
export function shellWord(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

/** A command as a person would type it, for messages; long ones are cut. */
export function displayArgv(argv: string[], limit = 240): string {
  // What stands before the name of a script is its text, which tells a reader less than name and arguments.
  const shown = argv[0] === "sh" && argv[1] === "-c" && argv.length > 3 && argv[3] !== "sh" ? argv.slice(3) : argv;
  const line = shown
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : shellWord(word)))
    .join(" ")
    .replaceAll("\n", "\\n");
  return line.length <= limit ? line : `${line.slice(0, limit)}…`;
}

/** The last lines of what a command printed, at most `limit` characters. */
export function tail(text: string, limit = 2000): string {
  const trimmed = text.trimEnd();
  return trimmed.length <= limit ? trimmed : `…${trimmed.slice(-limit)}`;
}

/** A host's words for a terminal: what moves its cursor, turns the direction of writing or is not seen, as an escape. */
export function visible(text: string): string {
  return text.replace(
    /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** An excerpt of unexpected bytes: one line, control characters escaped, at most `limit` characters of the end. */
export function excerpt(bytes: Buffer | string, limit = 300): string {
  const text = tail(bytes.toString("utf8").trim(), limit);
  return JSON.stringify(text).slice(1, -1);
}

/** `text` without any line of a step's secret standard input, nor of the given secrets. */
export function redact(text: string, stdin: string | Buffer | undefined, secrets: (string | undefined)[] = []): string {
  const lines = stdin === undefined || text === "" ? [] : stdin.toString("utf8").split("\n");
  let clean = text;
  for (const line of new Set([...lines, ...secrets])) {
    const needle = line?.trim() ?? "";
    // Shorter lines are braces and blanks: replacing them would only garble what the command says.
    if (needle.length >= 4 && clean.includes(needle)) clean = clean.replaceAll(needle, "[hidden]");
  }
  return clean;
}
