/** Base64 of a text at each of the three places in a group where it may begin, without the characters that its neighbours decide. */
function base64Forms(text: string): string[] {
  return [0, 1, 2].map((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)]);
    const whole = Math.floor(bytes.length / 3) * 4;
    return bytes.toString("base64").slice(offset === 0 ? 0 : 4, whole);
  });
}

/** A secret, and how it would be recognised. */
export interface Secret {
  name: string;
  matches: (text: string) => boolean;
}

/** A secret that is long and odd enough to be searched for in any text, also inside base64. */
export function unique(name: string, value: string): Secret {
  const forms = [value, ...base64Forms(value)];
  return { name, matches: (text) => forms.some((form) => text.includes(form)) };
}

/** A secret that is the beginning or end of harmless words too. */
export function word(name: string, value: string): Secret {
  const alone = new RegExp(`(?<![\\w-])${value}(?![\\w-])`);
  return { name, matches: (text) => alone.test(text) };
}

/** `<secret> in <place>` for each secret that stands in the clear somewhere. */
export function leaks(secrets: Secret[], places: Record<string, string>): string[] {
  return Object.entries(places).flatMap(([place, text]) =>
    secrets.filter(({ matches }) => matches(text)).map(({ name }) => `${name} in ${place}`),
  );
}
