import { distance } from "fastest-levenshtein";

/** The known word nearest to a mistyped one; undefined when none is near enough to be meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  // Nothing that is known is as long.
  if (word.length > 255) return undefined;
  const scored = known
    .map((candidate) => ({ candidate, score: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.score - b.score || (a.candidate < b.candidate ? -1 : 1));
  const lower = word.toLowerCase();
  const cut = known.find((candidate) => word.length >= 3 && candidate.toLowerCase().startsWith(lower));
  if (cut !== undefined) return cut;
  const best = scored[0];
  return best && best.score <= Math.max(2, Math.floor(word.length / 2)) ? best.candidate : undefined;
}

const mostListed = 30;

/** `Did you mean rs1? Known: rs1, rs2.` */
export function suggest(word: string, known: readonly string[]): string {
  const best = nearest(word, known);
  const more = known.length > mostListed ? ` and ${known.length - mostListed} more` : "";
  const list = known.length > 0 ? `Known: ${known.slice(0, mostListed).join(", ")}${more}.` : "There is none.";
  return best === undefined ? list : `Did you mean ${best}? ${list}`;
}
