import { networkKind } from "../lab/support/network-kind.js";

networkKind({
  kind: "networkmanager",
  backend: "networkmanager",
  settled: "nmcli -g GENERAL.STATE device show ens32 | grep -q '^100 '",
  // Without lo, whose connection has another id at each start.
  holds:
    "nmcli -f NAME,UUID,TYPE,DEVICE connection show | grep -v ' loopback '; nmcli -f DEVICE,STATE,CONNECTION device",
  handlings: [{ command: "nmcli connection reload" }, { command: "systemctl restart NetworkManager" }],
});
