import * as pulumi from "@pulumi/pulumi";
import { LvsCluster, type ConnectionArgs } from "pulumi-lvs";

const config = new pulumi.Config();

/** How every host is reached. The key is a secret of the stack; host keys are checked against a file of the project. */
const ssh = (host: pulumi.Input<string>): ConnectionArgs => ({
  host,
  user: "ops",
  privateKey: config.requireSecret("privateKey"),
  knownHostsFile: "./known_hosts",
});

// The real servers may be made by another package in the same program: every address may be an Output.
const webServers = Object.entries(config.requireObject<Record<string, string>>("webServers"));

const web = new LvsCluster("web", {
  forwarding: "dr",
  vips: [{ address: "192.0.2.100/24" }],
  vrrp: { virtualRouterId: 77, unicast: true, authPass: config.requireSecret("vrrpPassword") },
  directors: [
    { name: "lb1", address: "192.0.2.11", interface: "eth0", priority: 200, connection: ssh("192.0.2.11") },
    { name: "lb2", address: "192.0.2.12", interface: "eth0", priority: 100, connection: ssh("192.0.2.12") },
  ],
  realServers: webServers.map(([name, address]) => ({
    name,
    address: pulumi.output(address),
    interface: "eth0",
    connection: ssh(address),
  })),
  services: [{ vip: "192.0.2.100", port: 80, scheduler: "wrr", check: { type: "http", path: "/healthy" } }],
});

export const { vips, directors, verification } = web;
