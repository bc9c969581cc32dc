/**
 * Stacks of errors with the lines of the TypeScript sources. Node's own `--enable-source-maps` maps every stack that is
 * asked for, and Pulumi's SDK asks for one at each promise, which was a fifth of the time of all unit tests. So it is
 * done here, for those that somebody reads.
 */
import { existsSync } from "node:fs";
import { createRequire, SourceMap, type SourceOrigin } from "node:module";
import { resolve } from "node:path";

const { javascript } = createRequire(__filename)("../setup/register.cjs") as {
  /** What is loaded for a TypeScript file, with its source map. */
  javascript: (file: string) => string;
};

const maps = new Map<string, SourceMap>();

function mapOf(file: string): SourceMap {
  let map = maps.get(file);
  if (map === undefined) {
    const [, inline = ""] =
      /\/\/# sourceMappingURL=data:application\/json;base64,(\S+)\s*$/.exec(javascript(file)) ?? [];
    map = new SourceMap(
      JSON.parse(Buffer.from(inline, "base64").toString()) as ConstructorParameters<typeof SourceMap>[0],
    );
    maps.set(file, map);
  }
  return map;
}

/** A stack whose places are in what was loaded of TypeScript files, with those in the sources instead. */
export function withSourceLines(stack: string): string {
  return stack.replaceAll(
    /^(\s+at .*?)([^\s():]+\.ts):(\d+):(\d+)/gm,
    (place, before: string, file: string, line: string, column: string) => {
      // Mocha names files from the folder in which it runs.
      const path = resolve(file);
      const found: Partial<SourceOrigin> = existsSync(path)
        ? mapOf(path).findOrigin(Number(line), Number(column))
        : {};
      return found.fileName === undefined
        ? place
        : `${before}${file}:${found.lineNumber}:${found.columnNumber}`;
    },
  );
}
