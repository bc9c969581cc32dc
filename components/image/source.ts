/** Where a notebook image comes from. */

/** An image built on the Docker host from a folder with a Dockerfile. */
export interface BuiltImage {
  readonly kind: "build";

  /** Build context, relative to the project. */
  readonly context: string;

  /** Build arguments. They are kept in the image's history: never put a secret here. */
  readonly args?: Readonly<Record<string, string>>;
}

/** An image pulled from a registry. */
export interface PulledImage {
  readonly kind: "pull";

  /** Name with a tag or, better, a digest. A name that the Docker host already has is not pulled again. */
  readonly name: string;
}

/** Packages on top of an image. Names and versions only: they have been checked. */
export interface PackagesImage {
  readonly kind: "packages";

  /**
   * Image that it is built on.
   *
   * @default the project's own image
   */
  readonly base?: string | undefined;

  readonly apt: readonly string[];
  readonly pip: readonly string[];
  readonly conda: readonly string[];

  /** Build arguments, also of the project's own image below. Never put a secret here. */
  readonly args?: Readonly<Record<string, string>>;
}

/** A Git repository on top of an image, or with a Dockerfile of its own. */
export interface GitImage {
  readonly kind: "git";

  /** What Git clones from, on the machine that runs Pulumi. */
  readonly repository: string;

  /** Commit, tag or branch. Tags and branches are looked up once, when this or the repository changes. */
  readonly ref: string;

  /**
   * Image that it is built on, where the repository has no Dockerfile.
   *
   * @default the project's own image
   */
  readonly base?: string | undefined;

  /** Build arguments, also of the project's own image below. Never put a secret here. */
  readonly args?: Readonly<Record<string, string>>;
}

export type NotebookImageSource = BuiltImage | PulledImage | PackagesImage | GitImage;

/** Folder of the project's own image. */
export const DEFAULT_CONTEXT = "./images/notebook";

/** A text that is the same for the same source, whatever the order of its keys. */
export function sourceKey(source: NotebookImageSource): string {
  return JSON.stringify(source, (_key, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** A function that makes a thing once for each name, and then gives what it made. */
export function once<T>(make: (name: string) => T): (name?: string) => T {
  const made = new Map<string, T>();
  return (name = "") => {
    const known = made.get(name);
    if (known !== undefined) {
      return known;
    }
    const thing = make(name);
    made.set(name, thing);
    return thing;
  };
}
