import { networkKind } from "../lab/support/network-kind.js";

networkKind({
  kind: "networkmanager",
  backend: "networkmanager",
  settled: "nmcli -g GENERAL.STATE device show ens32 | grep -q '^100 '",
  holds: "nmcli -f NAME,UUID,TYPE,DEVICE connection show; nmcli -f DEVICE,STATE,CONNECTION device",
  handlings: [
    { command: "nmcli connection reload" },
    { command: "nmcli device reapply ens32" },
    { command: "systemctl restart NetworkManager" },
  ],
});
