import { life } from "../lab/support/life.js";
import { proveProxies, proxyFaults } from "../lab/support/proxies.js";
import { proxyStatus } from "../lab/support/proxy-status.js";

life({
  name: "nginx",
  vip: "192.168.184.100",
  proof: proveProxies,
  more(scene) {
    proxyStatus(scene, "nginx");
    proxyFaults(scene, "nginx", "/etc/nginx/nginx.conf");
  },
});
