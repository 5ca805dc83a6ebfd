/** A whole number from `least` on, as an option of the command line gives it; throws with the option's name. */
export function whole(option: string, text: string, least = 1): number {
  if (!/^(0|[1-9]\d*)$/.test(text) || Number(text) < least)
    throw new Error(`${option}: must be a number from ${least}, got "${text}"`);
  return Number(text);
}

/** The words of a list with commas, each of which must be a known one; throws with the option's name. */
export function words<T extends string>(option: string, text: string, known: readonly T[]): T[] {
  const given = text.split(",");
  const strange = given.filter((word) => !(known as readonly string[]).includes(word));
  if (strange.length > 0) throw new Error(`${option}: must be of ${known.join(", ")}, got ${strange.join(", ")}`);
  return known.filter((word) => given.includes(word));
}
