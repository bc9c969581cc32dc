// Lets node run this project's TypeScript: `node --require ./setup/register.cjs FILE.ts`. Types are stripped as a file
// is loaded, and the result is kept (node_modules/.cache), since each `pulumi preview` starts the program anew. Source
// maps are inside: NODE_OPTIONS=--enable-source-maps has stacks with the lines of the sources.
"use strict";
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const { join, sep } = require("node:path");

const folder = join(__dirname, "..", "node_modules", ".cache", "typescript");
const options = { loader: "ts", format: "cjs", target: "node20", sourcemap: "inline" };
// A change of what makes the output makes all of it anew.
const maker = JSON.stringify([require("esbuild/package.json").version, options]);

/** JavaScript of a TypeScript file, from the cache where it is there. */
function javascript(file) {
  const source = readFileSync(file, "utf8");
  const cached = join(
    folder,
    `${createHash("sha256").update(maker).update(file).update("\0").update(source).digest("hex")}.js`,
  );
  try {
    return readFileSync(cached, "utf8");
  } catch {
    const { code } = require("esbuild").transformSync(source, { ...options, sourcefile: file });
    try {
      mkdirSync(folder, { recursive: true });
      // Another process may be at the same file.
      writeFileSync(`${cached}.${process.pid}`, code);
      renameSync(`${cached}.${process.pid}`, cached);
    } catch {
      // A folder that is read only: made anew each time.
    }
    return code;
  }
}

exports.javascript = javascript;
Module._extensions[".ts"] = (module, file) => module._compile(javascript(file), file);

// Compiled code is kept, too. Node.js can do that itself from 22.1.
const compiled = join(folder, "..", "compiled");
if (Module.enableCompileCache) Module.enableCompileCache(compiled);
else require("./compile-cache.cjs").enable(compiled);

// What libraries load as they start, and this program can do without. Measured at a preview without changes:
// - Pulumi's SDK: the TypeScript compiler and npm's dependency resolver, 0.5 s of processor time. They are for functions
//   that are sent to a cloud. The Automation API, and zod's messages in 50 languages: 0.05 s. Traces: 0.1 s. Loaded when
//   first used;
// - a connection to the debugger, which tells the SDK of every script that is loaded, for functions that are sent to a
//   cloud: 0.1 s. Made when first used;
// - source maps of the SDK, 0.3 s: it asks for a stack at each promise, and each is formatted with them. For an error at
//   the end that was 15 s. Never loaded;
// - those stacks themselves, a third of what a program takes to register its resources. Nobody sees them but with
//   PULUMI_DEBUG_PROMISE_LEAKS.
const late = new Map([
  ["typescript", "@pulumi/pulumi"],
  ["@npmcli/arborist", "@pulumi/pulumi"],
  ["./automation", "@pulumi/pulumi"],
  ["../locales/index.cjs", "zod"],
  ...[
    "exporter-zipkin",
    "instrumentation",
    "instrumentation-grpc",
    "resources",
    "sdk-trace-base",
    "sdk-trace-node",
  ].map((name) => [`@opentelemetry/${name}`, "@pulumi/pulumi"]),
]);
const never = new Map([["source-map-support/register", "@pulumi/pulumi"]]);
const noDebugger = { isInitializedAsync: () => Promise.resolve() };
const load = Module._load;
Module._load = function (request, parent, ...rest) {
  const asked = (by) =>
    by !== undefined && parent?.filename?.includes(join(sep, "node_modules", by, sep)) === true;
  if (asked(never.get(request))) return {};
  if (request === "../../runtime/closure/v8Hooks" && asked("@pulumi/pulumi")) return noDebugger;
  const now = () => load.call(this, request, parent, ...rest);
  if (request === "./debuggable" && asked("@pulumi/pulumi")) return withoutStacks(now());
  return asked(late.get(request)) ? whenUsed(now) : now();
};

/** Stands for a module until something of it is used. */
function whenUsed(load) {
  let loaded;
  const real = () => (loaded ??= load());
  return new Proxy(
    {},
    {
      // Marked so that an import of all of it takes it as it is, without looking at what is in it.
      get: (_, key) => (key === "__esModule" ? true : real()[key]),
      has: (_, key) => key in real(),
      ownKeys: () => Reflect.ownKeys(real()),
      getOwnPropertyDescriptor: (_, key) => {
        const found = Reflect.getOwnPropertyDescriptor(real(), key);
        return found && { ...found, configurable: true };
      },
    },
  );
}

let withoutStack;

/** The SDK's promises, without looking for the stack of each. */
function withoutStacks(debuggable) {
  const { debuggablePromise, debugPromiseLeaks } = debuggable;
  if (!debugPromiseLeaks && debuggablePromise !== withoutStack) {
    withoutStack = debuggable.debuggablePromise = (...given) => {
      const limit = Error.stackTraceLimit;
      Error.stackTraceLimit = 0;
      try {
        return debuggablePromise(...given);
      } finally {
        Error.stackTraceLimit = limit;
      }
    };
  }
  return debuggable;
}
