import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer as createHttpServer, type Server } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { preflight, type PreflightArgs } from "../../../preflight";
import { listening } from "../../../preflight/ports";

/** An engine that runs the given containers. */
async function engine(
  containers: unknown[],
  networks: unknown[] = [],
  info: object = {},
): Promise<{ host: string; close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "engine-"));
  const path = join(folder, "docker.sock");
  const server: Server = createHttpServer((request, response) => {
    response.end(
      JSON.stringify(
        request.url === "/info"
          ? {
              OSType: "linux",
              Architecture: "aarch64",
              DockerRootDir: "/",
              MemTotal: 8 * 1024 ** 3 - 1,
              ServerVersion: "20.10.24+dfsg1",
              ...info,
            }
          : request.url === "/networks"
            ? networks
            : containers,
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    host: `unix://${path}`,
    close: async () => {
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}

const container = (name: string, port: number, ip: string, stack?: string) => ({
  Names: [`/${name}`],
  Labels: stack === undefined ? {} : { "org.jupyterhub.stack": stack },
  Ports: [
    { IP: ip, PrivatePort: 8443, PublicPort: port, Type: "tcp" },
    { PrivatePort: 9, Type: "udp" },
  ],
});

/** A TCP port that nothing listens on, and one that this test listens on. */
async function ports(): Promise<{ free: number; taken: number; close: () => void }> {
  const listen = () =>
    new Promise<ReturnType<typeof createServer>>((resolve) => {
      const server = createServer().listen(0, "127.0.0.1", () => {
        resolve(server);
      });
    });
  const [one, other] = await Promise.all([listen(), listen()]);
  const free = (one.address() as AddressInfo).port;
  await new Promise((resolve) => one.close(resolve));
  return { free, taken: (other.address() as AddressInfo).port, close: () => other.close() };
}

describe("preflight", () => {
  const check = async (
    containers: unknown[],
    port: number,
    memory: PreflightArgs["memory"] = [],
  ): Promise<string> => {
    const fake = await engine(containers);
    try {
      const { platform } = await preflight({
        stack: "dev",
        prefix: "jupyterhub-test",
        host: fake.host,
        address: "127.0.0.1",
        networks: [],
        isSwarm: false,
        limitsCpus: false,
        ports: [{ key: "ports.https", port }],
        memory,
      });
      return platform;
    } finally {
      await fake.close();
    }
  };

  it("passes on free ports and tells the engine's platform", async () => {
    const { free, close } = await ports();
    try {
      assert.equal(await listening(free, "127.0.0.1"), false);
      assert.equal(await check([], free), "linux/arm64");
    } finally {
      close();
    }
  });

  it("refuses a port that another container publishes, with its name and the fix", async () => {
    const { free, close } = await ports();
    try {
      await assert.rejects(check([container("web", free, "0.0.0.0", "other")], free), {
        message:
          `jupyterhub:ports.https: expected a free port, got ${free}, which the container web publishes. ` +
          "Stop it, or choose another port with: ./hub pulumi config set --stack dev --path 'jupyterhub:ports.https' '<port>'",
      });
    } finally {
      close();
    }
  });

  it("refuses a port that a process outside Docker listens on", async () => {
    const { taken, close } = await ports();
    try {
      await assert.rejects(check([], taken), /got \d+, which another process on this machine listens on/);
    } finally {
      close();
    }
  });

  it("takes a port that the stack's own container publishes", async () => {
    const { taken, close } = await ports();
    try {
      assert.equal(
        await check([container("jupyterhub-test-proxy", taken, "0.0.0.0", "jupyterhub-test")], taken),
        "linux/arm64",
      );
    } finally {
      close();
    }
  });

  it("refuses each limit that is above the host's memory, with its key and the most that is possible", async () => {
    const { free, close } = await ports();
    const wanted = [
      { key: ["notebook", "limits", "memory"], bytes: 8 * 1024 ** 3 - 1 },
      { key: ["users", "ann.b", "limits", "memory"], bytes: 8 * 1024 ** 3 },
    ];
    try {
      await assert.rejects(check([], free, wanted), {
        message:
          'jupyterhub:users["ann.b"].limits.memory: expected no more than the Docker host\'s memory (8191M), got 8G, ' +
          "which no server could get. Set it with: " +
          "./hub pulumi config set --stack dev --path 'jupyterhub:users[\"ann.b\"].limits.memory' 8191M",
      });
    } finally {
      close();
    }
  });

  it("refuses an engine in a state in which the stack would fail late, before all else", async () => {
    const fake = await engine([], [{ Name: "bridge" }], { SecurityOptions: ["name=userns"] });
    try {
      await assert.rejects(
        preflight({
          stack: "dev",
          prefix: "x",
          host: fake.host,
          address: "127.0.0.1",
          networks: [],
          isSwarm: false,
          limitsCpus: false,
          ports: [],
          memory: [],
        }),
        /expected an engine without userns-remap/,
      );
    } finally {
      await fake.close();
    }
  });

  it("refuses addresses that another network of the engine has", async () => {
    const IPAM = { Config: [{ Subnet: "10.200.0.0/16" }] };
    const fake = await engine([], [{ Name: "bridge" }, { Name: "vpn", IPAM }]);
    try {
      await assert.rejects(
        preflight({
          stack: "dev",
          prefix: "x",
          host: fake.host,
          address: "127.0.0.1",
          networks: [{ key: "network.public", subnet: "10.200.8.0/24", isChosen: true, name: "x-public" }],
          isSwarm: false,
          limitsCpus: false,
          ports: [],
          memory: [],
        }),
        /^Error: jupyterhub:network\.public: .* and Docker's network vpn has 10\.200\.0\.0\/16/,
      );
    } finally {
      await fake.close();
    }
  });

  it("says how to start an engine when none answers", async () => {
    await assert.rejects(
      preflight({
        stack: "dev",
        prefix: "x",
        host: "unix:///nowhere/docker.sock",
        address: "127.0.0.1",
        networks: [],
        isSwarm: false,
        limitsCpus: false,
        ports: [],
        memory: [],
      }),
      /^Error: No Docker Engine answers at \/nowhere\/docker\.sock/,
    );
  });
});
