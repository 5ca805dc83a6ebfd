import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { networkBackendsPage } from "./network-backends.js";

/** The pages that are made, by their paths from the root. */
export async function pages(): Promise<{ path: string; text: string }[]> {
  const options = { ...(await resolveConfig(join(__dirname, "page.md"))), parser: "markdown" };
  return [{ path: "docs/network-backends.md", text: await format(networkBackendsPage(), options) }];
}
