// Keeps what V8 compiled, as Module.enableCompileCache() of Node.js 22 does, for Node.js 20. Compiling is a sixth of the
// processor time of a preview.
"use strict";
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const { dirname, join } = require("node:path");
const vm = require("node:vm");

/** Of V8, whose code fits no other version. */
const VERSION = `${process.versions.v8}-${process.arch}`;

/** Has every module compiled with what the folder has of it, and adds to the folder what it does not have at the end. */
exports.enable = function (folder) {
  const kept = join(folder, VERSION);
  const missing = new Map();

  const compile = Module.prototype._compile;
  Module.prototype._compile = function (content, filename, format) {
    const source = Module.wrap(content.replace(/^#!.*/, ""));
    const file = join(kept, createHash("sha1").update(filename).update("\0").update(source).digest("hex"));
    // V8 of Node.js 20 forgets who imports what in code that was kept.
    const isOther = format === "module" || /\bimport\s*\(/.test(content);
    const script = isOther ? undefined : scriptOf(source, filename, read(file));
    // Or it does not compile: an ES module, or an error that Node.js knows better how to tell.
    if (script === undefined) return compile.call(this, content, filename, format);
    if (script.cachedDataRejected !== false) missing.set(file, script);
    const { exports } = this;
    return script
      .runInThisContext()
      .call(exports, exports, requireOf(this), this, filename, dirname(filename));
  };

  // At the end, the functions that were used are in it, too.
  process.once("exit", () => {
    try {
      if (missing.size > 0) mkdirSync(kept, { recursive: true });
      for (const [file, script] of missing) {
        // Another process may be at the same file.
        writeFileSync(`${file}.${process.pid}`, script.createCachedData());
        renameSync(`${file}.${process.pid}`, file);
      }
    } catch {
      // A folder that is read only: compiled again each time.
    }
  });
};

function scriptOf(source, filename, cachedData) {
  try {
    return new vm.Script(source, { filename, cachedData });
  } catch {
    return undefined;
  }
}

function read(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/** A module's `require`, as Node.js makes it. */
function requireOf(module) {
  const require = (id) => module.require(id);
  require.resolve = (request, options) => Module._resolveFilename(request, module, false, options);
  require.resolve.paths = (request) => Module._resolveLookupPaths(request, module);
  require.main = process.mainModule;
  require.extensions = Module._extensions;
  require.cache = Module._cache;
  return require;
}
