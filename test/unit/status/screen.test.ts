import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { paintFor } from "../../../infra/status/paint.js";
import { screen } from "../../../infra/status/screen.js";
import { duration, short } from "../../../infra/status/screen-table.js";
import { statusOf } from "../../../infra/status/status.js";
import { MASTER, NOW, pair, RS1, RULES, seen, sights } from "./pair.js";

const plain = paintFor({});
const shown = (others = {}, paint = plain) => {
  const all = sights(others);
  return screen(
    statusOf("lab-dr", [pair], (_, host) => all[host.name], NOW),
    paint,
  );
};

describe("the screen", () => {
  test("has who holds the VIP since when, both peers, each real server, drift and the last verification", () => {
    assert.equal(
      shown(),
      `lab-dr: healthy at 2026-11-25 06:30:00 UTC

VIP                 held by             since
192.168.184.100/24  director-a (ens32)  2026-11-25 06:17:26 UTC, 12 min 34 s

director    VRRP         priority  conn/s  pkt/s in  out  B/s in  out
director-a  VI_1 MASTER       100       1         5    0     335    0
director-b  VI_1 BACKUP        50       1         5    0     335    0

service on director-a                         health  weight  active  inactive  conn/s  pkt/s in  out  B/s in  out
tcp 192.168.184.100:80  rr                                                           1         5    0     335    0
  rs1                   192.168.184.12:80 dr  up           1       1         3       1         2    0     168    0
  rs2                   192.168.184.13:80 dr  up           1       0         4       0         3    0     167    0

drift         none (tables, addresses, routes, sysctls and firewall rules; all of it: npm run -s drift -- lab-dr)
verification  2026-11-25 06:00:00 UTC, 30 min 0 s ago: 4 of 4 requests answered
`,
    );
  });

  test("has what is wrong, and a host that could not be read, with the rest", () => {
    const text = shown({
      "director-a": seen({ ...MASTER, failing: [RS1] }, { rules: [RULES[0]!, RULES[2]!] }),
      rs2: { at: NOW, error: "rs2 (198.18.1.13:22): no TCP connection. Next: see that it is up.", drift: [] },
    });
    assert.match(text, /^lab-dr: unread at /);
    assert.match(text, /^ {2}rs1 .* down +- +- +- +- +- +- +- +-$/m);
    assert.match(text, /^not read\n {2}rs2 \(198\.18\.1\.13:22\): no TCP connection\. Next: see that it is up\.$/m);
    assert.match(text, /^problems\n {2}director-a: .* rs1 \(192\.168\.184\.12:80\): its health check fails\.$/m);
  });

  test("says when a host that is watched has not answered for a while", () => {
    const late = { ...seen(MASTER), at: NOW - 6200 };
    assert.match(shown({ "director-a": late }), /^lab-dr: healthy at .* UTC, last seen director-a 6\.2 s ago\n/);
  });

  test("is coloured on a terminal that has colours only, and then says the same", () => {
    const coloured = shown({}, paintFor({ isTTY: true, hasColors: () => true }));
    assert.match(coloured, /\x1b\[32mhealthy\x1b\[39m/); // eslint-disable-line no-control-regex
    assert.equal(stripVTControlCharacters(coloured), shown());
    assert.equal(shown({}, paintFor({ isTTY: true, hasColors: () => false })), shown());
    assert.equal(shown({}, paintFor({ isTTY: false, hasColors: () => true })), shown());
  });
});

test("a number has three figures at most", () => {
  const table: [number, string][] = [
    [0, "0"],
    [999, "999"],
    [1000, "1.0k"],
    [9940, "9.9k"],
    [9960, "10k"],
    [999_400, "999k"],
    [999_600, "1.0M"],
    [12_345_678, "12M"],
  ];
  for (const [number, text] of table) assert.equal(short(number), text);
});

test("a duration has its two largest units", () => {
  const table: [number, string][] = [
    [0.4, "0 s"],
    [59.9, "59 s"],
    [61, "1 min 1 s"],
    [3661, "1 h 1 min"],
    [90_000, "1 d 1 h"],
  ];
  for (const [seconds, text] of table) assert.equal(duration(seconds), text);
});
