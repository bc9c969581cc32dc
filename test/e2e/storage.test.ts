import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Deployment } from "./deployment";
import { HubClient } from "./hub-client";
import { inside } from "./inside";
import { RunningKernel } from "./kernel";
import { poll, until } from "./until";

const artifacts = join(__dirname, "artifacts");
const GIB = 1024 ** 3;

/** Values that nothing but servers may show. */
const SECRETS = { physics: "key-of-physics-{username}", alice: "key-of-alice" } as const;

const groups = {
  physics: {
    members: ["alice", "admin"],
    folder: "read-write",
    limits: { processes: 300, shmSize: "96m" },
    environment: { COURSE: "physics", HANDIN: "/handin/{username}" },
    secrets: { API_KEY: SECRETS.physics },
  },
  "data-science": { members: ["alice", "admin"], folder: "read-only" },
};
const people = {
  groups,
  notebook: { limits: { memory: "350m" } },
  users: {
    alice: {
      limits: { memory: "8G", swap: "unlimited", memoryReservation: "64m", cpuShares: 2048 },
      environment: { COURSE: "her own" },
      secrets: { MINE: SECRETS.alice },
    },
  },
  network: { mtu: 1400 },
  // What is tested here is not how fast a server starts.
  servers: { startTimeout: 180, httpTimeout: 180 },
  logging: {},
};

const storage = {
  shared: true,
  colab: true,
  labSettings: { apart: true },
  volumes: { datasets: { mountPath: "/data", groups: ["physics"] } },
};

const profiles = [
  { name: "Small lab", default: true },
  { name: "Tiny lab", limits: { memory: "300m" } },
];

/** What cells use: `own` says whose a folder is, `can` whether it can be written to. */
const PRELUDE = `
import os, errno
def own(*paths):
    for path in paths:
        found = os.stat(path)
        print(path, found.st_uid, found.st_gid, oct(found.st_mode & 0o7777))
def can(*folders):
    for folder in folders:
        try:
            with open(os.path.join(folder, "written-by-" + os.environ["JUPYTERHUB_USER"]), "w") as file:
                file.write("x")
            print(folder, "yes")
        except OSError as error:
            print(folder, errno.errorcode[error.errno])
def lines(path):
    print(open(path).read().strip())
`;

/** A server of logs, which takes them as they come. */
class Syslog {
  readonly lines: string[] = [];

  private constructor(private readonly socket: Socket) {
    socket.on("message", (line) => this.lines.push(line.toString()));
  }

  static async listen(): Promise<Syslog> {
    const socket = createSocket("udp4");
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    return new Syslog(socket);
  }

  get address(): string {
    return `udp://127.0.0.1:${this.socket.address().port}`;
  }

  close(): void {
    this.socket.close();
  }
}

function of<T>(map: ReadonlyMap<string, T>, name: string): T {
  const found = map.get(name);
  assert.ok(found, `nothing for ${name}`);
  return found;
}

describe("homes, folders, groups and limits, on a real Docker Engine", function () {
  this.bail(true);
  this.timeout(300_000);

  let deployment: Deployment;
  let host: string;
  let syslog: Syslog;
  const clients = new Map<string, HubClient>();
  const kernels = new Map<string, RunningKernel>();

  before(async () => {
    host = await mkdtemp(join(tmpdir(), "jupyterhub-tree-"));
    syslog = await Syslog.listen();
    people.logging = {
      driver: "syslog",
      options: { "syslog-address": syslog.address, tag: "{{.Name}}" },
    };
    deployment = await Deployment.create(
      {
        ...people,
        storage,
      },
      { installed: true },
    );
  });

  afterEach(async function () {
    if (this.currentTest?.state === "failed") {
      await deployment.keepLogs(artifacts);
    }
  });

  after(async () => {
    for (const kernel of kernels.values()) {
      kernel.leave();
    }
    for (const client of clients.values()) {
      await client.close();
    }
    await onHost("rm -rf /host/tree").catch(() => undefined);
    await deployment.remove();
    syslog.close();
    await rm(host, { recursive: true, force: true });
  });

  /** Runs a shell line as root on the Docker host, with the test's folder at /host or another one. */
  async function onHost(line: string, bind = `${host}:/host`): Promise<void> {
    const container = await deployment.docker.createContainer({
      Image: `${deployment.name}-hub:current`,
      Entrypoint: ["/bin/sh", "-euc", line],
      User: "0:0",
      HostConfig: { Binds: [bind], NetworkMode: "none" },
    });
    try {
      const ended = container.wait({ condition: "next-exit" }) as Promise<{ StatusCode: number }>;
      await container.start();
      const { StatusCode } = await ended;
      assert.equal(StatusCode, 0, `${line}: ${String(await container.logs({ stdout: true, stderr: true }))}`);
    } finally {
      await container.remove({ force: true });
    }
  }

  /** Logs people in to the hub that runs now, and gives each a new server. */
  async function startServers(...names: string[]): Promise<void> {
    const ca = await deployment.caCertificate();
    for (const name of names) {
      kernels.get(name)?.leave();
      await clients.get(name)?.close();
      const client = new HubClient(deployment.url, ca, name);
      clients.set(name, client);
      const password = await deployment.output(name === "admin" ? "adminPassword" : "userPassword");
      assert.equal(await client.login(password), true);
      await client.startServer(180_000);
      const kernel = await RunningKernel.start(client.serverSettings());
      kernels.set(name, kernel);
      await kernel.run(PRELUDE);
    }
  }

  async function stopServers(): Promise<void> {
    for (const [name, client] of clients) {
      kernels.get(name)?.leave();
      await client.stopServer();
    }
  }

  /** What a cell in a person's server prints. */
  async function run(name: string, code: string): Promise<string[]> {
    return (await of(kernels, name).run(code)).trimEnd().split("\n");
  }

  async function hostConfig(name: string) {
    return (await deployment.docker.getContainer(`${deployment.name}-user-${name}`).inspect()).HostConfig;
  }

  /** Sources of what is mounted in a person's server, for that person alone. */
  async function mounts(name: string): Promise<string[]> {
    const { Mounts } = await deployment.docker.getContainer(`${deployment.name}-user-${name}`).inspect();
    return Mounts.map(({ Name, Source }) => Name ?? Source);
  }

  describe("with homes in volumes", () => {
    it("comes up and starts servers of two users and an admin", async function () {
      this.timeout(900_000);
      await deployment.up();
      await startServers("alice", "bob", "admin");
    });

    it("gives every folder, and each place that one is mounted on, to 1000:100", async () => {
      assert.deepEqual(
        await run(
          "alice",
          `own(".", "shared", "colab", "groups", "groups/physics", "groups/data-science", ".jupyter", ".jupyter/lab", "/data"); print(os.getcwd(), os.getuid(), os.getgid())`,
        ),
        [
          ". 1000 100 0o700",
          "shared 1000 100 0o775",
          "colab 1000 100 0o775",
          "groups 1000 100 0o755",
          "groups/physics 1000 100 0o775",
          "groups/data-science 1000 100 0o775",
          ".jupyter 1000 100 0o755",
          ".jupyter/lab 1000 100 0o700",
          "/data 1000 100 0o775",
          "/home/jovyan 1000 100",
        ],
      );
      // Under the mounts, where only somebody who has the home elsewhere sees it.
      const { Mounts } = await deployment.docker.getContainer(`${deployment.name}-user-alice`).inspect();
      const home = Mounts.find(({ Destination }) => Destination === "/home/jovyan")?.Name ?? "";
      await onHost(`test "$(find /home/x ! -user 1000 -o ! -group 100)" = ""`, `${home}:/home/x`);
    });

    it("lets users read `shared` and admins write it, everybody write `colab`", async () => {
      assert.deepEqual(await run("admin", `can("shared", "colab")`), ["shared yes", "colab yes"]);
      assert.deepEqual(await run("alice", `can("shared", "colab")`), ["shared EROFS", "colab yes"]);
      assert.deepEqual(await run("bob", `print(sorted(os.listdir("shared") + os.listdir("colab")))`), [
        "['written-by-admin', 'written-by-admin', 'written-by-alice']",
      ]);
    });

    it("gives group folders to members only, writable as configured", async () => {
      assert.deepEqual(await run("alice", `can("groups/physics", "groups/data-science", "/data")`), [
        "groups/physics yes",
        "groups/data-science EROFS",
        "/data yes",
      ]);
      assert.deepEqual(await run("admin", `can("groups/physics", "groups/data-science")`), [
        "groups/physics yes",
        "groups/data-science yes",
      ]);
      assert.deepEqual(await run("bob", `print(os.path.exists("groups"), os.path.exists("/data"))`), [
        "False False",
      ]);
    });

    it("shows nobody another's home or settings", async () => {
      await run(
        "alice",
        `open("secret-of-alice.txt", "w").write("x"); open(".jupyter/lab/secret-of-alice.txt", "w")`,
      );
      const search = (name: string) =>
        run(
          name,
          `print(len([folder for folder, _, files in os.walk("/") if "secret-of-alice.txt" in files]))`,
        );
      assert.deepEqual(await search("alice"), ["2"]);
      assert.deepEqual(await search("bob"), ["0"]);
      const own = await mounts("alice");
      for (const other of ["bob", "admin"]) {
        const common = (await mounts(other)).filter((source) => own.includes(source));
        assert.deepEqual(
          common.filter((source) => !source.includes("-folder-") && !source.includes("-volume-")),
          [],
        );
      }
    });

    it("keeps JupyterLab's settings apart from the home", async () => {
      const api = (name: string, init = {}) =>
        of(clients, name).api(`user/${name}/lab/api/settings/@jupyterlab/apputils-extension:themes`, init);
      const saved = await api("alice", {
        method: "PUT",
        body: JSON.stringify({ raw: '{"theme": "JupyterLab Dark"}' }),
      });
      assert.equal(saved.status, 204, await saved.text());
      const folder = "/home/jovyan/.jupyter/lab/user-settings/@jupyterlab/apputils-extension";
      assert.deepEqual(await run("alice", `print(os.listdir("${folder}"))`), [
        "['themes.jupyterlab-settings']",
      ]);
      assert.ok((await mounts("alice")).includes(`${deployment.name}-settings-alice`));
      assert.deepEqual(await run("bob", `print(os.listdir("/home/jovyan/.jupyter/lab"))`), ["[]"]);
    });

    it("gives each server its limits: the person's, else the group's, else the default", async () => {
      const limits = async (name: string) => {
        const { Memory, MemorySwap, PidsLimit, CpuQuota } = await hostConfig(name);
        return { Memory, MemorySwap, PidsLimit, CpuQuota };
      };
      const memory = 350 * 1024 ** 2;
      const cpu = { CpuQuota: 100_000 };
      assert.deepEqual(await limits("alice"), { Memory: 8 * GIB, MemorySwap: -1, PidsLimit: 300, ...cpu });
      assert.deepEqual(await limits("bob"), { Memory: memory, MemorySwap: memory, PidsLimit: 512, ...cpu });
      assert.deepEqual(await limits("admin"), { Memory: memory, MemorySwap: memory, PidsLimit: 300, ...cpu });
      const inside = `
for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
    if os.path.exists(path): lines(path)`;
      assert.deepEqual(await run("alice", inside), [String(8 * GIB)]);
      assert.deepEqual(await run("bob", inside), [String(memory)]);
    });

    it("gives each server its environment: the person's over the group's, secrets among it, which show nowhere", async () => {
      const code =
        'print(*(os.environ.get(name, "-") for name in ("COURSE", "HANDIN", "API_KEY", "MINE")), sep="\\n")';
      assert.deepEqual(await run("alice", code), [
        "her own",
        "/handin/alice",
        SECRETS.physics,
        SECRETS.alice,
      ]);
      assert.deepEqual(await run("admin", code), ["physics", "/handin/admin", SECRETS.physics, "-"]);
      assert.deepEqual(await run("bob", code), ["-", "-", "-", "-"]);
      const places: Record<string, string> = {
        "the hub's log": (await deployment.hub(["logs", "hub"])).output,
        "the hub's settings": await inside(
          deployment.docker.getContainer(`${deployment.name}-hub`),
          "cat",
          "/etc/jupyterhub/config.json",
          "/srv/people/people.json",
        ),
        "the state": (await deployment.pulumi(["stack", "export"])).output,
        "a preview": (await deployment.pulumi(["preview", "--diff"])).output,
      };
      for (const [place, text] of Object.entries(places)) {
        assert.ok(text.length > 100, place);
        for (const secret of Object.values(SECRETS)) {
          assert.ok(!text.includes(secret), `${place} shows ${secret}`);
        }
      }
    });

    it("gives each server its shared memory, and a share of what all servers have", async () => {
      const limits = async (name: string) => {
        const { ShmSize, MemoryReservation, CpuShares } = await hostConfig(name);
        return { ShmSize, MemoryReservation, CpuShares };
      };
      const MIB = 1024 ** 2;
      const none = { MemoryReservation: 0, CpuShares: 0 };
      assert.deepEqual(await limits("alice"), {
        ShmSize: 96 * MIB,
        MemoryReservation: 64 * MIB,
        CpuShares: 2048,
      });
      // Docker's own.
      assert.deepEqual(await limits("bob"), { ShmSize: 64 * MIB, ...none });
      assert.deepEqual(await limits("admin"), { ShmSize: 96 * MIB, ...none });
      // More than Docker gives, so that nothing ends with a bus error.
      const code = `
from multiprocessing.shared_memory import SharedMemory
memory = SharedMemory(create=True, size=80 << 20)
memory.buf[:] = bytes(80 << 20)
print(os.statvfs("/dev/shm").f_blocks * os.statvfs("/dev/shm").f_frsize >> 20)
memory.close(); memory.unlink()`;
      assert.deepEqual(await run("alice", code), ["96"]);
    });

    it("sends no larger packets than the configuration allows, on every network", async () => {
      assert.deepEqual(await run("bob", 'lines("/sys/class/net/eth0/mtu")'), ["1400"]);
      for (const network of (await deployment.objects()).networks) {
        const { Options } = (await deployment.docker.getNetwork(network).inspect()) as {
          Options: Record<string, string>;
        };
        assert.equal(Options["com.docker.network.driver.mtu"], "1400", network);
      }
    });

    it("sends the logs of the stack and of people's servers where the configuration says, and shows them too", async () => {
      for (const name of ["hub", "proxy", "user-bob"]) {
        const tag = `${deployment.name}-${name}[`;
        await until(`a line of ${name} in the syslog`, () => syslog.lines.some((line) => line.includes(tag)));
      }
      const { HostConfig } = await deployment.docker.getContainer(`${deployment.name}-user-bob`).inspect();
      assert.equal(HostConfig.LogConfig?.Type, "syslog");
      assert.match((await deployment.hub(["logs", "hub"])).output, /JupyterHub/);
      assert.match((await deployment.hub(["logs", "bob"])).output, /Jupyter Server/);
    });

    it("labels volumes with their use and owner", async () => {
      const { Volumes } = await deployment.docker.listVolumes({
        filters: JSON.stringify({ label: [`org.jupyterhub.stack=${deployment.name}`] }) as never,
      });
      const labelsOf = (name: string) => {
        const labels = Volumes.find(({ Name }) => Name === `${deployment.name}-${name}`)?.Labels ?? {};
        return [labels["org.jupyterhub.role"], labels["org.jupyterhub.user"]];
      };
      assert.deepEqual(labelsOf("home-alice"), ["home", "alice"]);
      assert.deepEqual(labelsOf("settings-bob"), ["settings", "bob"]);
      assert.deepEqual(labelsOf("folder-shared"), ["folder", undefined]);
      assert.deepEqual(labelsOf("folder-group-data-2dscience"), ["folder", undefined]);
      assert.deepEqual(labelsOf("volume-datasets"), ["volume", undefined]);
    });

    it("leaves no container behind that was for folders, and has nothing to do on a second up", async () => {
      const { containers } = await deployment.objects();
      assert.deepEqual(
        containers.filter((name) => name.includes("-folders-")),
        [],
      );
      await deployment.up(["--expect-no-changes"]);
    });

    it("takes over what changes for people while it runs: preview says what they lose, and the login page never fails", async () => {
      const left = {
        ...people,
        groups: { ...groups, physics: { ...groups.physics, members: ["admin"] } },
        auth: { kind: "shared-password", users: ["alice", "carol"], admins: ["admin"] },
        notebook: { ...people.notebook, profiles },
        hub: { announcement: { all: "The lab is closed on Friday" } },
        storage,
      };
      await deployment.configure(left);
      const losses = [
        "alice loses: group physics. Their server is running, and will be stopped.",
        "bob loses: access. Their server is running, and will be stopped.",
      ];
      const preview = await deployment.pulumi(["preview"]);
      for (const loss of losses) {
        assert.ok(preview.output.includes(loss), preview.output);
      }
      for (const name of ["alice", "bob"]) {
        of(kernels, name).leave();
        kernels.delete(name);
      }
      const hub = await deployment.containerId("hub");
      const admin = of(clients, "admin");
      const carol = new HubClient(deployment.url, admin.ca, "carol");
      clients.set("carol", carol);
      const login = poll(async () => (await carol.visit("hub/login")).status);
      const notebook = poll(async () => {
        const answer = await admin.api("user/admin/api/status");
        await answer.text();
        return answer.status;
      });
      const { output } = await deployment.up();
      for (const [what, end] of Object.entries({ login, notebook })) {
        const answers = await end();
        assert.deepEqual([answers.length > 20, answers.filter((status) => status !== 200)], [true, []], what);
      }
      assert.equal(await deployment.containerId("hub"), hub);
      for (const loss of losses) {
        assert.ok(output.includes(loss), output);
      }

      const asked = async (name: string) => (await of(clients, name).api("hub/api/user")).status;
      assert.deepEqual([await asked("alice"), await asked("bob"), await asked("admin")], [200, 403, 200]);
      const home = await of(clients, "bob").visit("hub/home");
      assert.deepEqual([home.status, /\/login/.test(String(home.headers["location"]))], [302, true]);
      await until("the servers of alice and bob are stopped", async () => {
        const { containers } = await deployment.objects();
        return !["alice", "bob"].some((name) => containers.includes(`${deployment.name}-user-${name}`));
      });
      // The admin's own goes on.
      assert.deepEqual(await run("admin", "print(1)"), ["1"]);
      await startServers("alice");
      assert.ok(!(await mounts("alice")).includes(`${deployment.name}-folder-group-physics`));
      assert.equal((await deployment.pulumi(["preview"])).output.includes("loses:"), false);
      assert.match((await admin.visit("hub/home")).text, /The lab is closed on Friday/);
      assert.equal(await carol.login(await deployment.output("userPassword")), true);
      assert.match((await carol.visit("hub/spawn")).text, /Tiny lab/);
      // There is nothing that they could stop.
      for (const name of ["bob", "carol"]) {
        await of(clients, name).close();
        clients.delete(name);
      }
    });

    it("refuses a limit above the host's memory at preview", async () => {
      await deployment.configure({ ...people, users: { bob: { limits: { memory: "900T" } } } });
      const { code, output } = await deployment.pulumi(["preview"], { ok: false });
      assert.notEqual(code, 0);
      assert.match(
        output,
        /jupyterhub:users\.bob\.limits\.memory: expected no more than the Docker host's memory \(\d+M\), got 900T/,
      );
    });
  });

  describe("with homes in a tree", () => {
    it("takes over a tree with homes as an older system left it", async () => {
      await stopServers();
      await onHost(
        "mkdir -p /host/tree/users/alice && echo old > /host/tree/users/alice/old.txt && " +
          "chown -R 1000:100 /host/tree/users && chmod 0777 /host/tree/users",
      );
      await deployment.configure({
        ...people,
        storage: {
          homes: { kind: "tree", root: join(host, "tree"), mountPath: "/home/jovyan/work" },
          shared: true,
          colab: true,
          users: true,
          labSettings: { apart: true },
        },
      });
      await deployment.up();
      await startServers("alice", "bob", "admin");
      assert.deepEqual(await run("alice", `lines("old.txt"); print(os.getcwd())`), [
        "old",
        "/home/jovyan/work",
      ]);
    });

    it("gives every folder to 1000:100, and on the host too", async () => {
      const own = `own(".", "shared", "colab", "groups", "groups/physics", "/home/jovyan/.jupyter", "/home/jovyan/.jupyter/lab")`;
      assert.deepEqual(await run("alice", own), [
        ". 1000 100 0o700",
        "shared 1000 100 0o775",
        "colab 1000 100 0o775",
        "groups 1000 100 0o755",
        "groups/physics 1000 100 0o775",
        "/home/jovyan/.jupyter 1000 100 0o755",
        "/home/jovyan/.jupyter/lab 1000 100 0o700",
      ]);
      await onHost(
        'test "$(find /host/tree -mindepth 2 ! -user 1000 -o -mindepth 2 ! -group 100)" = "" && ' +
          'test "$(stat -c %u:%g:%a /host/tree/users /host/tree/groups /host/tree/user-settings | sort -u)" = 0:0:755 && ' +
          'test "$(stat -c %u:%g:%a /host/tree/shared /host/tree/colab | sort -u)" = 1000:100:775',
      );
    });

    it("lets users read `shared` and admins write it, and gives group folders to members", async () => {
      const can = `can("shared", "colab", "groups/physics", "groups/data-science")`;
      assert.deepEqual(await run("alice", can), [
        "shared EROFS",
        "colab yes",
        "groups/physics yes",
        "groups/data-science EROFS",
      ]);
      assert.deepEqual(await run("admin", can), [
        "shared yes",
        "colab yes",
        "groups/physics yes",
        "groups/data-science yes",
      ]);
      assert.deepEqual(await run("bob", `print(os.path.exists("groups"), os.path.exists("users"))`), [
        "False False",
      ]);
    });

    it("shows admins everybody's home, without a way to put something else in its place", async () => {
      await run("alice", `open("of-alice.txt", "w").write("hers")`);
      assert.deepEqual(
        await run(
          "admin",
          `
print(sorted(os.listdir("users")))
lines("users/alice/of-alice.txt")
can("users/bob", "users")
for change in (lambda: os.rename("users/bob", "users/x"), lambda: os.symlink("/etc", "users/mallory")):
    try:
        change()
    except OSError as error:
        print(errno.errorcode[error.errno])`,
        ),
        ["['admin', 'alice', 'bob']", "hers", "users/bob yes", "users EACCES", "EACCES", "EACCES"],
      );
      const own = await mounts("alice");
      const common = (await mounts("bob")).filter((source) => own.includes(source));
      assert.deepEqual(
        common.sort(),
        ["colab", "shared"].map((name) => join(host, "tree", name)),
      );
    });

    it("starts no server whose home is a link, or whose neighbours others could replace", async () => {
      const bob = of(clients, "bob");
      kernels.get("bob")?.leave();
      await bob.stopServer();
      await onHost("mv /host/tree/users/bob /host/tree/users/bob2 && ln -s /etc /host/tree/users/bob");
      await assert.rejects(bob.startServer());
      await onHost("rm /host/tree/users/bob && chmod 0777 /host/tree/users");
      await assert.rejects(bob.startServer());
      await onHost("chmod 0755 /host/tree/users && mv /host/tree/users/bob2 /host/tree/users/bob");
      await bob.startServer();
      const log = await deployment.docker
        .getContainer(`${deployment.name}-docker-filter`)
        .logs({ stdout: true, stderr: true });
      assert.match(String(log), /users\/bob' on the host is not a folder/);
      assert.match(String(log), /users other than root can write to the host's folder '.*users'/);
    });

    it("makes a home ready again that was deleted while the hub ran", async () => {
      const bob = of(clients, "bob");
      await bob.stopServer();
      await onHost("rm -rf /host/tree/users/bob");
      await startServers("bob");
      assert.deepEqual(await run("bob", `own("."); can(".")`), [". 1000 100 0o700", ". yes"]);
    });

    it("has nothing to do on a second up, nor after a refresh", async () => {
      await deployment.up(["--expect-no-changes"]);
      await deployment.pulumi(["refresh", "--yes", "--expect-no-changes"]);
      await deployment.pulumi(["up", "--yes", "--expect-no-changes"]);
    });
  });

  describe("with another owner and another name of volumes", () => {
    it("runs notebooks as that user, in homes that are theirs", async () => {
      await stopServers();
      await deployment.configure({
        ...people,
        storage: {
          homes: { kind: "volume", name: `of-${deployment.name}-{username}` },
          colab: true,
          owner: { uid: 2000, gid: 2001 },
        },
      });
      await deployment.up();
      await startServers("alice");
      assert.deepEqual(
        await run(
          "alice",
          `own(".", "colab"); can("."); open("colab/new", "w").close(); print(os.getuid(), os.getgid(), os.environ["HOME"])`,
        ),
        [
          ". 2000 2001 0o700",
          // Made for 1000 before; what is in it stays whose it was.
          "colab 2000 2001 0o775",
          ". yes",
          "2000 2001 /home/jovyan",
        ],
      );
      assert.ok((await mounts("alice")).includes(`of-${deployment.name}-alice`));
    });
  });
});
