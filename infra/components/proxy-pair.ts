import * as pulumi from "../resources/pulumi.js";
import { keySecret } from "../plan/index.js";
import { planProxy } from "../render/index.js";
import type { Evidence } from "../resources/verification.js";
import { asRealServer, hiddenKey, parseProxy, wantsAnything, type Proxy, type ProxyInput } from "../spec/index.js";
import type { ClusterHost, Inputs } from "./args.js";
import { clusterParts, outputsOf, resolved } from "./cluster-parts.js";
import { accepted, aliasOf, checkedAuth, connections, refusal } from "./given.js";
import type { ServiceOutput } from "./lvs-cluster.js";

type VrrpInput = NonNullable<ProxyInput["vrrp"]>;
type ServiceInput = ProxyInput["services"][number];
type TlsInput = NonNullable<ServiceInput["tls"]>;

/** A service of a proxy; its place is plain where it has TLS, since its key is named after it. */
export type ProxyServiceArgs = { [Key in keyof Omit<ServiceInput, "tls">]: Inputs<ServiceInput[Key]> } & {
  tls?: { [Key in keyof TlsInput]: pulumi.Input<TlsInput[Key]> };
};

/** A real server of a proxy; without a connection nothing is looked at or set up there. */
export type ProxiedServer = Omit<ClusterHost<"realServers">, "connection" | "forwarding"> & {
  connection?: ClusterHost<"realServers">["connection"] | undefined;
};

/** A cluster of proxies: the fields of the stack file (`docs/proxy.md`), where values may come from other resources. */
export interface ProxyPairArgs {
  /** Name written into the files on the hosts; the component's name when left out. */
  name?: string;
  engine: pulumi.Input<ProxyInput["engine"]>;
  vips?: Inputs<ProxyInput["vips"]>;
  /** What the directors share; left out for a pool of proxies without VIPs. */
  vrrp?: { [Key in keyof VrrpInput]: Inputs<VrrpInput[Key]> };
  networkBackend?: Inputs<NonNullable<ProxyInput["networkBackend"]>>;
  drainTimeout?: pulumi.Input<number>;
  maxConnections?: pulumi.Input<number>;
  healthPort?: pulumi.Input<number>;
  firewall?: Inputs<ProxyInput["firewall"]>;
  routers?: ClusterHost<"routers">[];
  /** The hosts that run the proxy. */
  directors: ClusterHost<"directors">[];
  realServers: ProxiedServer[];
  services: ProxyServiceArgs[];
  /** From where requests are made, to prove that the cluster serves. */
  verification?: { client: string; connection: ClusterHost<"directors">["connection"] };
}

/**
 * Directors that run nginx or haproxy: a pair under VIPs, or, without VIPs, a pool for another layer to put in front. Real servers
 * need nothing. Children are named as those of an `LvsCluster`, so that one can become the other.
 */
export class ProxyPair extends pulumi.ComponentResource {
  /** The virtual addresses, without prefix length. */
  readonly vips: pulumi.Output<string[]>;
  readonly services: pulumi.Output<ServiceOutput[]>;
  /** Names of the directors, the one with the highest priority first. */
  readonly directors: pulumi.Output<string[]>;
  /** Addresses of the real servers by name. */
  readonly realServers: pulumi.Output<Record<string, string>>;
  /** What was seen when the cluster was last verified. */
  readonly verification: pulumi.Output<Evidence>;
  /** The proxies as real servers of the layer in front, which is set up once they serve. */
  readonly proxies: ClusterHost<"realServers">[];

  constructor(name: string, args: ProxyPairArgs, options?: pulumi.ComponentResourceOptions) {
    super("lvs:index:ProxyPair", name, {}, aliasOf("lvs:index:LvsCluster", options));
    const proxy = resolved(name, args, (input) => accepted(parseProxy(input)).proxy, {
      services: args.services.map((service) =>
        service.tls ? { ...service, tls: { ...service.tls, privateKey: hiddenKey } } : service,
      ),
    });
    const { pair, proof } = clusterParts(this, name, args, {
      plan: proxy.apply(planProxy),
      realServers: { setUp: connections(args.realServers.filter(isReached), args), proven: [] },
      authPass: checkedAuth(proxy, args.vrrp?.authPass, parseProxy),
      proxySecrets: privateKeys(proxy, args.services),
      vrrp: args.vrrp !== undefined,
    });

    this.services = proxy.apply(({ services, directors }) =>
      services.flatMap(({ vip, port, protocol }) =>
        (vip === undefined ? directors.map(({ address }) => address) : [vip]).map((place) => ({
          vip: place,
          port,
          protocol,
        })),
      ),
    );
    const told = outputsOf(proxy);
    this.vips = told.vips;
    this.directors = told.directors;
    this.realServers = told.realServers;
    this.verification = proof.evidence;
    this.proxies = args.directors.map((director) => ({
      ...asRealServer(director, args),
      ...(director.deletedWith && { deletedWith: director.deletedWith }),
      after: pair.resources,
    }));
    this.registerOutputs({
      vips: this.vips,
      services: this.services,
      directors: this.directors,
      realServers: this.realServers,
      verification: this.verification,
    });
  }
}

/** Private keys by the names that files have for them, once each is known to be its certificate's; as secret as they came. */
function privateKeys(proxy: pulumi.Output<Proxy>, services: ProxyServiceArgs[]): Record<string, pulumi.Input<string>> {
  return Object.fromEntries(
    services.flatMap(({ vip, port, tls }, index) => {
      if (tls === undefined) return [];
      if (typeof port !== "number" || (vip !== undefined && typeof vip !== "string"))
        throw new pulumi.RunError(
          "services: a vip and a port that are plain where there is tls, got an Output. Write them out.",
        );
      const key = pulumi
        .all([proxy as pulumi.Output<object>, tls.privateKey])
        .apply(([spec, privateKey]) => checkedKey(spec as Proxy, index, privateKey));
      return [[keySecret({ vip, port }), key]];
    }),
  );
}

/** A service's private key, which stays outside the spec otherwise. */
function checkedKey(proxy: Proxy, index: number, privateKey: string): string {
  const services = proxy.services.map((service, at) =>
    at === index && service.tls ? { ...service, tls: { ...service.tls, privateKey } } : service,
  );
  const result = parseProxy({ ...proxy, services });
  const own =
    "problems" in result
      ? result.problems.filter(({ path }) => path.startsWith(`cluster.services[${index}].tls.`))
      : [];
  if (own.length > 0) throw refusal(own);
  return privateKey;
}

/** A real server without a connection is somebody else's: nothing can be set up there. */
function isReached(
  server: ProxiedServer,
): server is ProxiedServer & { connection: ClusterHost<"realServers">["connection"] } {
  if (server.connection !== undefined) return true;
  if (!wantsAnything(server)) return false;
  throw new pulumi.RunError(
    `real server ${server.name}: needs a connection, because something is to be set up there. Add it.`,
  );
}
