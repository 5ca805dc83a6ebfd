import { accepts, type Batch } from "./batch.js";
import { ByteQueue } from "./byte-queue.js";
import { Failure } from "./errors.js";
import { excerpt, visible } from "./text.js";
import type { StepResult } from "./types.js";

/** What a whole batch gave: a result for each step that ran; the last one is what stopped it, if anything did. */
export interface Answer {
  results: StepResult[];
  /** True when the last step was ended at its limit. */
  timedOut: boolean;
}

/** Bytes that one stream of one step may print; more is an error, so that nothing floods this process. */
export const streamLimit = 8 * 1024 * 1024;
const noiseLimit = 1024 * 1024;
/** Lines that the steps of a batch may tell; each one is a message to the engine. */
const toldLimit = 2000;
const newline = Buffer.from("\n");

/**
 * Reads a batch's answer as it arrives: noise (banners, rc files), `B` (begun), `S <step>` for titled steps, `T <step> <line>`
 * for what such a step tells, `R <codes>`, then each step's stdout and stderr, each ended by a line with the nonce, and `.`. Strict: anything else is a `protocol` {@link Failure}.
 */
export class AnswerReader {
  answer?: Answer;
  begun = false;
  private readonly queue = new ByteQueue();
  private readonly separator: Buffer;
  private readonly first: Buffer;
  private codes?: { code: number; timedOut: boolean }[];
  private readonly streams: Buffer[] = [];
  private lastStep = -1;
  private told = 0;

  constructor(
    private readonly batch: Batch,
    private readonly onStep: (index: number, told?: string) => void,
  ) {
    this.separator = Buffer.from(`\n${batch.nonce}\n`);
    this.first = Buffer.from(`\n${batch.nonce} B\n`);
  }

  push(chunk: Buffer): void {
    if (this.answer !== undefined) throw odd("more after its end", chunk.subarray(0, 300));
    this.queue.push(chunk);
    if (!this.begun) {
      if (this.queue.takeUntil(this.first) === undefined) {
        if (this.queue.length > noiseLimit) throw odd("only noise before the batch began", this.rest());
        return;
      }
      this.begun = true;
    }
    while (this.answer === undefined && this.advance());
    if (this.answer !== undefined && this.queue.length > 0) throw odd("more after its end", this.queue.start(300));
  }

  /** What was printed and not understood so far, for messages; never the script, which holds what steps are fed with. */
  rest(): Buffer {
    const bytes = this.queue.start(noiseLimit);
    return bytes.includes(`n=${this.batch.nonce}`)
      ? Buffer.from("the script itself, sent back")
      : bytes.subarray(-2000);
  }

  /** False when more bytes are needed. */
  private advance(): boolean {
    const { codes } = this;
    if (codes === undefined || this.streams.length === 2 * codes.length) {
      const line = this.queue.takeUntil(newline);
      if (line === undefined && this.queue.length > 64 * 1024) throw odd("no frame", this.queue.start(300));
      if (line !== undefined) this.frame(line.toString("latin1"));
      return line !== undefined;
    }
    const stream = this.queue.takeUntil(this.separator);
    if ((stream?.length ?? this.queue.length) > streamLimit + this.separator.length) {
      const command = this.batch.steps[Math.floor(this.streams.length / 2)]?.argv[0];
      throw new Failure(
        "protocol",
        `"${command}" printed more than ${streamLimit / 1024 / 1024} MiB`,
        "find out on the host why it prints so much",
      );
    }
    if (stream !== undefined) this.streams.push(stream);
    return stream !== undefined;
  }

  private frame(line: string): void {
    const [nonce, kind, ...words] = line.split(" ");
    if (nonce !== this.batch.nonce) throw odd("a line that is no frame", line);
    if (this.codes !== undefined) {
      if (kind !== "." || words.length > 0) throw odd("no end of the answer", line);
      this.answer = this.assemble(this.codes);
    } else if (kind === "S" && words.length === 1) this.stepBegan(Number(words[0]), line);
    else if (kind === "T" && words.length > 0) this.stepTold(Number(words[0]), words.slice(1).join(" "), line);
    else if (kind === "R") this.codes = this.readCodes(words, line);
    else if (kind === "X" && words.length === 1) throw hostLacks(words[0] ?? "");
    else throw odd("an unknown frame", line);
  }

  private stepBegan(index: number, line: string): void {
    if (this.batch.steps[index]?.title === undefined || index <= this.lastStep) throw odd("a step out of order", line);
    this.lastStep = index;
    this.onStep(index);
  }

  private stepTold(index: number, words: string, line: string): void {
    if (this.batch.steps[index]?.tells !== true || index !== this.lastStep) throw odd("words of another step", line);
    if (++this.told > toldLimit) throw odd("endless words of a step", line);
    this.onStep(index, visible(Buffer.from(words, "latin1").toString("utf8").slice(0, 200)));
  }

  private readCodes(words: string[], line: string): { code: number; timedOut: boolean }[] {
    const { steps } = this.batch;
    const codes = words.map((word) => {
      if (!/^\d{1,3}t?$/.test(word)) throw odd("an exit code that is none", line);
      return { code: parseInt(word, 10), timedOut: word.endsWith("t") };
    });
    const stops = codes.map(({ code, timedOut }, i) => {
      const step = steps[i];
      return step === undefined || timedOut || !accepts(step, code);
    });
    const stopped = stops.at(-1) === true;
    if (codes.length > steps.length || stops.slice(0, -1).includes(true) || (!stopped && codes.length < steps.length)) {
      throw odd("exit codes that do not fit the steps", line);
    }
    return codes;
  }

  private assemble(codes: { code: number; timedOut: boolean }[]): Answer {
    const results = codes.map(({ code }, i) => ({
      argv: this.batch.steps[i]?.argv ?? [],
      code,
      stdout: this.streams[2 * i]?.toString("utf8") ?? "",
      stderr: this.streams[2 * i + 1]?.toString("utf8") ?? "",
    }));
    return { results, timedOut: codes.at(-1)?.timedOut ?? false };
  }
}

function odd(what: string, bytes: Buffer | string): Failure {
  return new Failure(
    "protocol",
    `answer of the batch cannot be read: ${what} ("${excerpt(bytes)}")`,
    "log in by hand and run `sh -c 'echo ok'`: nothing else may be printed, and sh must be a POSIX shell",
  );
}

function hostLacks(word: string): Failure {
  switch (word) {
    case "timeout":
    case "base64":
      return new Failure("protocol", `host has no ${word}(1)`, "install coreutils (or busybox with it) on the host");
    case "tmp":
      return new Failure(
        "protocol",
        "host has no place for temporary files: /run, /dev/shm, /tmp and /var/tmp are read-only or full",
        "free space in one of them",
      );
    case "input":
      return new Failure(
        "protocol",
        "host could not take in a command's standard input, nothing was run from there on",
        "look for a full /run, /dev/shm or /tmp",
      );
    default:
      return odd("an unknown refusal", word);
  }
}
