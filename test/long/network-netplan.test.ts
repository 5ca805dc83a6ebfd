import { networkKind } from "../lab/support/network-kind.js";

networkKind({
  kind: "netplan",
  backend: "netplan",
  settled: "networkctl status ens32 | grep -q 'State: routable (configured)'",
  holds: "netplan get; networkctl --no-legend --no-pager list",
  handlings: [{ command: "netplan apply" }, { command: "systemctl restart systemd-networkd" }],
});
