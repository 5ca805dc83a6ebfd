/** Secret paths of a connection, under the property `connection`. */
export const connectionSecrets = [
  ["connection", "privateKey"],
  ["connection", "privateKeyPassword"],
  ["connection", "password"],
  ["connection", "sudoPassword"],
  ["connection", "proxy", "privateKey"],
  ["connection", "proxy", "privateKeyPassword"],
  ["connection", "proxy", "password"],
];
