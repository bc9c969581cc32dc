/** Backups and restores, from a lost file to a lost machine. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Deployment, execa } from "./deployment";
import { HubClient } from "./hub-client";
import { inside } from "./inside";

const artifacts = join(__dirname, "artifacts");
const password = "of-the-backups-of-a-test";

interface Saved {
  readonly snapshot: string;
  readonly problem: string | null;
  readonly files: number;
  readonly skipped: readonly string[];
}

/** Each step stands on the one before: the first that fails ends the story. */
describe("backups, on a real Docker Engine", function () {
  this.bail(true);
  this.timeout(300_000);

  let deployment: Deployment;
  let alice: HubClient | undefined;
  /** Folder with the repository, and others of this test. */
  let place: string;
  let first: string;

  const config = () => ({ backup: { to: join(place, "repository"), password } });

  before(async () => {
    place = await mkdtemp(join(tmpdir(), "jupyterhub-backup-"));
    deployment = await Deployment.create(config(), { installed: true });
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") {
      await deployment.keepLogs(artifacts);
    }
  });
  after(async () => {
    await alice?.close();
    await (deployment as Deployment | undefined)?.remove();
    await rm(place, { recursive: true, force: true });
  });

  const container = (role: string) => deployment.docker.getContainer(`${deployment.name}-${role}`);
  const hub = async <T>(...args: string[]): Promise<T> =>
    JSON.parse((await deployment.hub([...args, "--json"])).stdout) as T;
  const inServer = (command: string) => inside(container("user-alice"), "bash", "-c", command);
  const login = async () => {
    const client = new HubClient(deployment.url, await deployment.caCertificate(), "alice");
    alice = client;
    assert.equal(await client.login(await deployment.output("userPassword")), true);
    return client;
  };

  /** Content, owner, mode and kind of each file, and how many names it has; names that are no UTF-8 as they are. */
  const LISTED =
    "cd ~ && find . -printf '%P %y %m %U:%G %n %l\\n' | grep -av '^ \\|jupyter\\|cache' | LC_ALL=C sort | base64 -w0 && " +
    "find . -type f -not -path '*jupyter*' -not -path '*cache*' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | base64 -w0";

  it("are made by ./hub backup while people work: homes, database, and what brings the stack up again", async function () {
    this.timeout(900_000);
    await deployment.up();
    await (await login()).startServer();
    await inServer(
      [
        "cd ~",
        "echo mine > thesis.txt",
        "ln thesis.txt same.txt",
        "ln -s thesis.txt link",
        "truncate -s 20M sparse.bin",
        "mkdir -m 0700 private && echo x > private/x && chmod 0400 private/x",
        "touch $'not-utf8-\\xff\\xfe' 'a name with blanks' $'a\\nline'",
      ].join(" && "),
    );
    const saved = await hub<Saved>("backup");
    assert.equal(saved.problem, null);
    assert.deepEqual(saved.skipped, []);
    first = saved.snapshot;
    const [listed, ...more] = await hub<{ id: string; paths: string[] }[]>("backup", "--list");
    assert.equal(listed?.id, first);
    assert.deepEqual(more, [], "an empty one was made at the start");
    const volumes = listed.paths.filter((path) => path.startsWith("/host/volumes/"));
    const names = ["home-alice", "hub-data"].map((role) => `/host/volumes/${deployment.name}-${role}/_data`);
    assert.deepEqual(volumes.sort(), names);
    assert.ok(listed.paths.includes("/srv/backup/stack"));
    // Encrypted: neither a name nor a text of hers is in it.
    const found = await execa("grep", ["-rlE", "thesis|mine|alice", join(place, "repository")], {
      reject: false,
    });
    assert.equal(found.stdout, "");
    assert.equal((await container("backup").inspect()).State.Health?.Status, "healthy");
  });

  it("are made without the hub, and by nobody who asks for Docker", async () => {
    const { HostConfig, Mounts } = await container("backup").inspect();
    assert.deepEqual(
      Mounts.filter(({ RW }) => RW)
        .map(({ Destination }) => Destination)
        .sort(),
      ["/srv/backup", "/srv/repository"],
    );
    assert.ok(Mounts.every(({ Source }) => !Source.endsWith("docker.sock")));
    assert.equal(HostConfig.NetworkMode, "none");
    await container("hub").stop({ t: 20 });
    assert.equal((await hub<Saved>("backup")).problem, null);
    await container("hub").start();
  });

  it("give a home back as it was, to a folder and into the home, and nothing over what is there", async () => {
    const before = await inServer(LISTED);
    await inServer("cd ~ && rm -rf thesis.txt private && echo other > same.txt && touch new");
    const folder = join(place, "restored");
    await deployment.hub(["restore", "--user", "alice", "--to", folder]);
    assert.equal(await readFile(join(folder, "thesis.txt"), "utf8"), "mine\n");
    assert.equal((await stat(join(folder, "private"))).mode & 0o777, 0o700);

    const running = await deployment.hub(["restore", "--user", "alice", "--replace"], { ok: false });
    assert.equal(running.code, 1);
    assert.match(running.output, /expected no running server of alice, found one/);
    await alice?.stopServer();
    const full = await deployment.hub(["restore", "--user", "alice"], { ok: false });
    assert.equal(full.code, 1);
    assert.match(full.output, /the home of alice to be empty, but it has files/);
    await deployment.hub(["restore", "--user", "alice", "--replace", "--at", first]);
    await alice?.startServer();
    assert.equal(await inServer(LISTED), before);
    assert.equal(await inServer("cd ~ && stat -c %b sparse.bin && cat thesis.txt"), "0\nmine");
  });

  it("refuse what is no backup and nobody's home in one line", async () => {
    for (const [words, message] of [
      [["--user", "carol"], /has no home of carol/],
      [["--user", "alice", "--at", "2001-01-01"], /there is no backup of 2001-01-01 or before/],
      [["--user", "alice", "--at", "0123abcd"], /there is no backup 0123abcd/],
      [["--user", "alice", "--at", "yesterday"], /expected a date .* got yesterday/],
      [["--all"], /expected no running server, found 1/],
    ] as const) {
      const { output, code } = await deployment.hub(["restore", ...words], { ok: false });
      assert.equal(code, 1, output);
      assert.match(output, message);
    }
    assert.equal((await deployment.hub(["restore"], { ok: false })).code, 2);
  });

  it("say when the repository is gone or has another password, and go on when it is back", async () => {
    const repository = join(place, "repository");
    await execa("mv", [join(repository, "config"), join(repository, "config.away")]);
    const gone = await deployment.hub(["backup", "--json"], { ok: false });
    assert.equal(gone.code, 1, gone.output);
    const { problem } = JSON.parse(gone.stdout) as Saved;
    assert.ok(problem !== null && !problem.includes(password), problem ?? "");
    await execa("mv", [join(repository, "config.away"), join(repository, "config")]);
    assert.equal((await hub<Saved>("backup")).problem, null);
  });

  it("have PostgreSQL's database in them, on its own network and no other", async () => {
    await deployment.configure({ ...config(), database: { kind: "postgres" } });
    await deployment.up();
    const { NetworkSettings } = await container("backup").inspect();
    assert.deepEqual(Object.keys(NetworkSettings.Networks), [`${deployment.name}-control`]);
    assert.equal((await hub<Saved>("backup")).problem, null);
    const { backup } = await hub<{ backup: { problem: string | null; lastGood: string } }>("status");
    assert.equal(backup.problem, null);
    assert.ok(Date.now() - Date.parse(backup.lastGood) < 600_000, backup.lastGood);
  });

  it("bring a lost machine back: three commands from the repository to alice, who reads her file", async function () {
    this.timeout(900_000);
    const secret = await deployment.output("userPassword");
    await alice?.stopServer();
    await hub<Saved>("backup");
    await alice?.close();
    alice = undefined;
    await deployment.removeObjects();
    await rm(join(deployment.folder, ".state"), { recursive: true });
    await rm(deployment.stackFile);

    const restored = join(place, "stack");
    const environment = { RESTIC_REPOSITORY: join(place, "repository"), RESTIC_PASSWORD: password };
    await execa("restic", ["restore", "latest", "--include", "/srv/backup/stack", "--target", restored], {
      env: environment,
    });
    await execa("cp", ["-a", `${restored}/srv/backup/stack/.`, `${deployment.folder}/`]);
    await deployment.up();
    await deployment.hub(["restore", "--all"]);

    assert.equal(await deployment.output("userPassword"), secret);
    await (await login()).startServer();
    assert.equal(await inServer("cat ~/thesis.txt"), "mine");
    await deployment.up(["--expect-no-changes"]);
  });
});
