import { shellWord } from "./text.js";
import type { Step } from "./types.js";

/** A batch as one POSIX sh script, and what must be known to read its answer. */
export interface Batch {
  steps: Step[];
  /** 32 random hex digits that mark every frame of the answer. */
  nonce: string;
  /** The whole script; nothing of it runs before all of it has arrived. */
  script: Buffer;
  /** Milliseconds after which the host must have answered: the steps' limits and a margin. */
  limitMs: number;
}

/** Seconds from SIGTERM to SIGKILL for a command that ran into its limit. */
export const killAfterSeconds = 5;
const defaultTimeoutSeconds = 60;
/** Milliseconds beyond the limits of its steps after which a batch is given up. */
export const usualMarginMs = 30_000;
const slowestBytesPerMs = 32;

/** Seconds that a step may take, whole ones: busybox's timeout(1) takes no fractions. */
export function limitOf(step: Step): number {
  return Math.max(1, Math.ceil(step.timeoutSeconds ?? defaultTimeoutSeconds));
}

/** True when `code` is an answer of the step and not a failure. */
export function accepts(step: Step, code: number): boolean {
  return code === 0 || step.accept === "any" || (step.accept?.includes(code) ?? false);
}

/** Compiles steps to the script for the standard input of sh. Throws for a step that no shell can run. */
export function compile(steps: Step[], nonce: string, marginMs = usualMarginMs): Batch {
  const script = Buffer.from(
    [preamble(nonce, steps), ...steps.map((step, i) => block(step, i, nonce)), end()].join(""),
  );
  const seconds = steps.reduce((sum, step) => sum + limitOf(step) + killAfterSeconds, 0);
  return { steps, nonce, script, limitMs: seconds * 1000 + marginMs + Math.ceil(script.length / slowestBytesPerMs) };
}

/**
 * All within one function, called by the last line: a shell that saw only a part of it ends with a syntax error.
 * HUP and PIPE are caught and not ignored, because what is ignored stays ignored in every child.
 * Output goes to files: a pipe would kill the commands when the link is cut, and a daemon would hold the channel open.
 */
function preamble(nonce: string, steps: Step[]): string {
  const base64 = steps.some((step) => needsBase64(step.stdin)) ? "command -v base64 >/dev/null || x base64\n" : "";
  const teller = steps.some(({ tells }) => tells) ? tellerLoop : "";
  return `n=${nonce}
b() {
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
export PATH LC_ALL
unset LANGUAGE TMPDIR
umask 022
cd /
trap : HUP PIPE
trap 'exit 143' INT TERM
x() { printf '%s X %s\\n' $n "$1"; exit 1; }
q() { printf '%s R%s\\n' $n "$r"; cd $d && cat $l; cd /; rm -rf $d; trap - EXIT; printf '%s .\\n' $n; exit 0; }
s() {
c=$? r="$r $c" l="$l o$1 s e$1 s" v=$u
if [ -n "$k" ]; then kill $k; wait $k; k=; fi 2>/dev/null
read -r u w </proc/uptime
case $c in 124|137|143) if [ $((\${u%.*}\${u#*.}-\${v%.*}\${v#*.})) -ge $2 ]; then r=\${r}t; q; fi ;; esac
case " $3 " in ' any '|*" $c "*) ;; *) q ;; esac
}
${teller}printf '\\n%s B\\n' $n
command -v timeout >/dev/null || x timeout
${base64}r= l= d= k=
for t in /run /dev/shm /tmp /var/tmp; do
d=$(mktemp -d $t/pulumi-lvs.XXXXXXXX 2>/dev/null) || continue
if printf '\\n%s\\n' $n 2>/dev/null >$d/s && [ -s $d/s ]; then break; fi
rm -rf $d
d=
done
[ -n "$d" ] || x tmp
trap 'cd /; rm -rf $d' EXIT
TMPDIR=$d u=0.00
read -r u w </proc/uptime
`;
}

/**
 * Sends on what a step tells, while it runs: from a file, like all output, so that no command holds the channel open. Its
 * loop ends with the step, and also with the shell when that was killed.
 */
const tellerLoop = `t() {
: >$d/t
while kill -0 $$ 2>/dev/null; do
if read -r m; then printf '%s T %s %s\\n' $n $1 "$m"; else sleep 1 </dev/null >/dev/null 2>&1; fi
done <$d/t &
k=$!
}
`;

function end(): string {
  return "q\n}\n{ b;\n}\n";
}

function block(step: Step, index: number, nonce: string): string {
  if (step.argv.length === 0 || step.argv[0] === "") throw new TypeError(`step ${index}: argv must name a command`);
  if (step.argv.some((word) => word.includes("\0"))) {
    throw new TypeError(`step ${index}: argv must not hold NUL bytes, got some in "${step.argv[0]}"'s`);
  }
  const limit = limitOf(step);
  if (step.tells && step.title === undefined) throw new TypeError(`step ${index}: must have a title, since it tells`);
  const announce = step.title === undefined ? "" : `printf '%s S ${index}\\n' $n\n${step.tells ? `t ${index}\n` : ""}`;
  const codes = step.accept === "any" ? "any" : [0, ...(step.accept ?? [])].join(" ");
  const { before, from, after } = input(step.stdin, `E${nonce}`);
  const command = `timeout -k ${killAfterSeconds} ${limit} ${step.argv.map(shellWord).join(" ")}`;
  // /proc/uptime counts hundredths of a second; 5 of them are forgiven for its rounding.
  const judge = `s ${index} ${limit * 100 - 5} '${codes}'\n`;
  const told = step.tells ? " 3>>$d/t" : "";
  return `${announce}${before}${command} ${from} >$d/o${index} 2>$d/e${index}${told}\n${after}${judge}`;
}

/**
 * Standard input as here-document: it is in no argv and no environment. Anything but plain lines goes as base64 through
 * a file, so that a failed decoding stops the batch instead of feeding the command half of it.
 */
function input(stdin: Step["stdin"], mark: string): { before: string; from: string; after: string } {
  if (stdin === undefined || stdin.length === 0) return { before: "", from: "</dev/null", after: "" };
  if (!needsBase64(stdin)) return { before: "", from: `<<'${mark}'`, after: `${stdin.toString()}${mark}\n` };
  const lines =
    Buffer.from(stdin as Buffer)
      .toString("base64")
      .match(/.{1,76}/g) ?? [];
  return { before: `base64 -d >$d/i <<'${mark}' || x input\n${lines.join("\n")}\n${mark}\n`, from: "<$d/i", after: "" };
}

function needsBase64(stdin: Step["stdin"]): boolean {
  return stdin !== undefined && stdin.length > 0 && !/^[\t\n\x20-\x7e]*\n$/.test(stdin.toString("latin1" as "utf8"));
}
