import fc, { type Arbitrary } from "fast-check";

/** The file that a canary makes when a shell, systemd or keepalived takes it for more than text. */
export const canaryFile = "/run/pulumi-lvs-canary";

const touch = `touch ${canaryFile}`;

/** Texts that make the canary's file where a shell reads them, out of quotes or out of place. */
export const canaries = [
  ...[`$(${touch})`, `\`${touch}\``, `; ${touch};`, `\n${touch}\n`, `' ; ${touch} '`, `" ; ${touch} "`, `|${touch}`],
  // Without a slash, so that a path keeps it whole; the shell's folder is the root.
  ...["$(cd run; touch pulumi-lvs-canary)", "'$(cd run; touch pulumi-lvs-canary)'", ";cd run;touch pulumi-lvs-canary;"],
];

/** What is text everywhere or nowhere at all: ends of lines and quotes, comments, substitutions, other encodings. */
const snippets = [
  ...["\n", "\r", "\r\n", "\0", "\t", "\u000b", "\u0085", "\u2028", "\u2029", "\u001b[2J", "\u009b2J", "\u007f"],
  ...["\u202e", "\u200b", "\ufeff", "\ud800", "\udfff", "é", "e\u0301", "名", "😀", "İ", "\u00a0"],
  ...["}", "{", "#", "!", "'", '"', "`", "\\", "\\\n", "$", "$$", "%n", "%%", "~SEQ(a,1,3)", "@^x ", ";", "&", "|"],
  ...[
    "<",
    ">",
    "*",
    "?",
    "[a]",
    "=",
    ",",
    ":",
    "/",
    "..",
    "-",
    "--",
    "-rf",
    "--help",
    " ",
    "  ",
    "${secret:auth_pass}",
  ],
  ...canaries,
  ...[
    `\nExecStart=/bin/${touch}\n`,
    `\n}\nvrrp_script x {\n script "${touch}"\n`,
    "{{origin}}",
    "\ninclude /etc/shadow\n",
  ],
];

/** Names that every object has: a look-up that takes them for its own finds a function. */
export const inherited = ["constructor", "toString", "valueOf", "hasOwnProperty", "__proto__", "isPrototypeOf"];

/** A text with something in it that means something to whoever might read it. */
export const hostileText: Arbitrary<string> = fc.oneof(
  fc.constantFrom(...snippets, ...inherited, ""),
  fc
    .array(fc.oneof(fc.constantFrom(...snippets), fc.string({ maxLength: 6 })), { maxLength: 5 })
    .map((all) => all.join("")),
  // As long as what a line, a path or a file may not be.
  fc
    .tuple(fc.constantFrom("a", "9", "/a", "a.", "-", "é"), fc.constantFrom(16, 64, 300, 5000))
    .map(([unit, times]) => unit.repeat(times)),
);

/** Anything that YAML or a program may hand over instead of what is wanted. */
export const hostileValue: Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  fc.constantFrom<unknown>(null, undefined, true, false, 0, -0, -1, 1.5, NaN, Infinity, -Infinity, 2 ** 53, 1e308),
  fc.constantFrom<unknown>([], {}, [[]], [null], { a: { b: {} } }, new Date(0), new Map(), Symbol("x"), 7n, () => 1),
  fc.constantFrom<unknown>(
    "0x10",
    "1e3",
    "08",
    "-1",
    " 7",
    "7 ",
    "٣",
    "true",
    "no",
    "~",
    "192.0.2.1/33",
    "::ffff:192.0.2.1",
  ),
  fc.constantFrom<unknown>(
    "fe80::1%eth0",
    "192.0.2.01",
    "0300.0.2.1",
    "3221225985",
    "2001:DB8::1",
    "::/0",
    "0.0.0.0/0",
  ),
  fc.array(hostileText, { maxLength: 3 }),
  // Own properties, as a parser of YAML or JSON makes them.
  fc.dictionary(hostileText, hostileText, { maxKeys: 2, noNullPrototype: true }),
);
