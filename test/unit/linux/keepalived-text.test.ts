import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { agreement, checked, floating, listed, unapplied, waiting } from "../../../infra/linux/keepalived-text.js";

const CONF = `# comment {
global_defs {
    router_id director-a
}
vrrp_instance VI_1 {
    state MASTER   # of two
    interface ens32
    virtual_router_id 51
    priority 100
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass geheim
    }
    virtual_ipaddress {
        192.0.2.100/24 dev ens32 label ens32:3
        2001:DB8:0::1/64 dev ens32
    }
    virtual_ipaddress_excluded {
        192.0.2.200/24 dev ens33
    }
}
virtual_server 192.0.2.100 80 {
    lvs_sched rr
    protocol TCP

    real_server 192.0.2.11 80 {
        weight 1
        HTTP_GET {
            url {
                path /
            }
            weight 7
        }
    }
    real_server 192.0.2.12 8080 {
        weight 12
    }
}
virtual_server 192.0.2.100 80 {
    protocol UDP
    real_server 192.0.2.11 80 {
        weight 3
    }
}
virtual_server fwmark 7 {
    ip_family inet6
    real_server 2001:db8::11 0 {
        weight 2
    }
}
`;
const changed = (from: string, to: string) => CONF.replace(from, to);

describe("what the directors of a pair must have in common", () => {
  for (const [title, from, to] of [
    ["the password", "geheim", "anderes"],
    ["the virtual router id", "virtual_router_id 51", "virtual_router_id 52"],
    ["the advertisement interval", "advert_int 1", "advert_int 2"],
    ["a VIP", "192.0.2.100/24 dev", "192.0.2.101/24 dev"],
    ["unicast", "    virtual_ipaddress {", "    unicast_peer {\n        192.0.2.2\n    }\n    virtual_ipaddress {"],
  ] as const)
    test(`has ${title} in it`, () => assert.notEqual(agreement(changed(from, to)), agreement(CONF)));

  for (const [title, from, to] of [
    ["the state", "MASTER", "BACKUP"],
    ["the priority", "priority 100", "priority 50"],
    ["the way an address is written", "2001:DB8:0::1", "2001:db8::1"],
    ["an address that is in no advertisement", "192.0.2.200", "192.0.2.201"],
    ["a real server", "192.0.2.12 8080", "192.0.2.13 8080"],
    ["a comment", "# of two", "# of three"],
  ] as const)
    test(`has not ${title}`, () => assert.equal(agreement(changed(from, to)), agreement(CONF)));
});

test("addresses of an instance, with those that are not in the advertisement", () => {
  assert.deepEqual(floating(CONF), { VI_1: ["192.0.2.100", "2001:db8::1", "192.0.2.200"] });
});

test("real servers by service, in the words of the kernel's table", () => {
  assert.deepEqual(listed(CONF), {
    "tcp 192.0.2.100:80": ["192.0.2.11:80", "192.0.2.12:8080"],
    "udp 192.0.2.100:80": ["192.0.2.11:80"],
    "fwmark 7 inet6": ["[2001:db8::11]:0"],
  });
});

test("those of them that have a check, of whatever kind, in their own service", () => {
  assert.deepEqual(checked(CONF), { "tcp 192.0.2.100:80": ["192.0.2.11:80"] });
  const more = changed("weight 2\n", "weight 2\n        MISC_CHECK {\n            misc_timeout 3\n        }\n");
  assert.deepEqual(checked(more)["fwmark 7 inet6"], ["[2001:db8::11]:0"]);
});

test("who waits for its first check has weight 0 in its own service, and nothing else is changed", () => {
  const text = waiting(CONF, { "udp 192.0.2.100:80": ["192.0.2.11:80"], "tcp 192.0.2.100:80": ["192.0.2.12:8080"] });
  assert.equal(text, CONF.replace("weight 12", "weight 0").replace("weight 3", "weight 0"));
  assert.equal(waiting(CONF, {}), CONF);
});

test("an instance that still runs with former settings is told from one that has taken the new ones", () => {
  const settings = ["priority 100", "virtual_router_id 51", "advert_int 1"];
  assert.deepEqual(unapplied(CONF, { VI_1: { settings } }), []);
  assert.deepEqual(unapplied(changed("priority 100", "priority 90"), { VI_1: { settings } }), [
    "VI_1 runs without priority 90",
  ]);
  assert.equal(unapplied(CONF, {}).length, 1);
});
