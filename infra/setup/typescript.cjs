// Lets `require` take the TypeScript of this checkout, for the program and the plugin, which every command of the CLI starts
// anew. It looks at our own files only: tsx, by which all else runs, also looks at each of the thousand files of the SDK.
const { createHash } = require("node:crypto");
const { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const { dirname, join, resolve } = require("node:path");
const process = require("node:process");

const folder = join(__dirname, "..", "..", "node_modules", ".cache", "pulumi-lvs");
// Types are only taken off: `npm test` checks them.
const options = { module: "commonjs", target: "es2022", esModuleInterop: true, inlineSourceMap: true };
const version = require("typescript/package.json").version;

process.setSourceMapsEnabled(true);

// An import names the file that a compiler would make of it: "./x.js" is x.ts.
const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function (request, parent, ...rest) {
  if (request.startsWith(".") && request.endsWith(".js") && parent?.filename?.endsWith(".ts")) {
    const source = resolve(dirname(parent.filename), request).replace(/js$/, "ts");
    if (existsSync(source)) return source;
  }
  return resolveFilename.call(this, request, parent, ...rest);
};

Module._extensions[".ts"] = (module, path) => module._compile(compiled(path), path);

/** The JavaScript of a file: kept from an earlier run, unless the file, these options or the compiler have changed since. */
function compiled(path) {
  const text = readFileSync(path, "utf8");
  const mark = `// ${digest(JSON.stringify([text, options, version]))}\n`;
  const kept = join(folder, `${digest(path)}.js`);
  if (existsSync(kept)) {
    const code = readFileSync(kept, "utf8");
    if (code.startsWith(mark)) return code.slice(mark.length);
  }
  const { outputText } = require("typescript").transpileModule(text, { compilerOptions: options, fileName: path });
  keep(kept, mark + outputText);
  return outputText;
}

/** A run beside this one must never read half a file; where nothing may be written, each run compiles anew. */
function keep(path, code) {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${path}.${process.pid}`, code);
    renameSync(`${path}.${process.pid}`, path);
  } catch (error) {
    if (!["EACCES", "EROFS", "EPERM", "ENOSPC"].includes(error.code)) throw error;
  }
}

function digest(text) {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
