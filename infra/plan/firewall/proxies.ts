import { familyOf, type Cluster, type Director, type Proxy } from "../../spec/index.js";
import { poolsOf, serviceViews } from "../proxy/service.js";
import { back, errors, pass, type Pass } from "./pass.js";
import { conversation, neighbours, vrrpPasses } from "./roles.js";
import { checks } from "./services.js";

/** What passes on a director of proxies: clients on the ports of its services, VRRP, and its talk with real servers. */
export function proxyPasses(proxy: Proxy, cluster: Cluster, director: Director): Pass[] {
  const own = [director.address, director.address6].flatMap((address) => address ?? []);
  const clients = serviceViews(proxy).flatMap(({ spec }) =>
    (spec.vip === undefined ? own : [spec.vip]).flatMap((to): Pass[] => [
      pass("input", to, { protocol: spec.protocol, to, toPorts: [spec.port] }),
      ...errors("input", to, { to }),
    ]),
  );
  const answers = clients.filter(({ message }) => message === undefined).map((each) => back(each));
  const servers = new Set(endpoints(proxy).map(({ address }) => address));
  return [
    ...vrrpPasses(cluster, director),
    ...clients,
    ...answers.map((each): Pass => ({ ...each, hook: "output" })),
    ...[...servers].flatMap(conversation),
  ];
}

/** What passes on a real server of proxies: what they ask on its own address, checks, and the answers. */
export function proxiedPasses(proxy: Proxy, server: Proxy["realServers"][number]): Pass[] {
  const come = endpoints(proxy)
    .filter(({ address }) => address === server.address || address === server.address6)
    .flatMap(({ address, port, check }) => [
      pass("input", address, { protocol: "tcp", to: address, toPorts: [port] }),
      ...checks(check, { port }, { name: server.name, address, port, weight: 1, forwarding: "nat" }),
    ]);
  const answers = come.filter(({ message }) => message === undefined).map((each) => back(each, "output"));
  return [...come, ...answers, ...(come.some(({ to }) => familyOf(to ?? "") === 6) ? neighbours() : [])];
}

/** What passes on a router of proxies: clients on their way to a director, directors to real servers, and back. */
export function proxyRouterPasses(proxy: Proxy, cluster: Cluster): Pass[] {
  const asked = [
    ...proxy.directors.flatMap((director) => proxyPasses(proxy, cluster, director)),
    ...proxy.realServers.flatMap((server) => proxiedPasses(proxy, server)),
  ].filter(({ hook, toPorts, message }) => hook === "input" && toPorts !== undefined && message === undefined);
  return asked
    .filter(({ dev }) => dev === undefined)
    .flatMap((each) => [{ ...each, hook: "forward" as const }, back(each, "forward")]);
}

/** Every place where a proxy sends requests, each with its check. */
function endpoints(proxy: Proxy) {
  return serviceViews(proxy).flatMap((view) =>
    poolsOf(view).flatMap(({ servers, sorry }) =>
      [...servers.map((each) => each.endpoint), ...(sorry === undefined ? [] : [sorry])].map((at) => {
        const [, address = "", port = ""] = /^\[?(.*?)\]?:(\d+)$/.exec(at) ?? [];
        return { address, port: Number(port), check: view.check };
      }),
    ),
  );
}
