/** What there is to know for reading a configuration, beside its values. */
export interface ParseContext {
  /** Namespace of the keys. */
  readonly project: string;
  readonly stack: string;
  /** Text of a file; throws as `fs.readFileSync` does. */
  readonly readFile: (path: string) => string;
  /** Content of a file; throws as `fs.readFileSync` does. */
  readonly readBytes: (path: string) => Buffer;
  /** Files in a folder and the folders below it, as paths relative to it, sorted; throws as `fs.readdirSync` does. */
  readonly listFolder: (path: string) => string[];
  /** What is wrong with the syntax of a Python source, if that can be told. */
  readonly pythonProblem?: (source: string) => string | undefined;
  /** The moment at which certificates have to be valid. */
  readonly now: Date;
  /** Top-level keys whose values must not be shown. */
  readonly secretKeys?: ReadonlySet<string>;
}
