const login = ["privateKey", "privateKeyPassword", "password"];
/** Jump hosts in a row; the schema lets through as many. */
const longestChain = 3;

/** Secret paths of a connection, under the property `connection`. */
export const connectionSecrets = [
  ["connection", "sudoPassword"],
  ...Array.from({ length: longestChain + 1 }, (_, jumps) =>
    login.map((field) => ["connection", ...Array<string>(jumps).fill("proxy"), field]),
  ).flat(),
];
