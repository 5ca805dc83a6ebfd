import { draftCluster, draftProxy, withNetwork, type FileDraft } from "../plan/index.js";
import type { ClusterPlan, FileWant, FoundNetwork, HostPlan } from "../plan/types.js";
import type { Cluster, Proxy } from "../spec/index.js";
import { renderTemplate } from "./render.js";

/** The desired state of every host of a cluster, with the finished text of each file. Touches no host. */
export function planCluster(cluster: Cluster): ClusterPlan {
  return render(draftCluster(cluster));
}

/** The same of a cluster of proxies. */
export function planProxy(proxy: Proxy): ClusterPlan {
  return render(draftProxy(proxy));
}

/** The plan of a host that was asked for its manager, with what that one is told; others are planned with it already. */
export function planFound(host: HostPlan, found: FoundNetwork): HostPlan {
  if (host.network?.backend !== "detect") return host;
  const { files, ...rest } = withNetwork(host, host.network, found);
  return { ...rest, files: renderFiles(files) };
}

function render({ proxies, ...draft }: ClusterPlan<FileDraft>): ClusterPlan {
  return {
    ...draft,
    ...(proxies && { proxies: mapValues(proxies, (proxy) => ({ ...proxy, files: renderFiles(proxy.files) })) }),
    hosts: mapValues(draft.hosts, (host) => ({ ...host, files: renderFiles(host.files) })),
    directors: mapValues(draft.directors, (director) => ({ ...director, files: renderFiles(director.files) })),
  };
}

function renderFiles(files: Readonly<Record<string, FileDraft>>): Record<string, FileWant> {
  return mapValues(files, (file, path) => {
    if ("content" in file) return file;
    const { template = path, context, ...rest } = file;
    return { content: renderTemplate(template, context), ...rest };
  });
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A, key: string) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
