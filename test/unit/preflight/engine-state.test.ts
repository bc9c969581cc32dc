import assert from "node:assert/strict";

import { type EngineInfo, engineProblems } from "../../../preflight/engine-state";

/** As Docker 20.10 answers on a usual host. */
const info: EngineInfo = {
  OSType: "linux",
  Architecture: "x86_64",
  DockerRootDir: "/var/lib/docker",
  MemTotal: 8 * 1024 ** 3,
  ServerVersion: "20.10.24+dfsg1",
  Name: "docker1",
  SecurityOptions: ["name=apparmor", "name=seccomp,profile=default", "name=cgroupns"],
  IPv4Forwarding: true,
  MemoryLimit: true,
  CpuCfsQuota: true,
  PidsLimit: true,
  CgroupDriver: "systemd",
  Driver: "overlay2",
  LiveRestoreEnabled: false,
  DefaultRuntime: "runc",
  Runtimes: { runc: { path: "runc" } },
};
const wanted = { stack: "dev", isSwarm: false, limitsCpus: true, networks: ["bridge", "host", "none"] };

describe("the state of an engine", () => {
  const fine: [string, Partial<EngineInfo>, Partial<typeof wanted>?][] = [
    ["Docker 20.10", {}],
    ["Docker 29", { ServerVersion: "29.1.3", Driver: "overlayfs" }],
    ["a build without a version", { ServerVersion: "0.0.0-20260101-abcdef" }],
    ["an answer with little in it", { SecurityOptions: null, Runtimes: null, IPv4Forwarding: undefined }],
    ["live-restore on one host", { LiveRestoreEnabled: true }],
    [
      "a runtime for GPUs",
      { DefaultRuntime: "nvidia", Runtimes: { nvidia: { path: "nvidia-container-runtime" } } },
    ],
    ["crun", { DefaultRuntime: "crun", Runtimes: { crun: { path: "/usr/bin/crun" } } }],
    ["no CPU quota where nobody asks for one", { CpuCfsQuota: false }, { limitsCpus: false }],
    ["ZFS", { Driver: "zfs" }],
    [
      "a seccomp profile of the host",
      { SecurityOptions: ["name=seccomp,profile=/etc/docker/seccomp.json", "name=no-new-privileges"] },
    ],
  ];
  for (const [what, change, also] of fine) {
    it(`is fine with ${what}`, () => {
      assert.deepEqual(engineProblems({ ...info, ...change }, { ...wanted, ...also }), {
        problems: [],
        warnings: [],
      });
    });
  }

  const refused: [string, Partial<EngineInfo>, RegExp, Partial<typeof wanted>?][] = [
    [
      "userns-remap",
      { SecurityOptions: ["name=seccomp,profile=default", "name=userns"] },
      /expected an engine without userns-remap, got userns-remap, .*the firewall needs it.* Remove "userns-remap" from \/etc\/docker\/daemon\.json/,
    ],
    [
      "a rootless engine",
      { SecurityOptions: ["name=rootless"] },
      /expected an engine that runs as root, got a rootless one/,
    ],
    [
      "Podman",
      { ServerVersion: "5.4.2", BuildahVersion: "1.39" },
      /expected a Docker Engine, got Podman \(version 5\.4\.2\)/,
    ],
    ["Podman's version", { ServerVersion: "4.3.1" }, /expected a Docker Engine, got Podman/],
    [
      "an old Docker",
      { ServerVersion: "19.03.15" },
      /expected version 20\.10 or newer, got version 19\.03\.15/,
    ],
    ["a very old Docker", { ServerVersion: "1.13.1" }, /expected version 20\.10 or newer/],
    ["Windows", { OSType: "windows" }, /expected one that runs Linux containers, got one for windows/],
    [
      "no forwarding",
      { IPv4Forwarding: false },
      /net\.ipv4\.ip_forward = 0.*sysctl -w net\.ipv4\.ip_forward=1/,
    ],
    ["no default network", {}, /expected an engine with its default network/, { networks: ["host", "none"] }],
    [
      "gVisor",
      { DefaultRuntime: "sandbox", Runtimes: { sandbox: { path: "/usr/local/bin/runsc" } } },
      /got sandbox, whose containers cannot use the host's network/,
    ],
    [
      "Kata",
      { DefaultRuntime: "kata", Runtimes: { kata: { runtimeType: "io.containerd.kata.v2" } } },
      /got kata, whose/,
    ],
    [
      "live-restore in a Swarm",
      { LiveRestoreEnabled: true },
      /expected an engine without live-restore/,
      { isSwarm: true },
    ],
    ["no CPU quota where one is asked for", { CpuCfsQuota: false }, /CONFIG_CFS_BANDWIDTH/],
  ];
  for (const [what, change, message, also] of refused) {
    it(`is refused with ${what}, in one sentence with the way out`, () => {
      const { problems } = engineProblems({ ...info, ...change }, { ...wanted, ...also });
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? "", message);
      assert.match(problems[0] ?? "", /^The engine of docker1: expected .*, got [^.]/);
    });
  }

  const told: [string, Partial<EngineInfo>, RegExp][] = [
    ["no limits of memory", { MemoryLimit: false }, /cannot limit memory \(its kernel/],
    [
      "no limits at all",
      { MemoryLimit: false, PidsLimit: false, CgroupDriver: "none" },
      /cannot limit memory and numbers of processes/,
    ],
    ["the storage driver vfs", { Driver: "vfs" }, /storage driver vfs/],
    ["SELinux", { SecurityOptions: ["name=selinux"] }, /SELinux on/],
  ];
  for (const [what, change, message] of told) {
    it(`is told with ${what}`, () => {
      const { problems, warnings } = engineProblems({ ...info, ...change }, wanted);
      assert.deepEqual(problems, []);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? "", message);
    });
  }
});
