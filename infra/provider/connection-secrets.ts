import { longestChain } from "../host/connection.js";

const login = ["privateKey", "privateKeyPassword", "password"];

/** Secret paths of a connection, under the property `connection`. */
export const connectionSecrets = [
  ["connection", "sudoPassword"],
  ...Array.from({ length: longestChain + 1 }, (_, jumps) =>
    login.map((field) => ["connection", ...Array<string>(jumps).fill("proxy"), field]),
  ).flat(),
];
