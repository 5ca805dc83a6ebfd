import { addressOf, type Cluster, type Service, type Vrrp } from "../spec/index.js";
import type { FileDraft } from "./part.js";
import { addressKey, endpoint, serviceKey } from "./keys.js";
import { byPriority } from "./order.js";
import { membersOf, serviceCheck, sortedServices } from "./pool.js";
import { tableOf } from "./table.js";
import { failoverBound, settleSeconds } from "./timing.js";
import type { HostPlan, VerificationPlan } from "./types.js";
import { floatingAddresses } from "./vips.js";

/** What must be true of the whole cluster; `hosts` are the plans of its real servers. */
export function verificationPlan(
  cluster: Cluster,
  hosts: Readonly<Record<string, HostPlan<FileDraft>>>,
): VerificationPlan {
  const bound = failoverBound(cluster);
  const vips = cluster.vips.map(({ address }) => addressOf(address));
  const isVip = (key: string) => vips.includes(addressOf(key.split(" ")[1] ?? ""));
  return {
    daemon: cluster.vrrp === undefined ? "ipvsadm" : "keepalived",
    holders: holdersOf(cluster),
    directors: byPriority(cluster).map(({ name }) => name),
    ...(cluster.vrrp && { vrrp: speakers(cluster.vrrp) }),
    table: tableOf(cluster),
    realServers: Object.fromEntries(
      Object.entries(hosts).map(([name, { addresses, routes, sysctls }]) => [
        name,
        {
          addresses: Object.keys(addresses).filter(isVip),
          ...(Object.keys(routes).length > 0 && { routes }),
          sysctls,
        },
      ]),
    ),
    requests: sortedServices(cluster).flatMap((service) => {
      const realServers = membersOf(cluster, service)
        .filter(({ weight }) => weight > 0)
        .map(({ name }) => name);
      return urlsOf(cluster, service).map((url) => ({ url, service: serviceKey(service), realServers }));
    }),
    settleSeconds: settleSeconds(cluster),
    ...(bound !== undefined && { failoverBoundSeconds: bound }),
  };
}

function speakers({ virtualRouterId, instances, advertInterval }: Vrrp): NonNullable<VerificationPlan["vrrp"]> {
  const ids = [virtualRouterId, ...instances.map((each) => each.virtualRouterId)];
  return { ids: ids.sort((a, b) => a - b), advertInterval };
}

function holdersOf(cluster: Cluster): VerificationPlan["holders"] {
  const [first] = cluster.directors;
  if (first === undefined) return {};
  return Object.fromEntries(
    floatingAddresses(cluster, first).map(({ dev, address, instance }) => {
      const director = cluster.vrrp?.nopreempt === true ? undefined : byPriority(cluster, instance)[0]?.name;
      return [addressKey(dev, address), director === undefined ? {} : { director }];
    }),
  );
}

/** What a client asks: the page of the check, else whether the port takes a connection. Only TCP can be asked by anybody. */
function urlsOf(cluster: Cluster, service: Service): string[] {
  if (service.protocol !== "tcp") return [];
  const check = serviceCheck(cluster, service);
  const checked = "port" in check ? check.port : undefined;
  const ports = service.mark !== undefined ? (service.ports ?? []) : service.port === 0 ? [] : [service.port ?? 0];
  const all = ports.length > 0 || checked === undefined ? ports : [checked];
  return all.map((port) => {
    const place = endpoint(service.vip, port);
    // The check may look at one of several ports: nothing is known of what the others speak.
    const isPage = (check.type === "http" || check.type === "https") && (checked === undefined || checked === port);
    return isPage ? `${check.type}://${place}${check.path}` : `tcp://${place}`;
  });
}
