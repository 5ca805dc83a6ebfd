import { networkKind } from "../lab/support/network-kind.js";

networkKind({
  kind: "networkd",
  backend: "networkd",
  settled: "networkctl status ens32 | grep -q 'State: routable (configured)'",
  holds: "networkctl --no-legend --no-pager list",
  handlings: [
    { command: "networkctl reload" },
    { command: "networkctl reconfigure ens32" },
    { command: "systemctl restart systemd-networkd" },
  ],
});
