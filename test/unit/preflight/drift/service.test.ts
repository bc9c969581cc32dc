import assert from "node:assert/strict";

import { serviceChanges } from "../../../../preflight/drift/service";
import { service as shape } from "../../../../preflight/drift/swarm-shapes";

const MIB = 1024 * 1024;

/** As the provider keeps a service in the state: what is empty is null, or not there. */
const outputs = {
  id: "s1",
  name: "hub-x-proxy",
  labels: [{ label: "org.jupyterhub.stack", value: "hub-x" }],
  mode: { global: false, replicated: { replicas: 3 } },
  endpointSpec: {
    mode: "dnsrr",
    ports: [{ name: "", protocol: "tcp", publishMode: "host", publishedPort: 8443, targetPort: 8443 }],
  },
  updateConfig: { parallelism: 1, order: "stop-first", failureAction: "pause" },
  taskSpec: {
    containerSpec: {
      image: "registry.example.org/proxy@sha256:1",
      args: ["--configFile=/etc/traefik/traefik.yml"],
      commands: null,
      user: "10001:10001",
      env: { FIREWALL: "{}", KEPT: "1" },
      labels: [{ label: "org.jupyterhub.role", value: "proxy" }],
      capAdds: null,
      capDrops: ["ALL"],
      sysctl: { "net.ipv4.tcp_retries2": "5" },
      readOnly: false,
      hosts: [],
      mounts: [{ type: "volume", source: "hub-x-routes", target: "/data", readOnly: null }],
      secrets: [{ secretId: "k1", secretName: "hub-x-tls", fileName: "tls.yml" }],
      configs: [{ configId: "c1", configName: "hub-x-static", fileName: "/etc/traefik/traefik.yml" }],
      stopGracePeriod: "10s",
      healthcheck: { tests: ["CMD", "ok"], interval: "3s", timeout: "5s", startPeriod: "1m", retries: 5 },
    },
    resources: { limits: null, reservation: null },
    restartPolicy: { condition: "any", delay: "1s", maxAttempts: 0, window: "0s" },
    placement: { constraints: ["node.role==manager"] },
    networksAdvanceds: [
      { id: "n1", name: "", aliases: ["proxy"] },
      { id: "n2", name: "", aliases: ["proxy-api"] },
    ],
    logDriver: { name: "json-file", options: { "max-file": "3" } },
  },
};

/** The same as the engine has it. */
const found = {
  ID: "s1",
  Spec: {
    Labels: { "org.jupyterhub.stack": "hub-x" },
    Mode: { Replicated: { Replicas: 3 } },
    EndpointSpec: {
      Mode: "dnsrr",
      Ports: [{ Protocol: "tcp", TargetPort: 8443, PublishedPort: 8443, PublishMode: "host" }],
    },
    UpdateConfig: { Parallelism: 1, Order: "stop-first", FailureAction: "pause" },
    TaskTemplate: {
      ContainerSpec: {
        Image: "registry.example.org/proxy@sha256:1",
        Args: ["--configFile=/etc/traefik/traefik.yml"],
        User: "10001:10001",
        Env: ["FIREWALL={}", "KEPT=1"],
        Labels: { "org.jupyterhub.role": "proxy" },
        CapabilityDrop: ["ALL"],
        Sysctls: { "net.ipv4.tcp_retries2": "5" },
        Mounts: [{ Type: "volume", Source: "hub-x-routes", Target: "/data" }],
        Secrets: [{ SecretID: "k1", SecretName: "hub-x-tls", File: { Name: "tls.yml" } }],
        Configs: [{ ConfigID: "c1", ConfigName: "hub-x-static", File: { Name: "/etc/traefik/traefik.yml" } }],
        StopGracePeriod: 10e9,
        Healthcheck: { Test: ["CMD", "ok"], Interval: 3e9, Timeout: 5e9, StartPeriod: 60e9, Retries: 5 },
      },
      Resources: { Limits: {}, Reservations: {} },
      RestartPolicy: { Condition: "any", Delay: 1e9, MaxAttempts: 0 },
      Placement: { Constraints: ["node.role==manager"] },
      Networks: [
        { Target: "n1", Aliases: ["proxy"] },
        { Target: "n2", Aliases: ["proxy-api"] },
      ],
      LogDriver: { Name: "json-file", Options: { "max-file": "3" } },
    },
  },
};

type Spec = typeof found.Spec;
type Task = Spec["TaskTemplate"];

const changes = (spec: object): string[] =>
  serviceChanges(outputs, shape.parse({ ID: "s1", Spec: { ...found.Spec, ...spec } }));
const ofTask = (task: object): string[] => changes({ TaskTemplate: { ...found.Spec.TaskTemplate, ...task } });
const ofContainer = (container: object): string[] =>
  ofTask({ ContainerSpec: { ...found.Spec.TaskTemplate.ContainerSpec, ...container } });
const container: Task["ContainerSpec"] = found.Spec.TaskTemplate.ContainerSpec;

describe("a service", () => {
  it("that nobody touched has no changes", () => {
    assert.deepEqual(changes({}), []);
  });

  const altered: readonly (readonly [what: string, found: string[], expected: string[]])[] = [
    [
      "scaled to nothing",
      changes({ Mode: { Replicated: { Replicas: 0 } } }),
      ["replicas: expected 3, got 0"],
    ],
    ["a label removed", changes({ Labels: {} }), ["labels: expected org.jupyterhub.stack=hub-x, got none"]],
    [
      "a port changed",
      changes({ EndpointSpec: { Mode: "dnsrr", Ports: [{ TargetPort: 8443, PublishedPort: 9443 }] } }),
      ["ports: expected 8443:8443/tcp (host), got 9443:8443/tcp (ingress)"],
    ],
    [
      "the order of updates changed",
      changes({ UpdateConfig: { Parallelism: 2, Order: "start-first", FailureAction: "pause" } }),
      ["update parallelism: expected 1, got 2", "update order: expected stop-first, got start-first"],
    ],
    [
      "a constraint added",
      ofTask({ Placement: { Constraints: ["node.role==manager", "node.labels.x==y"] } }),
      ["constraints: expected node.role==manager, got node.labels.x==y, node.role==manager"],
    ],
    [
      "limits set",
      ofTask({ Resources: { Limits: { MemoryBytes: 64 * MIB, NanoCPUs: 5e8 } } }),
      ["memory: expected none, got 64 MiB", "CPUs: expected none, got 0.5"],
    ],
    [
      "a network left",
      ofTask({ Networks: [{ Target: "n1", Aliases: ["proxy"] }] }),
      ["networks: expected n1, n2, got n1", "aliases: expected proxy, proxy-api, got proxy"],
    ],
    [
      "restarts switched off",
      ofTask({ RestartPolicy: { Condition: "none", Delay: 1e9 } }),
      ["restart condition: expected any, got none"],
    ],
    [
      "another log driver",
      ofTask({ LogDriver: { Name: "journald", Options: {} } }),
      ["log driver: expected json-file, got journald", "log options: expected max-file=3, got none"],
    ],
    [
      "another image",
      ofContainer({ Image: "other" }),
      ["image: expected registry.example.org/proxy@sha256:1, got other"],
    ],
    [
      "other arguments",
      ofContainer({ Args: ["--log"] }),
      ["arguments: expected --configFile=/etc/traefik/traefik.yml, got --log"],
    ],
    [
      "a mount removed, another added",
      ofContainer({ Mounts: [{ Type: "bind", Source: "/srv", Target: "/data", ReadOnly: true }] }),
      ["mounts: expected volume:hub-x-routes:/data, got bind:/srv:/data:ro"],
    ],
    [
      "a secret removed",
      ofContainer({ Secrets: null }),
      ["secrets: expected hub-x-tls (k1) as tls.yml, got none"],
    ],
    [
      "another config",
      ofContainer({ Configs: [{ ...container.Configs[0], ConfigID: "c2", ConfigName: "mine" }] }),
      [
        "configs: expected hub-x-static (c1) as /etc/traefik/traefik.yml, got mine (c2) as /etc/traefik/traefik.yml",
      ],
    ],
    [
      "another value of a variable, which is not shown",
      ofContainer({ Env: ["FIREWALL=open", "KEPT=1", "MORE=1"] }),
      [
        "environment: expected FIREWALL, KEPT, got FIREWALL, KEPT, MORE",
        "environment: the value of FIREWALL was changed",
      ],
    ],
    ["root", ofContainer({ User: "0" }), ["user: expected 10001:10001, got 0"]],
    [
      "more rights",
      ofContainer({ CapabilityAdd: ["CAP_SYS_ADMIN"], CapabilityDrop: [] }),
      [
        "added capabilities: expected none, got CAP_SYS_ADMIN",
        "dropped capabilities: expected ALL, got none",
      ],
    ],
    [
      "no health check",
      ofContainer({ Healthcheck: { Test: ["NONE"] } }),
      [
        "health check: expected CMD ok every 3 s timeout 5 s start period 60 s 5 retries, " +
          "got NONE every 0 s timeout 0 s start period 0 s 0 retries",
      ],
    ],
    [
      "less time to stop",
      ofContainer({ StopGracePeriod: 1e9 }),
      ["stop grace period: expected 10 s, got 1 s"],
    ],
  ];
  for (const [what, seen, expected] of altered) {
    it(`with ${what} is told field by field`, () => {
      assert.deepEqual(seen, expected);
    });
  }

  it("of a state that says little is compared in what it says", () => {
    assert.deepEqual(serviceChanges({ id: "s1", name: "hub-x-proxy" }, shape.parse(found)), []);
  });
});
