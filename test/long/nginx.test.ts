import { life } from "../lab/support/life.js";
import { proveProxies, proxyFaults } from "../lab/support/proxies.js";

life({
  name: "nginx",
  vip: "192.168.184.100",
  proof: proveProxies,
  more: (scene) => proxyFaults(scene, "nginx", "/etc/nginx/nginx.conf"),
});
