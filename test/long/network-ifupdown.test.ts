import { networkKind } from "../lab/support/network-kind.js";

networkKind({
  kind: "ifupdown",
  backend: "ifupdown",
  settled: "systemctl is-active --quiet networking && ifquery --state ens32 >/dev/null",
  holds: "ifquery --list; ifquery --state; ifquery ens32",
  handlings: [{ command: "systemctl restart networking", linkDown: true }],
});
