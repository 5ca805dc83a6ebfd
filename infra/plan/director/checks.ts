import type { Check } from "../../spec/index.js";
import type { Member } from "../pool.js";

/** A check of one real server as keepalived.conf has it. */
export interface CheckContext {
  /** `HTTP_GET`, `TCP_CHECK` … */
  word: string;
  url: false | { path: string; status: string; digest: string | undefined; virtualHost: string | undefined };
  /** Further lines of the block, in order. */
  lines: string[];
}

/** The name in keepalived.conf, and the file on the director, by which a `file` check takes a real server out. */
export function trackFile(realServer: string): { name: string; path: string } {
  return { name: `lvs_${realServer}`, path: `/run/lvs-${realServer}` };
}

/** What a check becomes for one real server; none for `none`. */
export function checkContext(check: Check, member: Member): CheckContext | undefined {
  switch (check.type) {
    case "none":
      return undefined;
    case "http":
    case "https": {
      const { path, status, digest, virtualHost } = check;
      const url = { path, status: String(status), digest, virtualHost };
      // Without the name in the handshake a server of several names would show the certificate of another one.
      const sni = check.type === "https" && virtualHost !== undefined ? ["enable_sni"] : [];
      return { word: check.type === "http" ? "HTTP_GET" : "SSL_GET", url, lines: [...sni, ...connecting(check)] };
    }
    case "tcp":
      return { word: "TCP_CHECK", url: false, lines: connecting(check) };
    case "icmp":
      return { word: "PING_CHECK", url: false, lines: connecting(check) };
    case "udp": {
      const payload = check.payload === undefined ? [] : [`payload ${check.payload}`];
      const reply =
        check.reply === false ? [] : [check.reply === true ? "require_reply" : `require_reply ${check.reply}`];
      return { word: "UDP_CHECK", url: false, lines: [...payload, ...reply, ...connecting(check)] };
    }
    case "dns":
      return {
        word: "DNS_CHECK",
        url: false,
        lines: [`type ${check.queryType}`, `name ${check.queryName}`, ...connecting(check)],
      };
    case "smtp": {
      const helo = check.heloName === undefined ? [] : [`helo_name ${check.heloName}`];
      return { word: "SMTP_CHECK", url: false, lines: [...helo, ...connecting(check)] };
    }
    case "script": {
      const words = [check.path, ...check.arguments, member.address, String(member.port), member.name];
      return {
        word: "MISC_CHECK",
        url: false,
        lines: [
          `misc_path "${words.join(" ")}"`,
          `misc_timeout ${check.timeout}`,
          ...(check.dynamic ? ["misc_dynamic"] : []),
          `user ${check.user}`,
          `retry ${check.retry}`,
          `delay_before_retry ${check.delayBeforeRetry}`,
        ],
      };
    }
    case "file":
      return { word: "FILE_CHECK", url: false, lines: [`track_file ${trackFile(member.name).name}`, "weight 0"] };
  }
}

function connecting(check: {
  port?: number | undefined;
  connectTimeout: number;
  retry: number;
  delayBeforeRetry: number;
}) {
  return [
    ...(check.port === undefined ? [] : [`connect_port ${check.port}`]),
    `connect_timeout ${check.connectTimeout}`,
    `retry ${check.retry}`,
    `delay_before_retry ${check.delayBeforeRetry}`,
  ];
}
