import type { z } from "zod";
import { choose, clusterSchema, labSchema, layerSchemas, namesEngine, proxySchema } from "../spec/index.js";

const { layers, ofLvs, ofProxies, behind } = layerSchemas();

/** What a stack file may hold under `config`, as `lvs:<section>`. */
export const sections: Readonly<Record<string, z.ZodType>> = {
  cluster: choose({ if: namesEngine, then: proxySchema, else: clusterSchema }),
  layers,
  lab: labSchema,
};

/** Objects of a stack file by the names that the pages' templates begin a path with. */
export const parts: Readonly<Record<string, readonly z.ZodObject[]>> = {
  cluster: [clusterSchema],
  proxy: [proxySchema],
  layer: [ofLvs, ofProxies],
  behind: [behind],
  lab: [labSchema],
};
