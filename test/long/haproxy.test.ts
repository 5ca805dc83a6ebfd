import { life } from "../lab/support/life.js";
import { proveProxies, proxyFaults, userBackups } from "../lab/support/proxies.js";

life({
  name: "haproxy",
  vip: "192.168.184.100",
  stays: userBackups,
  proof: proveProxies,
  more: (scene) => proxyFaults(scene, "haproxy", "/etc/haproxy/haproxy.cfg"),
});
