import { Ajv, type ErrorObject } from "ajv";
import { sections } from "../../../infra/schema/sections.js";
import { stackFileSchema } from "../../../infra/schema/json-schema.js";
import { formatPath, type Path } from "../../../infra/spec/path.js";

/** What a JSON Schema says: a path as the preview writes it, and a sentence. */
export interface Complaint {
  path: string;
  message: string;
}

const ajv = new Ajv({ allErrors: true, verbose: true, strictTypes: false });
// Words for editors, which bind nothing.
ajv.addVocabulary(["errorMessage", "markdownDescription"]);
const validate = ajv.compile(stackFileSchema(sections));

/** What a validator that knows nothing of us says of a stack file, each complaint once. */
export function complaintsOf(stackFile: unknown): Complaint[] {
  validate(stackFile);
  const said = (validate.errors ?? []).flatMap((error) => complaintOf(error, stackFile));
  return [...new Map(said.map((each) => [JSON.stringify(each), each])).values()];
}

/** That a condition, or the names of an object, do not hold says no more than the error that comes with it. */
const echoes = ["if", "propertyNames"];

function complaintOf(error: ErrorObject, input: unknown): Complaint[] {
  if (echoes.includes(error.keyword)) return [];
  const path: PropertyKey[] = [];
  let value = input;
  for (const step of error.instancePath.split("/").slice(1)) {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    path.push(Array.isArray(value) ? Number(key) : key);
    value = (value as Record<string, unknown>)[key];
  }
  const missing = error.params["missingProperty"] as string | undefined;
  const key = missing ?? error.propertyName;
  const at = formatted(key === undefined ? path : [...path, key]);
  const { errorMessage } = error.parentSchema as { errorMessage: string };
  return [{ path: at, message: errorMessage }];
}

/** `config`, `lvs:cluster`, `vips`, 0 becomes `cluster.vips[0]`. */
function formatted([, section, ...path]: Path): string {
  return formatPath([String(section).replace("lvs:", ""), ...path]);
}
