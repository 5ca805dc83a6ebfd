import type { Proxy } from "../../spec/index.js";
import { sorted } from "../keys.js";
import { template, type FileDraft } from "../part.js";
import type { ProxyServing } from "../types.js";
import { haproxyFile } from "./haproxy.js";
import { nginxFile } from "./nginx.js";
import { certificatePath, keySecret, proxiedServices, serviceViews } from "./service.js";

const packages = { nginx: ["libnginx-mod-stream", "nginx"], haproxy: ["haproxy"] } as const;

/** Where each proxy reads its configuration. */
const paths = { nginx: "/etc/nginx/nginx.conf", haproxy: "/etc/haproxy/haproxy.cfg" } as const;

/** A page that Debian's package makes and leaves behind when it goes: kept here, so that it goes, too. Nobody serves it. */
const welcome: [string, FileDraft] = [
  "/var/www/html/index.nginx-debian.html",
  { content: "This host is a proxy.\n", mode: "0644", owner: "root", group: "root" },
];

/** What a director's proxy serves; the same on each. */
export function servingPlan(proxy: Proxy): ProxyServing<FileDraft> {
  const { engine } = proxy;
  const views = serviceViews(proxy);
  const pairs = views.flatMap((view): [string, FileDraft][] => {
    const { tls } = view.spec;
    if (tls === undefined) return [];
    const owned = { owner: "root", group: "root" };
    return [
      [certificatePath(view), { content: `${tls.certificate.trim()}\n`, mode: "0644", ...owned }],
      [`${certificatePath(view)}.key`, { content: `\${secret:${keySecret(view.spec)}}\n`, mode: "0600", ...owned }],
    ];
  });
  return {
    engine,
    packages: Object.fromEntries(packages[engine].map((name) => [name, "installed"])),
    files: sorted([
      ...pairs,
      ...(engine === "nginx" ? [welcome] : []),
      [paths[engine], engine === "nginx" ? nginxFile(proxy) : haproxyFile(proxy)],
      [`/etc/systemd/system/${engine}.service.d/pulumi-lvs.conf`, template("0644", { cluster: proxy.name })],
    ]),
    listen: views.flatMap(({ listen }) => listen),
    services: proxiedServices(views),
  };
}
