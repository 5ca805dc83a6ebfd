import { life } from "../lab/support/life.js";
import { proveProxies, proxyFaults, userBackups } from "../lab/support/proxies.js";
import { proxyStatus } from "../lab/support/proxy-status.js";

life({
  name: "haproxy",
  vip: "192.168.184.100",
  stays: userBackups,
  proof: proveProxies,
  more(scene) {
    proxyStatus(scene, "haproxy");
    proxyFaults(scene, "haproxy", "/etc/haproxy/haproxy.cfg");
  },
});
