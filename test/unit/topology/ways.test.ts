import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readStackFile } from "../../../infra/topology/stack-file.js";
import { topologyOf } from "../../../infra/topology/topology.js";
import { labStacks, otherStacks } from "./stacks.js";

const topology = (stack: string) => topologyOf(stack, readStackFile((labStacks[stack] ?? otherStacks[stack])!));

/** Ways as lines: `1 client > director-a: CIP → VIP on lan`. */
function ways(stack: string): string[] {
  return topology(stack).ways.map(({ step, from, to, packet, remarks }) =>
    [`${step} ${from.hosts.join("+")} > ${to.hosts.join("+")}: ${packet}`, ...remarks].join(", "),
  );
}

describe("the way of a request and its reply", () => {
  const table: [string, string, string[]][] = [
    [
      "under direct routing passes the director once",
      "lab-dr",
      [
        "1 client > director-a: CIP → VIP, on lan",
        "2 director-a > rs1+rs2: CIP → VIP, MAC of the RIP, on lan",
        "3 rs1+rs2 > client: VIP → CIP, on lan",
      ],
    ],
    [
      "under direct routing leaves by the real servers' own gateway",
      "lab-dr-router",
      [
        "1 client > router: CIP → VIP, on wan",
        "2 router > director-a: CIP → VIP, on lan",
        "3 director-a > rs1+rs2: CIP → VIP, MAC of the RIP, on lan",
        "4 rs1+rs2 > router: VIP → CIP, on lan",
        "5 router > client: VIP → CIP, on wan",
      ],
    ],
    [
      "under NAT comes back through the director, which has both wires",
      "lab-nat",
      [
        "1 client > director-a: CIP → VIP, on outside",
        "2 director-a > rs1+rs2: CIP → RIP, on inside",
        "3 rs1+rs2 > director-a: RIP → CIP, on inside",
        "4 director-a > client: VIP → CIP, on outside",
      ],
    ],
    [
      "under one-armed NAT comes back through the director on the same wire",
      "one-arm",
      [
        "1 client > router: CIP → VIP, on wan",
        "2 router > director-a: CIP → VIP, on lan",
        "3 director-a > rs1: CIP → RIP, on lan",
        "4 rs1 > director-a: RIP → CIP, on lan",
        "5 director-a > router: VIP → CIP, on lan",
        "6 router > client: VIP → CIP, on wan",
      ],
    ],
    [
      "under tunnelling crosses the router wrapped, and comes back past the director",
      "lab-tun",
      [
        "1 client > router: CIP → VIP, on wan",
        "2 router > director-a: CIP → VIP, on front",
        "3 director-a > router: CIP → VIP, inside DIP → RIP, on front",
        "4 router > rs1: CIP → VIP, inside DIP → RIP, on back1",
        "4 router > rs2: CIP → VIP, inside DIP → RIP, on back2",
        "5 rs1 > router: VIP → CIP, on back1",
        "5 rs2 > router: VIP → CIP, on back2",
        "6 router > client: VIP → CIP, on wan",
      ],
    ],
    [
      "under FULLNAT has a LIP as client, to which the reply goes back",
      "lab-fullnat",
      [
        "1 client > router: CIP → VIP, on wan",
        "2 router > director-a: CIP → VIP, on front",
        "3 director-a > router: LIP → RIP, on front",
        "4 router > rs1: LIP → RIP, on back1",
        "4 router > rs2: LIP → RIP, on back2",
        "5 rs1 > router: RIP → LIP, on back1",
        "5 rs2 > router: RIP → LIP, on back2",
        "6 router > director-a: RIP → LIP, on front",
        "7 director-a > router: VIP → CIP, on front",
        "8 router > client: VIP → CIP, on wan",
      ],
    ],
    [
      "through a proxy is asked anew by it, and answered to it",
      "lab-nginx",
      [
        "1 client > director-a: CIP → VIP, on lan",
        "2 director-a > rs1+rs2: PIP → RIP, on lan",
        "3 rs1+rs2 > director-a: RIP → PIP, on lan",
        "4 director-a > client: VIP → CIP, on lan",
      ],
    ],
    [
      "through two layers comes back as each of them wants: to the proxy, then past the LVS director",
      "lab-layers",
      [
        "1 client > lvs-a: CIP → VIP, on lan",
        "2 lvs-a > proxy-1+proxy-2: CIP → VIP, MAC of the RIP, on lan",
        "3 proxy-1+proxy-2 > rs1+rs2: PIP → RIP, on lan",
        "4 rs1+rs2 > proxy-1+proxy-2: RIP → PIP, on lan",
        "5 proxy-1+proxy-2 > client: VIP → CIP, on lan",
      ],
    ],
  ];
  for (const [how, stack, expected] of table) test(how, () => assert.deepEqual(ways(stack), expected));

  test("is one for all services, VIPs and families that go alike", () => {
    for (const stack of ["lab-ipv6", "lab-persistence", "lab-schedulers", "lab-udp"])
      assert.deepEqual(ways(stack), ways("lab-dr"), stack);
  });

  test("arrives in every lab", () => {
    for (const stack of Object.keys(labStacks)) assert.deepEqual(topology(stack).notes, [], stack);
  });

  test("is told of where it ends", () => {
    assert.deepEqual(topology("mixed").notes, [
      "No way to 203.0.113.50: a reply from s3 does not arrive.",
      "No way to 203.0.114.50: a reply from s3 does not arrive.",
    ]);
    assert.deepEqual(topology("own-machines").notes, []);
  });
});

describe("the hosts of a picture", () => {
  const columns = (stack: string) =>
    topology(stack).columns.map(({ groups }) => groups.flatMap(({ hosts }) => hosts.map(({ name }) => name)).join(" "));

  test("stand in columns from the client to those who serve", () => {
    assert.deepEqual(columns("lab-tun"), ["client", "router", "director-a director-b", "rs1 rs2"]);
    assert.deepEqual(columns("lab-nat-ports"), ["client", "director-a", "rs1 rs2"]);
    assert.deepEqual(columns("lab-layers"), ["client", "lvs-a lvs-b", "proxy-1 proxy-2", "rs1 rs2"]);
    assert.deepEqual(columns("mixed"), ["client other", "r1 r2", "da db", "s3 s1 s2"]);
  });

  test("show the VIP at the director that holds it, and on the real servers that answer for it", () => {
    const tagged = (stack: string) =>
      topology(stack).columns.flatMap(({ groups }) =>
        groups.flatMap(({ hosts }) =>
          hosts.flatMap(({ name, plugs }) =>
            plugs.flatMap((plug) =>
              plug.addresses.flatMap(({ tag, text }) => (tag ? `${name} ${plug.name} ${tag} ${text}` : [])),
            ),
          ),
        ),
      );
    assert.deepEqual(tagged("lab-dr"), [
      "director-a ens32 VIP 192.168.184.100/24",
      "rs1 lo VIP 192.168.184.100/32",
      "rs2 lo VIP 192.168.184.100/32",
    ]);
    assert.deepEqual(tagged("lab-nat"), [
      "director-a ens256 VIP 172.30.2.151/24",
      "director-a ens160 DIP 172.16.225.222/24",
    ]);
    assert.deepEqual(tagged("own-machines"), [
      "lb1 eth0 VIP 203.0.113.10/24",
      "lb1 eth0 VIP 203.0.113.11/24",
      "lb1 eth1 DIP 10.1.0.1/24",
    ]);
  });

  test("say their part: priority, weight and port, gateway, what a backup takes over", () => {
    const [, directors, servers] = topology("lab-nat-ports").columns;
    assert.equal(directors!.groups[0]!.hosts[0]!.remark, undefined);
    assert.deepEqual(
      servers!.groups[0]!.hosts.map(({ remark, lines }) => [remark, ...lines]),
      [
        ["weight 1", "gateway DIP 192.168.95.1"],
        ["weight 2, port 8080", "gateway DIP 192.168.95.1"],
      ],
    );
    assert.deepEqual(
      topology("lab-fullnat").columns[2]!.groups[0]!.hosts.map(({ remark, lines }) => [remark, ...lines]),
      [
        ["master 100", "gateway 172.16.30.1"],
        ["backup 50", "gateway 172.16.30.1", "takes over VIP, 2 LIPs"],
      ],
    );
  });
});
