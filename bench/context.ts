/** What a benchmark is given: a stack that several share, a place for its figures, and a promise to clean up. */
import { Deployment } from "../test/e2e/deployment";
import { HubClient } from "../test/e2e/hub-client";
import { type Pairs, pick, type Times } from "./measure";

/** A running stack of one host. */
export interface Stack {
  readonly deployment: Deployment;
  readonly password: string;
  /** A person of the stack, logged in. */
  readonly login: (user: string) => Promise<HubClient>;
}

export interface Benchmark {
  /** In a few words, for `--list`. */
  readonly about: string;
  run(context: Context): Promise<void>;
}

/** Names of the people who start their servers at once. */
export const crowd = Array.from({ length: 20 }, (_, at) => `user-${at + 1}`);

export const configuration = {
  auth: { kind: "shared-password", users: ["alice", "bob", ...crowd], admins: ["admin"] },
  // What a busy machine makes of a start is measured, not refused.
  servers: { startTimeout: "5m", httpTimeout: "5m" },
  notebook: { limits: { memory: "512m" } },
} as const;

export class Context {
  readonly #later: (() => unknown)[] = [];
  #stack: Promise<Stack> | undefined;

  /**
   * @param runs pairs that count
   * @param signal aborted when somebody wants to stop
   * @param record takes a figure as soon as there is one: a later one that fails takes none with it
   */
  constructor(
    readonly runs: number,
    readonly signal: AbortSignal,
    readonly record: (
      id: string,
      values: Pairs<number> | { readonly ours: readonly number[] },
    ) => Promise<void>,
  ) {}

  /** Records the processor time and the time by the clock of what was measured, as `NAME-processors` and `NAME-clock`. */
  async recordTimes(name: string, taken: Pairs<Times>): Promise<void> {
    await this.record(
      `${name}-processors`,
      pick(taken, ({ processors }) => processors),
    );
    await this.record(
      `${name}-clock`,
      pick(taken, ({ clock }) => clock),
    );
  }

  /** Has something done at the end, however that comes. The last comes first. */
  later(work: () => unknown): void {
    this.#later.push(work);
  }

  /** Undoes what was made. A step that fails keeps none from being done. */
  async cleanUp(): Promise<void> {
    this.#stack = undefined;
    for (let work = this.#later.pop(); work !== undefined; work = this.#later.pop()) {
      try {
        await work();
      } catch (error) {
        console.error(error);
        process.exitCode = 1;
      }
    }
  }

  /** A stack of one host, up, which benchmarks share. Leave it as it was. */
  stack(): Promise<Stack> {
    this.#stack ??= this.makeStack({});
    return this.#stack;
  }

  /**
   * A stack of a benchmark's own.
   *
   * @param prepare what comes before the first `./up`
   */
  async makeStack(
    keys: Readonly<Record<string, unknown>>,
    prepare: (deployment: Deployment) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<Stack> {
    const deployment = await Deployment.create({ ...configuration, ...keys }, { installed: true });
    this.later(async () => {
      await deployment.up(["--destroy"], { ok: false });
      await deployment.remove();
    });
    await prepare(deployment);
    await deployment.up();
    const [password, ca] = await Promise.all([deployment.output("userPassword"), deployment.caCertificate()]);
    return {
      deployment,
      password,
      login: async (user) => {
        const person = new HubClient(deployment.url, ca, user);
        this.later(() => person.close());
        if (!(await person.login(password))) {
          throw new Error(`${user} could not log in`);
        }
        return person;
      },
    };
  }
}
