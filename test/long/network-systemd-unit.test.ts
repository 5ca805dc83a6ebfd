import { networkKind } from "../lab/support/network-kind.js";

// A host without a manager that anybody knows: a script sets its own addresses, as the lab's does.
networkKind({
  kind: "static",
  backend: "systemd-unit",
  settled: "systemctl is-active --quiet lab-init",
  holds: "cat /etc/lab/network",
  handlings: [{ command: "systemctl restart 'lvs-*'" }],
});
