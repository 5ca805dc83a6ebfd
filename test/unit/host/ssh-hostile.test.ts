import assert from "node:assert/strict";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { describe, test } from "node:test";
import { Pool } from "../../../infra/host/ssh-pool.js";
import type { HostErrorKind, Step, StepResult } from "../../../infra/host/types.js";
import { hostError } from "./expect.js";
import { answering, type Behaviour, hostileServer, socketOf } from "./hostile-server.js";

const secret = "canary-secret-of-a-file";
const steps: Step[] = [{ argv: ["cat"], stdin: `${secret}\n`, title: "asking", timeoutSeconds: 1 }];
/** Milliseconds: the step's own limit, what its end may take, and the margin of these tests. */
const limit = 1000 + 5000 + 300;

const whole = (n: string, out = ""): string => `\n${n} B\n${n} S 0\n${n} R 0\n${out}\n${n}\n\n${n}\n${n} .\n`;

/** Runs one batch on a host that behaves so. */
async function ask(behaviour: Behaviour, banner?: string): Promise<StepResult[]> {
  const server = await hostileServer(banner === undefined ? {} : { banner });
  const pool = new Pool({ marginMs: 300, openMs: 10_000, keepaliveMs: 1000 });
  server.behave(behaviour);
  try {
    return await pool.open("rs1", server.connection).run(steps);
  } finally {
    await pool.closeAll();
    await server.stop();
  }
}

/** Writes for as long as the other side listens. */
function flood(stream: NodeJS.WritableStream, chunk: Buffer | string): void {
  let open = true;
  stream.on("close", () => (open = false));
  const more = (): void => {
    if (!open) return;
    if (stream.write(chunk)) setImmediate(more);
    else stream.once("drain", more);
  };
  more();
}

/** A piece at a time, each after some milliseconds. */
function dribble(stream: NodeJS.WritableStream, text: string, everyMs: number): void {
  let at = 0;
  const timer = setInterval(() => void stream.write(text[at++ % text.length] ?? ""), everyMs);
  stream.on("close", () => clearInterval(timer));
}

interface Bad {
  does: string;
  behaviour: Behaviour;
  kind: HostErrorKind;
  says: RegExp;
}

const bad: Bad[] = [
  {
    does: "prints without an end before the batch",
    behaviour: answering((_n, channel) => flood(channel, Buffer.alloc(64 * 1024, "noise "))),
    kind: "protocol",
    says: /only noise before the batch began/,
  },
  {
    does: "prints without an end in the place of a command's output",
    behaviour: answering((n, channel) => {
      channel.write(`\n${n} B\n${n} S 0\n${n} R 0\n`);
      flood(channel, Buffer.alloc(64 * 1024, "output "));
    }),
    kind: "protocol",
    says: /"cat" printed more than 8 MiB/,
  },
  {
    does: "prints a line without an end in the place of a frame",
    behaviour: answering((n, channel) => {
      channel.write(`\n${n} B\n`);
      flood(channel, Buffer.alloc(64 * 1024, "f"));
    }),
    kind: "protocol",
    says: /no frame/,
  },
  {
    does: "never answers",
    behaviour: answering(() => undefined),
    kind: "timeout",
    says: /no answer within 6 s before the batch began/,
  },
  {
    does: "hangs in the middle of the batch",
    behaviour: answering((n, channel) => void channel.write(`\n${n} B\n${n} S 0\n`)),
    kind: "timeout",
    says: /no answer within 6 s during or after "asking"/,
  },
  {
    does: "answers a byte at a time, too slowly for any limit",
    behaviour: answering((n, channel) => dribble(channel, `\n${n} B\n`, 1000)),
    kind: "timeout",
    says: /no answer within 6 s before the batch began/,
  },
  {
    does: "complains without an end",
    behaviour: answering((_n, channel) => flood(channel.stderr, "you did something wrong\n".repeat(1000))),
    kind: "timeout",
    says: /no answer within 6 s before the batch began/,
  },
  {
    does: "answers in another encoding",
    behaviour: answering((n, channel) => void channel.write(Buffer.from(whole(n), "utf16le"))),
    kind: "timeout",
    says: /no answer within 6 s before the batch began/,
  },
  {
    does: "puts bytes that are no text, and some that move a cursor, where a frame must be",
    behaviour: answering((n, channel) => {
      channel.write(`\n${n} B\n`);
      channel.write(Buffer.from([0xff, 0xfe, 0x1b, 0x5b, 0x32, 0x4a, 0x9b, 0x0d, 0x0a]));
    }),
    kind: "protocol",
    says: /a line that is no frame/,
  },
  {
    does: "closes in the middle of a frame",
    behaviour: answering((n, channel) => {
      channel.write(`\n${n} B\n${n} S 0\n${n} R`);
      channel.exit(0);
      channel.end();
    }),
    kind: "protocol",
    says: /shell ended with code 0 during or after "asking", without an answer/,
  },
  {
    does: "closes in the middle of an output",
    behaviour: answering((n, channel) => {
      channel.write(`\n${n} B\n${n} S 0\n${n} R 0\nhalf of the`);
      channel.end();
    }),
    kind: "protocol",
    says: /shell ended with code unknown during or after "asking", without an answer/,
  },
  {
    does: "says that all went well before anything ran",
    behaviour: (channel) => {
      channel.exit(0);
      channel.end();
    },
    kind: "protocol",
    says: /shell ended with code 0 before the batch began/,
  },
  {
    does: "sends the frames out of order",
    behaviour: answering((n, channel) => void channel.write(`\n${n} B\n${n} R 0\n\n${n}\n\n${n}\n${n} S 0\n${n} .\n`)),
    kind: "protocol",
    says: /no end of the answer/,
  },
  {
    does: "begins twice",
    behaviour: answering((n, channel) => void channel.write(`\n${n} B\n${n} B\n${n} S 0\n`)),
    kind: "protocol",
    says: /an unknown frame/,
  },
  {
    does: "gives more codes than there are commands",
    behaviour: answering((n, channel) => void channel.write(`\n${n} B\n${n} S 0\n${n} R 0 0\n`)),
    kind: "protocol",
    says: /exit codes that do not fit the steps/,
  },
  {
    does: "answers twice",
    behaviour: answering((n, channel) => void channel.write(`${whole(n)}${whole(n)}`)),
    kind: "protocol",
    says: /more after its end/,
  },
  {
    does: "sends the script back",
    behaviour: (channel) => void channel.pipe(channel),
    kind: "protocol",
    says: /the script itself, sent back|shell ended/,
  },
  {
    does: "breaks the SSH protocol after the login",
    behaviour: answering((_n, _channel, session) => void socketOf(session).write(Buffer.alloc(4096, 0xff))),
    kind: "lost",
    says: /connection lost \(.+\) before the batch began/,
  },
  {
    does: "cuts the connection",
    behaviour: answering((_n, _channel, session) => socketOf(session).resetAndDestroy()),
    kind: "lost",
    says: /connection lost \(.+\) before the batch began/,
  },
];

describe("a host that", { concurrency: true }, () => {
  for (const { does, behaviour, kind, says } of bad)
    test(`${does} ends in a clear error in time`, { timeout: limit + 15_000 }, async () => {
      const start = performance.now();
      const error = await hostError(ask(behaviour), kind);
      assert.ok(performance.now() - start < limit + 10_000, "it took longer than the limit");
      assert.match(error.message, says);
      assert.match(error.message, /^rs1 \(127\.0\.0\.1:\d+\): [^]*\. Next: [^]+\.$/);
      // eslint-disable-next-line no-control-regex
      assert.doesNotMatch(error.message, /[\u0000-\u001f\u007f-\u009f]/, JSON.stringify(error.message));
      assert.ok(error.message.length < 1500, `${error.message.length} characters`);
      for (const canary of [secret, "canary-password-of-the-host"])
        assert.ok(!error.message.includes(canary), error.message);
    });

  test("greets at length, in colours and other encodings, is understood all the same", async () => {
    const banner = "\u001b[31mAuthorised use only\u001b[0m\r\n".repeat(100);
    const noise = Buffer.concat([Buffer.from(banner), Buffer.from([0xff, 0xfe, 0x80]), Buffer.from("no newline")]);
    const [result] = await ask(
      answering((n, channel) => {
        channel.stderr.write(noise);
        channel.write(noise);
        channel.write(whole(n, "fine"));
      }),
      banner,
    );
    assert.equal(result?.stdout, "fine");
  });

  test("prints bytes that are no text gives them as replacement characters, not as a crash", async () => {
    const [result] = await ask(
      answering((n, channel) => {
        const [before = "", after = ""] = whole(n, "|").split("|");
        channel.write(Buffer.concat([Buffer.from(before), Buffer.from([0x61, 0xff, 0x62]), Buffer.from(after)]));
      }),
    );
    assert.equal(result?.stdout, "a\ufffdb");
  });

  test("answers in pieces of a byte is understood", async () => {
    const [result] = await ask(
      answering((n, channel) => {
        for (const byte of whole(n, "in pieces")) channel.write(byte);
      }),
    );
    assert.equal(result?.stdout, "in pieces");
  });

  test("never closes a shell is asked again and again all the same", { timeout: 30_000 }, async () => {
    const server = await hostileServer();
    const pool = new Pool({ marginMs: 300, openMs: 2000, channels: 2 });
    server.behave(answering((n, channel) => void channel.write(whole(n, "done"))));
    try {
      const host = pool.open("rs1", server.connection);
      for (let round = 0; round < 6; round++) assert.equal((await host.run(steps))[0]?.stdout, "done");
    } finally {
      await pool.closeAll();
      await server.stop();
    }
  });
});

describe("before the login, a server that", { concurrency: true }, () => {
  const greetings: [string, (socket: Socket) => void, RegExp][] = [
    ["greets a byte at a time", (socket) => dribble(socket, "SSH-2.0-slow\r\n", 400), /no login within 2 s/],
    [
      "greets without an end",
      (socket) => flood(socket, "Welcome to this host, it is a nice one\r\n"),
      /no SSH server answers|closed before|within 2 s/,
    ],
    ["greets and hangs", (socket) => void socket.write("SSH-2.0-mute\r\n"), /no login within 2 s/],
    [
      "speaks the first version of SSH",
      (socket) => void socket.write("SSH-1.5-old\r\n"),
      /no SSH server answers|closed before|within 2 s/,
    ],
    [
      "sends garbage after its greeting",
      (socket) => void socket.write(Buffer.concat([Buffer.from("SSH-2.0-x\r\n"), Buffer.alloc(8192, 0xff)])),
      /./,
    ],
  ];
  for (const [does, greet, says] of greetings)
    test(`${does} ends in a clear error in time`, { timeout: 20_000 }, async () => {
      const server = createServer((socket) => {
        socket.on("error", () => undefined);
        greet(socket);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      const pool = new Pool({ firstPauseMs: 10 });
      const connection = {
        host: "127.0.0.1",
        port,
        password: "canary",
        insecureIgnoreHostKey: true,
        dialErrorLimit: 1,
        perDialTimeout: 2,
      };
      try {
        const error: Error = await pool
          .open("rs1", connection)
          .run(steps)
          .then(
            () => assert.fail("no error"),
            (reason: Error) => reason,
          );
        assert.match(error.message, /^rs1 \(127\.0\.0\.1:\d+\): .*\. Next: .+\.$/);
        assert.match(error.message, says);
        assert.ok(!error.message.includes("canary") && error.message.length < 1000, error.message);
      } finally {
        await pool.closeAll();
        server.close();
      }
    });
});
