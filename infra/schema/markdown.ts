/** Markdown without links, which lead nowhere in an editor. */
export function plain(markdown: string): string {
  return markdown.replace(/\[([^\]]+)\]\([^)]*\)/g, "$1");
}

/** A value as code: a text that YAML would read as a number keeps its quotes. */
export function code(value: unknown): string {
  return `\`${typeof value === "string" && Number.isNaN(Number(value)) ? value : JSON.stringify(value)}\``;
}

/** `a, b or c`; `a, b; or c` where commas alone would not tell them apart. */
export function either(parts: readonly string[]): string {
  if (parts.some((part) => part.includes(","))) return parts.join("; or ");
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} or ${parts.at(-1)}`;
}

/** A link to a heading of a page, or of the same one, as GitHub makes its anchors. */
export function linkTo(heading: string, page = ""): string {
  const anchor = heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
  return `[${heading.replace(/([[\]])/g, "\\$1")}](${page}#${anchor})`;
}

/** A table; columns in which no row has anything are left out. */
export function table(columns: readonly string[], rows: readonly Readonly<Record<string, string>>[]): string {
  const used = columns.filter((column) => rows.some((row) => row[column] !== undefined && row[column] !== ""));
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [
    line(used),
    line(used.map(() => "---")),
    ...rows.map((row) => line(used.map((column) => row[column] ?? ""))),
  ].join("\n");
}
